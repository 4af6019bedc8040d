//! Everybody of a world in one organization, to be asked about.

use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};
use tenantry::ask::{Aspect, DenialCode, Outlook, Question, RoleHandle, ScopeHandle, UserHandle};
use tenantry::document::{Actor, Ask, Event};
use tenantry::policy::actions::ActionId;
use tenantry::{Code, Directory, Error, Step as Phase};

use super::custom::{PLAIN, given};
use super::extent::{Extent, OFFERS, there};
use super::moves::{Door, Move};
use super::person::Sort;
use super::rows::{Cast, snapshot_with};
use super::steps::{NOW, acting, request};
use super::teams::{ANY, Circle, Pair};
use super::{Guise, Person, Who, World};

/// Everybody twice, once to ask and once to be asked about.
pub(super) struct Stage {
    pub directory: Directory,
    pub actors: Vec<String>,
    /// By number, everybody in each guise.
    pub targets: Vec<Vec<Target>>,
    /// Who can act.
    acting: Vec<Who>,
    /// By extent, those who can act and of whom rules see the same there.
    actors_at: HashMap<Extent, Rc<[Vec<Who>]>>,
    first_at: HashMap<Extent, Rc<[Who]>>,
    /// By extent and number, the same person with nothing but what matters.
    only_at: HashMap<Extent, Rc<[Who]>>,
    itself_at: HashMap<Extent, Rc<[Who]>>,
    handles: Handles,
}

/// Somebody to be asked about.
pub(super) struct Target {
    pub id: String,
    pub guise: Guise,
}

/// Somebody in one of its guises, by the number of the guise.
pub(super) type Face = (Who, usize);

/// The same looked up: people by number, places, slots.
struct Handles {
    actors: Vec<Option<UserHandle>>,
    targets: Vec<Vec<Option<UserHandle>>>,
    places: Vec<Option<ScopeHandle>>,
    /// By what they bring.
    roles: HashMap<u64, RoleHandle>,
    actions: HashMap<&'static str, ActionId>,
}

/// Who is in groups that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Circles {
    /// Nobody.
    None,
    /// Everybody who is asked about, in a group with each part of what groups bring.
    OfEach,
    /// The same, with one actor who is alone, and in each group that holds no more than its own groups do.
    With(Who, Guise),
}

/// Roles to be given, by what they bring.
fn found_roles(world: &World, directory: &Directory, places: &[Option<ScopeHandle>]) -> HashMap<u64, RoleHandle> {
    let declared = world.slots.iter().enumerate().filter(|(_, slot)| slot.sort == Sort::Direct).map(|(bit, slot)| (slot.place, 1 << bit, slot.name.clone()));
    let own = (0..world.frame.places.len()).flat_map(|place| world.custom_sets(place).into_iter().map(move |set| (place, set, given(place, set))));
    declared.chain(own.filter(|(_, set, _)| *set != 0)).filter_map(|(place, role, name)| Some((role, directory.role(places[place]?, &name)?))).collect()
}

/// Somebody in each guise.
fn faces(world: &World, who: Who) -> Vec<Target> {
    let guises = world.guises(world.person(who)).into_iter().enumerate();
    guises.map(|(number, guise)| Target { id: format!("t{who}as{number}"), guise }).collect()
}

/// Everybody in a group with each part of what groups bring, and each such group with none of them in it. Somebody may be in all of them.
fn circles(world: &World, cast: &[Cast], shared: Option<(&str, Person)>) -> Vec<Circle> {
    let at_most = world.through_groups() & shared.map_or(u64::MAX, |(_, person)| person.held);
    let too: Vec<&str> = shared.iter().map(|(id, _)| *id).collect();
    let mut circles: Vec<Circle> = world.teams(at_most).map(|team| team.circle(ANY, &too)).collect();
    for Cast { id, person, .. } in cast.iter().filter(|one| one.person.account) {
        let members: Vec<&str> = std::iter::once(id.as_str()).chain(too.iter().copied()).collect();
        circles.extend(world.teams(person.held & at_most).map(|team| team.circle(id, &members)));
    }
    circles
}

impl Stage {
    /// Everybody to ask, and those of whom it is said so to be asked about.
    pub fn new(world: &World, in_groups: Circles, is_asked_about: fn(Person) -> bool) -> Result<Stage, Error> {
        let only = if let Circles::With(actor, guise) = in_groups { Some((actor, guise)) } else { None };
        let actors: Vec<String> = (0..world.people.len()).map(|number| format!("a{number}")).collect();
        let targets: Vec<Vec<Target>> =
            (0..world.people.len() as Who).map(|who| if is_asked_about(world.person(who)) { faces(world, who) } else { Vec::new() }).collect();
        let alone = |who: Who| only.is_none_or(|(only, _)| only == who);
        let actor = |id: &String, person: Person| Cast { id: id.clone(), person, guise: only.map_or_else(|| world.dressed(person), |(_, guise)| guise) };
        let asking = (0..).zip(&actors).zip(&world.people).filter(|((who, _), _)| alone(*who));
        let asking: Vec<Cast> = asking.map(|((_, id), &person)| actor(id, person)).collect();
        let asked = targets.iter().zip(&world.people).flat_map(|(faces, &person)| faces.iter().map(move |face| (face, person)));
        let asked: Vec<Cast> = asked.map(|(face, person)| Cast { id: face.id.clone(), person, guise: face.guise }).collect();
        let shared = only.map(|(actor, _)| (actors[usize::from(actor)].as_str(), world.person(actor)));
        let circles = if in_groups == Circles::None { Vec::new() } else { circles(world, &asked, shared) };
        let directory = Directory::new(world.relaxed.clone(), &snapshot_with(world, &[asking, asked].concat(), &circles))?;
        let found = |faces: &Vec<Target>| faces.iter().map(|face| directory.user(&face.id)).collect();
        let places: Vec<Option<ScopeHandle>> = world.frame.places.iter().map(|place| directory.scope(&place.id)).collect();
        let roles = found_roles(world, &directory, &places);
        let verbs = ["member.set_roles", "member.add", "member.remove", "member.deactivate", "member.reactivate", "ownership.transfer", "invitation.create"];
        let actions = verbs.into_iter().filter_map(|verb| Some((verb, directory.policy().action(verb)?))).collect();
        let (actors_found, targets_found) = (actors.iter().map(|id| directory.user(id)).collect(), targets.iter().map(found).collect());
        let handles = Handles { actions, actors: actors_found, targets: targets_found, places, roles };
        Ok(Stage {
            directory,
            actors,
            targets,
            acting: acting(world).collect(),
            actors_at: HashMap::new(),
            first_at: HashMap::new(),
            only_at: HashMap::new(),
            itself_at: HashMap::new(),
            handles,
        })
    }

    /// Those who can act, together with whoever is alike: of each, rules see the same.
    pub fn actors_at(&mut self, extent: Extent) -> Rc<[Vec<Who>]> {
        if let Some(actors) = self.actors_at.get(&extent) {
            return actors.clone();
        }
        let mut alike: BTreeMap<Vec<Outlook>, Vec<Who>> = BTreeMap::new();
        for &who in &self.acting {
            if let Some(outlook) = self.outlook(who, extent) {
                alike.entry(outlook).or_default().push(who);
            }
        }
        self.actors_at.entry(extent).or_insert(alike.into_values().collect()).clone()
    }

    /// Who stands for everybody, by number, to ask about itself.
    pub fn itself_at(&mut self, world: &World, extent: Extent) -> Rc<[Who]> {
        if let Some(itself) = self.itself_at.get(&extent) {
            return itself.clone();
        }
        let (only, first) = (self.only_at(world, extent.with_rest()), self.first_at(extent.of_actor()));
        let mut known: HashMap<(Who, Who), Who> = HashMap::new();
        let itself = (0..).zip(only.iter().zip(first.iter())).map(|(who, (&only, &first))| *known.entry((only, first)).or_insert(who)).collect();
        self.itself_at.entry(extent).or_insert(itself).clone()
    }

    /// The first who is alike, by number; whoever cannot act, for itself.
    pub fn first_at(&mut self, extent: Extent) -> Rc<[Who]> {
        if let Some(first) = self.first_at.get(&extent) {
            return first.clone();
        }
        let mut first: Vec<Who> = (0..self.actors.len() as Who).collect();
        self.actors_at(extent).iter().for_each(|alike| alike.iter().for_each(|&who| first[usize::from(who)] = alike[0]));
        self.first_at.entry(extent).or_insert(first.into()).clone()
    }

    /// Who stands for somebody who asks and for somebody it is about, where it is asked.
    pub fn pair_at(&mut self, world: &World, (actor, target): Pair, extent: Extent) -> Pair {
        match target {
            Some(target) => (self.first_at(extent.of_actor())[usize::from(actor)], Some(self.only_at(world, extent)[usize::from(target)])),
            None => (self.itself_at(world, extent)[usize::from(actor)], None),
        }
    }

    /// Who stands for everybody, by number: the first who is the same as far as it matters.
    pub fn only_at(&mut self, world: &World, extent: Extent) -> Rc<[Who]> {
        if let Some(only) = self.only_at.get(&extent) {
            return only.clone();
        }
        let everybody = 0..world.people.len() as Who;
        // Where roles of the tenant's own can be held in several ways, what rules see differs from one to the other.
        let only: Rc<[Who]> = if world.has_several_guises() {
            everybody.map(|who| world.only_at(who, extent).unwrap_or(who)).collect()
        } else {
            let mut first: HashMap<(Person, Vec<Aspect>), Who> = HashMap::new();
            everybody.map(|who| *first.entry((world.held_at(who, extent), self.aspect(who, extent))).or_insert(who)).collect()
        };
        self.only_at.entry(extent).or_insert(only).clone()
    }

    /// What rules see of somebody who asks, at each place; nothing of who is not there.
    fn outlook(&self, who: Who, extent: Extent) -> Option<Vec<Outlook>> {
        let actor = self.handles.actors[usize::from(who)]?;
        let at = |place| self.actions(extent.verb).into_iter().map(move |action| self.directory.outlook(actor, place, action, NOW));
        Some(there(extent.places, &self.handles.places).flatten().flat_map(at).collect())
    }

    /// What rules see of somebody who is asked about, at each place.
    fn aspect(&self, who: Who, extent: Extent) -> Vec<Aspect> {
        let target = self.handles.targets[usize::from(who)].first().copied().flatten();
        let at = |place| self.actions(extent.verb).into_iter().filter_map(move |action| Some(self.directory.aspect(target?, place, action, NOW)));
        there(extent.places, &self.handles.places).flatten().flat_map(at).collect()
    }

    /// The verbs by whose rules those are judged who are asked with one, which is nothing for all verbs.
    fn actions(&self, verb: Option<&'static str>) -> Vec<Option<ActionId>> {
        let Some(verb) = verb else { return vec![None] };
        let verbs = if OFFERS.contains(&verb) { OFFERS.to_vec() } else { vec![verb] };
        verbs.into_iter().map(|verb| self.directory.policy().action(verb)).filter(Option::is_some).collect()
    }

    /// What comes of it if somebody asks for this, or the step at which it is denied.
    pub fn foresee(&mut self, actor: Who, ask: Ask) -> Result<Result<Vec<Event>, Phase>, Error> {
        let id = self.actors[usize::from(actor)].clone();
        self.foresee_of(id, ask)
    }

    /// The same by the id of whoever asks.
    pub fn foresee_of(&mut self, id: String, ask: Ask) -> Result<Result<Vec<Event>, Phase>, Error> {
        self.directory.foresee(&request(Actor::User(id), ask, NOW))
    }

    /// The id of somebody who is asked about.
    pub fn id(&self, (who, guise): Face) -> &str {
        &self.targets[usize::from(who)][guise].id
    }

    /// The guise of somebody who is asked about.
    pub fn guise(&self, (who, guise): Face) -> Guise {
        self.targets[usize::from(who)][guise].guise
    }

    /// Somebody in every guise.
    pub fn faces(&self, who: Who) -> impl Iterator<Item = Face> + use<> {
        (0..self.targets[usize::from(who)].len()).map(move |guise| (who, guise))
    }

    /// Somebody in every guise that differs at these places.
    pub fn faces_on(&self, who: Who, places: u16) -> Vec<Face> {
        let differs = |&(_, guise): &Face| self.targets[usize::from(who)][guise].guise.is_on(places);
        self.faces(who).filter(differs).collect()
    }

    /// Whether somebody is turned away with it whoever it is about.
    pub fn turns_away(&mut self, actor: Who, ask: Ask) -> Result<bool, Error> {
        Ok(self.foresee(actor, ask)? == Err(Phase::Gate))
    }

    /// Whether a move is denied, where a question by handles says what the request says.
    pub fn denies(&self, world: &World, what: Move, actor: Who, target: Face) -> Option<bool> {
        let role = match what {
            Move::Give(role) | Move::Set(_, role @ 1..) => Some(*self.handles.roles.get(&role)?),
            Move::Remove(..) if world.reaches.len() == 1 => None,
            Move::Deactivate(_) | Move::Reactivate(_) => None,
            _ => return None,
        };
        Some(self.asked(world, (what, role), actor, target)?.is_some())
    }

    /// Whether rules let each of the roles pass that a move gives, and so the move; what the state says to it is not looked at. Nothing where there is no telling.
    pub fn roles_pass(&self, world: &World, what: Move, actor: Who, target: Face) -> Option<bool> {
        let given = match what {
            Move::Invite(_, roles, Door::Address) | Move::Add(_, roles) => roles,
            Move::Transfer(_, given, _) => given,
            _ => 0,
        };
        let custom = given & world.custom_at(what.place(world));
        let declared = (0..world.slots.len()).map(|slot| given & !custom & !PLAIN & 1 << slot);
        let of_rules = |denial| matches!(denial, DenialCode::Allow(_) | DenialCode::Forbid(_) | DenialCode::Catalog(Code::NotPermitted | Code::Forbidden));
        let mut passes = None;
        for role in declared.chain([custom]).filter(|role| *role != 0) {
            if self.asked(world, (what, Some(*self.handles.roles.get(&role)?)), actor, target)?.is_some_and(of_rules) {
                return Some(false);
            }
            passes = Some(true);
        }
        passes
    }

    fn asked(&self, world: &World, (what, role): (Move, Option<RoleHandle>), actor: Who, (target, guise): Face) -> Option<Option<DenialCode>> {
        let question = Question {
            actor: self.handles.actors[usize::from(actor)]?,
            action: *self.handles.actions.get(what.verb())?,
            scope: self.handles.places[what.place(world)]?,
            target: Some(self.handles.targets[usize::from(target)][guise]?),
            role,
            now: NOW,
            resource: None,
            context: None,
        };
        Some(self.directory.denies(&question))
    }
}
