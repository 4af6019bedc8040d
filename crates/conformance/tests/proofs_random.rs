//! Proofs of random small policies beside trying things out: whatever some people bring about in a small organization, the proof
//! must list a coalition among them for. So many policies are tried as `TENANTRY_PROOFS` says, 10,000 without.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tenantry::document::snapshot::{CustomRoleRow, GrantRow, GroupRow, Status, UserRow};
use tenantry::document::{Actor, Ask, Body, Facts, OpenLink, Request, RoleAt, Snapshot, Time, UserInput};
use tenantry::{Directory, Policy};
use tenantry_analysis::prove::{Proof, RoleHere, Verdict, prove};

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

const ROLES: [&str; 3] = ["high", "mid", "low"];
/// A role of the tenant's own.
const PAYER: &str = "payer";
const NOW: Time = Time(1_790_000_000_000);
/// When grants end that do.
const END: Time = Time(NOW.0 + 3_600_000);
const LATE: Time = Time(NOW.0 + 7_200_000);

/// A rule's idea of roles: some of them, or a comparison with the actor's.
fn roles() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({ "role": "*" })),
        3 => prop::sample::subsequence(&ROLES[..], 1..3).prop_map(|roles| json!({ "role": roles })),
        1 => prop::sample::select(&ROLES[..]).prop_map(|role| json!({ "not_role": role })),
        2 => prop::sample::select(vec!["below", "at_most"]).prop_map(|rank| json!({ "rank": rank })),
        1 => Just(json!({ "held": true })),
    ]
}

fn person() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        3 => Just(None),
        2 => prop::sample::subsequence(&ROLES[..], 1..3).prop_map(|roles| Some(json!({ "role": roles }))),
        1 => prop::sample::select(&ROLES[..]).prop_map(|role| Some(json!({ "not_role": role }))),
        1 => Just(Some(json!({ "rank": "below" }))),
        1 => any::<bool>().prop_map(|itself| Some(json!({ "is_actor": itself }))),
    ]
}

/// Verbs of a policy: what makes many more sorts of people is not in each.
fn verbs() -> impl Strategy<Value = Vec<&'static str>> {
    let few = ["member.set_roles", "member.set_roles", "member.add", "member.remove", "invitation.create", "invitation.create", "member.leave"];
    let status = prop_oneof![2 => Just(vec![]), 1 => Just(vec!["member.deactivate", "member.reactivate"])];
    let more = prop_oneof![3 => Just(vec![]), 1 => Just(vec!["ownership.transfer"]), 1 => Just(vec!["group.add", "group.grant"]), 1 => Just(vec!["group.add", "group.remove", "group.grant", "group.revoke", "group.delete"])];
    (Just(few), status, more).prop_map(|(few, status, more)| few.into_iter().chain(status).chain(more).collect())
}

fn allow(verbs: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let actor = prop_oneof![4 => prop::sample::subsequence(&ROLES[..], 1..3).prop_map(|roles| Some(json!({ "role": roles }))), 1 => Just(None)];
    (prop::sample::subsequence(verbs, 1..4), actor, person(), roles(), roles()).prop_map(|(actions, actor, target, grants, revokes)| {
        let mut rule = json!({ "actions": actions.into_iter().collect::<BTreeSet<_>>(), "grants": grants, "revokes": revokes });
        actor.into_iter().for_each(|actor| rule["actor"] = actor);
        target.into_iter().for_each(|target| rule["target"] = target);
        rule
    })
}

fn forbid() -> impl Strategy<Value = Value> {
    let changes = prop::sample::subsequence(vec!["give", "take", "status"], 1..3);
    (changes, person(), person()).prop_map(|(changes, actor, target)| {
        let mut rule = json!({ "changes": changes });
        let actor = actor.filter(|actor| actor.get("role").or(actor.get("not_role")).is_some());
        actor.into_iter().for_each(|actor| rule["actor"] = actor);
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

fn policy() -> impl Strategy<Value = Value> {
    let allows = verbs().prop_flat_map(|verbs| prop::collection::vec(allow(verbs), 1..5));
    let lists = (allows, prop::collection::vec(forbid(), 0..3), prop::collection::vec(keep(), 0..2));
    (lists, any::<bool>(), any::<bool>(), prop::sample::select(vec!["invite", "add", "conflict"]), prop::bool::weighted(0.25)).prop_map(
        |((allow, forbid, keep), one, recheck, existing, custom)| {
            let named = |list: Vec<Value>, letter: &str| -> Vec<Value> {
                let name = |(number, mut rule): (usize, Value)| {
                    rule["id"] = json!(format!("{letter}{number}"));
                    rule
                };
                list.into_iter().enumerate().map(name).collect()
            };
            let mut document = json!({
                "tenantry": 1, "name": "random",
                "scopes": { "organization": { "roles": if one { "one" } else { "many" } } },
                "roles": { "organization": { "high": { "rank": 3 }, "mid": { "rank": 2 }, "low": { "rank": 1 } } },
                "invitations": { "recheck_inviter": recheck, "existing_users": existing },
                "allow": named(allow, "a"), "forbid": named(forbid, "f"), "keep": named(keep, "k"),
            });
            if custom {
                // Whoever has a role of the tenant's own that permits it does what the first rule allows.
                document["actions"] = json!({ "bill.pay": {} });
                document["permissions"] = json!({ "billing": ["bill.pay"] });
                document["custom_roles"] = json!({ "on": "organization" });
                document["allow"][0]["actor"] = json!({ "permission": "billing" });
            }
            document
        },
    )
}

/// Somebody's roles at the beginning.
fn organization(people: &[(&str, &[&str])], custom: bool) -> Snapshot {
    let mut state =
        Snapshot::from_json(r#"{ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }] }"#).unwrap_or_default();
    for (id, roles) in people {
        state.users.push(UserRow { id: (*id).to_owned(), email: Some(format!("{id}@acme.example")), verified: true, ..UserRow::default() });
        let grant = |role: &&str| GrantRow { scope: "acme".to_owned(), user: Some((*id).to_owned()), role: (*role).to_owned(), ..GrantRow::default() };
        state.grants.extend(roles.iter().map(grant));
        state.groups.push(group(&team_of(id), vec![(*id).to_owned()]));
    }
    if custom {
        let row = CustomRoleRow { id: PAYER.to_owned(), name: None, scope: "acme".to_owned(), permissions: vec!["billing".to_owned()], version: 0 };
        state.custom_roles.push(row);
    }
    // The first two are in one group, and what there is to be put into holds one role, or two.
    state.groups.push(group(BOTH, people.iter().take(2).map(|(id, _)| (*id).to_owned()).collect()));
    state.groups.push(group(SEVERAL, Vec::new()));
    let held = |role: &&str| GrantRow { scope: "acme".to_owned(), group: Some(SEVERAL.to_owned()), role: (*role).to_owned(), ..GrantRow::default() };
    state.grants.extend(ROLES[..2].iter().map(held));
    for role in ROLES {
        state.groups.push(group(&holders_of(role), Vec::new()));
        state.grants.push(GrantRow { scope: "acme".to_owned(), group: Some(holders_of(role)), role: role.to_owned(), ..GrantRow::default() });
    }
    state
}

fn group(id: &str, members: Vec<String>) -> GroupRow {
    GroupRow { id: id.to_owned(), name: None, scope: "acme".to_owned(), members, managers: Vec::new(), source: None, version: 0 }
}

/// The group that somebody is in alone.
fn team_of(id: &str) -> String {
    format!("{id}-team")
}

/// The group that holds a role, with nobody in it.
fn holders_of(role: &str) -> String {
    format!("{role}-holders")
}

/// A group of two people.
const BOTH: &str = "both";
/// A group that holds two roles, with nobody in it.
const SEVERAL: &str = "several";

/// What one can ask about another in a flat organization.
fn asks(target: &str, known: bool, itself: bool) -> Vec<Ask> {
    let at = |action: &str| Ask { action: action.to_owned(), ..Ask::default() };
    let about = |action: &str| Ask { target: Some(target.to_owned()), ..at(action) };
    let mail = format!("{target}@acme.example");
    let mut asks =
        vec![about("member.remove"), about("member.deactivate"), about("member.reactivate"), Ask { roles: Some(Vec::new()), ..about("member.set_roles") }];
    if itself {
        asks.push(at("member.leave"));
    }
    if known {
        asks.extend([BOTH, SEVERAL].map(|team| Ask { group: Some(team.to_owned()), ..about("group.add") }));
        let both = || Some(vec![RoleAt::from(ROLES[0]), RoleAt::from(ROLES[2])]);
        asks.push(Ask { group: Some(team_of(target)), roles: both(), ..at("group.grant") });
        asks.extend([team_of(target), BOTH.to_owned()].map(|team| Ask { group: Some(team), ..about("group.remove") }));
        asks.extend([team_of(target), BOTH.to_owned()].map(|team| Ask { group: Some(team), ..at("group.delete") }));
    }
    for role in ROLES.into_iter().chain([PAYER]) {
        let one = || Some(vec![RoleAt::from(role)]);
        asks.extend([Ask { roles: one(), ..about("member.set_roles") }, Ask { add: one(), ..about("member.set_roles") }]);
        asks.push(Ask { remove: Some(vec![role.to_owned()]), ..about("member.set_roles") });
        asks.push(Ask { role: Some(role.to_owned()), ..about("ownership.transfer") });
        asks.push(Ask { roles: one(), email: Some(mail.clone()), ..at("invitation.create") });
        asks.push(Ask { roles: one(), open: Some(OpenLink { uses: None, audience: None }), ..at("invitation.create") });
        if known {
            asks.push(Ask { group: Some(holders_of(role)), ..about("group.add") });
            // Roles of the tenant's own are not held through groups in the proofs.
            let teams = [team_of(target), BOTH.to_owned()].into_iter().filter(|_| role != PAYER);
            asks.extend(teams.flat_map(|team| ["group.grant", "group.revoke"].map(|verb| Ask { group: Some(team.clone()), roles: one(), ..at(verb) })));
        } else {
            let user = UserInput { id: Some(target.to_owned()), email: Some(mail.clone()), ..UserInput::default() };
            asks.push(Ask { roles: one(), user: Some(user), ..at("member.add") });
        }
    }
    asks
}

/// Everything that the actors can do next, but for verbs that no rule allows to anybody.
fn requests(policy: &str, state: &Snapshot, actors: &[String], people: &[String]) -> Vec<(Actor, Ask)> {
    let known = |id: &str| state.users.iter().any(|user| user.id == id);
    let is_allowed = |ask: &Ask| policy.contains(&format!("\"{}\"", ask.action));
    let mut all = Vec::new();
    for actor in actors.iter().filter(|actor| known(actor)) {
        let asked = people.iter().flat_map(|target| asks(target, known(target), target == actor));
        all.extend(asked.filter(is_allowed).map(|ask| (Actor::User(actor.clone()), ask)));
    }
    for offer in &state.invitations {
        for actor in actors {
            let who = if known(actor) { Actor::User(actor.clone()) } else { Actor::Invitee { email: format!("{actor}@acme.example"), verified: true } };
            let user = (!known(actor)).then(|| UserInput { id: Some(actor.clone()), ..UserInput::default() });
            all.push((who, Ask { action: "invitation.accept".to_owned(), invitation: Some(offer.id.clone()), user, ..Ask::default() }));
        }
    }
    all
}

/// Roles that one person comes to hold, all of which it did not hold before.
type Held = Vec<&'static str>;

/// An organization at a time: early, or when whatever ends has ended.
struct Moment {
    state: Snapshot,
    late: bool,
}

impl Moment {
    fn now(&self) -> Time {
        if self.late { LATE } else { NOW }
    }

    fn holds(&self, id: &str, role: &str) -> bool {
        let in_force = |grant: &GrantRow| grant.expires_at.is_none_or(|end| self.now() < end);
        let is_in = |group: &str| self.state.groups.iter().any(|row| row.id == group && row.members.iter().any(|member| member == id));
        let theirs = |grant: &GrantRow| grant.user.as_deref() == Some(id) || grant.group.as_deref().is_some_and(is_in);
        self.state.grants.iter().any(|grant| theirs(grant) && grant.role == role && in_force(grant))
    }

    /// A keep about roles that exclude each other leaves alone who is not active.
    fn holds_all(&self, id: &str, roles: &Held) -> bool {
        let is_active = self.state.users.iter().any(|user| user.id == id && user.status == Status::Active);
        roles.iter().all(|role| self.holds(id, role)) && (roles.len() == 1 || is_active)
    }

    /// What matters of it.
    fn key(&self) -> String {
        let users: Vec<_> = self.state.users.iter().map(|user| (&user.id, user.status == Status::Active)).collect();
        let grants: Vec<_> = self.state.grants.iter().map(|grant| (&grant.user, &grant.group, &grant.role, grant.expires_at)).collect();
        let groups: Vec<_> = self.state.groups.iter().map(|group| &group.members).collect();
        let offers: Vec<_> = self.state.invitations.iter().map(|offer| (&offer.email, &offer.scopes, &offer.inviter)).collect();
        format!("{}{users:?}{grants:?}{groups:?}{offers:?}", self.late)
    }
}

/// What somebody comes to hold who did not, whatever these people do in a few steps, at any time: each role, and each two together.
fn reached(policy: &Policy, start: &Snapshot, actors: &[String], people: &[String]) -> Done<BTreeSet<Held>> {
    let pairs = [[0, 1], [0, 2], [1, 2]].map(|pair| pair.map(|role| ROLES[role]).to_vec());
    let wanted: Vec<Held> = ROLES.iter().map(|role| vec![*role]).chain(pairs).collect();
    let moments = [false, true].map(|late| Moment { state: start.clone(), late });
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<String> = moments.iter().map(Moment::key).collect();
    let mut open = VecDeque::from(moments);
    let (mut looked, mut number, written) = (0, 0, policy.to_json());
    while let Some(moment) = open.pop_front() {
        looked += 1;
        if looked > 40 {
            break;
        }
        let mut directory = Directory::new(policy.clone(), &moment.state)?;
        for (actor, ask) in requests(&written, &moment.state, actors, people) {
            number += 1;
            let request = Request { id: Some(format!("r{number}")), now: moment.now(), actor, context: Facts::default(), body: Body::One(Box::new(ask)) };
            let Ok(decision) = directory.decide(&request) else { continue };
            if !decision.is_allowed() || decision.events.is_empty() {
                continue;
            }
            let mut after = directory.clone();
            after.apply(&decision, moment.now())?;
            let after = after.snapshot();
            let is_small = after.invitations.len() <= 2;
            for next in [moment.late, true].map(|late| Moment { state: after.clone(), late }) {
                let is_new = |roles: &&Held| people.iter().any(|id| next.holds_all(id, roles) && !moment.holds_all(id, roles));
                found.extend(wanted.iter().filter(is_new).cloned());
                if is_small && seen.insert(next.key()) {
                    open.push_back(next);
                }
            }
        }
    }
    Ok(found)
}

/// Whether the proof lists a coalition for the role among people who hold no more than these.
fn is_listed(proof: &Proof, role: &str, coalition: &[&[&str]]) -> bool {
    let answer = proof.escalation.iter().find(|answer| answer.role.role == role && !answer.role.permission);
    let fits = |person: &tenantry_analysis::model::Described, roles: &[&str]| {
        let mut held = person.roles.values().flatten();
        person.deactivated.is_empty() && held.all(|role| roles.contains(&role.as_str()))
    };
    fn matched<T>(left: &[T], rest: &mut Vec<&[&str]>, fits: &dyn Fn(&T, &[&str]) -> bool) -> bool {
        let Some((first, more)) = left.split_first() else { return true };
        (0..rest.len()).any(|at| {
            let roles = rest.remove(at);
            let found = fits(first, roles) && matched(more, rest, fits);
            rest.insert(at, roles);
            found
        })
    }
    answer.is_some_and(|answer| answer.unknown.is_some() || answer.coalitions.iter().any(|one| matched(&one.people, &mut coalition.to_vec(), &fits)))
}

/// Whether the proof says that nobody ever holds both.
fn is_apart(proof: &Proof, both: &Held) -> bool {
    let is_pair = |roles: &[RoleHere; 2]| roles.iter().all(|here| both.contains(&here.role.as_str()));
    proof.separation.iter().any(|answer| is_pair(&answer.roles) && answer.verdict == Verdict::Proved)
}

/// Who acts together: by what each holds.
const COALITIONS: [&[&[&str]]; 7] = [&[&[]], &[&["high"]], &[&["mid"]], &[&["low"]], &[&["high"], &["mid"]], &[&["mid"], &["low"]], &[&["low"], &["low"]]];

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    /// How often a role was brought about, by people who are listed for it.
    brought_about: usize,
    /// How often two roles came together.
    together: usize,
    /// Pairs of roles that are proven apart.
    apart: usize,
    /// Coalitions with requests that show it.
    shown: usize,
    /// Coalitions without.
    doubtful: usize,
    /// Ways to lose something for good.
    lost: usize,
}

impl Tally {
    fn count(&mut self, proof: &Proof) {
        let coalitions = || proof.escalation.iter().flat_map(|answer| &answer.coalitions);
        self.shown += coalitions().filter(|one| one.attack.is_some()).count();
        self.doubtful += coalitions().filter(|one| one.attack.is_none()).count();
        self.apart += proof.separation.iter().filter(|answer| answer.verdict == Verdict::Proved).count();
        self.lost += proof.lockout.iter().filter(|answer| answer.verdict == Verdict::Attack).count();
    }

    /// Lets some people try things out, and looks for each thing that happens in the proof.
    fn try_out(&mut self, policy: &Policy, proof: &Proof, (coalition, ends): (&[&[&str]], bool)) -> Done {
        let names = ["ann", "bob"];
        let insiders = coalition.iter().zip(names).map(|(roles, id)| (id, *roles));
        let others = [("una", &ROLES[..1]), ("vic", &ROLES[2..])];
        let custom = policy.kinds().iter().any(|kind| kind.custom);
        let mut start = organization(&insiders.chain(others).collect::<Vec<_>>(), custom);
        // Some of them do not hold what they hold for good, in every other policy.
        let ending = start.grants.iter_mut().filter(|grant| ends && grant.user.is_some() && grant.role != "mid");
        ending.for_each(|grant| grant.expires_at = Some(END));
        let actors: Vec<String> = names[..coalition.len()].iter().chain(&["pup"]).map(ToString::to_string).collect();
        let people: Vec<String> = actors.iter().cloned().chain(["una".to_owned(), "vic".to_owned()]).collect();
        for held in reached(policy, &start, &actors, &people)? {
            let found = if let [role] = held[..] {
                self.brought_about += 1;
                is_listed(proof, role, coalition)
            } else {
                self.together += 1;
                !is_apart(proof, &held)
            };
            assert!(found, "{coalition:?} bring it about that somebody holds {held:?}, under {}", policy.to_json());
        }
        Ok(())
    }
}

fn whatever_happens_is_listed(seed: u8, cases: usize) -> Done {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let (mut tried, mut tally) = (0, Tally::default());
    while tried < cases {
        let document = policy().new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let Ok(policy) = Policy::parse(document) else { continue };
        let proof = prove(policy.clone())?;
        tally.count(&proof);
        tally.try_out(&policy, &proof, (COALITIONS[tried % COALITIONS.len()], tried % 2 == 1))?;
        tried += 1;
    }
    println!("{tried} policies: {tally:?}");
    Ok(())
}

/// How many policies each of the two halves tries, so that two cores have something to do.
fn half() -> Done<usize> {
    Ok(std::env::var("TENANTRY_PROOFS").ok().map_or(Ok(10_000), |text| text.parse::<usize>())?.div_ceil(2))
}

#[test]
fn whatever_happens_in_a_small_organization_is_listed() -> Done {
    whatever_happens_is_listed(7, half()?)
}

#[test]
fn and_in_as_many_others() -> Done {
    whatever_happens_is_listed(8, half()?)
}
