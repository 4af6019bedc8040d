//! The floor of the benchmarks and the engine answer the same questions alike: what is timed side by side is the same work.

use tenantry::{Directory, Error};
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, policy, snapshot, user_id};
use tenantry_conformance::questions::{Change, Sort, VIEWER, by_handle, by_id, page};

const MEMBERS: usize = 1_000;
const QUESTIONS: usize = 1_024;

fn both(mix: Mix) -> Result<(Organization, Directory), Error> {
    let snapshot = snapshot(MEMBERS, mix);
    Ok((Organization::new(&snapshot), Directory::new(policy()?, &snapshot)?))
}

/// A comparison shows something if neither answer is rare.
fn assert_mixed(what: &str, allowed: usize) {
    assert!((QUESTIONS / 8..QUESTIONS * 7 / 8).contains(&allowed), "{what}: {allowed} of {QUESTIONS} allowed");
}

#[test]
fn questions() -> Result<(), Error> {
    for mix in [Mix::Plain, Mix::Own] {
        let (floor, directory) = both(mix)?;
        for sort in Sort::ALL {
            let mut allowed = 0;
            for query in &sort.queries(MEMBERS, mix, QUESTIONS) {
                let Some(ids) = by_id(&directory, query) else { continue };
                let expected = sort.by_hand(&floor, &ids);
                let by_handle = by_handle(&directory, query).map(|question| directory.allows(&question));
                assert_eq!(directory.allows_by_id(&ids)?, expected, "{mix:?}: {query:?}");
                assert_eq!(by_handle, Some(expected), "{mix:?}: {query:?}");
                allowed += usize::from(expected);
            }
            assert_mixed(sort.name(), allowed);
        }
    }
    Ok(())
}

#[test]
fn decisions() -> Result<(), Error> {
    for mix in [Mix::Plain, Mix::Own] {
        let (floor, mut directory) = both(mix)?;
        for change in Change::ALL {
            let mut allowed = 0;
            for request in &change.requests(MEMBERS, QUESTIONS) {
                let expected = change.by_hand(&floor, request);
                assert_eq!(directory.decide(request)?.is_allowed(), expected, "{mix:?}: {request:?}");
                allowed += usize::from(expected);
            }
            assert_mixed(change.action(), allowed);
        }
    }
    Ok(())
}

#[test]
fn pages() -> Result<(), Error> {
    for mix in [Mix::Plain, Mix::Own] {
        let (floor, directory) = both(mix)?;
        let by_hand = floor.page_rows(&user_id(VIEWER));
        let page = directory.page(&page(None))?;
        assert_eq!(page.members.len(), by_hand.len());
        for (line, row) in page.members.iter().zip(&by_hand) {
            assert_eq!((line.user.as_str(), line.name.as_deref(), line.actions), (row.id.as_str(), Some(row.name.as_str()), u64::from(row.actions)));
            assert_eq!((line.email.as_deref(), line.roles.as_slice()), (Some(row.email.as_str()), [row.role.clone()].as_slice()));
        }
        let mut bits = floor.page_actions(&user_id(VIEWER));
        let mut of_rows: Vec<u8> = by_hand.iter().map(|row| row.actions).collect();
        bits.sort_unstable();
        of_rows.sort_unstable();
        assert_eq!(bits, of_rows);
    }
    Ok(())
}
