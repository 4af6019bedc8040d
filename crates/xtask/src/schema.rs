//! `schema`: the JSON Schemas of the five documents, from the Rust types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use tenantry::Need;
use tenantry::ask::{Explanation, Page, PageQuery, PermittedQuery, Query, Verdict, WhoCanQuery};
use tenantry::document::{AuditRecord, Decision, PublicDecision, Request, Snapshot};
use tenantry::policy::Document as Policy;
use tenantry_analysis::diff::Diff;
use tenantry_analysis::host::Proven;
use tenantry_analysis::matrix::Matrix;

use crate::Done;
use crate::generated::{Mode, settle};

/// Writes or checks the five files.
pub fn run(mode: Mode) -> Done {
    let schemas = [
        ("policy", policy_schema()),
        ("snapshot", schema::<Snapshot>("Tenantry snapshot")),
        ("request", schema::<Request>("Tenantry request")),
        ("decision", schema::<Decision>("Tenantry decision")),
        ("event", schema::<AuditRecord>("Tenantry event")),
    ];
    for (name, schema) in schemas {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema)?);
        settle(&format!("crates/tenantry/schemas/{name}.json"), &text, mode, "schema")?;
    }
    Ok(())
}

/// The schema of policies.
fn policy_schema() -> Value {
    let mut policy = schema::<Policy>("Tenantry policy");
    each_table(&mut policy, &tighten);
    policy
}

/// The schema of every document, question and answer, by name: what types of other languages are made from.
pub fn definitions() -> Map<String, Value> {
    let mut generator = SchemaGenerator::default();
    generator.subschema_for::<Policy>();
    generator.subschema_for::<Snapshot>();
    generator.subschema_for::<Request>();
    generator.subschema_for::<Decision>();
    generator.subschema_for::<PublicDecision>();
    generator.subschema_for::<AuditRecord>();
    generator.subschema_for::<Need>();
    generator.subschema_for::<Query>();
    generator.subschema_for::<PermittedQuery>();
    generator.subschema_for::<Verdict>();
    generator.subschema_for::<WhoCanQuery>();
    generator.subschema_for::<PageQuery>();
    generator.subschema_for::<Page>();
    generator.subschema_for::<Explanation>();
    let mut definitions = Value::Object(generator.take_definitions(true));
    each_table(&mut definitions, &describe);
    each_table(&mut definitions, &require);
    // Lists hold no lists; the schema has no simple way to say so.
    definitions["Fact"]["anyOf"][3]["items"] = json!({ "type": ["integer", "string"] });
    if let Value::Object(definitions) = definitions { definitions } else { Map::new() }
}

/// The schema of what the analysis answers, by name, without the documents that it shows.
pub fn analysis_definitions() -> Map<String, Value> {
    // These are only ever written: what is written always is required.
    let mut generator = SchemaSettings::default().for_serialize().into_generator();
    generator.subschema_for::<Matrix>();
    generator.subschema_for::<Diff>();
    generator.subschema_for::<Proven>();
    let mut definitions = generator.take_definitions(true);
    let documents = self::definitions();
    definitions.retain(|name, _| !documents.contains_key(name));
    definitions.values_mut().for_each(|schema| each_table(schema, &describe));
    definitions
}

/// The schema of a document, of draft 2020-12, under a title for people.
fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    schema["title"] = json!(title);
    // The one value that the type, a number, does not tell.
    schema["properties"]["tenantry"]["const"] = json!(tenantry::document::VERSION);
    each_table(&mut schema, &describe);
    schema
}

/// Changes every table of a schema, from the outside in.
fn each_table(schema: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match schema {
        Value::Object(fields) => {
            change(fields);
            fields.values_mut().for_each(|value| each_table(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_table(item, change)),
        _ => {}
    }
}

/// Descriptions are doc comments: without their Rust examples, links and line ends they are for everybody.
fn describe(table: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = table.get_mut("description") {
        let words = text.split("```").next().unwrap_or_default();
        *text = words.replace("[`", "`").replace("`]", "`").split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// The tables of a policy are read field by field, so that every problem is told at once: in Rust all of their fields are
/// options. In a document a field stands or does not, it is never `null`, and some are required, as their descriptions say.
fn tighten(table: &mut Map<String, Value>) {
    drop_null(table);
    require(table);
}

fn drop_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice != &json!({ "type": "null" }));
        if let [Value::Object(one)] = choices.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            schema.extend(one);
        }
    }
}

fn require(schema: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let is_required = |field: &Value| field["description"].as_str().is_some_and(|text| text.ends_with("Required."));
    let required: Vec<&String> = properties.iter().filter(|(_, field)| is_required(field)).map(|(name, _)| name).collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
}
