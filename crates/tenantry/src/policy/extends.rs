//! `extends`: a policy on top of another.

use std::collections::BTreeMap;
use std::mem;

use crate::bounds;
use crate::document::Tree;
use crate::document::words::{self, Problems};

/// Lists that only declare names: both policies' names stand.
const JOINED: &[&str] = &["systems", "attributes.user", "attributes.scope", "attributes.resource", "attributes.context", "attributes.profile"];

/// Lays `over` on `base`: tables merge, lists of names that only declare are joined, a rule with the same id replaces in
/// place, other rules follow, and everything else replaces.
fn merge(base: &mut Tree, over: Tree, path: &str) {
    match (base, over) {
        (Tree::Table(base), Tree::Table(over)) => {
            for (name, value) in over {
                match base.get_mut(&name) {
                    Some(old) => merge(old, value, &words::join(path, &name)),
                    None => drop(base.insert(name, value)),
                }
            }
        }
        (Tree::List(base), Tree::List(over)) if matches!(path, "allow" | "forbid" | "keep") => merge_rules(base, over),
        (base, over) if JOINED.contains(&path) => *base = join(mem::replace(base, Tree::Null), over),
        (base, over) => *base = over,
    }
}

/// Each rule below is replaced once at most: an id that stands twice in one document stays twice, and is told as such.
fn merge_rules(base: &mut Vec<Tree>, over: Vec<Tree>) {
    let id = |rule: &Tree| rule.get("id").and_then(Tree::as_str).map(str::to_owned);
    let mut below: Vec<Option<String>> = base.iter().map(id).collect();
    for rule in over {
        let id = id(&rule);
        match below.iter().position(|other| id.is_some() && *other == id) {
            Some(i) => {
                base[i] = rule;
                below.iter_mut().filter(|other| **other == id).for_each(|other| *other = None);
            }
            None => base.push(rule),
        }
    }
}

/// The names below, then those above that are new.
fn join(base: Tree, over: Tree) -> Tree {
    let as_list = |value: Tree| if let Tree::List(items) = value { items } else { vec![value] };
    let mut items = as_list(base);
    let below = items.len();
    for item in as_list(over) {
        if item.as_str().is_none_or(|_| !items[..below].contains(&item)) {
            items.push(item);
        }
    }
    Tree::List(items)
}

/// The document with everything that it extends laid below it. `find` gives the document of a name.
pub(crate) fn resolve(document: Tree, find: &dyn Fn(&str) -> Option<Tree>, problems: &mut Problems) -> Tree {
    let mut chain = vec![document];
    while let Some(name) = chain[chain.len() - 1].get("extends").and_then(Tree::as_str).map(str::to_owned) {
        if chain.len() == bounds::EXTENDS.max {
            problems.out_of_bounds("extends", bounds::EXTENDS, chain.len() + 1);
            break;
        }
        let Some(base) = find(&name) else {
            problems.unknown("extends", &name, "a preset, nor a policy that this host knows", super::presets::NAMES.iter().copied());
            break;
        };
        chain.push(base);
    }
    let mut merged = Tree::Table(BTreeMap::new());
    for mut layer in chain.into_iter().rev() {
        if let Tree::Table(fields) = &mut layer {
            // A name that is no text is left for the reader, which says so.
            if fields.get("extends").is_some_and(|name| name.as_str().is_some()) {
                fields.remove("extends");
            }
        } else {
            return layer;
        }
        merge(&mut merged, layer, "");
    }
    merged
}
