//! What is asked about somebody, but for offers and groups.

use std::collections::BTreeSet;

use tenantry::document::{Ask, Holders, Reach, RoleAt, Snapshot, UserInput};
use tenantry_analysis::model::Sort;

use super::guise::bits;
use super::organization::{held_by, spare};
use super::{Bench, mail};

impl Bench<'_> {
    /// Names of roles that can be given at a place: declared ones, and the tenant's own of one permission.
    fn names(&self, place: usize) -> Vec<String> {
        let here = bits(self.slots_at(place) & !self.slots_of(Sort::Group)).map(|bit| bit.trailing_zeros() as usize);
        here.map(|number| if self.certificate.slots[number].sort == Sort::Custom { spare(number) } else { self.certificate.slots[number].name.clone() })
            .collect()
    }

    /// Every set of roles that a request can give: of the tenant's own that are not of one permission, each alone.
    pub(super) fn bundles(&self, state: &Snapshot, place: usize) -> Vec<Vec<String>> {
        let names = self.names(place);
        let of = |set: u32| names.iter().enumerate().filter(move |(n, _)| set >> n & 1 == 1).map(|(_, name)| name.clone()).collect();
        (1u32..1 << names.len()).map(of).chain(self.more_to_give(state, place).into_iter().map(|role| vec![role])).collect()
    }

    /// Everything that can be asked about somebody.
    pub(super) fn asks(&self, state: &Snapshot, target: &str, account: bool, by_itself: bool) -> Vec<Ask> {
        let mut asks = self.of_customs(state, target);
        for (number, place) in self.certificate.places.iter().enumerate() {
            let at = |action: &str| Ask { action: action.to_owned(), scope: Some(place.id.clone()), ..Ask::default() };
            let about = |action: &str| Ask { target: Some(target.to_owned()), ..at(action) };
            let newcomer = UserInput { id: Some(target.to_owned()), email: Some(mail(target)), ..UserInput::default() };
            for bundle in std::iter::once(Vec::new()).chain(self.bundles(state, number)) {
                let add = Ask { roles: roles(&bundle).filter(|roles| !roles.is_empty()), ..at("member.add") };
                asks.push(if account { Ask { target: Some(target.to_owned()), ..add } } else { Ask { user: Some(newcomer.clone()), ..add } });
                asks.push(Ask { roles: roles(&bundle), ..about("member.set_roles") });
                if by_itself {
                    asks.push(Ask { roles: roles(&bundle), ..at("member.join") });
                }
            }
            for reach in [Reach::Scope, Reach::Subtree, Reach::Organization] {
                asks.push(Ask { reach: Some(reach), ..about("member.remove") });
                if by_itself {
                    asks.push(Ask { reach: Some(reach), ..at("member.leave") });
                }
            }
            asks.extend([about("member.deactivate"), about("member.reactivate")]);
            let given = [self.names(number), self.more_to_give(state, number)].concat();
            for name in &given {
                asks.push(Ask { add: roles(std::slice::from_ref(name)), ..about("member.set_roles") });
                let kept = std::iter::once(None).chain(given.iter().map(|other| Some(vec![other.clone()])));
                asks.extend(kept.map(|keep| Ask { role: Some(name.clone()), keep, ..about("ownership.transfer") }));
            }
            let own = state.grants.iter().filter(|grant| grant.user.as_deref() == Some(target) && grant.scope == place.id);
            asks.extend(own.map(|grant| Ask { remove: Some(vec![grant.role.clone()]), ..about("member.set_roles") }));
        }
        asks
    }

    /// What is asked of roles of the tenant's own, and reaches somebody who holds them.
    pub(super) fn of_customs(&self, state: &Snapshot, holder: &str) -> Vec<Ask> {
        let customs = self.certificate.slots.iter().filter(|slot| slot.sort == Sort::Custom);
        let names: BTreeSet<&String> = customs.map(|slot| &slot.name).collect();
        let mut asks = Vec::new();
        for row in held_by(state, holder) {
            let about = |action: &str| Ask { action: action.to_owned(), scope: Some(row.scope.clone()), role: Some(row.id.clone()), ..Ask::default() };
            let sets = names.iter().fold(vec![Vec::new()], |sets: Vec<Vec<String>>, &name| {
                sets.into_iter().flat_map(|set| [set.clone(), [set, vec![name.clone()]].concat()]).collect()
            });
            asks.extend(sets.into_iter().map(|permissions| Ask { permissions: Some(permissions), ..about("role.update") }));
            asks.push(Ask { holders: Some(Holders::Revoke), ..about("role.delete") });
        }
        asks
    }
}

pub(super) fn roles(names: &[String]) -> Option<Vec<RoleAt>> {
    Some(names.iter().map(|name| RoleAt::from(name.as_str())).collect())
}
