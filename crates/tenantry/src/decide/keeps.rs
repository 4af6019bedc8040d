//! Step 7: do the keeps hold afterwards? They are counted before and after the whole request, wherever it changes what is
//! counted, and deny where a count ends on the wrong side and worse than before.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Code, Step};
use crate::directory::rows::{Holdings, RoleRef, User};
use crate::directory::{Directory, ROOT};
use crate::document::policy::Each;
use crate::document::snapshot::{Status, UserKind};
use crate::document::words::Pointed;
use crate::document::{Event, Reason, Time};
use crate::policy::rules::{Counted, Keep};

use super::outcome::{Denial, RuleRef, bound_at, default_message, keep_remedy};

/// What a request can change: the users whose standing moves, and the scopes where it may.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    pub users: BTreeSet<u32>,
    pub scopes: BTreeSet<u32>,
}

/// Counts of keeps, by number of the keep: at scopes, or for users (and, of exclusive sets, at which scope).
type Counts = BTreeMap<(u16, Place), u64>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Scope(u32),
    User(u32),
    UserAt(u32, u32),
}

/// What step 7 found.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub denial: Option<Denial>,
    /// Counts that the request changes, as they are before it: keep, scope, count.
    pub counts: Vec<(u16, u32, u64)>,
    /// Scopes below which a keep was looked at: a slice must hold them whole.
    pub subtrees: Vec<u32>,
    /// Scopes whose own change moves counts: a slice must hold everybody there.
    pub holders: Vec<u32>,
    /// Addresses whose open offers may begin or cease to count: a slice must hold them.
    pub addresses: Vec<String>,
    /// The earliest end of a grant that a keep sees: the answer holds until then.
    pub until: Option<Time>,
}

/// Judges all keeps for the events of a whole request.
pub(crate) fn judge(directory: &mut Directory, events: &[Event], at: Time, target: Option<u32>, unless: Unless) -> Kept {
    if directory.policy.keeps.is_empty() || events.is_empty() {
        return Kept::default();
    }
    let concerned = |keep: &Keep| events.iter().any(|event| concerns(directory, keep, event));
    if !directory.policy.keeps.iter().any(concerned) {
        return Kept::default();
    }
    let before_reach = reach(directory, events);
    // The same events reach further once they have happened: what a user newly holds counts below it too.
    let after_reach = directory.try_out(|directory| {
        directory.apply_events(events, at);
        reach(directory, events)
    });
    let reach = Reach {
        users: before_reach.users.union(&after_reach.users).copied().collect(),
        scopes: before_reach.scopes.union(&after_reach.scopes).copied().collect(),
    };
    let before = counts(directory, &reach, at, was_there);
    let after = directory.try_out(|directory| {
        directory.apply_events(events, at);
        let counts = counts(directory, &reach, at, Directory::is_live);
        counts.into_iter().map(|(key, count)| (key, After::of(directory, key, count, unless))).collect()
    });
    let inherits = |keep: &&Keep| !keep.local && directory.policy.kinds.len() > 1;
    let walked =
        directory.held.is_some() && directory.policy.keeps.iter().filter(inherits).any(|keep| events.iter().any(|event| concerns(directory, keep, event)));
    let there = |scope: &u32| directory.scopes.get(*scope).is_some();
    let subtrees = if walked { reach.scopes.iter().copied().filter(there).collect() } else { Vec::new() };
    let holders = if directory.held.is_some() { events.iter().flat_map(|event| moved_by_place(directory, event)).collect() } else { Vec::new() };
    let offered = directory.held.is_some() && directory.policy.keeps.iter().any(Keep::counts_pending);
    let address = |&user: &u32| directory.users.get(user)?.email.as_deref().map(str::to_owned);
    let addresses = if offered { reach.users.iter().filter_map(address).collect() } else { Vec::new() };
    let kept = compare(directory, &before, &after, at, target, unless);
    let until = expiry_seen(directory, &reach, at);
    Kept { subtrees, holders, addresses, until, ..kept }
}

/// The earliest end to come among the grants that keeps see at whoever is reached, while they last.
fn expiry_seen(directory: &Directory, reach: &Reach, now: Time) -> Option<Time> {
    let mut users: BTreeSet<u32> = BTreeSet::new();
    for keep in &directory.policy.keeps {
        match (&keep.counted, keep.each) {
            // How many there are at a scope is among the reads.
            (Counted::Matching(test), each) if !test.expiring || each == Each::Scope => {}
            _ => users.extend(&reach.users),
        }
    }
    // A service's owner may be read, its services are not.
    let people = users.into_iter().filter_map(|user| directory.users.get(user)).filter(|row| row.kind != UserKind::Service);
    let of_groups = |row: &User| row.groups().iter().filter_map(|&group| directory.groups.get(group)).map(|group| &group.holdings).collect::<Vec<_>>();
    let holdings = people.flat_map(|row| std::iter::once(&row.holdings).chain(of_groups(row)));
    holdings.flat_map(Holdings::extras).filter_map(|grant| grant.expires_at).filter(|&at| at > now).min()
}

impl Directory {
    /// The keeps that do not hold now, as reasons, in the policy's order, those below a minimum first. Imported data can break them;
    /// a request never makes it worse. What `unless` would say of a request is not asked.
    ///
    /// ```
    /// use tenantry::{Directory, Policy, document::{Snapshot, Time}};
    /// let empty = r#"{"tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }]}"#;
    /// let directory = Directory::new(Policy::preset("starter").unwrap(), &Snapshot::from_json(empty).unwrap()).unwrap();
    /// assert_eq!(directory.broken_keeps(Time(0))[0].rule.as_deref(), Some("last-owner"));
    /// ```
    #[must_use]
    pub fn broken_keeps(&self, now: Time) -> Vec<Reason> {
        let everything = Reach { users: self.users.slots().collect(), scopes: self.scopes.slots().collect() };
        let never = |_: &Directory, _: &Keep, _: u32| false;
        let unless = Unless { place: &never, people: &never };
        let counted = counts(self, &everything, now, Directory::is_live);
        // Whatever there is was more before, for the minimums, and less, for the maximums.
        let more: Counts = counted.keys().map(|&key| (key, u64::MAX / 2)).collect();
        let after = counted.into_iter().map(|(key, count)| (key, After::of(self, key, count, unless))).collect();
        let denials = [more, Counts::new()].map(|before| compare(self, &before, &after, now, None, unless).denial);
        denials.into_iter().flatten().flat_map(|denial| denial.reasons).collect()
    }
}

/// Scopes whose people are counted otherwise because a scope changes, and nobody's own row.
fn moved_by_place(directory: &Directory, event: &Event) -> Vec<u32> {
    let find = |id: &str| directory.scopes.find(id);
    let above = |id: &str| find(id).and_then(|scope| directory.scopes.get(scope)).map(|row| row.path().to_vec()).unwrap_or_default();
    match event {
        Event::ScopeConfigured { scope, .. } | Event::ScopeArchived { scope } | Event::ScopeRestored { scope } | Event::ScopeMoved { scope, .. } => {
            // Whoever holds something above has scopes below that count for keeps of each user; and counts in a scope that comes back.
            let comes_back = matches!(event, Event::ScopeRestored { .. }) && counts_inherited(directory);
            let above = if comes_back || counts_by_user(directory) { above(scope) } else { Vec::new() };
            find(scope).map(|scope| directory.subtree(scope)).unwrap_or_default().into_iter().chain(above).collect()
        }
        // Whoever holds something above may be counted in a new scope from the first.
        Event::ScopeCreated { parent: at, .. } if counts_by_user(directory) || counts_inherited(directory) => above(at),
        Event::ScopeDeleted { scope: at } if counts_by_user(directory) => above(at),
        _ => Vec::new(),
    }
}

/// Whether a keep may count at a scope what is held above it.
fn counts_inherited(directory: &Directory) -> bool {
    directory.policy.keeps.iter().any(|keep| !keep.local)
}

fn counts_by_user(directory: &Directory) -> bool {
    directory.policy.keeps.iter().any(|keep| keep.each == Each::User || matches!(keep.counted, Counted::Exclusive(_)))
}

/// Whether the events can make a keep fail. What only gives takes nobody away from a minimum.
pub(crate) fn may_break(directory: &Directory, events: &[Event]) -> bool {
    let gives = |event: &Event| {
        use Event::*;
        matches!(event, RoleGiven { .. } | MemberAdded { .. } | MemberReactivated { .. } | GroupMemberAdded { .. } | InvitationCreated { .. })
            || matches!(event, InvitationAccepted { .. } | InvitationApproved { .. })
    };
    // But where a keep counts those who hold nothing else, or rest, whoever is given something may be counted no more.
    let loses = |keep: &Keep| matches!(&keep.counted, Counted::Matching(test) if test.person.role.is_some() || test.person.not_role.is_some() || test.person.status.is_some());
    let may = |keep: &Keep, event: &Event| keep.at_most.is_some() || keep.counts_pending() || loses(keep) || !gives(event);
    let breaks = |keep: &Keep, event: &Event| concerns(directory, keep, event) && may(keep, event);
    directory.policy.keeps.iter().any(|keep| events.iter().any(|event| breaks(keep, event)))
}

/// Whether an event can change what a keep counts. Most requests are about people whom no keep counts.
fn concerns(directory: &Directory, keep: &Keep, event: &Event) -> bool {
    let counted = |user: &str, given: Option<RoleRef>| {
        let row = directory.users.find(user).and_then(|slot| directory.users.get(slot));
        row.map_or(given.is_some(), |row| !directory.is_bystander(keep, row, given))
    };
    match event {
        Event::RoleGiven { user: Some(user), scope, role, .. } => counted(user, directory.scopes.find(scope).and_then(|scope| directory.role_at(scope, role))),
        Event::RoleTaken { user: Some(user), .. }
        | Event::MemberRemoved { user, .. }
        | Event::MemberDeactivated { user, .. }
        | Event::MemberReactivated { user, .. }
        | Event::MemberEdited { user, .. } => counted(user, None),
        // Offers to the old and to the new address are somebody else's afterwards.
        Event::MemberEmailChanged { user, .. } => keep.counts_pending() || counted(user, None),
        // A slice is asked for the same whatever its keeps count.
        Event::InvitationCreated { .. }
        | Event::InvitationUpdated { .. }
        | Event::InvitationRevoked { .. }
        | Event::InvitationExpired { .. }
        | Event::InvitationDeclined { .. } => keep.counts_pending() || directory.held.is_some(),
        Event::InvitationSkipped { .. } | Event::InvitationResent { .. } | Event::InvitationLinked { .. } => false,
        _ => true,
    }
}

/// Users and scopes whose counts the events can move, with everything below those scopes.
fn reach(directory: &Directory, events: &[Event]) -> Reach {
    let mut reach = Reach::default();
    for event in events {
        extend_by_event(directory, event, &mut reach);
        if counts_by_user(directory) {
            reach.users.extend(places_moved(directory, event).into_iter().flat_map(|scope| directory.users_at(scope)));
        }
    }
    extend_by_owners(directory, &mut reach);
    let of_users: Vec<u32> = reach.users.iter().flat_map(|&user| directory.reached_scopes(user)).collect();
    reach.scopes.extend(of_users);
    reach
}

/// Users and scopes that an event speaks of.
fn extend_by_event(directory: &Directory, event: &Event, reach: &mut Reach) {
    let (users, group, scope) = about(event);
    reach.users.extend(users.into_iter().filter_map(|id| directory.users.slot(id)));
    let group = group.and_then(|id| directory.groups.find(id)).and_then(|slot| directory.groups.get(slot));
    reach.users.extend(group.into_iter().flat_map(|row| row.members.iter().copied()));
    let scope = scope.and_then(|id| directory.scopes.slot(id)).filter(|&slot| directory.scopes.get(slot).is_some());
    if let Some(scope) = scope {
        reach.scopes.extend(directory.subtree(scope));
    }
    extend_by_row(directory, event, reach);
}

/// A service moves with its owner.
fn extend_by_owners(directory: &Directory, reach: &mut Reach) {
    let services: Vec<u32> = reach.users.iter().filter_map(|user| directory.owned.get(user)).flatten().copied().collect();
    reach.users.extend(services);
}

/// Whether an event changes what a user holds.
pub(crate) fn touches(directory: &Directory, event: &Event, user: u32) -> bool {
    match event {
        // What anybody holds in a scope that is archived is what it was.
        Event::ScopeArchived { .. } | Event::ScopeRestored { .. } => false,
        // What one gets or loses by a group is nothing to the others in it.
        Event::GroupMemberAdded { user: other, .. } | Event::GroupMemberRemoved { user: other, .. } => {
            directory.users.find(other).is_some_and(|other| other == user || directory.owned.get(&other).is_some_and(|services| services.contains(&user)))
        }
        _ => {
            let mut reach = Reach::default();
            extend_by_event(directory, event, &mut reach);
            extend_by_owners(directory, &mut reach);
            reach.users.contains(&user)
        }
    }
}

/// The ids in an event: users, a group, a scope whose subtree it concerns.
fn about(event: &Event) -> (Vec<&str>, Option<&str>, Option<&str>) {
    match event {
        Event::RoleGiven { user, group, scope, .. } | Event::RoleTaken { user, group, scope, .. } => {
            (user.as_deref().into_iter().collect(), group.as_deref(), Some(scope))
        }
        Event::MemberRemoved { user, scope, .. } | Event::MemberDeactivated { user, scope } | Event::MemberReactivated { user, scope } => {
            (vec![user], None, Some(scope))
        }
        Event::MemberAdded { user, .. } | Event::MemberEdited { user, .. } | Event::MemberEmailChanged { user, .. } => (vec![user], None, None),
        Event::GroupMemberAdded { group, user } | Event::GroupMemberRemoved { group, user } => (vec![user], Some(group), None),
        Event::GroupDeleted { group } => (Vec::new(), Some(group), None),
        Event::ScopeMoved { scope, .. } | Event::ScopeRestored { scope } | Event::ScopeConfigured { scope, .. } => (Vec::new(), None, Some(scope)),
        _ => (Vec::new(), None, None),
    }
}

/// What only the rows behind an event say: the scopes of an offer, the holders of a custom role, who hangs on a moved scope.
fn extend_by_row(directory: &Directory, event: &Event, reach: &mut Reach) {
    match event {
        Event::InvitationCreated { scopes, .. } => reach.scopes.extend(scopes.iter().filter_map(|at| directory.scopes.find(&at.scope))),
        // Where an offer is and, after it is updated, where it is then.
        Event::InvitationUpdated { invitation, .. }
        | Event::InvitationRevoked { invitation }
        | Event::InvitationExpired { invitation }
        | Event::InvitationDeclined { invitation }
        | Event::InvitationAccepted { invitation, .. }
        | Event::InvitationApproved { invitation, .. } => {
            let row = directory.invitations.find(invitation).and_then(|slot| directory.invitations.get(slot));
            reach.scopes.extend(row.into_iter().flat_map(|row| row.offers.iter().map(|offer| offer.scope)));
        }
        Event::MemberAdded { email: Some(email), .. } => extend_by_offers_to(directory, email, reach),
        Event::MemberEmailChanged { from, email, .. } => from.iter().chain([email]).for_each(|email| extend_by_offers_to(directory, email, reach)),
        Event::CustomRoleUpdated { role, .. } => {
            let holders = directory.custom_roles.find(role).and_then(|role| directory.holders.get(role as usize));
            let groups = holders.into_iter().flat_map(|holders| &holders.groups).filter_map(|&group| directory.groups.get(group));
            reach.users.extend(holders.into_iter().flat_map(|holders| &holders.users).chain(groups.flat_map(|group| &group.members)).copied());
        }
        Event::ScopeMoved { scope, from, to } => {
            for scope in [scope, from, to].into_iter().filter_map(|id| directory.scopes.find(id)) {
                reach.users.extend(directory.users_at(scope));
            }
        }
        // What flows down counts in the new scope from the first.
        Event::ScopeCreated { scope, .. } => reach.scopes.extend(directory.scopes.find(scope)),
        Event::ScopeArchived { scope } | Event::ScopeRestored { scope } => {
            let below = directory.scopes.find(scope).map(|scope| directory.subtree(scope)).unwrap_or_default();
            reach.users.extend(below.into_iter().flat_map(|scope| directory.hangers[scope as usize].users.clone()));
        }
        _ => {}
    }
}

/// Where something is offered to an address.
fn extend_by_offers_to(directory: &Directory, email: &str, reach: &mut Reach) {
    let slots = crate::email::canonical(email).and_then(|email| directory.offers_to.get(email.as_str()));
    let rows = slots.into_iter().flatten().filter_map(|&slot| directory.invitations.get(slot));
    reach.scopes.extend(rows.flat_map(|row| row.offers.iter().map(|offer| offer.scope)));
}

/// Scopes that come, go or change with an event: whoever holds something there, through a group or from above, has others to
/// count for keeps of each user.
fn places_moved(directory: &Directory, event: &Event) -> Vec<u32> {
    match event {
        Event::ScopeCreated { parent: at, .. } | Event::ScopeDeleted { scope: at } => directory.scopes.find(at).into_iter().collect(),
        Event::ScopeMoved { scope, .. } | Event::ScopeConfigured { scope, .. } | Event::ScopeArchived { scope } | Event::ScopeRestored { scope } => {
            directory.scopes.find(scope).map(|scope| directory.subtree(scope)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Whether a keep looks at a scope, before or after a request.
type LooksAt = fn(&Directory, &Keep, u32) -> bool;

/// What a keep comes to look at was there before all the same: only what was not, or was archived, is as new.
fn was_there(directory: &Directory, keep: &Keep, scope: u32) -> bool {
    directory.is_judged_at(keep, scope) && directory.archived_at(scope).is_none()
}

fn counts(directory: &Directory, reach: &Reach, now: Time, looks_at: LooksAt) -> Counts {
    let mut counts = Counts::new();
    for (number, keep) in directory.policy.keeps.iter().enumerate() {
        let key = |place| (number as u16, place);
        match (&keep.counted, keep.each) {
            (Counted::Exclusive(set), _) => {
                for &user in &reach.users {
                    for scope in directory.reached_scopes(user).into_iter().filter(|&scope| looks_at(directory, keep, scope)) {
                        counts.insert(key(Place::UserAt(user, scope)), directory.exclusive_at(set, user, scope, now));
                    }
                }
            }
            (Counted::Matching(_), Each::User) => {
                let active = |user: &&u32| directory.users.get(**user).is_some_and(|row| row.status == Status::Active || keep.counts_resting());
                for &user in reach.users.iter().filter(active) {
                    counts.insert(key(Place::User(user)), directory.counted_for(keep, user, now));
                }
            }
            (Counted::Matching(_), Each::Scope) => {
                for &scope in reach.scopes.iter().filter(|&&scope| looks_at(directory, keep, scope)) {
                    counts.insert(key(Place::Scope(scope)), directory.counted_at(number, keep, scope, now));
                }
            }
        }
    }
    counts
}

/// What blocks of a keep's `unless` say of a request, at a scope.
pub(crate) type Says<'a> = &'a dyn Fn(&Directory, &Keep, u32) -> bool;

/// What `unless` of a keep says of a request.
#[derive(Clone, Copy)]
pub(crate) struct Unless<'a> {
    /// Of scope, context and resource: asked on the state after the request, like the keep itself.
    pub place: Says<'a>,
    /// Of who asks and about whom: asked on the state before.
    pub people: Says<'a>,
}

/// What a count has come to, and what is asked of it there.
struct After {
    count: u64,
    least: Option<u64>,
    most: Option<u64>,
    /// The place is one where the keep makes exceptions.
    spared: bool,
}

impl After {
    fn of(directory: &Directory, (number, place): (u16, Place), count: u64, unless: Unless) -> After {
        let (keep, scope) = (&directory.policy.keeps[usize::from(number)], place.scope());
        let bound = |bound: &Option<Pointed<u32>>| bound.as_ref().and_then(|bound| bound_at(directory, bound, scope));
        After { count, least: bound(&keep.at_least), most: bound(&keep.at_most), spared: (unless.place)(directory, keep, scope) }
    }

    /// The side on which the count ends wrong and worse than before. What comes to be may be born below its minimum.
    fn broken(&self, keep: &Keep, was: Option<u64>, now: u64) -> Option<Code> {
        if self.least.is_some_and(|least| now < least) && was.is_some_and(|was| now < was) {
            return Some(Code::BelowMinimum);
        }
        if self.most.is_some_and(|most| now > most) && now > was.unwrap_or(0) {
            return Some(if matches!(keep.counted, Counted::Exclusive(_)) { Code::ExclusiveRoles } else { Code::AboveMaximum });
        }
        None
    }
}

fn compare(directory: &Directory, before: &Counts, after: &BTreeMap<(u16, Place), After>, at: Time, target: Option<u32>, unless: Unless) -> Kept {
    let mut kept = Kept::default();
    let mut denial = Denial { step: Step::Keeps, reasons: Vec::new(), remedies: Vec::new(), rules: Vec::new(), carried: Vec::new() };
    let mut places: Vec<(u16, Place)> = after.keys().copied().collect();
    places.sort_by_cached_key(|&(number, place)| (number, place_ids(directory, place)));
    for (number, place) in places {
        let keep = &directory.policy.keeps[usize::from(number)];
        let found = &after[&(number, place)];
        let (was, now) = (before.get(&(number, place)).copied(), found.count);
        // A slice counts what it holds; the rest stands beside it, before as after.
        // Where the keep did not hold before, the count is what it is all the same.
        let real = |scope: u32| directory.counted_at(usize::from(number), keep, scope, at);
        let counted = was.or(place.at_scope().map(real)).unwrap_or(0);
        let beside = directory.count_beside(number, place.at_scope(), counted);
        let (was, now) = (was.map(|was| was + beside), now + beside);
        if let (Place::Scope(scope), true) = (place, counted + beside != now) {
            kept.counts.push((number, scope, counted + beside));
        }
        let Some(side) = found.broken(keep, was, now) else { continue };
        if found.spared && (unless.people)(directory, keep, place.scope()) {
            continue;
        }
        if denial.reasons.is_empty() && matches!(place, Place::Scope(_)) {
            let kind = directory.scopes.get(place.scope()).map_or(0, |row| row.kind);
            denial.remedies.extend(keep_remedy(&directory.policy, keep, (kind, directory.scopes.id(place.scope())), side == Code::BelowMinimum));
        }
        denial.reasons.push(keep_reason(directory, keep, place, side, target));
        denial.rules.push(RuleRef::Keep(number));
    }
    kept.denial = (!denial.reasons.is_empty()).then_some(denial);
    kept
}

impl Place {
    /// Where the bound of the keep is looked up.
    fn scope(self) -> u32 {
        match self {
            Place::Scope(scope) | Place::UserAt(_, scope) => scope,
            Place::User(_) => ROOT,
        }
    }

    fn at_scope(self) -> Option<u32> {
        if let Place::Scope(scope) = self { Some(scope) } else { None }
    }

    fn user(self) -> Option<u32> {
        match self {
            Place::Scope(_) => None,
            Place::User(user) | Place::UserAt(user, _) => Some(user),
        }
    }
}

fn place_ids(directory: &Directory, place: Place) -> (String, String) {
    let user = place.user().map(|user| directory.users.id(user).to_owned());
    (directory.scopes.id(place.scope()).to_owned(), user.unwrap_or_default())
}

fn keep_reason(directory: &Directory, keep: &Keep, place: Place, side: Code, target: Option<u32>) -> Reason {
    let user = place.user().filter(|&user| Some(user) != target);
    Reason {
        code: keep.code.clone().unwrap_or_else(|| side.as_str().to_owned()),
        message: keep.message.clone().unwrap_or_else(|| default_message(keep.code.as_deref(), side)),
        rule: Some(keep.id.clone()),
        scope: (!matches!(place, Place::User(_))).then(|| directory.scopes.id(place.scope()).to_owned()),
        user: user.map(|user| directory.users.id(user).to_owned()),
        ..Reason::default()
    }
}
