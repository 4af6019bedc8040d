//! Makes an input smaller that breaks a body, as long as it still does.

use serde_json::Value;

use super::mutate::places;

/// The smallest input found that `fails` like the given one: parts of its tree are left out one after the other. An input that
/// is no tree stays as it is.
pub fn shrink(input: &[u8], fails: &dyn Fn(&[u8]) -> bool) -> Vec<u8> {
    let Ok(mut tree) = serde_json::from_slice::<Value>(input) else { return input.to_vec() };
    if !fails(tree.to_string().as_bytes()) {
        return input.to_vec();
    }
    while let Some(smaller) = smaller(&tree, fails) {
        tree = smaller;
    }
    tree.to_string().into_bytes()
}

/// The tree without everything that one pass can leave out; none if it can leave out nothing.
fn smaller(tree: &Value, fails: &dyn Fn(&[u8]) -> bool) -> Option<Value> {
    let mut found = None;
    // From the back: leaving out an item moves only those behind it.
    for place in places(tree).iter().rev() {
        let mut without = found.as_ref().unwrap_or(tree).clone();
        if remove(&mut without, place) && fails(without.to_string().as_bytes()) {
            found = Some(without);
        }
    }
    found
}

/// Leaves out what stands at a place. Says whether something did.
pub fn remove(tree: &mut Value, place: &str) -> bool {
    let Some((parent, name)) = place.rsplit_once('/') else { return false };
    match tree.pointer_mut(parent) {
        Some(Value::Array(items)) => name.parse().ok().filter(|&at: &usize| at < items.len()).map(|at| items.remove(at)).is_some(),
        Some(Value::Object(fields)) => fields.remove(&unescaped(name)).is_some(),
        _ => false,
    }
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
