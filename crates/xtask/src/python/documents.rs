//! The documents as types of Python, made from the same Rust types as the JSON Schemas.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Done;
use crate::generated::{Mode, settle};
use crate::schema::{analysis_definitions, definitions};
use crate::types::elsewhere;
use serde_json::{Map, Value, json};

/// Writes the modules, or checks that they are up to date: the documents, and what the analysis answers.
pub fn run(mode: Mode) -> Done {
    let documents = Module::of(&definitions()).text(&head("The documents, questions and answers", ""))? + TAIL;
    settle("python/src/tenantry/documents.py", &documents, mode, "python documents")?;
    let definitions = analysis_definitions();
    let analysis = Module::of(&definitions).text("")?;
    let others = elsewhere(&Value::Object(definitions.clone()), &definitions);
    let imports: String = others.iter().filter(|name| analysis.contains(*name)).map(|name| format!("    {name},\n")).collect();
    let head = head("What is found out about a policy", &format!("\nfrom .documents import (\n{imports})\n"));
    settle("python/src/tenantry/analysis.py", &(head + &analysis), mode, "python documents")
}

/// How a module begins.
fn head(what: &str, imports: &str) -> String {
    format!(
        r#""""{what} as types. Made by `cargo xtask python documents` from the engine's own types.

A field that is not required is absent where it says nothing.
"""

from __future__ import annotations

import sys
from typing import Literal, Union
{imports}
if sys.version_info >= (3, 12):
    from typing import NotRequired, TypeAliasType, TypedDict
else:
    from typing_extensions import NotRequired, TypeAliasType, TypedDict
"#
    )
}

/// What has no type of its own in the engine, as it is made while printing.
const TAIL: &str = r#"

class Denial(TypedDict):
    """What speaks against an action."""

    code: str
    message: str


class CodeEntry(TypedDict):
    """A code of the catalogue."""

    code: str
    step: str
    message: str


class Problem(TypedDict):
    """One problem of a policy."""

    path: str
    code: str
    message: str
    nearest: NotRequired[str]


class ErrorDocument(TypedDict):
    """An error."""

    code: str
    message: str
    path: NotRequired[str]
    problems: NotRequired[list[Problem]]
    missing: NotRequired[list[Need]]
    fresh: NotRequired[Union[Decision, Replaced]]


class Replaced(TypedDict):
    """An error in the place of an answer."""

    error: ErrorDocument
"#;

/// The types of the module, by name.
#[derive(Default)]
struct Module {
    types: BTreeMap<String, String>,
}

impl Module {
    fn of(definitions: &Map<String, Value>) -> Module {
        let mut module = Module::default();
        definitions.iter().for_each(|(name, schema)| module.define(&pascal(name), schema));
        module
    }

    fn text(&self, head: &str) -> Done<String> {
        let mut text = head.to_owned();
        for definition in self.types.values() {
            write!(text, "\n\n{}\n", definition.trim_end())?;
        }
        Ok(text)
    }

    /// Makes a type with a name.
    fn define(&mut self, name: &str, schema: &Value) {
        if schema["properties"]["effect"]["$ref"] == "#/$defs/Effect" {
            self.define_by_effect(name, schema);
        } else if let (Some(choices), true) = (schema["oneOf"].as_array(), schema["properties"].is_object()) {
            let kinds = self.choice(name, &choices.iter().map(|choice| with_fields_of(choice, schema)).collect::<Vec<_>>());
            self.alias(name, &kinds, schema);
        } else if schema["properties"].is_object() {
            self.define_table(name, schema, &[]);
        } else {
            let of = self.type_of(name, schema);
            self.alias(name, &of, schema);
        }
    }

    /// A name for a type. It stands in quotes, as types are used before they are defined.
    fn alias(&mut self, name: &str, of: &str, schema: &Value) {
        let (of, note) = (of.replace('"', "'"), text(schema, ""));
        self.types.insert(name.to_owned(), format!("{name} = TypeAliasType(\"{name}\", \"{of}\")\n\"\"\"{note}\"\"\"\n"));
    }

    /// An answer is one of two types: code and message stand on a denial and only there.
    fn define_by_effect(&mut self, name: &str, schema: &Value) {
        let sides = [("Allowed", "allow"), ("Denied", "deny")].map(|(side, effect)| (format!("{side}{name}"), effect));
        for (side, effect) in &sides {
            let told: &[&str] = if *effect == "deny" { &["code", "message"] } else { &[] };
            let mut schema = schema.clone();
            schema["properties"]["effect"] = json!({ "const": effect, "description": schema["properties"]["effect"]["description"] });
            if told.is_empty()
                && let Some(properties) = schema["properties"].as_object_mut()
            {
                properties.remove("code");
                properties.remove("message");
            }
            self.define_table(side, &schema, told);
        }
        self.alias(name, &format!("Union[{}, {}]", sides[0].0, sides[1].0), schema);
    }

    /// A table with fields; `told` are required whatever the schema says.
    fn define_table(&mut self, name: &str, schema: &Value, told: &[&str]) {
        let Some(properties) = schema["properties"].as_object() else { return };
        let required = |field: &str| told.contains(&field) || schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field));
        let mut fields = Vec::new();
        for (field, of) in properties {
            let kind = self.type_of(&format!("{name}{}", pascal(field)), &if required(field) { of.clone() } else { without_null(of) });
            let kind = if required(field) { kind } else { format!("NotRequired[{kind}]") };
            fields.push((field, kind, text(of, "    ")));
        }
        let words = text(schema, "    ");
        let words = if words.is_empty() { String::new() } else { format!("    \"\"\"{words}\"\"\"\n\n") };
        let definition = if fields.iter().any(|(field, ..)| KEYWORDS.contains(&field.as_str())) {
            let fields: String = fields.iter().map(|(field, kind, _)| format!("        \"{field}\": \"{}\",\n", kind.replace('"', "'"))).collect();
            let note = text(schema, "");
            format!("{name} = TypedDict(\n    \"{name}\",\n    {{\n{fields}    }},\n)\n\"\"\"{note}\"\"\"\n")
        } else {
            let field = |(field, kind, words): &(&String, String, String)| {
                let words = if words.is_empty() { String::new() } else { format!("    \"\"\"{words}\"\"\"\n") };
                format!("    {field}: {kind}\n{words}")
            };
            format!("class {name}(TypedDict):\n{words}{}", fields.iter().map(field).collect::<String>())
        };
        self.types.insert(name.to_owned(), definition);
    }

    /// The type of a value; a table within it gets the name given.
    fn type_of(&mut self, name: &str, schema: &Value) -> String {
        if let Some(of) = schema["$ref"].as_str() {
            return pascal(of.rsplit('/').next().unwrap_or(of));
        }
        if let Some(word) = schema.get("const") {
            return format!("Literal[{word}]");
        }
        if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            return self.choice(name, choices);
        }
        if let Some(types) = schema["type"].as_array() {
            let one = |kind: &Value| {
                let mut schema = schema.clone();
                schema["type"] = kind.clone();
                schema
            };
            return self.choice(name, &types.iter().map(one).collect::<Vec<_>>());
        }
        if let Some(words) = schema["enum"].as_array() {
            return format!("Literal[{}]", words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        }
        match schema["type"].as_str() {
            Some("string") => "str".to_owned(),
            Some("number") => "float".to_owned(),
            Some("integer") => "int".to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("null") => "None".to_owned(),
            Some("array") => format!("list[{}]", self.type_of(name, &schema["items"])),
            Some("object") if schema["properties"].is_object() => {
                self.define_table(name, schema, &[]);
                name.to_owned()
            }
            Some("object") => format!("dict[str, {}]", self.type_of(name, &schema["additionalProperties"])),
            _ => "object".to_owned(),
        }
    }

    fn choice(&mut self, name: &str, choices: &[Value]) -> String {
        let words: Option<Vec<String>> = choices.iter().map(|choice| choice.get("const").map(ToString::to_string)).collect();
        if let Some(words) = words {
            return format!("Literal[{}]", words.join(", "));
        }
        let kinds: Vec<String> = choices.iter().map(|choice| self.type_of(&named_after_tag(name, choice), choice)).collect();
        if let [one] = kinds.as_slice() { one.clone() } else { format!("Union[{}]", kinds.join(", ")) }
    }
}

/// Fields that Python cannot name in a class.
const KEYWORDS: [&str; 13] = ["and", "as", "class", "def", "for", "from", "if", "import", "in", "is", "not", "or", "with"];

/// The name of one shape of several: after its tag (`scope.created`, of `Event`), else after its first required field.
fn named_after_tag(name: &str, choice: &Value) -> String {
    let tag = choice["properties"].as_object().and_then(|fields| fields.values().find_map(|field| field["const"].as_str()));
    let first = || choice["required"].as_array()?.first()?.as_str();
    tag.or_else(first).map_or_else(|| name.to_owned(), |word| format!("{}{name}", pascal(word)))
}

/// One shape of several, with the fields that all of them have.
fn with_fields_of(choice: &Value, all: &Value) -> Value {
    let mut choice = choice.clone();
    if let (Some(fields), Some(shared)) = (choice["properties"].as_object_mut(), all["properties"].as_object()) {
        fields.extend(shared.clone());
    }
    if let (Some(required), Some(shared)) = (choice["required"].as_array_mut(), all["required"].as_array()) {
        required.extend(shared.clone());
    }
    choice
}

/// A field that is not required is absent, never `null`.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    for choices in ["anyOf", "type"] {
        if let Some(Value::Array(choices)) = schema.get_mut(choices) {
            choices.retain(|choice| *choice != "null" && choice["type"] != "null");
        }
    }
    schema
}

/// What a schema says of itself, in lines that fit.
fn text(schema: &Value, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in schema["description"].as_str().unwrap_or_default().replace('\\', "\\\\").split(' ') {
        match lines.last_mut().filter(|line| line.len() + word.len() < 110) {
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join(&format!("\n{indent}"))
}

/// `scope.created`, `make_room` and `OneOrMany_Reach` as names of types.
fn pascal(name: &str) -> String {
    let part = |part: &str| part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>();
    name.split(['.', '_', '-']).map(part).collect()
}
