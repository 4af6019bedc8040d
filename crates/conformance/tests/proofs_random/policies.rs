//! Random small policies: some rules over three roles, in some of them with groups, roles of the tenant's own, or a workspace below.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::beginning::{ACME, HAND, ROLES, WEST};

/// Roles of the tenant's own, as far as a policy knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custom {
    /// There are none.
    No,
    /// There are, and no rule speaks of what they permit.
    Unspoken,
    /// Rules ask for their permission.
    Spoken,
}

/// What a policy has.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub one: bool,
    pub custom: Custom,
    /// A workspace, of which one may hold one role or many. With it there are fewer roles, so that people are told apart in time.
    pub below: Option<bool>,
    pub flows_down: bool,
}

impl Shape {
    /// The scopes, each with the roles that are declared there.
    pub fn places(self) -> Vec<(&'static str, Vec<&'static str>)> {
        let organization = ROLES.into_iter().filter(|role| self.below.is_none() || *role != "mid").collect();
        std::iter::once((ACME, organization)).chain(self.below.map(|_| (WEST, vec![HAND]))).collect()
    }

    pub fn holds_one(self, place: &str) -> bool {
        if place == ACME { self.one } else { self.below == Some(true) }
    }

    /// The names that rules use.
    fn names(self) -> Vec<&'static str> {
        let layers = self.below.map(|_| "organization.low");
        self.places().into_iter().flat_map(|(_, roles)| roles).chain(layers).collect()
    }
}

pub fn shape() -> impl Strategy<Value = Shape> {
    let custom = prop_oneof![5 => Just(Custom::No), 1 => Just(Custom::Unspoken), 3 => Just(Custom::Spoken)];
    let below = prop_oneof![8 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (any::<bool>(), custom, below, any::<bool>()).prop_map(|(one, custom, below, flows_down)| Shape { one, custom, below, flows_down })
}

fn some(names: Vec<&'static str>) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(names, 1..3)
}

fn one_of(names: Vec<&'static str>) -> impl Strategy<Value = &'static str> {
    prop::sample::select(names)
}

/// What a policy that speaks of permissions may say beside the rest.
fn or_of_permissions<T: Clone + std::fmt::Debug + 'static>(shape: Shape, rest: impl Strategy<Value = T> + 'static, word: T) -> BoxedStrategy<T> {
    if shape.custom == Custom::Spoken { prop_oneof![7 => rest, 1 => Just(word)].boxed() } else { rest.boxed() }
}

/// A rule's idea of roles: some of them, or a comparison with the actor's.
fn roles(shape: Shape) -> impl Strategy<Value = Value> {
    let rest = prop_oneof![
        3 => Just(json!({ "role": "*" })),
        3 => some(shape.names()).prop_map(|roles| json!({ "role": roles })),
        1 => one_of(shape.names()).prop_map(|role| json!({ "not_role": role })),
        2 => prop::sample::select(vec!["below", "at_most"]).prop_map(|rank| json!({ "rank": rank })),
        1 => Just(json!({ "held": true })),
    ];
    or_of_permissions(shape, rest, json!({ "permissions": "subset" }))
}

/// Words about what somebody holds that look at roles of every sort, or at how one is held.
fn of_any_role(shape: Shape) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => one_of(vec!["has_role", "not_role", "direct_role", "role"]).prop_map(|word| json!({ word: "*" })),
        1 => one_of(shape.names()).prop_map(|role| json!({ "direct_role": role })),
    ]
}

fn target(shape: Shape) -> impl Strategy<Value = Option<Value>> {
    let rest = prop_oneof![
        4 => Just(None),
        3 => some(shape.names()).prop_map(|roles| Some(json!({ "role": roles }))),
        1 => one_of(shape.names()).prop_map(|role| Some(json!({ "not_role": role }))),
        1 => Just(Some(json!({ "rank": "below" }))),
        1 => any::<bool>().prop_map(|itself| Some(json!({ "is_actor": itself }))),
        1 => of_any_role(shape).prop_map(Some),
    ];
    or_of_permissions(shape, rest, Some(json!({ "permission": "billing" })))
}

fn actor(shape: Shape) -> impl Strategy<Value = Option<Value>> {
    let rest = prop_oneof![
        6 => some(shape.names()).prop_map(|roles| Some(json!({ "role": roles }))),
        1 => of_any_role(shape).prop_map(Some),
        2 => Just(None),
    ];
    or_of_permissions(shape, rest, Some(json!({ "permission": "billing" })))
}

/// Verbs of a policy: what makes many more sorts of people is not in each.
fn verbs(shape: Shape) -> impl Strategy<Value = Vec<&'static str>> {
    let few = vec!["member.set_roles", "member.set_roles", "member.add", "member.remove", "invitation.create", "invitation.create", "member.leave"];
    let status = prop_oneof![2 => Just(vec![]), 1 => Just(vec!["member.deactivate", "member.reactivate"])];
    let groups = vec!["group.add", "group.remove", "group.grant", "group.revoke", "group.delete"];
    let more = prop_oneof![3 => Just(vec![]), 1 => Just(vec!["ownership.transfer"]), 1 => Just(vec!["group.add", "group.grant"]), 1 => Just(groups)];
    let of_roles = any::<bool>().prop_map(move |too| if too && shape.custom != Custom::No { vec!["role.update", "role.delete"] } else { vec![] });
    (Just(few), status, more, of_roles).prop_map(|(few, status, more, of_roles)| [few, status, more, of_roles].concat())
}

fn allow(shape: Shape, verbs: Vec<&'static str>) -> impl Strategy<Value = Value> {
    (prop::sample::subsequence(verbs, 1..4), actor(shape), target(shape), roles(shape), roles(shape)).prop_map(|(actions, actor, target, grants, revokes)| {
        let mut rule = json!({ "actions": actions.into_iter().collect::<BTreeSet<_>>(), "grants": grants, "revokes": revokes });
        actor.into_iter().for_each(|actor| rule["actor"] = actor);
        target.into_iter().for_each(|target| rule["target"] = target);
        rule
    })
}

fn forbid(shape: Shape) -> impl Strategy<Value = Value> {
    let changes = prop::sample::subsequence(vec!["give", "take", "status"], 1..3);
    let given = prop::option::weighted(0.3, roles(shape));
    (changes, prop::option::of(actor(shape)), target(shape), given).prop_map(|(changes, actor, target, given)| {
        let mut rule = json!({ "changes": changes });
        actor.flatten().into_iter().for_each(|actor| rule["actor"] = actor);
        given.filter(|_| changes == ["give"]).into_iter().for_each(|given| rule["grants"] = given);
        rule["target"] = target.unwrap_or(json!({ "is_actor": true }));
        rule
    })
}

fn keep() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => prop::sample::select(&ROLES[..]).prop_map(|role| json!({ "count": { "has_role": role }, "at_least": 1 })),
        1 => prop::sample::select(&ROLES[..]).prop_map(|role| json!({ "count": { "has_role": role }, "at_most": 2 })),
        1 => Just(json!({ "exclusive": ["high", "mid"] })),
    ]
}

/// A policy of a shape.
pub fn policy(shape: Shape) -> impl Strategy<Value = Value> {
    let allows = verbs(shape).prop_flat_map(move |verbs| prop::collection::vec(allow(shape, verbs), 1..5));
    let lists = (allows, prop::collection::vec(forbid(shape), 0..3), prop::collection::vec(keep(), 0..2));
    let existing = prop::sample::select(vec!["invite", "add", "conflict"]);
    (lists, any::<bool>(), existing).prop_map(move |((allow, forbid, keep), recheck, existing)| {
        let number = |one: bool| if one { "one" } else { "many" };
        let mut document = json!({
            "tenantry": 1, "name": "random",
            "scopes": { "organization": { "roles": number(shape.one), "flows_down": shape.flows_down } },
            "roles": { "organization": { "high": { "rank": 3 }, "mid": { "rank": 2 }, "low": { "rank": 1 } } },
            "invitations": { "recheck_inviter": recheck, "existing_users": existing },
            "allow": named(allow, "a"), "forbid": named(forbid, "f"), "keep": named(keep, "k"),
        });
        if let Some(one) = shape.below {
            document["scopes"]["workspace"] = json!({ "under": "organization", "roles": number(one) });
            document["roles"] = json!({ "organization": { "high": { "rank": 3 }, "low": { "rank": 1 } }, "workspace": { HAND: { "rank": 1 } } });
        }
        if shape.custom != Custom::No {
            document["actions"] = json!({ "bill.pay": {} });
            document["permissions"] = json!({ "billing": ["bill.pay"] });
            document["custom_roles"] = json!({ "on": if shape.below.is_some() { json!(["organization", "workspace"]) } else { json!("organization") } });
        }
        if shape.custom == Custom::Spoken {
            // Whoever has a role of the tenant's own that permits it does what the first rule allows.
            document["allow"][0]["actor"] = json!({ "permission": "billing" });
        }
        document
    })
}

fn named(list: Vec<Value>, letter: &str) -> Vec<Value> {
    let name = |(number, mut rule): (usize, Value)| {
        rule["id"] = json!(format!("{letter}{number}"));
        rule
    };
    list.into_iter().enumerate().map(name).collect()
}
