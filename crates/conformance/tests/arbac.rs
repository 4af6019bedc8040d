//! Role reachability: the published answers, answers that can be checked, and the same answers as trying everything.

use std::error::Error;
use std::path::Path;

use tenantry_analysis::arbac::{Answer, Assign, Certificate, File, Goal, Revoke, Witness, reach};
use tenantry_conformance::arbac::{check, exhaustive, replay};
use tenantry_conformance::generate::Dice;

type Done = Result<(), Box<dyn Error>>;

fn file(name: &str) -> Result<File, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/arbac").join(name);
    Ok(std::fs::read_to_string(path)?.parse()?)
}

#[test]
fn answers_as_published() -> Done {
    let published = [("Hospital", [false, false, true, true]), ("University", [false, true, false, true])];
    for (family, answers) in published {
        for (number, reachable) in answers.into_iter().enumerate() {
            let name = format!("{family}{}.arbac", number + 1);
            let file = file(&name)?;
            match reach(&file) {
                Answer::Reachable(witness) => {
                    assert!(reachable, "{name}");
                    replay(&file, &witness)?;
                    nothing_can_be_left_out(&file, &witness);
                }
                Answer::NotReachable(certificate) => {
                    assert!(!reachable, "{name}");
                    check(&file, &certificate)?;
                    broken_ones_are_refused(&file, &certificate);
                }
                Answer::Unknown { reason } => return Err(format!("{name}: {reason}").into()),
            }
        }
    }
    Ok(())
}

fn nothing_can_be_left_out(file: &File, witness: &Witness) {
    for number in 0..witness.steps.len() {
        let mut fewer = witness.clone();
        fewer.steps.remove(number);
        assert!(replay(file, &fewer).is_err(), "step {number} is not needed");
    }
}

/// A certificate is refused once it says less than it has to. What is left out must have been needed by somebody: sets that
/// nobody begins in and no rule leads to may be missing.
fn broken_ones_are_refused(file: &File, certificate: &Certificate) {
    let refused = |broken: Certificate, how: &str| assert!(check(file, &broken).is_err(), "{how}");
    let goal = &file.roles[file.goal.role];
    refused(Certificate { states: Vec::new(), ..certificate.clone() }, "no sets");
    refused(Certificate { at_hand: Vec::new(), ..certificate.clone() }, "nothing at hand");
    let helps = certificate.helps.iter().filter(|role| *role != goal).cloned().collect();
    refused(Certificate { helps, ..certificate.clone() }, "the goal does not help");
    let mut held = certificate.clone();
    held.states.iter_mut().for_each(|state| state.roles.push(goal.clone()));
    refused(held, "the goal is held");
    let mixed = certificate.hinders.iter().find(|role| certificate.helps.contains(role));
    if let Some(role) = mixed {
        let without = |roles: &[String]| roles.iter().filter(|other| *other != role).cloned().collect();
        refused(Certificate { hinders: without(&certificate.hinders), ..certificate.clone() }, "a mixed role only helps");
    }
    let needed = (0..certificate.states.len()).filter(|&number| {
        let mut fewer = certificate.clone();
        fewer.states.remove(number);
        check(file, &fewer).is_err()
    });
    assert!(needed.count() * 2 > certificate.states.len(), "most sets are needed");
}

/// Files of a few roles, users and rules, in which administrators change too.
fn small(dice: &mut Dice) -> File {
    let (roles, users) = (dice.between(2, 4), dice.between(1, 3));
    let some = |dice: &mut Dice, most: usize| {
        let all: Vec<usize> = (0..roles).collect();
        dice.some(&all, 0, most)
    };
    let admin = |dice: &mut Dice| (!dice.chance(10)).then(|| dice.below(roles));
    let held = (0..users).map(|_| some(dice, 2)).map(|mut held| {
        held.sort_unstable();
        held
    });
    let held: Vec<Vec<usize>> = held.collect();
    let admins = (0..users).filter(|_| dice.chance(80)).collect();
    let assign = |dice: &mut Dice| Assign { admin: admin(dice), holds: some(dice, 2), lacks: some(dice, 2), role: dice.below(roles) };
    let assigns = (0..dice.between(1, 6)).map(|_| assign(dice)).collect();
    let revokes = (0..dice.below(4)).map(|_| Revoke { admin: admin(dice), role: dice.below(roles) }).collect();
    let goal = Goal { user: dice.chance(40).then(|| dice.below(users)), role: dice.below(roles) };
    let names = |prefix: &str, count: usize| (0..count).map(|number| format!("{prefix}{number}")).collect();
    File { roles: names("r", roles), users: names("u", users), admins, held, assigns, revokes, goal }
}

#[test]
fn answers_as_trying_everything() -> Done {
    let (mut proved, mut shown, mut unknown) = (0, 0, 0);
    for seed in 0..20_000 {
        let file = small(&mut Dice::new(seed));
        match reach(&file) {
            Answer::Reachable(witness) => {
                replay(&file, &witness).map_err(|error| format!("seed {seed}: {error}"))?;
                nothing_can_be_left_out(&file, &witness);
                shown += 1;
            }
            Answer::NotReachable(certificate) => {
                assert!(!exhaustive(&file), "seed {seed}: it can be reached: {file:?}");
                check(&file, &certificate).map_err(|error| format!("seed {seed}: {error}\n{file:?}\n{certificate:?}"))?;
                proved += 1;
            }
            Answer::Unknown { .. } => unknown += 1,
        }
    }
    println!("{proved} proved, {shown} shown, {unknown} unknown");
    assert!(proved > 1000 && shown > 1000);
    // Three users are few to provide everything that administrators need at once.
    assert!(unknown * 20 < proved + shown, "{unknown} unknown");
    Ok(())
}
