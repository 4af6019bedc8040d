//! `types`: the types of the npm package, from the same Rust types as the JSON Schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tenantry::policy::presets;
use tenantry::{CATALOGUE, ERROR_CODES, Policy};

use crate::Done;
use crate::generated::{Mode, settle};
use crate::schema::{analysis_definitions, definitions};

const HEAD: &str = "\
// Made from the Rust types by `cargo xtask types`. Every document as it is in JSON; a table or a list that would be empty may be
// absent.

";

/// Writes or checks the files: the documents, and what the analysis answers.
pub fn run(mode: Mode) -> Done {
    settle("js/src/documents.ts", &format!("{HEAD}{}{}", declared(&definitions())?, words()?), mode, "types")?;
    let analysis = analysis_definitions();
    let declared = declared(&analysis)?;
    let head = format!("{HEAD}import type {{ {} }} from \"./documents.js\";\n\n", elsewhere(&Value::Object(analysis.clone()), &analysis).join(", "));
    settle("js/src/analysis-documents.ts", &format!("{head}{}\n", declared.trim_end()), mode, "types")
}

fn declared(definitions: &Map<String, Value>) -> Done<String> {
    let mut types = BTreeMap::new();
    definitions.iter().try_for_each(|(name, schema)| declare(&mut types, name, schema))?;
    Ok(types.into_values().collect())
}

/// The names of types that a schema refers to and that are not among its own.
pub fn elsewhere(schema: &Value, own: &Map<String, Value>) -> Vec<String> {
    let mut found: Vec<String> = match schema {
        Value::Object(table) => {
            let name = table.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            let inside = table.values().flat_map(|value| elsewhere(value, own));
            inside.chain(name.filter(|name| !own.contains_key(*name)).map(plain)).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| elsewhere(item, own)).collect(),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// Takes a type in. The same name is the same type in every document.
fn declare(types: &mut BTreeMap<String, String>, name: &str, schema: &Value) -> Done {
    let name = plain(name);
    let body = shape(schema, 0);
    let text = match schema {
        Value::Object(table) if table.contains_key("properties") && !table.contains_key("oneOf") => {
            format!("{}export interface {name} {body}\n\n", comment(table, 0))
        }
        Value::Object(table) => format!("{}export type {name} = {body};\n\n", comment(table, 0)),
        _ => return Err(format!("`{name}` has no schema").into()),
    };
    match types.insert(name.clone(), text.clone()) {
        Some(other) if other != text => Err(format!("two types are called `{name}`:\n{other}{text}").into()),
        _ => Ok(()),
    }
}

fn plain(name: &str) -> String {
    name.split('_')
        .map(|part| part.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default() + part.get(1..).unwrap_or_default())
        .collect()
}

fn shape(schema: &Value, depth: usize) -> String {
    let Value::Object(table) = schema else { return "unknown".to_owned() };
    if let Some(name) = table.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return plain(name);
    }
    if let Some(value) = table.get("const") {
        return value.to_string();
    }
    if let Some(Value::Array(values)) = table.get("enum") {
        return union(values.iter().map(Value::to_string));
    }
    if let Some(Value::Array(choices)) = table.get("oneOf").or_else(|| table.get("anyOf")) {
        let choices = union(choices.iter().map(|choice| shape(choice, depth)));
        // Fields beside the choices belong to each of them.
        return if table.contains_key("properties") { format!("{} & ({choices})", object(table, depth)) } else { choices };
    }
    match table.get("type") {
        Some(Value::Array(types)) => union(types.iter().filter_map(Value::as_str).map(|one| of_type(one, table, depth))),
        Some(Value::String(one)) => of_type(one, table, depth),
        _ => "unknown".to_owned(),
    }
}

fn union(choices: impl Iterator<Item = String>) -> String {
    let mut known: Vec<String> = Vec::new();
    choices.for_each(|choice| {
        if !known.contains(&choice) {
            known.push(choice)
        }
    });
    known.join(" | ")
}

fn of_type(name: &str, table: &Map<String, Value>, depth: usize) -> String {
    match name {
        "integer" | "number" => "number".to_owned(),
        "array" => {
            let item = table.get("items").map_or("unknown".to_owned(), |item| shape(item, depth));
            if item.contains([' ', '{']) { format!("ReadonlyArray<{item}>") } else { format!("readonly {item}[]") }
        }
        "object" => object(table, depth),
        other => other.to_owned(),
    }
}

fn object(table: &Map<String, Value>, depth: usize) -> String {
    let Some(Value::Object(properties)) = table.get("properties") else {
        let value = table.get("additionalProperties").map_or("unknown".to_owned(), |value| shape(value, depth));
        return format!("Readonly<Record<string, {value}>>");
    };
    let required = |name: &String| table.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|other| other == name));
    let indent = "  ".repeat(depth + 1);
    let fields = properties.iter().map(|(name, field)| {
        let said = field.as_object().map(|field| comment(field, depth + 1)).unwrap_or_default();
        let mark = if required(name) { "" } else { "?" };
        // A field stands or does not. There is one version.
        let value = if name == "tenantry" { "1".to_owned() } else { shape(field, depth + 1) };
        let value = if mark.is_empty() && !is_option(field) { value } else { value.replace(" | null", "") };
        format!("{said}{indent}readonly {name}{mark}: {value};\n")
    });
    format!("{{\n{}{}}}", fields.collect::<String>(), "  ".repeat(depth))
}

/// Whether a field is required in a document and an option in Rust, where all problems of a policy are heard.
fn is_option(field: &Value) -> bool {
    field["description"].as_str().is_some_and(|text| text.ends_with("Required."))
}

fn comment(table: &Map<String, Value>, depth: usize) -> String {
    let said = table.get("description").and_then(Value::as_str).unwrap_or_default();
    let indent = "  ".repeat(depth);
    let said = unlinked(&unlinked(said, "(crate::"), "(super::");
    if said.is_empty() { String::new() } else { format!("{indent}/** {} */\n", said.replace("*/", "* /")) }
}

/// The text without links into the Rust documentation.
fn unlinked(text: &str, link: &str) -> String {
    let Some((before, after)) = text.split_once(link) else { return text.to_owned() };
    let rest = unlinked(after.split_once(')').map_or("", |(_, rest)| rest), link);
    let plain = before.strip_suffix(']').and_then(|before| before.rsplit_once('['));
    plain.map_or_else(|| format!("{before}{rest}"), |(before, name)| format!("{before}{name}{rest}"))
}

/// The words that documents take from catalogues: actions, codes, and what the presets declare.
fn words() -> Done<String> {
    let built_in = Policy::parse_json(r#"{ "tenantry": 1, "name": "none", "roles": { "organization": { "one": { "rank": 1 } } } }"#)?;
    let verbs: Vec<&str> = built_in.actions().iter().map(|action| action.name.as_str()).collect();
    let mut text = alternatives("BuiltInAction", "An action that every policy has.", &verbs);
    text += &alternatives(
        "CatalogueCode",
        "A code that the engine itself gives. Policies add codes of their own.",
        &CATALOGUE.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
    );
    text += &alternatives("ErrorCode", "A code of an error of the engine.", ERROR_CODES);
    text += "/** What the ready policies declare: the names for policies that extend them. */\nexport interface Presets {\n";
    for name in presets::NAMES {
        let policy = Policy::preset(name)?;
        let own: Vec<&str> = policy.actions()[verbs.len()..].iter().map(|action| action.name.as_str()).collect();
        let mut roles: Vec<&str> = policy.roles().iter().flat_map(|role| [role.name.as_str(), role.qualified.as_str()]).collect();
        roles.sort_unstable();
        roles.dedup();
        let open = policy.to_json().contains("\"custom_roles\":");
        let roles = if open { "string".to_owned() } else { quoted(&roles) };
        text += &format!("  readonly \"{name}\": {{ actions: {}; roles: {roles} }};\n", quoted(&own));
    }
    Ok(text + "}\n")
}

fn alternatives(name: &str, said: &str, words: &[&str]) -> String {
    format!("/** {said} */\nexport type {name} =\n  | {};\n\n", words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join("\n  | "))
}

fn quoted(words: &[&str]) -> String {
    if words.is_empty() { "never".to_owned() } else { words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" | ") }
}
