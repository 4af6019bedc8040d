//! The table of ratios: the engine beside the floor, in one process, in rounds that alternate between the two, as Markdown.
//! Sizes of the organizations may be given: `cargo xtask bench --table 1000`.

#![allow(missing_docs)]

mod can;
mod decide;
mod load;
mod markdown;
mod page;
mod rounds;

use std::error::Error;

use rounds::Before;
use tenantry::Directory;
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, policy, sizes, snapshot};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// The same organization twice.
struct Both {
    members: usize,
    floor: Organization,
    directory: Directory,
}

impl Both {
    fn new(members: usize, mix: Mix) -> Done<Both> {
        let snapshot = snapshot(members, mix);
        Ok(Both { members, floor: Organization::new(&snapshot), directory: Directory::new(policy()?, &snapshot)? })
    }
}

fn main() -> Done {
    let sizes = sizes(std::env::args().skip(1));
    let both = |mix| sizes.iter().map(|&members| Both::new(members, mix)).collect::<Done<Vec<Both>>>();
    let mut all = both(Mix::Plain)?;
    println!("Multiples of the floor, beside them the time of one. Bold: the bar is missed.\n\n### Questions, members alike");
    can::table(Mix::Plain, Before::Warm, &all)?;
    println!("\n### The same with cold caches");
    can::table(Mix::Plain, Before::Cold, &all)?;
    println!("\n### Decisions");
    decide::table(&mut all)?;
    println!("\n### The members page");
    page::table(&all)?;
    drop(all);
    let all = both(Mix::Own)?;
    println!("\n### Questions, everybody in a group or with a grant that ends");
    can::table(Mix::Own, Before::Warm, &all)?;
    println!("\n### The members page, everybody in a group or with a grant that ends");
    page::table(&all)?;
    drop(all);
    println!("\n### Policies");
    load::policies()?;
    println!("\n### Directories");
    load::directories(&sizes)
}
