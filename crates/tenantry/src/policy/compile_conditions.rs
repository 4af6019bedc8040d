//! From the blocks of a rule as written to compiled tests.

use std::collections::BTreeMap;

use crate::bounds;
use crate::document::Fact;
use crate::document::policy::{CountDocument, GroupDocument, InvitationDocument, PersonDocument, RolesDocument, ScopeDocument};
use crate::document::words::{Names, OneOrMany, Pointed, Problems, join};

use super::Policy;
use super::catalog::{KindMask, bits};
use super::compile::{check_length, lookup, names};
use super::conditions::{Bit, Choice, Domains, FactTest, GroupTest, InvitationTest, PersonTest, RoleSet, RolesTest, ScopeTest, choice};
use super::rules::CountTest;

/// Compiles the blocks of one rule: what they name must be in the policy.
pub(crate) struct Conditions<'a> {
    pub policy: &'a Policy,
    pub problems: &'a mut Problems,
}

impl Conditions<'_> {
    pub fn role_set(&mut self, given: Option<&Names>, path: &str) -> Option<RoleSet> {
        let mut set = RoleSet::default();
        for name in &given?.0 {
            if name == "*" {
                set.any = true;
                continue;
            }
            let layered = name.contains('.');
            let named = |role: &super::catalog::Role| if layered { role.qualified == *name } else { role.name == *name };
            let mask = self.policy.roles.iter().enumerate().filter(|(_, role)| named(role)).map(|(bit, _)| 1_u64 << bit).fold(0, std::ops::BitOr::bitor);
            if mask == 0 {
                self.unknown_role(name, layered, path);
            }
            if layered { set.layered |= mask } else { set.own |= mask }
        }
        set.kinds = bits(set.layered).map(|bit| 1 << self.policy.roles[usize::from(bit)].kind).fold(0, std::ops::BitOr::bitor);
        set.layers = bits(set.kinds.into()).map(|kind| self.policy.kinds[usize::from(kind)].roles).fold(0, std::ops::BitOr::bitor);
        if given?.0.is_empty() {
            not_empty(path, self.problems);
        }
        Some(set)
    }

    fn unknown_role(&mut self, name: &str, layered: bool, path: &str) {
        let kinds = &self.policy.kinds;
        let what = match name.split_once('.') {
            Some((kind, _)) if kinds.iter().any(|known| known.name == kind) => format!("a role of `{kind}`"),
            Some((kind, _)) => format!("a role: `{kind}` is no scope kind"),
            None if kinds.len() == 1 => "a role of `organization`".to_owned(),
            None => "a role of this policy".to_owned(),
        };
        let known = self.policy.roles.iter().map(|role| if layered { role.qualified.as_str() } else { role.name.as_str() });
        self.problems.unknown(path, name, &what, known);
    }

    fn permission(&mut self, given: Option<&Names>, path: &str) -> Option<u128> {
        let known = self.policy.permissions.iter().map(|permission| permission.name.as_str());
        self.listed(given, path, "a permission of this policy", known)
    }

    /// The bits of a list of names that says something.
    fn listed<'a>(&mut self, given: Option<&Names>, path: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<u128> {
        let given = given?;
        if given.0.is_empty() {
            not_empty(path, self.problems);
        }
        Some(lookup(&given.0, path, what, known, self.problems))
    }

    fn one_of<T: Bit>(&mut self, words: Option<&OneOrMany<T>>, path: &str) -> Option<Choice> {
        let words = words?;
        if words.0.is_empty() {
            not_empty(path, self.problems);
        }
        Some(choice(&words.0))
    }

    pub fn person(&mut self, declared: &PersonDocument, path: &str, is_actor: bool) -> PersonTest {
        let at = |word: &str| join(path, word);
        for (word, stands) in [("rank", declared.rank.is_some()), ("permissions", declared.permissions.is_some())] {
            if is_actor && stands {
                self.problems.add(&at(word), "contradiction", format!("`{word}` compares with the actor: it stands on `target`"));
            }
        }
        if is_actor && declared.is_actor.is_some() {
            self.problems.add(&at("is_actor"), "contradiction", "the actor is always the actor: `is_actor` stands on `target`");
        }
        if !is_actor && declared.system.is_some() {
            self.problems.add(&at("system"), "contradiction", "nothing is done to a system actor: `system` stands on `actor`");
        }
        let systems = self.policy.systems.iter().map(String::as_str);
        PersonTest {
            role: self.role_set(declared.role.as_ref(), &at("role")),
            has_role: self.role_set(declared.has_role.as_ref(), &at("has_role")),
            not_role: self.role_set(declared.not_role.as_ref(), &at("not_role")),
            direct_role: self.role_set(declared.direct_role.as_ref(), &at("direct_role")),
            rank: declared.rank,
            is_actor: declared.is_actor,
            permission: self.permission(declared.permission.as_ref(), &at("permission")),
            subset: declared.permissions.is_some(),
            status: self.one_of(declared.status.as_ref(), &at("status")),
            kind: self.one_of(declared.kind.as_ref(), &at("kind")),
            system: self.listed(declared.system.as_ref(), &at("system"), "a system actor of this policy (`systems`)", systems).map(|mask| mask as u64),
            ended_by: self.one_of(declared.ended_by.as_ref(), &at("ended_by")),
            email_domain: self.domains(declared.email_domain.as_ref(), &at("email_domain")),
            attributes: self.facts(declared.attributes.as_ref(), &at("attributes"), &self.policy.attributes.user),
        }
    }

    pub fn count(&mut self, declared: &CountDocument, path: &str) -> CountTest {
        let at = |word: &str| join(path, word);
        let CountDocument { role, has_role, not_role, direct_role, permission, status, kind, email_domain, attributes, pending, expiring } = declared;
        CountTest {
            person: PersonTest {
                role: self.role_set(role.as_ref(), &at("role")),
                has_role: self.role_set(has_role.as_ref(), &at("has_role")),
                not_role: self.role_set(not_role.as_ref(), &at("not_role")),
                direct_role: self.role_set(direct_role.as_ref(), &at("direct_role")),
                permission: self.permission(permission.as_ref(), &at("permission")),
                status: self.one_of(status.as_ref(), &at("status")),
                kind: self.one_of(kind.as_ref(), &at("kind")),
                email_domain: self.domains(email_domain.as_ref(), &at("email_domain")),
                attributes: self.facts(attributes.as_ref(), &at("attributes"), &self.policy.attributes.user),
                ..PersonTest::default()
            },
            pending: pending.unwrap_or(false),
            expiring: expiring.unwrap_or(false),
        }
    }

    pub fn roles(&mut self, declared: &RolesDocument, path: &str) -> RolesTest {
        if declared.rank == Some(crate::document::policy::Rank::Above) {
            self.problems.add(&join(path, "rank"), "contradiction", "a role given or taken is `below` or `at_most` the actor's");
        }
        RolesTest {
            role: self.role_set(declared.role.as_ref(), &join(path, "role")),
            not_role: self.role_set(declared.not_role.as_ref(), &join(path, "not_role")),
            rank: declared.rank,
            held: declared.held,
            subset: declared.permissions.is_some(),
            source: self.sources(declared.source.as_ref(), &join(path, "source")),
        }
    }

    /// Sources are the host's words; what no rule names needs no number.
    fn sources(&mut self, given: Option<&Names>, path: &str) -> Option<Vec<u16>> {
        let given = given?;
        if given.0.is_empty() {
            not_empty(path, self.problems);
        }
        given.0.iter().for_each(|name| check_length(Some(name), bounds::NAME_BYTES, path, self.problems));
        Some(given.0.iter().filter_map(|name| self.policy.source(Some(name))).collect())
    }

    pub fn scope(&mut self, declared: &ScopeDocument, path: &str) -> ScopeTest {
        let kinds = self.policy.kinds.iter().map(|kind| kind.name.as_str());
        let mut kind_list = |given: Option<&Names>, word: &str| {
            self.listed(given, &join(path, word), "a scope kind of this policy", kinds.clone()).map(|mask| mask as KindMask)
        };
        ScopeTest {
            kind: kind_list(declared.kind.as_ref(), "kind"),
            parent: kind_list(declared.parent.as_ref(), "parent"),
            attributes: self.facts(declared.attributes.as_ref(), &join(path, "attributes"), &self.policy.attributes.scope),
        }
    }

    pub fn invitation(&mut self, declared: &InvitationDocument, path: &str) -> InvitationTest {
        InvitationTest {
            email_domain: self.domains(declared.email_domain.as_ref(), &join(path, "email_domain")),
            not_email_domain: self.domains(declared.not_email_domain.as_ref(), &join(path, "not_email_domain")),
            by_actor: declared.by_actor,
            addressed_to_actor: declared.addressed_to_actor,
            open: declared.open,
        }
    }

    pub fn group(declared: &GroupDocument) -> GroupTest {
        GroupTest { has_actor: declared.has_actor, managed_by_actor: declared.managed_by_actor }
    }

    fn domains(&mut self, declared: Option<&Pointed<Names>>, path: &str) -> Option<Domains> {
        Some(match declared? {
            Pointed::Given(given) if given.0.is_empty() => {
                not_empty(path, self.problems);
                Pointed::Given(Vec::new())
            }
            Pointed::Given(given) => Pointed::Given(given.0.iter().map(|domain| crate::email::fold(domain)).collect()),
            Pointed::Actor { actor } => {
                self.attribute(actor, path, "a user attribute", &self.policy.attributes.user);
                Pointed::Actor { actor: actor.clone() }
            }
            Pointed::Scope { scope } => {
                self.attribute(scope, path, "a scope attribute", &self.policy.attributes.scope);
                Pointed::Scope { scope: scope.clone() }
            }
        })
    }

    pub fn facts(&mut self, declared: Option<&BTreeMap<String, Pointed<Fact>>>, path: &str, known: &[String]) -> Vec<FactTest> {
        let mut tests = Vec::new();
        for (name, value) in declared.into_iter().flatten() {
            let path = join(path, name);
            self.attribute(name, &path, "an attribute that this policy lists there (`[attributes]`)", known);
            match value {
                Pointed::Given(Fact::List(items)) if items.is_empty() => not_empty(&path, self.problems),
                Pointed::Given(_) => {}
                Pointed::Actor { actor } => self.attribute(actor, &path, "a user attribute", &self.policy.attributes.user),
                Pointed::Scope { scope } => self.attribute(scope, &path, "a scope attribute", &self.policy.attributes.scope),
            }
            tests.push(FactTest { name: name.clone(), value: value.clone() });
        }
        tests
    }

    pub fn attribute(&mut self, name: &str, path: &str, what: &str, known: &[String]) {
        if !known.iter().any(|other| other == name) {
            self.problems.unknown(path, name, what, known.iter().map(String::as_str));
        }
    }
}

/// Notes a list of which nothing is left that could fit, unless its items were refused already.
pub(crate) fn not_empty(path: &str, problems: &mut Problems) {
    if !problems.is_faulty(path) {
        problems.add(path, "contradiction", "an empty list: nothing would ever fit");
    }
}

/// Whether the list names something at all.
pub(crate) fn is_given(list: Option<&Names>) -> bool {
    !names(list).is_empty()
}
