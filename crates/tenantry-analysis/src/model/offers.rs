//! Offers: who can make one to whom, and what becomes of those who accept it.
//!
//! An offer may be old when it is accepted: what counts is what both are then. So an acceptance is asked of everybody whom
//! the inviter might still offer it to, whether or not the offer could be made to them anew.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use tenantry::document::snapshot::{InvitationRow, InvitationStatus, OpenRow};
use tenantry::document::{Actor, Ask, Event, ScopedRoles, UserInput};
use tenantry::{Directory, Error, Step as Phase};

use super::deeds::{Deed, unchanged};
use super::extent::{Extent, StandIn, stand_ins};
use super::moves::{Door, Move};
use super::rows::email;
use super::stage::{Face, Stage};
use super::steps::{NOW, Step, acting, request};
use super::{Who, World};

/// What is offered, and how.
type Offer = (usize, u64, Door);

/// Who makes an offer to whom. By itself: to its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    maker: Who,
    target: Face,
    by_itself: bool,
}

/// To whom an offer is made, and whether by itself.
type Whom = (Face, bool);

/// Who may make an offer to whom, and what it says then.
#[derive(Debug, Default)]
struct Makers {
    by_target: BTreeMap<Whom, Vec<Who>>,
    scopes: Vec<ScopedRoles>,
}

/// Who approves, if anybody has to, and what comes of it.
type Approval = (Option<Who>, Vec<Event>);

/// An offer as it lies there to be accepted.
struct Row<'m> {
    offer: Offer,
    /// With the first of the makers: whoever makes it, an offer that is carried does the same.
    pair: Pair,
    makers: &'m [Who],
    scopes: &'m [ScopedRoles],
}

/// Everybody, by who stands for them where an offer is asked.
struct Everybody {
    /// To be made an offer by others.
    others: BTreeMap<Who, StandIn>,
    /// To make one to itself.
    themselves: BTreeMap<Who, StandIn>,
}

impl Everybody {
    fn at(world: &World, stage: &mut Stage, place: usize) -> Everybody {
        let extent = Move::Invite(place, 0, Door::Open).extent(world);
        let others = stand_ins(&stage.only_at(world, extent), 0..world.people.len() as Who);
        Everybody { others, themselves: stand_ins(&stage.itself_at(world, extent), acting(world)) }
    }

    fn stand_in(&self, pair: Pair) -> &StandIn {
        if pair.by_itself { &self.themselves[&pair.target.0] } else { &self.others[&pair.target.0] }
    }
}

pub(super) fn deeds(world: &World, stage: &mut Stage, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let settings = world.invitations();
    let rechecked = settings["recheck_inviter"].as_bool() != Some(false);
    let everybody: Vec<Everybody> = (0..world.frame.places.len()).map(|place| Everybody::at(world, stage, place)).collect();
    let mut makers = makers(world, stage, &everybody, rechecked, deeds)?;
    for (&(place, _, door), made) in &mut makers {
        made.by_target.values_mut().for_each(|makers| makers.sort_unstable());
        if !rechecked || door == Door::Open {
            made.by_target = to_everybody(stage, &everybody[place], &made.by_target);
        }
    }
    accepted(world, stage, (&everybody, &makers), settings["approval"].as_bool() == Some(true), deeds)
}

/// A link, and an offer that is not looked at again, are as good for whoever comes with them.
fn to_everybody(stage: &Stage, everybody: &Everybody, made: &BTreeMap<Whom, Vec<Who>>) -> BTreeMap<Whom, Vec<Who>> {
    let of = |(&((who, _), by_itself), makers): (&Whom, &Vec<Who>)| if by_itself { everybody.themselves[&who].for_whom.clone() } else { makers.clone() };
    let makers: BTreeSet<Who> = made.iter().flat_map(of).collect();
    let others = everybody.others.keys().flat_map(|&who| stage.faces(who)).map(|target| ((target, false), makers.iter().copied().collect()));
    let make_one = everybody.themselves.values().filter(|stand_in| stand_in.for_whom.iter().any(|who| makers.contains(who)));
    let themselves = make_one.flat_map(|stand_in| stage.faces(stand_in.who)).map(|face| ((face, true), vec![face.0]));
    others.chain(themselves).collect()
}

/// What an offer to somebody does, whoever makes it.
#[derive(Clone)]
enum Outcome {
    /// The target is so at once.
    AtOnce(Step),
    /// It lies there to be accepted, and says this.
    Offered(Vec<ScopedRoles>),
}

/// The same by whom it is made to.
type Outcomes = HashMap<(Face, Offer), Outcome>;

/// Who may offer what to whom. What an offer to a known address does at once is a step of its own.
fn makers(world: &World, stage: &mut Stage, everybody: &[Everybody], rechecked: bool, deeds: &mut Vec<Deed>) -> Result<BTreeMap<Offer, Makers>, Error> {
    let mut makers: BTreeMap<Offer, Makers> = BTreeMap::new();
    // Acceptance judges the offer as `invitation.create`, however it was made.
    let doors: &[Door] = if rechecked { &[Door::Address, Door::Open] } else { &[Door::Address, Door::Link, Door::Open] };
    for (place, everybody) in everybody.iter().enumerate() {
        let offers: Vec<Offer> = world.bundles(place).into_iter().flat_map(|roles| doors.iter().map(move |&door| (place, roles, door))).collect();
        let others: Vec<Face> = everybody.others.keys().flat_map(|&who| stage.faces(who)).collect();
        let mut outcomes = Outcomes::default();
        for alike in stage.actors_at(Move::Invite(place, 0, Door::Open).extent(world).of_actor()).iter() {
            for &offer in &offers {
                // Where roles are named, a question by handles is faster.
                if offer.1 == 0 && stage.turns_away(alike[0], Move::Invite(offer.0, 0, offer.2).ask(world, ("", "nobody"), false))? {
                    continue;
                }
                for &target in others.iter().take(reached(offer)) {
                    let pair = Pair { maker: alike[0], target, by_itself: false };
                    let outcome = outcome(world, stage, pair, offer, &mut outcomes)?;
                    outcome.into_iter().for_each(|outcome| note(world, &mut makers, (pair, everybody.stand_in(pair), alike), offer, outcome, deeds));
                }
                let themselves = alike.iter().filter(|who| offer.2 != Door::Open && everybody.themselves.contains_key(who));
                for target in themselves.flat_map(|&who| stage.faces(who)).collect::<Vec<_>>() {
                    let pair = Pair { maker: target.0, target, by_itself: true };
                    let outcome = outcome(world, stage, pair, offer, &mut outcomes)?;
                    outcome.into_iter().for_each(|outcome| note(world, &mut makers, (pair, everybody.stand_in(pair), &[target.0]), offer, outcome, deeds));
                }
            }
        }
    }
    Ok(makers)
}

/// How many have to be asked about: that a link can be made does not depend on whom it will reach.
fn reached((_, _, door): Offer) -> usize {
    if door == Door::Open { 1 } else { usize::MAX }
}

/// What comes of an offer; nothing if rules do not carry it.
fn outcome(world: &World, stage: &mut Stage, pair: Pair, offer: Offer, known: &mut Outcomes) -> Result<Option<Outcome>, Error> {
    let what = Move::Invite(offer.0, offer.1, offer.2);
    let passes = stage.roles_pass(world, what, pair.maker, pair.target).filter(|_| !pair.by_itself);
    if passes == Some(false) {
        return Ok(None);
    }
    if let Some(same) = passes.and_then(|_| known.get(&(pair.target, offer))) {
        return Ok(Some(same.clone()));
    }
    let me = if pair.by_itself { stage.id(pair.target) } else { &stage.actors[usize::from(pair.maker)] }.to_owned();
    let answer = stage.foresee_of(me.clone(), what.ask(world, (&me, stage.id(pair.target)), true))?;
    let at_once = answer.as_ref().ok().and_then(|events| pair.step(what, None).after(world, events, &me));
    let outcome = match at_once {
        Some(step) => Outcome::AtOnce(step),
        // Rules carry it, whatever the state says to it now.
        None if matches!(answer, Ok(_) | Err(Phase::Applicable)) => Outcome::Offered(offered(answer.unwrap_or_default())),
        None => return Ok(None),
    };
    if !pair.by_itself {
        known.insert((pair.target, offer), outcome.clone());
    }
    Ok(Some(outcome))
}

/// What lies there, if an offer was made.
fn offered(events: Vec<Event>) -> Vec<ScopedRoles> {
    let scopes = |event| if let Event::InvitationCreated { scopes, .. } = event { Some(scopes) } else { None };
    events.into_iter().find_map(scopes).unwrap_or_default()
}

/// What comes of an offer to somebody, made by these.
fn note(
    world: &World,
    makers: &mut BTreeMap<Offer, Makers>,
    (pair, stand_in, by): (Pair, &StandIn, &[Who]),
    offer: Offer,
    outcome: Outcome,
    deeds: &mut Vec<Deed>,
) {
    match outcome {
        Outcome::AtOnce(step) => deeds.extend(for_all(world, stand_in, by, step)),
        Outcome::Offered(scopes) => {
            let made = makers.entry(offer).or_default();
            made.by_target.entry((pair.target, pair.by_itself)).or_default().extend(by);
            if made.scopes.is_empty() {
                made.scopes = scopes;
            }
        }
    }
}

/// A step of one of these, for all of them and for all for whom the target stands in; of somebody to itself, for all for whom it does.
fn for_all(world: &World, stand_in: &StandIn, makers: &[Who], step: Step) -> Vec<Deed> {
    let targets = stand_in.spread(world, step.target_after);
    let deed = if step.by_itself { Deed::to_themselves(step.what, targets) } else { Deed::to_others(step.what, unchanged(makers), targets) };
    match step.approver {
        None => vec![deed],
        Some(approver) => deed.approved_by(approver).into(),
    }
}

impl Pair {
    fn step(self, what: Move, approver: Option<Who>) -> Step {
        let Pair { maker, target, by_itself } = self;
        Step { what, actor: maker, approver, target: target.0, by_itself, actor_after: maker, target_after: target.0 }
    }
}

/// What becomes of everybody who accepts an offer that somebody can make.
fn accepted(
    world: &World,
    stage: &mut Stage,
    (everybody, makers): (&[Everybody], &BTreeMap<Offer, Makers>),
    approval: bool,
    deeds: &mut Vec<Deed>,
) -> Result<(), Error> {
    let rows: Vec<Row> = makers.iter().filter(|(_, made)| !made.scopes.is_empty()).flat_map(|(&offer, made)| made.rows(offer)).collect();
    let mut pending = with_rows(world, stage, &rows, InvitationStatus::Pending)?;
    let mut waiting = if approval { Some(with_rows(world, stage, &rows, InvitationStatus::AwaitingApproval)?) } else { None };
    // Of somebody in another guise, most comes to the same.
    let (one_each, mut known) = (stage.targets.iter().all(|faces| faces.len() == 1), HashSet::default());
    for (number, row) in rows.iter().enumerate() {
        let (actor, ask) = acceptance(world, stage, number, row.pair);
        let Ok(events) = pending.foresee(&request(actor, ask, NOW))? else { continue };
        let outcomes = match &mut waiting {
            None => vec![(None, events)],
            Some(directory) => approvals(stage, directory, number)?,
        };
        let taken = row.taken(world, stage, everybody[row.offer.0].stand_in(row.pair), &outcomes);
        deeds.extend(taken.into_iter().filter(|deed| one_each || known.insert(deed.clone())));
    }
    Ok(())
}

impl Makers {
    /// The offers as they lie there, one for each to whom it is made.
    fn rows(&self, offer: Offer) -> impl Iterator<Item = Row<'_>> {
        let pair = |(target, by_itself): Whom, maker: Who| Pair { maker, target, by_itself };
        self.by_target.iter().filter_map(move |(&whom, makers)| Some(Row { offer, pair: pair(whom, *makers.first()?), makers, scopes: &self.scopes }))
    }
}

/// The target says yes.
fn acceptance(world: &World, stage: &Stage, number: usize, pair: Pair) -> (Actor, Ask) {
    let id = stage.id(pair.target);
    let account = world.person(pair.target.0).account;
    let actor = if account { Actor::User(id.to_owned()) } else { Actor::Invitee { email: email(id), verified: true } };
    let user = (!account).then(|| UserInput { id: Some(id.to_owned()), ..UserInput::default() });
    (actor, Ask { action: "invitation.accept".to_owned(), invitation: Some(row_id(number)), user, ..Ask::default() })
}

/// Who can approve an accepted offer, and what comes of it.
fn approvals(stage: &mut Stage, directory: &mut Directory, number: usize) -> Result<Vec<Approval>, Error> {
    let mut found = Vec::new();
    for alike in stage.actors_at(Extent::anywhere(Some("invitation.approve"))).iter() {
        let ask = Ask { action: "invitation.approve".to_owned(), invitation: Some(row_id(number)), ..Ask::default() };
        let answer = directory.foresee(&request(Actor::User(stage.actors[usize::from(alike[0])].clone()), ask, NOW))?;
        if let Ok(events) = answer {
            found.extend(alike.iter().map(|&approver| (Some(approver), events.clone())));
        }
    }
    Ok(found)
}

fn row_id(number: usize) -> String {
    format!("i{number}")
}

/// The same people, with these offers.
fn with_rows(world: &World, stage: &Stage, rows: &[Row], status: InvitationStatus) -> Result<Directory, Error> {
    let mut snapshot = stage.directory.snapshot();
    snapshot.invitations = rows.iter().enumerate().map(|(number, row)| row.lying(stage, number, status)).collect();
    Directory::new(world.relaxed.clone(), &snapshot)
}

impl Row<'_> {
    /// What its acceptance comes to, for each who can have made it.
    fn taken(&self, world: &World, stage: &Stage, stand_in: &StandIn, outcomes: &[Approval]) -> Vec<Deed> {
        let (place, roles, door) = self.offer;
        let me = if self.pair.by_itself { stage.id(self.pair.target) } else { "" };
        let taken = |(approver, events): &Approval| self.pair.step(Move::Invite(place, roles, door), *approver).after(world, events, me);
        outcomes.iter().filter_map(taken).flat_map(|step| for_all(world, stand_in, self.makers, step)).collect()
    }

    fn lying(&self, stage: &Stage, number: usize, status: InvitationStatus) -> InvitationRow {
        let id = stage.id(self.pair.target);
        let open = (self.offer.2 == Door::Open).then_some(OpenRow { uses: None, audience: None });
        InvitationRow {
            id: row_id(number),
            email: open.is_none().then(|| email(id)),
            open,
            name: None,
            scopes: self.scopes.to_vec(),
            inviter: Actor::User(if self.pair.by_itself { id } else { &stage.actors[usize::from(self.pair.maker)] }.to_owned()),
            status,
            created_at: NOW,
            expires_at: None,
            token_hash: None,
            user: (status == InvitationStatus::AwaitingApproval).then(|| id.to_owned()),
            version: 0,
        }
    }
}
