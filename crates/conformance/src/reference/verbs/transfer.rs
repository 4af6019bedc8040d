//! A role changes hands.

use tenantry::Code;
use tenantry::document::snapshot::EndedBy;
use tenantry::document::{Actor, Event, Reason};

use super::super::judge::{Denial, Sort, reason_at};
use super::super::world::{RoleId, Subject};
use super::{Checked, Desk, Proposal, Wanted, ensure, field_denied, first_problem, given, taken, user_subject};

impl Desk<'_> {
    pub(super) fn ownership_transfer(&self) -> Result<Proposal, Denial> {
        let (scope, state) = (self.scope(), &self.view.state);
        let name = self.ask.role.clone().unwrap_or_default();
        let keep = self.ask.keep.clone().unwrap_or_default();
        let mut missing = self.find_scope(scope, "scope");
        missing.extend(self.find_target());
        missing.extend(self.find_role(scope, &name, "role"));
        missing.extend(keep.iter().flat_map(|name| self.find_role(scope, name, "keep")));
        Desk::found(missing)?;
        let Actor::User(giver) = self.view.actor else {
            // A system holds nothing that it could hand over.
            let problem = self.open(scope).err().or(Some(field_denied(Code::NotMember, "role", scope)));
            return Ok(Proposal { changes: vec![self.change(Sort::Fit, scope, &self.target())], problem, ..Proposal::default() });
        };
        let (giver, taker, role) = (user_subject(giver), self.target(), self.role(scope, &name));
        let one = state.one_role(scope);
        let had = state.direct_roles(&giver, scope);
        let mut kept: Vec<RoleId> = Vec::new();
        keep.iter().map(|name| self.role(scope, name)).for_each(|role| {
            if !kept.contains(&role) {
                kept.push(role)
            }
        });
        let replaced = if one { state.direct_roles(&taker, scope) } else { Vec::new() };
        let leaves: Vec<RoleId> = had.iter().filter(|held| !kept.contains(held) && (one || **held == role)).cloned().collect();
        let mut gets: Vec<Wanted> =
            kept.iter().filter(|role| !had.contains(role)).map(|role| Wanted { role: role.clone(), expires_at: None, source: None }).collect();
        gets.sort_by_key(|wanted| state.role_order(&wanted.role));
        let handed = Wanted { role: role.clone(), expires_at: None, source: None };
        let mut changes = Vec::new();
        if !state.direct_roles(&taker, scope).contains(&role) {
            changes.push(self.change(Sort::Give, scope, &taker).role(&role, None));
        }
        let source = |holder: &Subject, role: &RoleId| {
            let grant = state.grants_at(holder, scope).into_iter().find(|grant| self.role(scope, &grant.role) == *role);
            grant.and_then(|grant| grant.source.clone())
        };
        let take = |holder: &Subject, role: &RoleId| self.change(Sort::Take, scope, holder).role(role, source(holder, role).as_deref());
        changes.extend(replaced.iter().map(|role| take(&taker, role)));
        changes.extend(leaves.iter().map(|role| take(&giver, role).of_third()));
        changes.extend(gets.iter().map(|wanted| self.change(Sort::Give, scope, &giver).role(&wanted.role, None).of_third()));
        let has = taker == giver || state.direct_roles(&taker, scope).contains(&role);
        let hindered =
            first_problem(vec![self.open(scope), self.giver_holds(&giver, &role, scope), ensure(!has, field_denied(Code::AlreadyMember, "target", scope))]);
        if hindered.is_some() {
            // Nothing changes hands.
            changes.clear();
        }
        self.fit_where_nothing_changes(&mut changes, &[scope], &taker);
        changes.iter_mut().filter(|_| taker == giver).for_each(|change| change.third = false);
        let left = had.iter().any(|held| !leaves.contains(held)) || !gets.is_empty();
        let problem = hindered.or(first_problem(vec![
            ensure(!one || kept.len() < 2, field_denied(Code::TooManyRoles, "keep", scope)),
            ensure(left || !(one && scope == self.root()), field_denied(Code::RoleRequired, "keep", scope)),
            self.roles_fit(&vec![(scope.to_owned(), [std::slice::from_ref(&handed), &gets[..]].concat())]),
        ]));
        let mut events: Vec<Event> = replaced.iter().map(|role| taken(&taker, scope, &role.name)).collect();
        events.push(given(&taker, scope, &handed));
        events.extend(leaves.iter().map(|role| taken(&giver, scope, &role.name)));
        if let (Subject::User(id), true) = (&giver, !left && scope != self.root()) {
            events.push(Event::MemberRemoved { user: id.clone(), scope: scope.to_owned(), by: EndedBy::Self_ });
        }
        events.extend(gets.iter().map(|wanted| given(&giver, scope, wanted)));
        Ok(Proposal { changes, problem, events, ..Proposal::default() })
    }

    pub(super) fn giver_holds(&self, giver: &Subject, role: &RoleId, scope: &str) -> Checked {
        let state = &self.view.state;
        // What ends cannot be handed over.
        if state.grants_at(giver, scope).iter().any(|grant| self.role(scope, &grant.role) == *role && grant.expires_at.is_none()) {
            return Ok(());
        }
        let comes_from_elsewhere = |(held, place, group): &(RoleId, String, Option<String>)| held == role && (place != scope || group.is_some());
        if state.origins(giver, scope).iter().any(comes_from_elsewhere) {
            let Denial { mut reasons, remedies } = self.change_origin(giver, scope, Some(role));
            reasons[0].field = Some("role".to_owned());
            return Err(Denial { reasons, remedies });
        }
        let reason = Reason { field: Some("role".to_owned()), role: Some(role.name.clone()), ..reason_at(Code::NotMember, scope) };
        Err(Reason { role: None, ..reason }.into())
    }
}
