//! Who may do what to whom: every action, actor, target and role of a policy, each question answered by the engine.
//!
//! The questions are asked on the small organization of a [`Frame`]: an actor holds one role (or none, or the permissions of a
//! custom role; below the organization the organization's default roles as well), a target does likewise, and nobody else is
//! there. What a policy says of such people it says of them in every organization, but for three things, which a cell says:
//!
//! - *facts of the host* that rules ask for (attributes, context, domains of addresses, sorts of accounts, earlier endings): each
//!   is tried with the values that rules name and with none, together as far as [`MAX_TRIED`] goes ([`Answer::cut`] says where
//!   it does not). Where the answer is not always the same, it [depends](Verdict::Depends), and [`Answer::when`] says on what;
//! - *keeps* that count people: [`Answer::keeps`] lists those that can deny the request, depending on how many others there are;
//! - people who hold several roles at once, of whom only a few are among the parties.
//!
//! The analysis has no second account of what rules mean. It knows what each verb can be asked about, and asks.
//!
//! ```
//! use tenantry::Policy;
//! use tenantry_analysis::matrix::{Matrix, Verdict};
//! let matrix = Matrix::of(&Policy::preset("starter").unwrap());
//! let removal = |actor: &str, target: &str| matrix.find("member.remove", "acme", actor, target).unwrap();
//! assert_eq!(removal("organization.owner", "organization.admin").verdict, Verdict::Allowed);
//! assert_eq!(removal("organization.admin", "organization.owner").code.as_deref(), Some("outranked"));
//! ```

mod document;
mod facts;
mod judge;
mod parties;
mod print;
mod rows;
mod scene;
mod table;
mod valuations;
mod variants;

use std::collections::HashMap;

use serde_json::Value;
use tenantry::Policy;

pub use facts::Setting;
pub(crate) use print::either;
pub use print::{conditions, sentence};
pub(crate) use rows::ONESELF;
pub(crate) use scene::add_places_beside;
pub use scene::{NOW, Scene};
pub use table::{Answer, Cell, Condition, CustomRole, Held, Is, Labels, Party, Row, Said, Scenery, Unanswered, Verdict};
pub use valuations::{Domains, MAX_TRIED, Valuation};
pub(crate) use valuations::{all as all_valuations, settings};

use crate::{Frame, Place};
use facts::Facts;
use judge::{Desk, Judge};
use parties::{Cast, Present, custom_label, place_label, role_label};
use rows::{Here, Spoken};
use variants::Variants;

/// What a place is like, beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Manners {
    one_role: bool,
    ordinary: Option<String>,
}

/// The matrix of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The policy's name.
    pub policy: String,
    /// Its digest.
    pub digest: String,
    /// The organization on which the questions are asked.
    pub frame: Frame,
    /// Names for people.
    pub labels: Labels,
    /// Everybody.
    pub parties: Vec<Party>,
    /// The custom roles that parties hold and that are given.
    pub custom_roles: Vec<CustomRole>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// The questions, by action, then by place.
    pub rows: Vec<Row>,
    /// Actions that no rule permits to anybody. They have no rows.
    pub nobody: Vec<String>,
    /// Questions that the engine takes for no questions. There should be none.
    pub unanswered: Vec<Unanswered>,
    idle: Vec<String>,
    facts: Vec<Domains>,
    /// For each row, the number of the facts for each cell.
    cell_facts: Vec<Vec<usize>>,
    manners: Vec<Manners>,
    rotate: bool,
}

impl Matrix {
    /// The matrix of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Matrix {
        Matrix::of_rows(policy, |_| true)
    }

    /// Some of the questions of a matrix, with their answers.
    pub(crate) fn of_rows(policy: &Policy, is_asked: impl Fn(&Row) -> bool) -> Matrix {
        Matrix::asked(policy, is_asked, false)
    }

    /// [`idle_rules`](Matrix::idle_rules) of the matrix of a policy, with no more questions than that takes.
    pub(crate) fn rules_that_idle(policy: &Policy) -> Vec<String> {
        Matrix::asked(policy, |_| true, true).idle
    }

    fn asked(policy: &Policy, is_asked: impl Fn(&Row) -> bool, for_rules: bool) -> Matrix {
        let document: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
        let frame = Frame::of(policy);
        let mut cast = Cast::new(policy, &frame, &document);
        let invitee = cast.add("invitee", "The invited person", Is::Invitee);
        let outsider = cast.add("outsider", "Outsider", Is::Outsider);
        let spoken = Spoken::of(&document);
        let present: Vec<Present> = frame.places.iter().map(|place| cast.present(place)).collect();
        let (known, nobody): (Vec<String>, Vec<String>) = policy.actions().iter().map(|action| action.name.clone()).partition(|action| spoken.permits(action));
        let manners =
            frame.places.iter().map(|place| Manners { one_role: cast.kind(place).one_role, ordinary: cast.ordinary(place).map(|role| role.name.clone()) });
        let mut matrix = Matrix {
            policy: policy.name().to_owned(),
            digest: policy.digest().to_owned(),
            labels: labels(policy, &frame, &cast.custom_roles),
            parties: cast.parties.clone(),
            custom_roles: cast.custom_roles.clone(),
            manners: manners.collect(),
            rotate: spoken.rotate,
            nobody,
            answers: Vec::new(),
            rows: Vec::new(),
            unanswered: Vec::new(),
            idle: Vec::new(),
            facts: Vec::new(),
            cell_facts: Vec::new(),
            frame: frame.clone(),
        };
        let mut asking = Asking { judge: Judge::new(Variants::of(policy, &document)), facts: Facts::of(&document), numbers: HashMap::new() };
        if for_rules {
            asking.judge.listens_for_rules(&document);
        }
        for (place, present) in frame.places.iter().zip(&present) {
            let here = Here { cast: &cast, place, present, spoken: &spoken, invitee, outsider };
            let rows: Vec<Row> = known.iter().flat_map(|action| here.rows(action)).filter(&is_asked).collect();
            asking.place(&here, rows, &mut matrix);
        }
        matrix.in_order(policy);
        matrix.idle = asking.judge.idle(&document);
        matrix.answers = asking.judge.listed;
        matrix
    }

    /// Rows of one action stand together, those of a wider place first.
    fn in_order(&mut self, policy: &Policy) {
        let order: HashMap<&str, usize> = policy.actions().iter().enumerate().map(|(number, action)| (action.name.as_str(), number)).collect();
        let mut rows: Vec<(Row, Vec<usize>)> = std::mem::take(&mut self.rows).into_iter().zip(std::mem::take(&mut self.cell_facts)).collect();
        rows.retain(|(row, _)| !row.cells.is_empty());
        rows.sort_by_key(|(row, _)| order.get(row.action.as_str()).copied());
        (self.rows, self.cell_facts) = rows.into_iter().unzip();
    }

    /// The number of the party with a name.
    #[must_use]
    pub fn party(&self, name: &str) -> Option<usize> {
        self.parties.iter().position(|party| party.name == name)
    }

    /// The first answer about an action at a place, for an actor and a target by name (`""` for none).
    #[must_use]
    pub fn find(&self, action: &str, scope: &str, actor: &str, target: &str) -> Option<&Answer> {
        let (actor, target) = (self.party(actor)?, self.party(target));
        let rows = self.rows.iter().filter(|row| row.action == action && row.scope == scope && row.target == target);
        let cell = rows.flat_map(|row| &row.cells).find(|cell| cell.actor == actor)?;
        self.answers.get(cell.answer)
    }

    /// How many questions were asked.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).sum()
    }

    /// Rules that decide no cell: an allow that never permits, a forbid that never denies or warns, a keep that cannot deny. Such
    /// a rule may still speak of what is not asked here: people with several roles at once, services of the actor, batches.
    #[must_use]
    pub fn idle_rules(&self) -> &[String] {
        &self.idle
    }

    /// The facts that were tried for a cell of a row.
    #[must_use]
    pub fn facts(&self, row: usize, cell: usize) -> &Domains {
        static NONE: Domains = Vec::new();
        self.cell_facts.get(row).and_then(|cells| self.facts.get(*cells.get(cell)?)).unwrap_or(&NONE)
    }

    /// A row's question for an actor, with what the host says.
    #[must_use]
    pub fn scene<'a>(&'a self, row: &'a Row, actor: usize, settings: &'a [(&'a str, &'a Setting)]) -> Scene<'a> {
        scene(self, row, actor, settings)
    }
}

fn scene<'a>(matrix: &'a Matrix, row: &'a Row, actor: usize, settings: &'a [(&'a str, &'a Setting)]) -> Scene<'a> {
    let at = matrix.frame.places.iter().position(|place| place.id == row.scope).unwrap_or(0);
    Scene {
        frame: &matrix.frame,
        custom_roles: &matrix.custom_roles,
        row,
        actor: &matrix.parties[actor],
        target: row.target.map(|target| &matrix.parties[target]),
        settings,
        rotate: matrix.rotate,
        one_role: matrix.manners[at].one_role,
        ordinary: matrix.manners[at].ordinary.as_deref(),
    }
}

/// What is at work while a matrix comes to be.
struct Asking {
    judge: Judge,
    facts: Facts,
    numbers: HashMap<Domains, usize>,
}

impl Asking {
    /// Asks every question at a place: actor by actor and target by target, so that one directory answers many.
    fn place(&mut self, here: &Here, mut rows: Vec<Row>, matrix: &mut Matrix) {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|row| rows[*row].target);
        let asked: Vec<Vec<usize>> = rows.iter().map(|row| here.asked(row)).collect();
        let numbers: Vec<Vec<usize>> = rows.iter().zip(&asked).map(|(row, actors)| self.matters(here, row, actors, matrix)).collect();
        let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); rows.len()];
        let mut actors: Vec<usize> = here.present.actors.clone();
        actors.push(here.invitee);
        for actor in actors {
            let mut desk = Desk::default();
            let mut target = None;
            for &number in &order {
                let Some(at) = asked[number].iter().position(|asked| *asked == actor) else { continue };
                let row = &rows[number];
                if !self.judge.could_hear(&row.action) {
                    continue;
                }
                if row.target != target {
                    (desk, target) = (Desk::default(), row.target);
                }
                let scene = scene(matrix, row, actor, &[]);
                match self.judge.cell(&scene, &matrix.facts[numbers[number][at]], &mut desk) {
                    Ok(answer) => cells[number].push(Cell { actor, answer }),
                    Err(error) => {
                        let unanswered = Unanswered { action: row.action.clone(), error: error.to_string() };
                        drop(desk);
                        desk = Desk::default();
                        matrix.unanswered.push(unanswered);
                    }
                }
            }
        }
        for (row, cells) in rows.iter_mut().zip(cells) {
            row.cells = cells;
        }
        matrix.rows.extend(rows);
        matrix.cell_facts.extend(numbers);
    }

    /// The numbers of the facts that may matter for a row, for each actor.
    fn matters(&mut self, here: &Here, row: &Row, actors: &[usize], matrix: &mut Matrix) -> Vec<usize> {
        let mut known: [Option<usize>; 2] = [None; 2];
        let mut number = |actor: usize| {
            let member = matches!(here.cast.parties[actor].is, Is::Member { .. });
            *known[usize::from(member)].get_or_insert_with(|| {
                let domains = here.domains(row, actor, &self.facts);
                *self.numbers.entry(domains).or_insert_with_key(|domains| {
                    matrix.facts.push(domains.clone());
                    matrix.facts.len() - 1
                })
            })
        };
        actors.iter().map(|actor| number(*actor)).collect()
    }
}

fn labels(policy: &Policy, frame: &Frame, custom: &[CustomRole]) -> Labels {
    let actions = policy.actions().iter().filter_map(|action| Some((action.name.clone(), action.label.clone()?)));
    let roles = policy.roles().iter().map(|role| (role.qualified.clone(), role_label(role)));
    let custom = custom.iter().map(|role| (role.id.clone(), custom_label(role)));
    let places = frame.places.iter().map(|place: &Place| (place.id.clone(), place_label(policy, place)));
    Labels { actions: actions.collect(), roles: roles.chain(custom).collect(), places: places.collect() }
}
