//! The scopes and roles that a request names: what the gate looks at.

use smallvec::SmallVec;

use crate::directory::ROOT;
use crate::directory::rows::RoleRef;
use crate::document::RoleAt;
use crate::policy::actions::Verb;

use super::judge::Named;
use super::plan::Case;

/// A scope as it is named, its slot if it exists, and the roles that would be given there.
type At<'r> = (&'r str, Option<u32>, SmallVec<[Named; 2]>);

/// The scopes that an ask names, each with the roles that it would give there.
#[derive(Default)]
pub(crate) struct NamedScopes<'r>(pub SmallVec<[At<'r>; 1]>);

impl<'d> NamedScopes<'d> {
    pub fn of<'r: 'd>(case: &Case<'r, 'd>) -> NamedScopes<'d> {
        let ask = case.ask;
        let gives = matches!(
            case.verb(),
            Some(
                Verb::InvitationCreate
                    | Verb::InvitationUpdate
                    | Verb::InvitationLink
                    | Verb::MemberAdd
                    | Verb::MemberJoin
                    | Verb::GroupGrant
                    | Verb::OrganizationCreate
            )
        );
        let named = |slot: Option<u32>, roles: Option<&'d [RoleAt]>| -> SmallVec<[Named; 2]> {
            let role = |role: &'d RoleAt| {
                let declared = slot.and_then(|slot| case.directory.role_at(slot, &role.role));
                let at_birth = || case.policy().role_named(0, &role.role).map(RoleRef::Declared);
                Named { role: declared.or_else(|| at_birth().filter(|_| slot == Some(ROOT))), source: case.policy().source(role.source.as_deref()) }
            };
            roles.filter(|_| gives).into_iter().flatten().map(role).collect()
        };
        let find = |id: &str| case.directory.scopes.find(id);
        let Some(scopes) = &ask.scopes else {
            let organization = case.directory.organization();
            let slot = ask.scope.as_deref().map_or(Some(ROOT), find);
            let transferred = ask.role.as_deref().filter(|_| case.verb() == Some(Verb::OwnershipTransfer));
            let mut roles = named(slot, ask.roles.as_deref());
            roles.extend(transferred.map(|role| Named { role: slot.and_then(|slot| case.directory.role_at(slot, role)), source: None }));
            let parent = ask.parent.as_deref().filter(|_| case.verb() == Some(Verb::ScopeMove));
            let parent = parent.map(|parent| (parent, find(parent), SmallVec::new()));
            return NamedScopes(std::iter::once((ask.scope.as_deref().unwrap_or(organization), slot, roles)).chain(parent).collect());
        };
        NamedScopes(
            scopes
                .iter()
                .map(|at| {
                    let slot = find(&at.scope);
                    (at.scope.as_str(), slot, named(slot, at.roles.as_deref()))
                })
                .collect(),
        )
    }
}
