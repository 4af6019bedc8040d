//! Memory of a directory for each grant, as Markdown: bytes asked of the allocator, without what the ids and addresses
//! themselves take. A process of its own, as counting allocations slows everything else.

#![allow(missing_docs)]

use std::alloc::System;
use std::error::Error;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tenantry::Directory;
use tenantry::document::Snapshot;
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, policy, sizes, snapshot};
use tenantry_conformance::questions::{Sort, by_id};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Bytes a grant, beside the ids and addresses.
const BAR: f64 = 64.0;

fn main() -> Done {
    let sizes = sizes(std::env::args().skip(1));
    println!("\n### Memory\n\nBytes a grant. The ids and addresses themselves are taken off but in the columns of the whole.\n");
    println!("| organization | members | grants | ids and addresses | directory, bar 64 | with answers remembered | whole directory | whole floor |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for (name, mix, named) in [("no names", Mix::Plain, false), ("with names", Mix::Plain, true), ("groups and ending grants, no names", Mix::Own, false)] {
        for &members in &sizes {
            println!("| {name} | {members} | {} |", figures(members, mix, named)?.join(" | "));
        }
    }
    Ok(())
}

fn figures(members: usize, mix: Mix, named: bool) -> Done<Vec<String>> {
    let mut snapshot = snapshot(members, mix);
    if !named {
        snapshot.users.iter_mut().for_each(|user| user.name = None);
    }
    let grants = snapshot.grants.len();
    let each = |bytes: usize| bytes as f64 / grants as f64;
    let texts = each(texts(&snapshot));
    let policy = std::sync::Arc::new(policy()?);
    let region = Region::new(ALLOCATOR);
    let directory = Directory::new(policy, &snapshot)?;
    let loaded = each(held(&region));
    for sort in Sort::ALL {
        for query in sort.queries(members, mix, 4_096) {
            directory.allows_by_id(&by_id(&directory, &query).ok_or("an action is unknown")?)?;
        }
    }
    let asked = each(held_since(&region, &directory));
    drop(directory);
    let region = Region::new(ALLOCATOR);
    let floor = Organization::new(&snapshot);
    let by_hand = each(held_since(&region, &floor));
    let beside = |bytes: f64| if bytes - texts <= BAR { format!("{:.0}", bytes - texts) } else { format!("**{:.0}**", bytes - texts) };
    Ok(vec![grants.to_string(), format!("{texts:.0}"), beside(loaded), beside(asked), format!("{loaded:.0}"), format!("{by_hand:.0}")])
}

fn held(region: &Region<System>) -> usize {
    let change = region.change();
    change.bytes_allocated - change.bytes_deallocated
}

/// What is held while the value lives.
fn held_since<T>(region: &Region<System>, value: &T) -> usize {
    std::hint::black_box(value);
    held(region)
}

/// Bytes of the ids and addresses, each once.
fn texts(snapshot: &Snapshot) -> usize {
    let users = snapshot.users.iter().map(|user| user.id.len() + user.email.as_ref().map_or(0, String::len));
    let scopes = snapshot.scopes.iter().map(|scope| scope.id.len());
    let groups = snapshot.groups.iter().map(|group| group.id.len());
    users.chain(scopes).chain(groups).sum()
}
