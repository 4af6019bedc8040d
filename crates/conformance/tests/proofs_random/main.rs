//! Proofs of random small policies beside trying things out: whatever some people bring about in a small organization, the proof
//! must list a coalition among them for. So many policies are tried as `TENANTRY_PROOFS` says, 10,000 without: these take ten minutes of two cores.

mod asks;
mod beginning;
mod moments;
mod policies;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenantry::Policy;
use tenantry::document::Snapshot;
use tenantry_analysis::model::{Person, Slot, Sort, Who};
use tenantry_analysis::prove::{Certificate, Goal, Proof, Verdict, prove};

use beginning::{ACME, Dress, Dressed, dresses, organization};
use moments::{END, Trial, held_at_first};
use policies::{Shape, policy, shape};

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What each of those who act together holds.
type Coalition = &'static [&'static [&'static str]];

/// Who acts together.
const COALITIONS: [Coalition; 7] = [&[&[]], &[&["high"]], &[&["mid"]], &[&["low"]], &[&["high"], &["mid"]], &[&["mid"], &["low"]], &[&["low"], &["low"]]];

/// The slots by which a declared role, or a permission, is held at a place.
fn bits_of(certificate: &Certificate, wanted: &Slot) -> u64 {
    let same = |slot: &Slot| slot.place == wanted.place && slot.name == wanted.name && (slot.sort == Sort::Custom) == (wanted.sort == Sort::Custom);
    certificate.slots.iter().enumerate().filter(|(_, slot)| same(slot)).fold(0, |mask, (bit, _)| mask | 1 << bit)
}

/// What one person can come to hold: each role and each permission, and each two declared roles of one place together.
fn goals(certificate: &Certificate) -> Vec<Vec<u64>> {
    let slots = || certificate.slots.iter().enumerate().filter(|(_, slot)| slot.sort != Sort::Group);
    let declared = || slots().filter(|(_, slot)| slot.sort == Sort::Direct);
    let one = slots().map(|(_, slot)| vec![bits_of(certificate, slot)]);
    let two = declared().flat_map(|(number, one)| declared().filter(move |(other, _)| number < *other).map(move |(_, other)| (one, other)));
    let pairs = two.filter(|(one, other)| one.place == other.place).map(|(one, other)| [one, other].map(|slot| bits_of(certificate, slot)).to_vec());
    one.chain(pairs).collect()
}

/// Whether the proof lists a coalition among these people, or has no answer.
fn is_listed(certificate: &Certificate, goal: &[u64], people: &[Person]) -> bool {
    let is_among = |coalition: &Vec<Who>| {
        let mut rest = people.to_vec();
        coalition.iter().all(|&who| rest.iter().position(|one| *one == certificate.people[usize::from(who)]).map(|at| rest.remove(at)).is_some())
    };
    let answer = certificate.goals.iter().find(|answer| answer.held == goal);
    answer.is_none_or(|Goal { coalitions, .. }| coalitions.iter().any(is_among))
}

/// Whether the proof says that nobody ever holds all of it.
fn is_apart(proof: &Proof, goal: &[u64]) -> bool {
    proof.separation.iter().any(|answer| answer.held == goal && answer.verdict == Verdict::Proved)
}

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    /// How often a role was brought about, by people who are listed for it.
    brought_about: usize,
    /// How often two roles came together.
    together: usize,
    /// Pairs of roles that are proven apart.
    apart: usize,
    /// Coalitions with requests that show it.
    shown: usize,
    /// Coalitions without.
    doubtful: usize,
    /// Ways to lose something for good.
    lost: usize,
    /// Policies without a proof, as too many sorts of people would have to be told apart.
    too_large: usize,
    /// What happened and was not listed.
    holes: Vec<String>,
}

impl Tally {
    fn count(&mut self, proof: &Proof) {
        let coalitions = || proof.escalation.iter().flat_map(|answer| &answer.coalitions);
        self.shown += coalitions().filter(|one| one.attack.is_some()).count();
        self.doubtful += coalitions().filter(|one| one.attack.is_none()).count();
        self.apart += proof.separation.iter().filter(|answer| answer.verdict == Verdict::Proved).count();
        self.lost += proof.lockout.iter().filter(|answer| answer.verdict == Verdict::Attack).count();
        self.too_large += usize::from(proof.unknown.is_some());
    }

    /// Lets some people try things out, and looks for each thing that happens in the proof.
    fn try_out(&mut self, (policy, shape): (&Policy, Shape), proof: &Proof, start: &Snapshot, actors: &[String]) -> Done {
        let certificate = &proof.certificate;
        let people: Vec<String> = actors.iter().map(String::as_str).chain(["una", "vic"]).map(str::to_owned).collect();
        let person = |id: &String| Person { account: true, held: held_at_first(certificate, start, id), resting: 0 };
        let together: Vec<Person> = actors.iter().filter(|id| *id != "pup").map(person).collect();
        let goals = goals(certificate);
        let trial = Trial { policy, shape, certificate, goals: &goals };
        for (goal, trail) in trial.reached(start, actors, &people)? {
            let goal = &goals[goal];
            let (count, found) = match goal.len() {
                1 => (&mut self.brought_about, is_listed(certificate, goal, &together)),
                _ => (&mut self.together, !is_apart(proof, goal)),
            };
            *count += 1;
            if !found {
                self.holes.push(hole(policy, certificate, goal, start, &trail)?);
            }
        }
        Ok(())
    }
}

/// What is not listed, and how it is brought about.
fn hole(policy: &Policy, certificate: &Certificate, goal: &[u64], start: &Snapshot, trail: &[String]) -> Done<String> {
    let slot = |mask: &u64| certificate.slots.get(mask.trailing_zeros() as usize).map(|slot| format!("{} at {}", slot.name, certificate.places[slot.place].id));
    let goal: Vec<String> = goal.iter().filter_map(slot).collect();
    Ok(format!("somebody comes to hold {}\npolicy: {}\nstart: {}\n{}\n", goal.join(" and "), policy.to_json(), serde_json::to_string(start)?, trail.join("\n")))
}

/// The organization in which some people try things out.
fn beginning(runner: &mut TestRunner, policy: &Policy, shape: Shape, (coalition, ends): (Coalition, bool)) -> Done<Snapshot> {
    let chosen = coalition.iter().copied().zip(["ann", "bob"]).chain([(&["high"][..], "una"), (&["low"][..], "vic")]);
    let groups = policy.to_json().contains("\"group.");
    let mut people = Vec::new();
    for (roles, id) in chosen {
        let declared = roles.iter().filter(|role| shape.places()[0].1.contains(role)).map(|role| Dress { role, place: ACME, own: true });
        let more = prop_oneof![2 => Just(Vec::new()), 1 => dresses(shape, groups)].new_tree(runner).map_err(|reason| reason.to_string())?.current();
        people.push(Dressed { id, held: declared.chain(more).collect() });
    }
    let mut start = organization(shape, &people);
    // Some of them do not hold what they hold for good, in every other policy.
    let ending = start.grants.iter_mut().filter(|grant| ends && grant.user.is_some() && grant.role != "mid");
    ending.for_each(|grant| grant.expires_at = Some(END));
    Ok(start)
}

fn whatever_happens_is_listed(seed: u8, cases: usize) -> Done {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let (mut tried, mut tally) = (0, Tally::default());
    while tried < cases {
        let of_shape = shape().prop_flat_map(|shape| (Just(shape), policy(shape)));
        let (shape, document) = of_shape.new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let Ok(policy) = Policy::parse(document) else { continue };
        let proof = prove(policy.clone())?;
        tally.count(&proof);
        let coalition = COALITIONS[tried % COALITIONS.len()];
        let start = beginning(&mut runner, &policy, shape, (coalition, tried % 2 == 1))?;
        let actors: Vec<String> = ["ann", "bob"][..coalition.len()].iter().chain(&["pup"]).map(ToString::to_string).collect();
        tally.try_out((&policy, shape), &proof, &start, &actors)?;
        tried += 1;
    }
    let holes = std::mem::take(&mut tally.holes);
    println!("{tried} policies: {tally:?}");
    assert!(holes.is_empty(), "{} times something happened that is not listed:\n\n{}", holes.len(), holes.join("\n"));
    Ok(())
}

/// How many policies each of the two halves tries, so that two cores have something to do.
fn half() -> Done<usize> {
    Ok(std::env::var("TENANTRY_PROOFS").ok().map_or(Ok(10_000), |text| text.parse::<usize>())?.div_ceil(2))
}

#[test]
fn whatever_happens_in_a_small_organization_is_listed() -> Done {
    whatever_happens_is_listed(7, half()?)
}

#[test]
fn and_in_as_many_others() -> Done {
    whatever_happens_is_listed(8, half()?)
}
