//! Nothing that comes in can do harm: it ends in an error with a code, and the next call works.

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, Instant};

use tenantry_host::{Budget, Engine, Policy, Pool, Session, Settings};

mod component;

type Done = Result<(), Box<dyn Error>>;

/// Bytes of a document that is only depth.
const DEEP: usize = 10_000_000;

const LIST: &str = r#"{"actor":{"user":"u0"},"now":"2026-01-15T09:00:00Z","limit":1000000}"#;
const LEAVE: &str = r#"{"actor":{"user":"u0"},"action":"member.leave","now":"2026-01-15T09:00:00Z"}"#;

/// An organization of so many, of whom the first is its owner.
fn organization(members: usize) -> Result<String, std::fmt::Error> {
    let (mut users, mut grants) = (String::new(), String::new());
    for number in 0..members {
        let (comma, role) = if number == 0 { ("", "owner") } else { (",", "member") };
        write!(users, r#"{comma}{{"id":"u{number}","email":"u{number}@acme.example","name":"User {number}"}}"#)?;
        write!(grants, r#"{comma}{{"scope":"acme","user":"u{number}","role":"{role}"}}"#)?;
    }
    Ok(format!(r#"{{"tenantry":1,"organization":"acme","scopes":[{{"id":"acme","kind":"organization"}}],"users":[{users}],"grants":[{grants}]}}"#))
}

fn starter() -> Policy {
    Policy::Preset("starter".to_owned())
}

fn session(settings: Settings, members: usize) -> Result<Session, Box<dyn Error>> {
    let mut session = component::engine(settings)?.session(starter())?;
    session.load(organization(members)?)?;
    Ok(session)
}

fn code<T>(answer: Result<T, tenantry_host::Error>) -> String {
    answer.map_or_else(|error| error.code().to_owned(), |_| "ok".to_owned())
}

#[test]
fn a_document_of_ten_megabytes_of_brackets_is_refused() -> Done {
    let mut session = session(Settings::default(), 3)?;
    let deep = "[".repeat(DEEP);
    assert_eq!(code(session.decide(&deep)), "out_of_bounds");
    assert_eq!(code(session.apply(&deep, "2026-01-15T09:00:00Z")), "bad_document");
    assert!(!session.can(LEAVE)?);
    assert_eq!(code(session.load(r#"{"tenantry":"#.repeat(DEEP / 12))), "bad_document");
    assert_eq!(code(session.can(LEAVE)), "no_directory");
    session.load(organization(3)?)?;
    assert!(!session.can(LEAVE)?);
    Ok(())
}

#[test]
fn an_organization_that_needs_too_much_memory_is_refused() -> Done {
    for instances in [0, 2] {
        let mut session = session(Settings { memory: 8 << 20, instances, ..Settings::default() }, 3)?;
        assert_eq!(code(session.load(organization(100_000)?)), "out_of_memory");
        assert_eq!(code(session.can(LEAVE)), "no_directory");
        session.load(organization(3)?)?;
        assert!(!session.can(LEAVE)?);
        // The text alone is more than there is.
        assert_eq!(code(session.decide(&" ".repeat(DEEP))), "out_of_memory");
        assert!(!session.can(LEAVE)?, "the organization is there as before");
    }
    Ok(())
}

#[test]
fn a_page_that_needs_too_much_fuel_ends_and_the_organization_stays() -> Done {
    let settings = Settings { budget: Budget::Fuel(2_000_000), loading: 1_000, ..Settings::default() };
    let mut session = session(settings, 5_000)?;
    for _ in 0..3 {
        assert_eq!(code(session.page(LIST)), "out_of_fuel");
        assert!(!session.can(LEAVE)?);
    }
    Ok(())
}

#[test]
fn a_page_that_takes_too_long_ends_and_the_organization_stays() -> Done {
    let settings = Settings { budget: Budget::Time(Duration::from_millis(100)), loading: 1_000, memory: 1 << 30, ..Settings::default() };
    let mut session = session(settings, 150_000)?;
    let begun = Instant::now();
    assert_eq!(code(session.page(LIST)), "out_of_time");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(!session.can(LEAVE)?);
    Ok(())
}

#[test]
fn what_was_applied_is_there_after_a_fault() -> Done {
    let settings = Settings { budget: Budget::Fuel(5_000_000), loading: 1_000, ..Settings::default() };
    let mut session = session(settings, 5_000)?;
    for number in 1..=40 {
        let request =
            format!(r#"{{"tenantry":1,"id":"r{number}","now":"2026-01-15T09:00:00Z","actor":{{"user":"u0"}},"action":"member.remove","target":"u{number}"}}"#);
        let decision = session.decide(&request)?;
        session.apply(&decision, "2026-01-15T09:00:00Z")?;
    }
    let before = session.snapshot()?;
    assert_eq!(code(session.page(LIST)), "out_of_fuel");
    assert_eq!(session.snapshot()?, before);
    let stays = session.user_number("u41")?;
    assert_eq!(session.user_id(stays)?.as_deref(), Some("u41"));
    Ok(())
}

#[test]
fn many_changes_do_not_pile_up() -> Done {
    let mut session = session(Settings::default(), 3)?;
    for number in 0..400 {
        let (action, status) = if number % 2 == 0 { ("member.deactivate", "deactivated") } else { ("member.reactivate", "active") };
        let request = format!(r#"{{"tenantry":1,"id":"r{number}","now":"2026-01-15T09:00:00Z","actor":{{"user":"u0"}},"action":"{action}","target":"u1"}}"#);
        let decision = session.decide(&request)?;
        assert!(decision.contains(r#""effect":"allow""#), "{status}: {decision}");
        session.apply(&decision, "2026-01-15T09:00:00Z")?;
    }
    assert!(!session.can(LEAVE)?);
    Ok(())
}

#[test]
fn instances_are_counted_and_come_back() -> Done {
    let engine = component::engine(Settings { instances: 2, ..Settings::default() })?;
    let (first, second) = (engine.session(starter())?, engine.session(starter())?);
    assert_eq!(code(engine.session(starter())), "no_instance");
    assert_eq!(code(engine.codes()), "no_instance");
    drop(first);
    assert!(engine.codes()?.contains("not_permitted"));
    drop(second);
    let (_third, _fourth) = (engine.session(starter())?, engine.session(starter())?);
    Ok(())
}

#[test]
fn a_pool_keeps_what_is_worth_it() -> Done {
    let pool = Pool::new(component::engine(Settings::default())?, starter(), 2)?;
    {
        let (mut first, mut second, mut third) = (pool.session()?, pool.session()?, pool.session()?);
        for session in [&mut first, &mut second, &mut third] {
            session.load(organization(3)?)?;
            assert!(!session.can(LEAVE)?);
        }
    }
    assert_eq!(pool.waiting(), 2);
    let mut large = pool.session()?;
    assert_eq!(code(large.can(LEAVE)), "no_directory", "a session comes back without its organization");
    large.load(organization(60_000)?)?;
    drop(large);
    assert_eq!(pool.waiting(), 1, "one that has grown goes");
    Ok(())
}

#[test]
fn bytes_that_are_not_the_component_are_refused() {
    assert_eq!(code(Engine::new(b"\0asm", Settings::default())), "bad_component");
    // An empty component: well formed, without the interface.
    assert_eq!(code(Engine::new(b"\0asm\x0d\0\x01\0", Settings::default())), "bad_component");
}
