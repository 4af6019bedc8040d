//! From the blocks of a rule as written to compiled tests.

use std::collections::BTreeMap;

use crate::document::Fact;
use crate::document::policy::{CountDocument, GroupDocument, InvitationDocument, PersonDocument, RolesDocument, ScopeDocument};
use crate::document::words::{Names, OneOrMany, Pointed, Problems, join};

use super::Policy;
use super::catalog::bits;
use super::compile::{kind_list, lookup, names};
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
        set.layers =
            bits(set.layered).map(|bit| self.policy.kinds[usize::from(self.policy.roles[usize::from(bit)].kind)].roles).fold(0, std::ops::BitOr::bitor);
        if given?.0.is_empty() {
            self.problems.add(path, "contradiction", "an empty list of roles: nothing would ever fit");
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
        given.map(|given| lookup(&given.0, path, "a permission of this policy", known, self.problems))
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
            status: one_of(declared.status.as_ref()),
            kind: one_of(declared.kind.as_ref()),
            system: declared
                .system
                .as_ref()
                .map(|given| lookup(&given.0, &at("system"), "a system actor of this policy (`systems`)", systems, self.problems) as u64),
            ended_by: one_of(declared.ended_by.as_ref()),
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
                status: one_of(status.as_ref()),
                kind: one_of(kind.as_ref()),
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
            held: declared.held.unwrap_or(false),
            subset: declared.permissions.is_some(),
            source: declared.source.as_ref().map(|names| names.0.iter().filter_map(|name| self.policy.source(Some(name))).collect()),
        }
    }

    pub fn scope(&mut self, declared: &ScopeDocument, path: &str) -> ScopeTest {
        ScopeTest {
            kind: declared.kind.as_ref().map(|given| kind_list(self.policy, &given.0, &join(path, "kind"), self.problems)),
            parent: declared.parent.as_ref().map(|given| kind_list(self.policy, &given.0, &join(path, "parent"), self.problems)),
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

fn one_of<T: Bit>(words: Option<&OneOrMany<T>>) -> Option<Choice> {
    words.map(|words| choice(&words.0))
}

/// Whether the list names something at all.
pub(crate) fn is_given(list: Option<&Names>) -> bool {
    !names(list).is_empty()
}
