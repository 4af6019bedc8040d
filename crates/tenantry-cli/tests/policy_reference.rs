//! The policy reference is true: every example of it runs, and every word, action, code and bound stands in it.

use std::collections::BTreeSet;
use std::error::Error;

use serde_json::{Map, Value, json};
use tenantry::policy::actions::VERBS;
use tenantry::{CATALOGUE, ERROR_CODES, Policy};
use tenantry_cli::cases::run_cases;

type Done = Result<(), Box<dyn Error>>;

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tenantry/POLICY.md");

/// A fenced block: what stands behind the fence, the number of its first line, its text.
struct Block {
    info: String,
    line: usize,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in markdown.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(info), false) => {
                found.push(Block { info: info.trim().to_owned(), line: number + 2, text: String::new() });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => found.last_mut().into_iter().for_each(|block| block.text.extend([line, "\n"])),
            (None, false) => {}
        }
    }
    assert!(!open, "the last fence is not closed");
    found
}

/// The fragment as a whole policy, completed as the top of the reference says.
fn completed(fragment: &str) -> Result<Value, Box<dyn Error>> {
    let table: toml::Table = toml::from_str(fragment)?;
    let mut policy = serde_json::to_value(table)?;
    let has = |policy: &Value, field: &str| policy.get(field).is_some();
    for (field, value) in [("tenantry", json!(1)), ("name", json!("example"))] {
        if !has(&policy, field) {
            policy[field] = value;
        }
    }
    if has(&policy, "extends") {
        return Ok(policy);
    }
    if !has(&policy, "roles") {
        policy["roles"] = default_roles();
        if policy["scopes"].get("workspace").is_none() {
            policy["scopes"]["workspace"] = json!({});
        }
    }
    if policy["roles"]["organization"].get("owner").is_some() && !has(&policy, "allow") {
        policy["allow"] = default_allow();
    }
    Ok(policy)
}

fn default_roles() -> Value {
    json!({
        "organization": { "owner": { "rank": 3 }, "admin": { "rank": 2 }, "member": { "rank": 1, "default": true } },
        "workspace": { "admin": { "rank": 3 }, "member": { "rank": 2, "default": true }, "viewer": { "rank": 1 } }
    })
}

fn default_allow() -> Value {
    json!([{
        "id": "owners-do-everything",
        "actions": "*",
        "actor": { "role": "organization.owner" },
        "grants": { "role": "*" },
        "revokes": { "role": "*" }
    }])
}

/// What the reference itself says about completion is what this test does.
#[test]
fn fragments_are_completed_as_the_reference_says() -> Done {
    let markdown = std::fs::read_to_string(REFERENCE)?;
    let said = blocks(&markdown).into_iter().find(|block| block.info == "toml completion").ok_or("the completion is not shown")?;
    let table: toml::Table = toml::from_str(&said.text)?;
    assert_eq!(serde_json::to_value(table)?, completed("")?);
    Ok(())
}

#[test]
fn every_example_holds() -> Done {
    let markdown = std::fs::read_to_string(REFERENCE)?;
    let blocks = blocks(&markdown);
    let (mut examples, mut cases, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    for (i, block) in blocks.iter().enumerate() {
        let next = blocks.get(i + 1);
        match block.info.as_str() {
            "toml" => match next.filter(|next| next.info == "toml cases") {
                Some(asked) => {
                    examples += 1;
                    cases += example(block, asked, &mut wrong);
                }
                None => wrong.push(format!("line {}: no cases follow the fragment", block.line)),
            },
            "toml refused" => {
                refused += 1;
                wrong.extend(refusal(block, next));
            }
            "toml cases" if i == 0 || blocks[i - 1].info != "toml" => wrong.push(format!("line {}: cases without a fragment", block.line)),
            _ => {}
        }
    }
    println!("policy reference: {examples} examples with {cases} cases run, {refused} refused policies");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples >= 90 && cases > 2 * examples, "the examples are gone");
    Ok(())
}

fn policy_of(fragment: &Block) -> Result<Policy, String> {
    let document = completed(&fragment.text).map_err(|error| error.to_string())?;
    Policy::parse(document).map_err(|error| error.to_string())
}

/// Runs an example and gives the number of its cases.
fn example(fragment: &Block, asked: &Block, wrong: &mut Vec<String>) -> usize {
    let policy = match policy_of(fragment) {
        Ok(policy) => policy,
        Err(error) => {
            wrong.push(format!("line {}: {error}", fragment.line));
            return 0;
        }
    };
    match run_cases(&policy, None, &asked.text) {
        Ok(results) => {
            let failed = results.iter().filter_map(|result| Some(format!("line {}: {}: {}", asked.line, result.name, result.failure.as_ref()?)));
            wrong.extend(failed);
            results.len()
        }
        Err(error) => {
            wrong.push(format!("line {}: {error}", asked.line));
            0
        }
    }
}

/// A policy that is refused, with the words that it is refused with.
fn refusal(fragment: &Block, said: Option<&Block>) -> Option<String> {
    let Err(error) = policy_of(fragment) else { return Some(format!("line {}: the policy is not refused", fragment.line)) };
    let said = said.filter(|block| block.info == "text").map_or("", |block| block.text.trim_end());
    (said != error).then(|| format!("line {}: the words are\n{error}", fragment.line))
}

/// Every word between single backticks, outside of fenced blocks. `new_id?` is `new_id`, which may be left out.
fn words(markdown: &str) -> BTreeSet<String> {
    let mut open = false;
    let mut prose = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            open = !open;
        } else if !open {
            prose.extend([line, "\n"]);
        }
    }
    prose.split('`').skip(1).step_by(2).map(|word| word.trim_end_matches('?').to_owned()).collect()
}

fn assert_explained<'a>(known: impl IntoIterator<Item = &'a str>) -> Done {
    let words = words(&std::fs::read_to_string(REFERENCE)?);
    let missing: Vec<&str> = known.into_iter().filter(|word| !words.contains(*word)).collect();
    assert!(missing.is_empty(), "not in POLICY.md, in backticks: {missing:?}");
    Ok(())
}

/// The names of fields and the words of choices in a JSON Schema. The names of what a policy declares itself (roles, kinds)
/// are no fields.
fn known_words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            found.extend(fields.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned());
            for constant in fields.get("const").into_iter().chain(fields.get("enum").and_then(Value::as_array).into_iter().flatten()) {
                found.extend(constant.as_str().map(str::to_owned));
            }
            fields.values().for_each(|value| known_words(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| known_words(item, found)),
        _ => {}
    }
}

#[test]
fn every_word_of_the_language_is_explained() -> Done {
    let mut known = BTreeSet::new();
    known_words(&serde_json::to_value(tenantry::policy::schema())?, &mut known);
    assert!(known.len() > 90, "the schema names few words: {known:?}");
    assert_explained(known.iter().map(String::as_str))
}

#[test]
fn every_action_and_its_fields_are_explained() -> Done {
    assert_explained(VERBS.iter().flat_map(|spec| std::iter::once(&spec.name).chain(spec.required).chain(spec.optional).copied()))
}

#[test]
fn every_code_is_explained() -> Done {
    assert_explained(CATALOGUE.iter().map(|code| code.as_str()).chain(ERROR_CODES.iter().copied()))
}

/// The anchor that a heading gets: lower case, without signs, blanks as dashes; the second of a name gets a number.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for heading in markdown.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim()) {
        let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c)).collect::<String>().replace(' ', "-");
        let free = (0..).map(|n| if n == 0 { kept.clone() } else { format!("{kept}-{n}") }).find(|anchor| !found.contains(anchor));
        found.extend(free);
    }
    found
}

#[test]
fn every_link_leads_somewhere() -> Done {
    let markdown = std::fs::read_to_string(REFERENCE)?;
    let anchors = anchors(&markdown);
    let links: Vec<&str> = markdown.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let lost: Vec<&&str> = links.iter().filter(|link| !anchors.contains(**link)).collect();
    assert!(links.len() > 40 && lost.is_empty(), "no heading for {lost:?}");
    Ok(())
}

#[test]
fn the_bounds_are_those_of_the_engine() -> Done {
    use tenantry::bounds::*;
    let all = [
        POLICY_BYTES,
        SNAPSHOT_BYTES,
        REQUEST_BYTES,
        DECISION_BYTES,
        ID_BYTES,
        EMAIL_BYTES,
        EMAIL_LOCAL_BYTES,
        NAME_BYTES,
        TEXT_BYTES,
        ROLES,
        PERMISSIONS,
        KINDS,
        ACTIONS,
        RULES,
        SYSTEMS,
        EXTENDS,
        SCOPE_DEPTH,
        GRANTS_OF_ONE,
        ROLES_AT_ONCE,
        SCOPES_AT_ONCE,
        ADDRESSES,
        BATCH_ITEMS,
        FACTS,
        FACT_VALUES,
        PAGE_ROWS,
        TABLE_ROWS,
    ];
    let markdown = std::fs::read_to_string(REFERENCE)?;
    let table = markdown.split("## Bounds").last().unwrap_or_default();
    let said: BTreeSet<String> = table.split(|c: char| !c.is_ascii_digit() && c != ',').map(|number| number.replace(',', "")).collect();
    let missing: Vec<_> = all.iter().filter(|bound| !said.contains(&bound.max.to_string())).collect();
    assert!(missing.is_empty(), "not under Bounds: {missing:?}");
    Ok(())
}
