//! What one person can ask about another, in a frame, and the requests that ask it.

use serde::Serialize;
use tenantry::document::{Ask, Holders, OpenLink, Reach, RoleAt, UserInput};

use super::custom::{Own, PLAIN, given};
use super::person::{Sort, subsets};
use super::rows::email;
use super::teams::{ANY, Team};
use super::{Person, World};

/// A question to the engine about one target. Places are numbers of the [`World`]. Roles are sets of its slots: one declared role, or what one role of the
/// tenant's own brings, which may be [nothing](PLAIN).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// `member.set_roles`: one role more.
    Give(u64),
    /// `member.set_roles`: one role less.
    Take(u64),
    /// `member.set_roles` at a place: this role instead of the one held, or none.
    Set(usize, u64),
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
    /// `ownership.transfer` at a place of a role; the giver keeps the others.
    Transfer(usize, u64, u64),
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
    /// `role.update`: a role of the tenant's own that the target has brings this from now on.
    Update(Own, u64),
    /// `role.delete`: there is no such role any more.
    Delete(Own),
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
            Move::Update(..) => "role.update",
            Move::Delete(..) => "role.delete",
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

    /// What of its own the actor hands over with it.
    pub(crate) fn hands_over(self) -> Option<u64> {
        if let Move::Transfer(_, given, _) = self { Some(given & !PLAIN) } else { None }
    }

    /// Whether there is nothing to it but people: no group, and no role of the tenant's own, that has to be there.
    pub(crate) fn needs_only_people(self, world: &World) -> bool {
        let declared = |roles: u64| roles & PLAIN == 0 && (0..world.slots.len()).all(|slot| roles >> slot & 1 == 0 || world.slots[slot].sort == Sort::Direct);
        match self {
            Move::Give(roles) | Move::Set(_, roles) | Move::Add(_, roles) | Move::Join(_, roles) | Move::Invite(_, roles, _) => declared(roles),
            Move::Transfer(_, given, kept) => declared(given | kept),
            Move::Update(..) | Move::Delete(..) => false,
            _ => self.team().is_none(),
        }
    }

    /// The place that it is about.
    pub(crate) fn place(self, world: &World) -> usize {
        match self {
            Move::Give(role) | Move::Take(role) => world.slots[role.trailing_zeros() as usize].place,
            Move::Expire(slot) => world.slots[slot].place,
            Move::Update(own, _) | Move::Delete(own) => own.home,
            Move::GroupAdd(team) | Move::GroupRemove(team) | Move::GroupDelete(team) => team.home,
            Move::GroupGrant(_, roles) | Move::GroupRevoke(_, roles) => world.slots[roles.trailing_zeros() as usize].place,
            Move::Set(place, _) | Move::Transfer(place, ..) | Move::Add(place, _) | Move::Join(place, _) | Move::Remove(place, _) | Move::Leave(place, _) => {
                place
            }
            Move::Deactivate(place) | Move::Reactivate(place) | Move::Invite(place, ..) => place,
        }
    }

    /// The request that the one makes about the other.
    pub(crate) fn ask(self, world: &World, (actor, target): (&str, &str), account: bool) -> Ask {
        let place = self.place(world);
        let scope = world.frame.places[place].id.clone();
        let ask = Ask { action: self.verb().to_owned(), scope: Some(scope), ..Ask::default() };
        let about = |ask: Ask| Ask { target: Some(target.to_owned()), ..ask };
        match self {
            Move::Give(role) => Ask { add: Some(world.roles(place, role)), ..about(ask) },
            Move::Take(role) => Ask { remove: Some(vec![held_role(world, place, role, target)]), ..about(ask) },
            Move::Set(_, role) => Ask { roles: Some(world.roles(place, role)), ..about(ask) },
            Move::Add(_, roles) if account => Ask { roles: world.roles_or_default(place, roles), ..about(ask) },
            Move::Add(_, roles) => {
                let user = UserInput { id: Some(target.to_owned()), email: Some(email(target)), ..UserInput::default() };
                Ask { roles: world.roles_or_default(place, roles), user: Some(user), ..ask }
            }
            Move::Join(_, roles) => Ask { roles: world.roles_or_default(place, roles), ..ask },
            Move::Remove(_, reach) => Ask { reach: Some(reach), ..about(ask) },
            Move::Leave(_, reach) => Ask { reach: Some(reach), ..ask },
            Move::Deactivate(_) | Move::Reactivate(_) | Move::Expire(_) => about(ask),
            Move::Transfer(_, given, kept) => {
                let keep = world.roles(place, kept).into_iter().map(|role| role.role).collect();
                Ask { role: Some(held_role(world, place, given, actor)), keep: Some(keep), ..about(ask) }
            }
            Move::GroupAdd(team) => Ask { group: Some(team.id(ANY)), ..about(ask) },
            Move::GroupRemove(team) => Ask { group: Some(team.id(target)), ..about(ask) },
            Move::GroupGrant(team, roles) | Move::GroupRevoke(team, roles) => {
                Ask { group: Some(team.id(target)), roles: world.roles_or_default(place, roles), ..ask }
            }
            Move::GroupDelete(team) => Ask { group: Some(team.id(target)), ..ask },
            Move::Update(own, to) => Ask { role: Some(own.id(target)), permissions: Some(world.permissions(to)), ..ask },
            Move::Delete(own) => Ask { role: Some(own.id(target)), holders: Some(Holders::Revoke), ..ask },
            Move::Invite(_, roles, door) => {
                let ask = Ask { roles: world.roles_or_default(place, roles), ..ask };
                match door {
                    Door::Open => Ask { open: Some(OpenLink { uses: None, audience: None }), ..ask },
                    Door::Address | Door::Link => Ask { email: Some(email(target)), name: Some(target.to_owned()), ..ask },
                }
            }
        }
    }
}

impl World {
    /// The roles of a set, to be given at a place: declared ones, and one of the tenant's own with all that such roles are to bring.
    pub(crate) fn roles(&self, place: usize, roles: u64) -> Vec<RoleAt> {
        let custom = roles & self.custom_at(place);
        let declared = self.slots.iter().enumerate().filter(|(slot, _)| (roles & !custom & !PLAIN) >> slot & 1 == 1);
        let own = (custom | roles & PLAIN != 0).then(|| given(place, custom));
        declared.map(|(_, slot)| slot.name.as_str().into()).chain(own.as_deref().map(RoleAt::from)).collect()
    }

    /// The same; nothing for no role, so that the policy's defaults are.
    fn roles_or_default(&self, place: usize, roles: u64) -> Option<Vec<RoleAt>> {
        (roles != 0).then(|| self.roles(place, roles))
    }

    /// Everything that can be asked about a person, but of groups and of roles of the tenant's own.
    pub(crate) fn moves_on(&self, target: Person, by_itself: bool) -> Vec<Move> {
        let mut moves = Vec::new();
        for place in 0..self.frame.places.len() {
            self.offers_at(place, target, by_itself, &mut moves);
            if target.account {
                self.changes_at(place, target, by_itself, &mut moves);
            }
        }
        moves
    }

    /// What can be given at a place by one request that makes somebody a member.
    pub(crate) fn bundles(&self, place: usize) -> Vec<u64> {
        let declared = self.slots_at(place, Sort::Direct).map(|slot| 1u64 << slot);
        let (none, own) = (std::iter::once(0), self.own_to_give(place));
        if self.one_role(place) {
            return none.chain(declared).chain(own).collect();
        }
        // What brings nothing changes nothing beside what brings something.
        let (nothing, something): (Vec<u64>, Vec<u64>) = own.into_iter().partition(|set| *set == PLAIN);
        let with_own = |declared: u64| std::iter::once(declared).chain(something.iter().map(move |set| declared | set)).collect::<Vec<_>>();
        subsets(declared).into_iter().flat_map(with_own).chain(nothing).collect()
    }

    /// What one role of the tenant's own can bring at a place.
    fn own_to_give(&self, place: usize) -> Vec<u64> {
        self.custom_sets(place).into_iter().map(|set| if set == 0 { PLAIN } else { set }).collect()
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
        let single = self.slots_at(place, Sort::Direct).map(|slot| 1u64 << slot).chain(self.own_to_give(place));
        if self.one_role(place) {
            moves.extend(std::iter::once(0).chain(single.filter(|role| role & !target.held != 0)).map(|role| Move::Set(place, role)));
        } else {
            let all_or_nothing = single.filter(|role| *role != PLAIN && (role & target.held == 0 || role & !target.held == 0));
            moves.extend(all_or_nothing.map(|role| if role & target.held == 0 { Move::Give(role) } else { Move::Take(role) }));
        }
        let reaches: &[Reach] = if place == 0 { &[Reach::Scope] } else { &self.reaches };
        for &reach in reaches {
            moves.push(if by_itself { Move::Leave(place, reach) } else { Move::Remove(place, reach) });
            if by_itself {
                moves.push(Move::Remove(place, reach));
            }
        }
        moves.push(if target.resting >> place & 1 == 1 { Move::Reactivate(place) } else { Move::Deactivate(place) });
        if !by_itself {
            self.transfers_at(place, moves);
        }
    }

    fn transfers_at(&self, place: usize, moves: &mut Vec<Move>) {
        let given = self.slots_at(place, Sort::Direct).map(|slot| 1u64 << slot).chain(self.own_to_give(place));
        let one = self.one_role(place);
        let kept: Vec<u64> = self.bundles(place).into_iter().filter(|kept| one || *kept != PLAIN).collect();
        moves.extend(given.flat_map(|given| kept.iter().filter(move |kept| *kept & given == 0).map(move |&kept| Move::Transfer(place, given, kept))));
    }

    /// Changes of the target's roles of the tenant's own. What stays of a role that loses something is no matter.
    pub(super) fn changes_of_own(&self, target: Person) -> Vec<Move> {
        let mut moves = Vec::new();
        if !target.account {
            return moves;
        }
        for own in self.own_roles(target.held, u16::MAX) {
            let to = self.permissions_at(own.at).into_iter().filter(|to| *to != own.holds && (to & own.holds == 0 || to & own.holds == own.holds));
            moves.extend(to.map(|to| Move::Update(own, to)));
            moves.extend((own.holds != 0).then_some(Move::Delete(own)));
        }
        moves
    }
}

/// The role that somebody holds at a place, as it is named.
fn held_role(world: &World, place: usize, role: u64, holder: &str) -> String {
    let declared = world.slots.get(role.trailing_zeros() as usize).filter(|slot| slot.sort == Sort::Direct);
    declared.map_or_else(|| Own { home: place, at: 1 << place, holds: role & !PLAIN }.id(holder), |slot| slot.name.clone())
}
