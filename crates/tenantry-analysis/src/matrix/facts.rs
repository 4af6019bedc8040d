//! The facts of the host that rules ask for, with values to try. What a rule makes of them is for the engine to say: here they
//! are only collected from the policy document.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use tenantry::document::Fact;

use crate::written::{names, names_action};

/// What a fact is in a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// The host says nothing.
    Absent,
    /// It has this value, written as JSON.
    Is(String),
    /// It has the value of that other fact.
    SameAs(String),
}

impl Setting {
    fn is(value: &Value) -> Setting {
        Setting::Is(value.to_string())
    }

    /// The value, if it is one by itself.
    #[must_use]
    pub fn fact(&self) -> Option<Fact> {
        if let Setting::Is(text) = self { serde_json::from_str(text).ok() } else { None }
    }

    /// Whether it is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Setting::Is(text) if text == "true")
    }

    /// The value as a text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.fact().and_then(|fact| if let Fact::Text(text) = fact { Some(text) } else { None })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Setting::Absent => f.write_str("absent"),
            Setting::Is(value) => f.write_str(value),
            Setting::SameAs(other) => write!(f, "{other}"),
        }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Setting::Absent => serializer.serialize_none(),
            Setting::Is(text) => serde_json::from_str::<Value>(text).unwrap_or_default().serialize(serializer),
            Setting::SameAs(other) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("same_as", other)?;
                map.end()
            }
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Setting {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "What a fact is: `null` where the host says nothing, its value, or that of another fact.",
            "anyOf": [
                { "type": "null" },
                generator.subschema_for::<Fact>(),
                { "type": "object", "properties": { "same_as": { "type": "string", "description": "The other fact." } }, "required": ["same_as"] },
            ],
        })
    }
}

/// The value of an attribute that rules point to and never name.
pub const POINTED: &str = "pointed.example";
/// The domain of addresses that no rule names.
pub const DOMAIN: &str = "people.example";

/// What a fact is where nothing is said of it.
#[must_use]
pub fn neutral(name: &str) -> Setting {
    let text = |text: &str| Setting::Is(format!("\"{text}\""));
    match name.split_once('.').map_or(name, |(_, word)| word) {
        "kind" => text("human"),
        "status" => text("active"),
        "email_domain" => text(DOMAIN),
        "open" | "by_actor" | "addressed_to_actor" | "has_actor" | "managed_by_actor" => Setting::Is("false".to_owned()),
        _ => Setting::Absent,
    }
}

/// Facts that one rule asks for.
#[derive(Debug, Default)]
struct Asked {
    /// The actions that the rule names; none for all that change something.
    actions: Vec<String>,
    /// Whether the rule is about oneself (or others) alone.
    oneself: Option<bool>,
    facts: Vec<(String, Setting)>,
}

/// Every fact that the rules of a policy ask for.
#[derive(Debug, Default)]
pub struct Facts {
    asked: Vec<Asked>,
}

impl Facts {
    /// The facts of a policy document.
    #[must_use]
    pub fn of(document: &Value) -> Facts {
        let mut facts = Facts::default();
        for rule in ["allow", "forbid", "keep"].iter().flat_map(|list| document[list].as_array().into_iter().flatten()) {
            let mut asked = Asked {
                actions: names(&rule["actions"]).into_iter().map(str::to_owned).collect(),
                oneself: rule["target"]["is_actor"].as_bool(),
                ..Asked::default()
            };
            for blocks in [rule, &rule["unless"]] {
                blocks_of(blocks, &mut asked);
            }
            counted(&rule["count"], &mut asked);
            facts.asked.push(asked);
        }
        facts
    }

    /// The facts that may matter for an action, each with its values, the one where nothing is said first.
    pub(super) fn matter(&self, action: &str, changes: bool, oneself: Option<bool>) -> Vec<(String, Vec<Setting>)> {
        let mut found: BTreeMap<&str, Vec<Setting>> = BTreeMap::new();
        let speaks = |asked: &&Asked| if asked.actions.is_empty() { changes } else { names_action(&asked.actions, action) };
        let fits = |asked: &&Asked| asked.oneself.is_none() || oneself.is_none() || asked.oneself == oneself;
        for (name, setting) in self.asked.iter().filter(speaks).filter(fits).flat_map(|asked| &asked.facts) {
            let values = found.entry(name).or_insert_with(|| vec![neutral(name)]);
            if !values.contains(setting) {
                values.push(setting.clone());
            }
        }
        found.into_iter().map(|(name, values)| (name.to_owned(), values)).collect()
    }
}

fn blocks_of(blocks: &Value, asked: &mut Asked) {
    for who in ["actor", "target"] {
        person(who, &blocks[who], asked);
        listed(&format!("{who}.kind"), &blocks[who]["kind"], asked);
        listed(&format!("{who}.ended_by"), &blocks[who]["ended_by"], asked);
    }
    listed("target.status", &blocks["target"]["status"], asked);
    table("scope.attributes", &blocks["scope"]["attributes"], asked);
    table("resource", &blocks["resource"], asked);
    table("context", &blocks["context"], asked);
    let invitation = &blocks["invitation"];
    value("invitation.email_domain", &invitation["email_domain"], asked);
    value("invitation.email_domain", &invitation["not_email_domain"], asked);
    for (block, words) in [("invitation", &["open", "by_actor", "addressed_to_actor"][..]), ("group", &["has_actor", "managed_by_actor"])] {
        for word in words.iter().filter(|word| blocks[block][**word].is_boolean()) {
            asked.facts.push((format!("{block}.{word}"), Setting::Is("true".to_owned())));
        }
    }
    listed("grants.source", &blocks["grants"]["source"], asked);
    listed("revokes.source", &blocks["revokes"]["source"], asked);
}

fn person(who: &str, person: &Value, asked: &mut Asked) {
    table(&format!("{who}.attributes"), &person["attributes"], asked);
    value(&format!("{who}.email_domain"), &person["email_domain"], asked);
}

/// What a keep counts. People count as people if nothing else is said, so that a keep of people asks for no sort.
fn counted(count: &Value, asked: &mut Asked) {
    person("target", count, asked);
    if !names(&count["kind"]).contains(&"human") {
        listed("target.kind", &count["kind"], asked);
    }
}

fn table(prefix: &str, table: &Value, asked: &mut Asked) {
    for (name, one) in table.as_object().into_iter().flatten() {
        value(&format!("{prefix}.{name}"), one, asked);
    }
}

/// A value to compare with: given, several, or that of another fact.
fn value(name: &str, value: &Value, asked: &mut Asked) {
    match value {
        Value::Null => {}
        Value::Array(list) => asked.facts.extend(list.iter().map(|item| (name.to_owned(), Setting::is(item)))),
        Value::Object(pointer) => {
            for (whose, attribute) in pointer.iter().filter_map(|(whose, attribute)| Some((whose, attribute.as_str()?))) {
                let other = format!("{whose}.attributes.{attribute}");
                asked.facts.push((name.to_owned(), Setting::SameAs(other.clone())));
                asked.facts.push((other, Setting::Is(format!("\"{POINTED}\""))));
            }
        }
        one => asked.facts.push((name.to_owned(), Setting::is(one))),
    }
}

/// Each name of a list is a value.
fn listed(name: &str, list: &Value, asked: &mut Asked) {
    asked.facts.extend(names(list).into_iter().map(|value| (name.to_owned(), Setting::Is(format!("\"{value}\"")))));
    let named = names(list);
    if name.ends_with(".kind") && named.contains(&"human") {
        // What is true of people by themselves is tried with somebody else, too.
        let other = ["guest", "service"].into_iter().find(|other| !named.contains(other));
        asked.facts.extend(other.map(|other| (name.to_owned(), Setting::Is(format!("\"{other}\"")))));
    }
    if name == "target.status" && named == ["active"] {
        asked.facts.push((name.to_owned(), Setting::Is("\"deactivated\"".to_owned())));
    }
}
