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

use tenantry::Directory;
use tenantry_conformance::floor::Organization;
use tenantry_conformance::organization::{Mix, policy, snapshot};

type Done<T = ()> = Result<T, Box<dyn Error>>;

const SIZES: [usize; 4] = [10, 1_000, 100_000, 1_000_000];

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
    // Cargo adds `--bench`.
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let sizes = if given.is_empty() { SIZES.to_vec() } else { given };
    println!("### Questions, members alike\n\nMultiples of the floor, and the time of one question.");
    let mut all = sizes.iter().map(|&members| Both::new(members, Mix::Plain)).collect::<Done<Vec<Both>>>()?;
    can::table(Mix::Plain, &all)?;
    println!("\n### Decisions");
    decide::table(&mut all)?;
    println!("\n### The members page");
    page::table(&all)?;
    drop(all);
    println!("\n### Questions, everybody in a group or with a grant that ends\n\nNo answer is remembered.");
    let all = sizes.iter().map(|&members| Both::new(members, Mix::Own)).collect::<Done<Vec<Both>>>()?;
    can::table(Mix::Own, &all)?;
    println!("\n### The members page, everybody in a group or with a grant that ends");
    page::table(&all)?;
    drop(all);
    println!("\n### Policies");
    load::policies()?;
    println!("\n### Directories");
    load::directories(&sizes)
}
