//! `can` and `decide` beside the floor, in one run: the same questions, the answers compared first.

// A benchmark that cannot be set up has nothing to say.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tenantry::Directory;
use tenantry::ask::{Ids, Query, Question};
use tenantry::document::{Actor, Request, Time};
use tenantry_conformance::floor::{Organization, Role};
use tenantry_conformance::organization::{BRANCHES, DEPTH, policy, snapshot, user_id, workspace_id};

/// Questions of one bench; every one is asked in turn.
const QUESTIONS: usize = 1024;
const NOW: Time = Time(1_768_467_600_000);

/// Numbers that look random and are the same in every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    }
}

/// Half of the actors are owners and admins: otherwise nearly every question would end at the gate.
fn actor(next: &mut impl FnMut(usize) -> usize, members: usize) -> usize {
    match next(4) {
        0 => next(3),
        1 => (next(members.div_ceil(100)) * 100 + 3).min(members - 1),
        _ => next(members),
    }
}

fn query(actor: &str, action: &str, scope: Option<&str>, target: Option<&str>, role: Option<&str>) -> Query {
    Query {
        actor: Actor::User(actor.to_owned()),
        action: action.to_owned(),
        now: NOW,
        scope: scope.map(str::to_owned),
        target: target.map(str::to_owned),
        role: role.map(str::to_owned),
        ..Query::default()
    }
}

type Floor<'a> = Box<dyn Fn(&Organization) -> bool + 'a>;

fn bench(c: &mut Criterion) {
    for members in [1_000, 100_000] {
        let floor = Organization::generate(members);
        let mut directory = Directory::new(policy().unwrap(), &snapshot(members)).unwrap();
        let mut next = numbers(0x9E37_79B9_7F4A_7C15);
        let pairs: Vec<(String, String)> = (0..QUESTIONS).map(|_| (user_id(actor(&mut next, members)), user_id(next(members)))).collect();
        let places: Vec<(String, String)> = (0..QUESTIONS).map(|_| (user_id(next(members) / 10 * 10 + 4), workspace_id(next(BRANCHES), DEPTH - 1))).collect();
        let removes =
            pairs.iter().map(|(a, t)| (query(a, "member.remove", None, Some(t), None), Box::new(move |o: &Organization| o.can_remove(a, t)) as Floor));
        let promotes = pairs.iter().map(|(a, t)| {
            (query(a, "member.set_roles", None, Some(t), Some("admin")), Box::new(move |o: &Organization| o.can_set_role(a, t, Role::Admin)) as Floor)
        });
        let edits = places.iter().map(|(a, w)| (query(a, "doc.edit", Some(w), None, None), Box::new(move |o: &Organization| o.can_edit(a, w)) as Floor));
        one(c, "remove", members, &floor, &directory, removes.collect());
        one(c, "set_roles", members, &floor, &directory, promotes.collect());
        one(c, "inherited", members, &floor, &directory, edits.collect());
        decide(c, members, &mut directory, &pairs);
    }
}

fn one(c: &mut Criterion, name: &str, members: usize, floor: &Organization, directory: &Directory, questions: Vec<(Query, Floor)>) {
    for (query, by_hand) in &questions {
        assert_eq!(directory.can(query).unwrap(), by_hand(floor), "{query:?}");
    }
    let allowed = questions.iter().filter(|(_, by_hand)| by_hand(floor)).count();
    println!("{name}/{members}: {allowed} of {} allowed", questions.len());
    let ids: Vec<Ids> = questions.iter().map(|(query, _)| by_id(query)).collect();
    let handles: Vec<Question> = questions.iter().map(|(query, _)| handle(directory, query)).collect();
    let mut group = c.benchmark_group(format!("can/{name}"));
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    let mut turn = 0;
    group.bench_function(BenchmarkId::new("floor", members), |b| {
        b.iter(|| {
            turn = (turn + 1) % QUESTIONS;
            black_box(questions[turn].1(black_box(floor)))
        });
    });
    group.bench_function(BenchmarkId::new("by_id", members), |b| {
        b.iter(|| {
            turn = (turn + 1) % QUESTIONS;
            black_box(directory.allows_by_id(black_box(&ids[turn])).unwrap_or(false))
        });
    });
    group.bench_function(BenchmarkId::new("by_handle", members), |b| {
        b.iter(|| {
            turn = (turn + 1) % QUESTIONS;
            black_box(directory.allows(black_box(&handles[turn])))
        });
    });
    group.finish();
}

fn by_id(query: &Query) -> Ids<'_> {
    let Actor::User(actor) = &query.actor else { panic!("the benchmarks ask as users") };
    let (scope, target, role) = (query.scope.as_deref(), query.target.as_deref(), query.role.as_deref());
    Ids { actor, action: &query.action, scope, target, role, now: NOW, ..Ids::default() }
}

fn handle<'a>(directory: &Directory, query: &Query) -> Question<'a> {
    let Actor::User(actor) = &query.actor else { panic!("the benchmarks ask as users") };
    let scope = directory.scope(query.scope.as_deref().unwrap_or("org")).unwrap();
    Question {
        actor: directory.user(actor).unwrap(),
        action: directory.policy().action(&query.action).unwrap(),
        scope,
        target: query.target.as_deref().and_then(|id| directory.user(id)),
        role: query.role.as_deref().and_then(|role| directory.role(scope, role)),
        now: NOW,
        resource: None,
        context: None,
    }
}

fn decide(c: &mut Criterion, members: usize, directory: &mut Directory, pairs: &[(String, String)]) {
    let request = |(actor, target): &(String, String)| serde_json::json!({ "tenantry": 1, "id": "r", "now": NOW, "actor": { "user": actor }, "action": "member.remove", "target": target });
    let requests: Vec<Request> = pairs.iter().map(|pair| serde_json::from_value(request(pair)).unwrap()).collect();
    let mut group = c.benchmark_group("decide/remove");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    let mut turn = 0;
    group.bench_function(BenchmarkId::from_parameter(members), |b| {
        b.iter(|| {
            turn = (turn + 1) % QUESTIONS;
            black_box(directory.decide(black_box(&requests[turn])).unwrap())
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
