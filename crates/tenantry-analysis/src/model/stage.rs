//! Everybody of a world in one organization, to be asked about.

use tenantry::ask::{DenialCode, Question, RoleHandle, ScopeHandle, UserHandle};
use tenantry::document::{Actor, Ask, Decision};
use tenantry::{Code, Directory, Error};

use super::moves::{Door, Move};
use super::person::Sort;
use super::rows::{Cast, public, snapshot};
use super::steps::{NOW, request};
use super::{Who, World};

/// Everybody twice, once to ask and once to be asked about.
pub(super) struct Stage {
    pub directory: Directory,
    pub actors: Vec<String>,
    pub targets: Vec<String>,
    handles: Handles,
}

/// The same looked up: people by number, places, slots.
struct Handles {
    actors: Vec<Option<UserHandle>>,
    targets: Vec<Option<UserHandle>>,
    places: Vec<Option<ScopeHandle>>,
    roles: Vec<Option<RoleHandle>>,
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
        Ok(Stage { directory, actors, targets, handles })
    }

    pub fn decide(&mut self, actor: Actor, ask: Ask) -> Result<Decision, Error> {
        self.directory.decide(&request(actor, ask, NOW))
    }

    /// Whether a move is denied, where a question by handles says what the request says.
    pub fn denies(&self, world: &World, what: Move, actor: Who, target: Who) -> Option<bool> {
        let role = match what {
            Move::Give(slot) => Some(self.handles.roles[slot]?),
            Move::Set(_, Some(slot)) => Some(self.handles.roles[slot]?),
            Move::Remove(..) if world.reaches.len() == 1 => None,
            Move::Deactivate(_) | Move::Reactivate(_) => None,
            _ => return None,
        };
        Some(self.asked(world, (what, role), actor, target)?.is_some())
    }

    /// Whether rules deny the offer of one role to the address of somebody known; what the state says to it is not looked at.
    pub fn rules_deny_offer(&self, world: &World, what: Move, actor: Who, target: Who) -> Option<bool> {
        let Move::Invite(_, roles, Door::Address) = what else { return None };
        let role = self.handles.roles[(roles.count_ones() == 1).then(|| roles.trailing_zeros() as usize)?]?;
        let denial = self.asked(world, (what, Some(role)), actor, target)?;
        Some(matches!(denial, Some(DenialCode::Allow(_) | DenialCode::Forbid(_) | DenialCode::Catalog(Code::NotPermitted | Code::Forbidden))))
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
