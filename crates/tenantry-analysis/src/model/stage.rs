//! Everybody of a world in one organization, to be asked about.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;
use tenantry::ask::{DenialCode, Outlook, Question, RoleHandle, ScopeHandle, UserHandle};
use tenantry::document::{Actor, Ask, Event, Request};
use tenantry::policy::actions::ActionId;
use tenantry::{Code, Directory, Error, Step as Phase};

use super::moves::{Door, Move};
use super::person::Sort;
use super::rows::{Cast, public, snapshot_with};
use super::steps::{NOW, acting, request};
use super::teams::{ANY, Circle, GROUP_VERBS};
use super::{Person, Who, World};
use crate::written::{names, names_action};

/// Everybody twice, once to ask and once to be asked about.
pub(super) struct Stage {
    pub directory: Directory,
    pub actors: Vec<String>,
    pub targets: Vec<String>,
    /// Those who can act at all, together with whoever is alike: the rules see the same of each.
    pub alike: Rc<[Vec<Who>]>,
    /// By place and number, the first of those who are alike there.
    pub first_at: Vec<Vec<Who>>,
    /// By place and number, the same person without what is held elsewhere than there and above.
    pub only_at: Vec<Vec<Who>>,
    handles: Handles,
}

/// The same looked up: people by number, places, slots.
struct Handles {
    actors: Vec<Option<UserHandle>>,
    targets: Vec<Option<UserHandle>>,
    places: Vec<Option<ScopeHandle>>,
    roles: Vec<Option<RoleHandle>>,
    actions: HashMap<&'static str, ActionId>,
}

impl Handles {
    fn first_at(&self, world: &World, directory: &Directory, place: ScopeHandle) -> Vec<Who> {
        let mut known: BTreeMap<Outlook, Who> = BTreeMap::new();
        let mut first = |who: Who| self.actors[usize::from(who)].map_or(who, |user| *known.entry(directory.outlook(user, place, NOW)).or_insert(who));
        (0..world.people.len() as Who).map(|who| if world.person(who).resting & 1 == 0 { first(who) } else { who }).collect()
    }

    fn alike(&self, world: &World, directory: &Directory) -> Rc<[Vec<Who>]> {
        let mut alike: BTreeMap<Vec<Outlook>, Vec<Who>> = BTreeMap::new();
        for who in acting(world) {
            let Some(user) = self.actors[usize::from(who)] else { continue };
            let seen = self.places.iter().flatten().map(|&place| directory.outlook(user, place, NOW)).collect();
            alike.entry(seen).or_default().push(who);
        }
        alike.into_values().collect()
    }
}

/// Everybody in a group with each part of what groups bring, and each such group with none of them in it. Somebody may be in all of them.
fn circles(world: &World, cast: &[Cast], shared: Option<(&str, Person)>) -> Vec<Circle> {
    let all = world.through_groups();
    if all == 0 {
        return Vec::new();
    }
    let at_most = all & shared.map_or(u64::MAX, |(_, person)| person.held);
    let too: Vec<&str> = shared.iter().map(|(id, _)| *id).collect();
    let mut circles: Vec<Circle> = world.teams(at_most).map(|team| team.circle(ANY, &too)).collect();
    for Cast { id, person } in cast.iter().filter(|one| one.person.account && !too.contains(&one.id.as_str())) {
        let members: Vec<&str> = std::iter::once(id.as_str()).chain(too.iter().copied()).collect();
        circles.extend(world.teams(person.held & at_most).map(|team| team.circle(id, &members)));
    }
    circles
}

impl Stage {
    pub fn new(world: &World) -> Result<Stage, Error> {
        Stage::set(world, None)
    }

    /// One actor alone, who is in each group that holds no more than its own groups do.
    pub fn of_one(world: &World, actor: Who) -> Result<Stage, Error> {
        Stage::set(world, Some(actor))
    }

    fn set(world: &World, only: Option<Who>) -> Result<Stage, Error> {
        let named = |letter: &str| -> Vec<String> { (0..world.people.len()).map(|number| format!("{letter}{number}")).collect() };
        let (actors, targets) = (named("a"), named("t"));
        let everybody = actors.iter().zip(0..).filter(|(_, who)| only.is_none_or(|only| only == *who)).chain(targets.iter().zip(0..));
        let cast: Vec<Cast> = everybody.map(|(id, who): (&String, Who)| Cast { id: id.clone(), person: world.person(who) }).collect();
        let shared = only.map(|actor| (actors[usize::from(actor)].as_str(), world.person(actor)));
        let directory = Directory::new(world.relaxed.clone(), &snapshot_with(world, &cast, &circles(world, &cast, shared)))?;
        let found = |ids: &[String]| ids.iter().map(|id| directory.user(id)).collect();
        let places: Vec<Option<ScopeHandle>> = world.frame.places.iter().map(|place| directory.scope(&place.id)).collect();
        let role = |(number, slot): (usize, &super::Slot)| {
            let name = if slot.sort == Sort::Custom { public(number) } else { slot.name.clone() };
            directory.role(places[slot.place]?, &name)
        };
        let roles = world.slots.iter().enumerate().map(role).collect();
        let verbs = ["member.set_roles", "member.add", "member.remove", "member.deactivate", "member.reactivate", "ownership.transfer", "invitation.create"];
        let actions = verbs.into_iter().filter_map(|verb| Some((verb, directory.policy().action(verb)?))).collect();
        let handles = Handles { actions, actors: found(&actors), targets: found(&targets), places, roles };
        let alike = handles.alike(world, &directory);
        let first_at = handles.places.iter().flatten().map(|&place| handles.first_at(world, &directory, place)).collect();
        let only = |place: usize| (0..world.people.len() as Who).map(|who| world.at_place(who, place).unwrap_or(who)).collect();
        let only_at = (0..world.frame.places.len()).map(only).collect();
        Ok(Stage { directory, actors, targets, alike, first_at, only_at, handles })
    }

    /// What comes of it if somebody asks for this, or the step at which it is denied.
    pub fn foresee(&mut self, actor: Who, ask: Ask) -> Result<Result<Vec<Event>, Phase>, Error> {
        let request = self.request(actor, ask);
        self.directory.foresee(&request)
    }

    fn request(&self, actor: Who, ask: Ask) -> Request {
        request(Actor::User(self.actors[usize::from(actor)].clone()), ask, NOW)
    }

    /// Whether somebody is turned away with it whoever it is about.
    pub fn turns_away(&mut self, actor: Who, ask: Ask) -> Result<bool, Error> {
        Ok(self.foresee(actor, ask)? == Err(Phase::Gate))
    }

    /// Whether a move is denied, where a question by handles says what the request says.
    pub fn denies(&self, world: &World, what: Move, actor: Who, target: Who) -> Option<bool> {
        let role = match what {
            Move::Give(slot) | Move::Set(_, Some(slot)) => Some(self.handles.roles[slot]?),
            Move::Remove(..) if world.reaches.len() == 1 => None,
            Move::Deactivate(_) | Move::Reactivate(_) => None,
            _ => return None,
        };
        Some(self.asked(world, (what, role), actor, target)?.is_some())
    }

    /// Whether rules let each of the roles pass that a move gives, and so the move; what the state says to it is not looked at. Nothing where there is no telling.
    pub fn roles_pass(&self, world: &World, what: Move, actor: Who, target: Who) -> Option<bool> {
        let given = match what {
            Move::Invite(_, roles, Door::Address) | Move::Add(_, roles) => roles,
            Move::Transfer(slot, _) => 1 << slot,
            _ => 0,
        };
        let of_rules = |denial| matches!(denial, DenialCode::Allow(_) | DenialCode::Forbid(_) | DenialCode::Catalog(Code::NotPermitted | Code::Forbidden));
        let mut passes = None;
        for slot in (0..self.handles.roles.len()).filter(|slot| given >> slot & 1 == 1) {
            if self.asked(world, (what, Some(self.handles.roles[slot]?)), actor, target)?.is_some_and(of_rules) {
                return Some(false);
            }
            passes = Some(true);
        }
        passes
    }

    fn asked(&self, world: &World, (what, role): (Move, Option<RoleHandle>), actor: Who, target: Who) -> Option<Option<DenialCode>> {
        let question = Question {
            actor: self.handles.actors[usize::from(actor)]?,
            action: *self.handles.actions.get(what.verb())?,
            scope: self.handles.places[what.place(world)]?,
            target: Some(self.handles.targets[usize::from(target)]?),
            role,
            now: NOW,
            resource: None,
            context: None,
        };
        Some(self.directory.denies(&question))
    }
}

/// Whether being in a group oneself can let somebody do more with it: an allow wants it, a forbid the contrary, or an exception from one.
pub(super) fn favours_groups_of_one_s_own(document: &Value) -> bool {
    let says = |block: &Value, wanted: bool| block["target"]["is_actor"] == wanted || block["group"]["has_actor"] == wanted;
    let of_groups = |rule: &&Value| {
        let actions: Vec<String> = names(&rule["actions"]).into_iter().map(str::to_owned).collect();
        actions.is_empty() || GROUP_VERBS.iter().any(|verb| names_action(&actions, verb))
    };
    let rules = |list: &str| document[list].as_array().into_iter().flatten().filter(of_groups);
    rules("allow").any(|rule| says(rule, true)) || rules("forbid").any(|rule| says(rule, false) || says(&rule["unless"], true))
}
