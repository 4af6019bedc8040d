//! Everybody of a world in one organization, to be asked about.

use std::collections::BTreeMap;
use std::rc::Rc;

use tenantry::ask::{DenialCode, Outlook, Question, RoleHandle, ScopeHandle, UserHandle};
use tenantry::document::{Actor, Ask, Decision, Request};
use tenantry::{Code, Directory, Error, Step as Phase};

use super::moves::{Door, Move};
use super::person::Sort;
use super::rows::{Cast, public, snapshot};
use super::steps::{NOW, acting, request};
use super::{Who, World};

/// Everybody twice, once to ask and once to be asked about.
pub(super) struct Stage {
    pub directory: Directory,
    pub actors: Vec<String>,
    pub targets: Vec<String>,
    /// Those who can act at all, together with whoever is alike: the rules see the same of each.
    pub alike: Rc<[Vec<Who>]>,
    handles: Handles,
}

/// The same looked up: people by number, places, slots.
struct Handles {
    actors: Vec<Option<UserHandle>>,
    targets: Vec<Option<UserHandle>>,
    places: Vec<Option<ScopeHandle>>,
    roles: Vec<Option<RoleHandle>>,
}

impl Handles {
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

impl Stage {
    pub fn new(world: &World) -> Result<Stage, Error> {
        let named = |letter: &str| -> Vec<String> { (0..world.people.len()).map(|number| format!("{letter}{number}")).collect() };
        let (actors, targets) = (named("a"), named("t"));
        let cast: Vec<Cast> =
            [&actors, &targets].into_iter().flat_map(|ids| ids.iter().zip(&world.people).map(|(id, &person)| Cast { id: id.clone(), person })).collect();
        let directory = Directory::new(world.relaxed.clone(), &snapshot(world, &cast))?;
        let found = |ids: &[String]| ids.iter().map(|id| directory.user(id)).collect();
        let places: Vec<Option<ScopeHandle>> = world.frame.places.iter().map(|place| directory.scope(&place.id)).collect();
        let role = |(number, slot): (usize, &super::Slot)| {
            let name = if slot.sort == Sort::Custom { public(number) } else { slot.name.clone() };
            directory.role(places[slot.place]?, &name)
        };
        let roles = world.slots.iter().enumerate().map(role).collect();
        let handles = Handles { actors: found(&actors), targets: found(&targets), places, roles };
        let alike = handles.alike(world, &directory);
        Ok(Stage { directory, actors, targets, alike, handles })
    }

    pub fn decide(&mut self, actor: Who, ask: Ask) -> Result<Decision, Error> {
        let request = self.request(actor, ask);
        self.directory.decide(&request)
    }

    fn request(&self, actor: Who, ask: Ask) -> Request {
        request(Actor::User(self.actors[usize::from(actor)].clone()), ask, NOW)
    }

    /// Whether somebody is turned away with it whoever it is about.
    pub fn turns_away(&mut self, actor: Who, ask: Ask) -> Result<bool, Error> {
        let request = self.request(actor, ask);
        Ok(self.directory.explain(&request)?.step == Phase::Gate.as_str())
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
            action: self.directory.policy().action(what.verb())?,
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
