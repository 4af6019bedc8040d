//! What it costs to have the engine behind a wall: `cargo run --release --example figures`.
//!
//! Each figure is the mean of all rounds; the bounds take turns within a round, so that a machine that slows down slows them all.
//! What counts is the time that this thread had a processor, which other work on the machine does not add to.

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use serde_json::json;
use tenantry_host::{Budget, Engine, NOBODY, Numbered, Policy, Pool, Session, Settings};

#[path = "../tests/component/mod.rs"]
mod component;

type Done<T = ()> = Result<T, Box<dyn Error>>;

const ROUNDS: u64 = 30;
const MEMBERS: usize = 1000;
const NOW: &str = "2026-01-15T09:00:00Z";
const NOW_MILLISECONDS: i64 = 1_768_467_600_000;

const BUDGETS: [(&str, Budget); 3] =
    [("no bound", Budget::Unlimited), ("time (epochs)", Budget::Time(Duration::from_secs(1))), ("fuel", Budget::Fuel(10_000_000_000))];

/// What is measured, and how often in a round.
const WORK: [(&str, u32); 8] = [
    ("a new instance, the catalogue of codes from it, gone", 100),
    ("a new instance, a policy read, gone", 20),
    ("from a pool: a snapshot of three members, a decision, back", 100),
    ("number of a user by id", 10_000),
    ("denial by numbers", 5_000),
    ("1,000 denials by numbers, one call", 10),
    ("can, in JSON", 2_000),
    ("decide (remove), in JSON", 500),
];

fn main() -> Done {
    let mut hosts = BUDGETS.map(|(name, budget)| (name, Host::new(budget)));
    let mut times = [[0; BUDGETS.len()]; WORK.len()];
    for _ in 0..ROUNDS {
        for (work, &(_, count)) in WORK.iter().enumerate() {
            for (budget, (_, host)) in hosts.iter_mut().enumerate() {
                let host = host.as_mut().map_err(|error| error.to_string())?;
                let begun = processor_time()?;
                (0..count).try_for_each(|_| host.work(work))?;
                times[work][budget] += processor_time()? - begun;
            }
        }
    }
    println!("| | {} |\n|---|{}", BUDGETS.map(|(name, _)| name).join(" | "), "---|".repeat(BUDGETS.len()));
    for (&(name, count), times) in WORK.iter().zip(&times) {
        println!("| {name} | {} |", times.map(|time| shown(time / (u64::from(count) * ROUNDS))).join(" | "));
    }
    Ok(())
}

/// Nanoseconds that this thread has had a processor, as Linux counts them.
fn processor_time() -> Done<u64> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(counted.split_whitespace().next().ok_or("an empty `schedstat`")?.parse()?)
}

fn shown(nanoseconds: u64) -> String {
    if nanoseconds < 10_000 { format!("{nanoseconds} ns") } else { format!("{:.1} µs", nanoseconds as f64 / 1000.0) }
}

/// What is asked, and who.
struct Host {
    engine: Engine,
    pool: Pool,
    session: Session,
    asked: Numbered,
    batch: Vec<Numbered>,
    small: String,
    can: String,
    removal: String,
}

impl Host {
    fn new(budget: Budget) -> Done<Host> {
        let engine = component::engine(Settings { budget, ..Settings::default() })?;
        let pool = Pool::new(engine.clone(), starter(), 8)?;
        let mut session = engine.session(starter())?;
        session.load(organization(MEMBERS))?;
        let asked = Numbered {
            actor: session.user_number("u0")?,
            action: session.action_number("member.remove")?,
            scope: session.scope_number("acme")?,
            target: session.user_number("u500")?,
            role: NOBODY,
            now: NOW_MILLISECONDS,
        };
        assert_eq!(session.denial_number(asked)?, 0);
        let batch = (0..1000).map(|target| session.user_number(&format!("u{target}")).map(|target| Numbered { target, ..asked }));
        let batch = batch.collect::<Result<_, _>>()?;
        let can = json!({ "actor": { "user": "u0" }, "action": "member.remove", "target": "u500", "now": NOW }).to_string();
        let removal = json!({ "tenantry": 1, "id": "r1", "now": NOW, "actor": { "user": "u0" }, "action": "member.remove", "target": "u500" }).to_string();
        Ok(Host { engine, pool, session, asked, batch, small: organization(3), can, removal })
    }

    fn work(&mut self, work: usize) -> Result<(), tenantry_host::Error> {
        match work {
            0 => drop(black_box(self.engine.codes()?)),
            1 => drop(black_box(self.engine.session(starter())?)),
            2 => {
                let mut session = self.pool.session()?;
                session.load(self.small.as_str())?;
                drop(black_box(session.decide(&self.removal)?));
            }
            3 => drop(black_box(self.session.user_number("u500")?)),
            4 => drop(black_box(self.session.denial_number(self.asked)?)),
            5 => drop(black_box(self.session.denials(&self.batch)?)),
            6 => drop(black_box(self.session.can(&self.can)?)),
            _ => drop(black_box(self.session.decide(&self.removal)?)),
        }
        Ok(())
    }
}

fn starter() -> Policy {
    Policy::Preset("starter".to_owned())
}

fn organization(members: usize) -> String {
    let users: Vec<_> = (0..members).map(|number| json!({ "id": format!("u{number}") })).collect();
    let role = |number: usize| if number < 3 { "owner" } else { "member" };
    let grants: Vec<_> = (0..members).map(|number| json!({ "scope": "acme", "user": format!("u{number}"), "role": role(number) })).collect();
    json!({ "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization" }], "users": users, "grants": grants }).to_string()
}
