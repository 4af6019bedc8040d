//! What one person can ask about another, in a frame, and the requests that ask it.

use serde::Serialize;
use tenantry::document::{Ask, OpenLink, Reach, RoleAt, UserInput};

use super::person::{Sort, subsets};
use super::rows::{email, private, public};
use super::teams::{ANY, Team};
use super::{Person, World};

/// A question to the engine about one target. Slots and places are numbers of the [`World`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// `member.set_roles`: one role more.
    Give(usize),
    /// `member.set_roles`: one role less.
    Take(usize),
    /// `member.set_roles`: this role instead of the one held, or none.
    Set(usize, Option<usize>),
    /// `member.add` at a place, with these roles.
    Add(usize, u64),
    /// `member.join` at a place, with these roles.
    Join(usize, u64),
    /// `member.remove`.
    Remove(usize, Reach),
    /// `member.leave`.
    Leave(usize, Reach),
    /// `member.deactivate`.
    Deactivate(usize),
    /// `member.reactivate`.
    Reactivate(usize),
    /// `ownership.transfer` of a role; the giver keeps the other.
    Transfer(usize, Option<usize>),
    /// `group.add` to a group, of which the target holds nothing yet.
    GroupAdd(Team),
    /// `group.remove` from a group.
    GroupRemove(Team),
    /// `group.grant` of these roles to a group of the target.
    GroupGrant(Team, u64),
    /// `group.revoke` of these roles from it.
    GroupRevoke(Team, u64),
    /// `group.delete` of a group of the target.
    GroupDelete(Team),
    /// `role.update`: the target's role of the tenant's own (first) gets the permission of the second as well.
    Widen(usize, usize),
    /// `role.update`: it has no permission any more.
    Empty(usize),
    /// `invitation.create` to the target's address, or as an open link, and what comes of it.
    Invite(usize, u64, Door),
    /// No request: the time of what the target holds has come to its end.
    Expire(usize),
}

/// How an offer reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// An invitation to an address.
    Address,
    /// The link of an invitation that the request makes.
    Link,
    /// A link that anybody may use.
    Open,
}

/// The verbs of a move, first the one that must be permitted.
impl Move {
    /// The verb that it asks for; `expiry`, which is none, for what nobody asks for.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Move::Give(_) | Move::Take(_) | Move::Set(..) => "member.set_roles",
            Move::Add(..) => "member.add",
            Move::Join(..) => "member.join",
            Move::Remove(..) => "member.remove",
            Move::Leave(..) => "member.leave",
            Move::Deactivate(_) => "member.deactivate",
            Move::Reactivate(_) => "member.reactivate",
            Move::Transfer(..) => "ownership.transfer",
            Move::GroupAdd(_) => "group.add",
            Move::GroupRemove(_) => "group.remove",
            Move::GroupGrant(..) => "group.grant",
            Move::GroupRevoke(..) => "group.revoke",
            Move::GroupDelete(_) => "group.delete",
            Move::Widen(..) | Move::Empty(_) => "role.update",
            Move::Expire(_) => "expiry",
            Move::Invite(_, _, Door::Link) => "invitation.link",
            Move::Invite(..) => "invitation.create",
        }
    }

    /// Whether the target takes part: it accepts, or it is the one who asks.
    #[must_use]
    pub fn needs_target(self) -> bool {
        matches!(self, Move::Invite(..) | Move::Leave(..) | Move::Join(..))
    }

    /// What of its own the actor hands over with it: a slot.
    pub(crate) fn hands_over(self) -> Option<usize> {
        if let Move::Transfer(slot, _) = self { Some(slot) } else { None }
    }

    /// Whether there is nothing to it but people: no group, and no role of the tenant's own, that has to be there.
    pub(crate) fn needs_only_people(self, world: &World) -> bool {
        let declared = |slot: usize| world.slots[slot].sort == Sort::Direct;
        match self {
            Move::Give(slot) | Move::Set(_, Some(slot)) => declared(slot),
            Move::Add(_, roles) | Move::Join(_, roles) | Move::Invite(_, roles, _) => (0..64).all(|slot| roles >> slot & 1 == 0 || declared(slot)),
            Move::Widen(..) | Move::Empty(_) => false,
            _ => self.team().is_none(),
        }
    }

    /// The place, where rules are asked about nothing else: what somebody holds below it, or beside it, is no matter.
    pub(super) fn only_place(self, world: &World) -> Option<usize> {
        let there =
            matches!(self, Move::Give(_) | Move::Take(_) | Move::Set(..) | Move::Deactivate(_) | Move::Reactivate(_) | Move::Widen(..) | Move::Empty(_));
        there.then(|| self.place(world))
    }

    /// The place that it is about.
    pub(crate) fn place(self, world: &World) -> usize {
        match self {
            Move::Give(slot) | Move::Take(slot) | Move::Transfer(slot, _) => world.slots[slot].place,
            Move::Widen(slot, _) | Move::Empty(slot) | Move::Expire(slot) => world.slots[slot].place,
            Move::GroupAdd(team) | Move::GroupRemove(team) | Move::GroupDelete(team) => team.home,
            Move::GroupGrant(_, roles) | Move::GroupRevoke(_, roles) => world.slots[roles.trailing_zeros() as usize].place,
            Move::Set(place, _) | Move::Add(place, _) | Move::Join(place, _) | Move::Remove(place, _) | Move::Leave(place, _) => place,
            Move::Deactivate(place) | Move::Reactivate(place) | Move::Invite(place, ..) => place,
        }
    }

    /// The request, about the user `target`.
    pub(crate) fn ask(self, world: &World, target: &str, account: bool) -> Ask {
        let place = self.place(world);
        let scope = world.frame.places[place].id.clone();
        let ask = Ask { action: self.verb().to_owned(), scope: Some(scope), ..Ask::default() };
        let about = |ask: Ask| Ask { target: Some(target.to_owned()), ..ask };
        match self {
            Move::Give(slot) => Ask { add: Some(vec![world.role(slot)]), ..about(ask) },
            Move::Take(slot) => Ask { remove: Some(vec![held_role(world, slot, target)]), ..about(ask) },
            Move::Set(_, slot) => Ask { roles: Some(slot.map(|slot| world.role(slot)).into_iter().collect()), ..about(ask) },
            Move::Add(_, roles) if account => Ask { roles: world.roles(roles), ..about(ask) },
            Move::Add(_, roles) => {
                let user = UserInput { id: Some(target.to_owned()), email: Some(email(target)), ..UserInput::default() };
                Ask { roles: world.roles(roles), user: Some(user), ..ask }
            }
            Move::Join(_, roles) => Ask { roles: world.roles(roles), ..ask },
            Move::Remove(_, reach) => Ask { reach: Some(reach), ..about(ask) },
            Move::Leave(_, reach) => Ask { reach: Some(reach), ..ask },
            Move::Deactivate(_) | Move::Reactivate(_) | Move::Expire(_) => about(ask),
            Move::Transfer(slot, keep) => {
                let keep = keep.map(|keep| vec![world.slots[keep].name.clone()]);
                Ask { role: Some(world.slots[slot].name.clone()), keep, ..about(ask) }
            }
            Move::GroupAdd(team) => Ask { group: Some(team.id(ANY)), ..about(ask) },
            Move::GroupRemove(team) => Ask { group: Some(team.id(target)), ..about(ask) },
            Move::GroupGrant(team, roles) | Move::GroupRevoke(team, roles) => Ask { group: Some(team.id(target)), roles: world.roles(roles), ..ask },
            Move::GroupDelete(team) => Ask { group: Some(team.id(target)), ..ask },
            Move::Widen(slot, more) => {
                let permissions = vec![world.slots[slot].name.clone(), world.slots[more].name.clone()];
                Ask { role: Some(private(target, slot)), permissions: Some(permissions), ..ask }
            }
            Move::Empty(slot) => Ask { role: Some(private(target, slot)), permissions: Some(Vec::new()), ..ask },
            Move::Invite(_, roles, door) => {
                let ask = Ask { roles: world.roles(roles), ..ask };
                match door {
                    Door::Open => Ask { open: Some(OpenLink { uses: None, audience: None }), ..ask },
                    Door::Address | Door::Link => Ask { email: Some(email(target)), name: Some(target.to_owned()), ..ask },
                }
            }
        }
    }
}

impl World {
    /// A role to be given: a declared one, or one of the tenant's own that anybody could be given.
    fn role(&self, slot: usize) -> RoleAt {
        let slot_of = &self.slots[slot];
        if slot_of.sort == Sort::Custom { public(slot).as_str().into() } else { slot_of.name.as_str().into() }
    }

    /// The roles of a mask, to be given. None for none, so that the policy's defaults are.
    pub(crate) fn roles(&self, mask: u64) -> Option<Vec<RoleAt>> {
        let roles: Vec<RoleAt> = (0..self.slots.len()).filter(|slot| mask >> slot & 1 == 1).map(|slot| self.role(slot)).collect();
        (!roles.is_empty()).then_some(roles)
    }

    /// Everything that can be asked about a person.
    pub(crate) fn moves_on(&self, target: Person, by_itself: bool) -> Vec<Move> {
        let mut moves = Vec::new();
        for place in 0..self.frame.places.len() {
            self.offers_at(place, target, by_itself, &mut moves);
            if target.account {
                self.changes_at(place, target, by_itself, &mut moves);
            }
        }
        if target.account {
            self.group_moves(target, &mut moves);
        }
        moves
    }

    /// What can be given at a place by one request that makes somebody a member.
    pub(crate) fn bundles(&self, place: usize) -> Vec<u64> {
        let bits = || self.slots_at(place, Sort::Direct).chain(self.slots_at(place, Sort::Custom)).map(|slot| 1u64 << slot);
        if self.one_role(place) { std::iter::once(0).chain(bits()).collect() } else { subsets(bits()) }
    }

    fn offers_at(&self, place: usize, target: Person, by_itself: bool, moves: &mut Vec<Move>) {
        for roles in self.bundles(place) {
            // Whoever has an account is a member of the organization already.
            if place > 0 || !target.account {
                moves.push(Move::Add(place, roles));
            }
            moves.extend([Door::Address, Door::Link, Door::Open].map(|door| Move::Invite(place, roles, door)));
            if by_itself && target.account && place > 0 {
                moves.push(Move::Join(place, roles));
            }
        }
    }

    fn changes_at(&self, place: usize, target: Person, by_itself: bool, moves: &mut Vec<Move>) {
        let holds = |slot: usize| target.held >> slot & 1 == 1;
        let own: Vec<usize> = self.slots_at(place, Sort::Direct).chain(self.slots_at(place, Sort::Custom)).collect();
        if self.one_role(place) {
            moves.extend(std::iter::once(None).chain(own.iter().copied().map(Some)).filter(|slot| !slot.is_some_and(holds)).map(|slot| Move::Set(place, slot)));
        } else {
            moves.extend(own.iter().map(|&slot| if holds(slot) { Move::Take(slot) } else { Move::Give(slot) }));
        }
        let reaches: &[Reach] = if place == 0 { &[Reach::Scope] } else { &self.reaches };
        for &reach in reaches {
            moves.push(if by_itself { Move::Leave(place, reach) } else { Move::Remove(place, reach) });
            if by_itself {
                moves.push(Move::Remove(place, reach));
            }
        }
        moves.push(if target.resting >> place & 1 == 1 { Move::Reactivate(place) } else { Move::Deactivate(place) });
        // Nobody hands over to itself what it does not hold.
        for slot in self.slots_at(place, Sort::Direct).filter(|&slot| !by_itself || holds(slot)) {
            let others = self.slots_at(place, Sort::Direct).filter(|&other| other != slot).map(Some);
            moves.extend(std::iter::once(None).chain(others).map(|keep| Move::Transfer(slot, keep)));
        }
        let custom: Vec<usize> = self.slots_at(place, Sort::Custom).collect();
        for &slot in custom.iter().filter(|&&slot| holds(slot)) {
            moves.push(Move::Empty(slot));
            moves.extend(custom.iter().filter(|&&more| !holds(more)).map(|&more| Move::Widen(slot, more)));
        }
    }
}

/// The role that somebody holds, as it is named.
fn held_role(world: &World, slot: usize, target: &str) -> String {
    let named = &world.slots[slot];
    if named.sort == Sort::Custom { private(target, slot) } else { named.name.clone() }
}
