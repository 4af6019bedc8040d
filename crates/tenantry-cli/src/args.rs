//! What is written on the command line for an actor, an attribute, a request.

use std::path::PathBuf;

use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tenantry::document::{Actor, Fact, Facts, Request, Time};
use tenantry::policy::actions::{APP_FIELDS, Verb};

use crate::console::Console;
use crate::documents;
use crate::failure::Failure;
use crate::sources::read_documents;

/// Who asks, and in which circumstances.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhoArgs {
    /// Who asks: `ann`, `user:ann`, `system:install`, `invitee:ann@example.org` (or `unverified:...`)
    #[arg(long, value_name = "WHO", value_parser = actor)]
    pub(crate) actor: Option<Actor>,
    /// A value that the host vouches for, such as `mfa=true`; again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute, requires = "actor")]
    pub(crate) context: Vec<(String, Fact)>,
}

/// A question in options, or questions in a file.
#[derive(Debug, Clone, Args)]
pub(crate) struct QuestionArgs {
    /// Questions in JSON: one, a list, or one on each line; `-` or nothing for standard input
    #[arg(value_name = "FILE", conflicts_with = "actor")]
    file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) who: WhoArgs,
}

impl QuestionArgs {
    /// The question that the options make, or those that are to be read. One that cannot be read leaves the others theirs.
    pub(crate) fn questions<T: DeserializeOwned>(
        &self,
        now: Time,
        console: &mut Console,
        from_options: impl FnOnce(Actor) -> Result<T, Failure>,
    ) -> Result<Vec<Result<T, Failure>>, Failure> {
        if let Some(actor) = self.who.actor.clone() {
            return Ok(vec![from_options(actor)]);
        }
        let documents = read_documents(self.file.as_deref(), "question", "give a FILE, or say with `--actor` who asks", console)?;
        Ok(documents.iter().map(|document| document.read_question(now)).collect())
    }
}

/// What a question in options is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct AboutArgs {
    /// The action
    #[arg(long, requires = "actor")]
    pub(crate) action: Option<String>,
    /// The scope; the organization if absent
    #[arg(long, value_name = "ID", requires = "actor")]
    pub(crate) scope: Option<String>,
    /// The user it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    pub(crate) target: Option<String>,
    /// The role that would be given
    #[arg(long, requires = "actor")]
    pub(crate) role: Option<String>,
    /// An attribute of the app's resource, such as `section=fleet`; again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute, requires = "actor")]
    pub(crate) resource: Vec<(String, Fact)>,
}

/// The action that a question in options is about.
pub(crate) fn action(given: Option<&String>) -> Result<String, Failure> {
    given.cloned().ok_or_else(|| Failure::Usage("say which action: `--action member.remove`".to_owned()))
}

/// A request in options, or in a file.
#[derive(Debug, Clone, Args)]
pub(crate) struct RequestArgs {
    /// Requests in JSON: one, a list, or one on each line; `-` or nothing for standard input
    #[arg(value_name = "FILE", conflicts_with = "actor")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// The action
    #[arg(long, requires = "actor")]
    pub(crate) action: Option<String>,
    /// The scope; the organization if absent
    #[arg(long, value_name = "ID", requires = "actor")]
    scope: Option<String>,
    /// The user it is about
    #[arg(long, value_name = "ID", requires = "actor")]
    target: Option<String>,
    /// The invitation it is about
    #[arg(long, value_name = "ID", requires = "actor")]
    invitation: Option<String>,
    /// The group it is about
    #[arg(long, value_name = "ID", requires = "actor")]
    group: Option<String>,
    /// A role to hold, to offer or to hand over; again for more
    #[arg(long, requires = "actor")]
    role: Vec<String>,
    /// Address to invite; again for more
    #[arg(long, value_name = "ADDRESS", requires = "actor")]
    email: Vec<String>,
    /// An attribute of the app's resource, such as `section=fleet`; again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute, requires = "actor")]
    resource: Vec<(String, Fact)>,
}

impl RequestArgs {
    /// The request that the options make, if they make one.
    pub(crate) fn request(&self, now: Time) -> Result<Option<Request>, Failure> {
        let Some(actor) = &self.who.actor else { return Ok(None) };
        let action = &action(self.action.as_ref())?;
        let mut fields = Map::new();
        fields.extend([("tenantry", json!(1)), ("now", json!(now)), ("actor", json!(actor)), ("action", json!(action))].map(named));
        let ids = [("scope", &self.scope), ("target", &self.target), ("invitation", &self.invitation), ("group", &self.group)];
        fields.extend(ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), json!(id.as_ref()?)))));
        let facts = [("context", &self.who.context), ("resource", &self.resource)];
        fields.extend(facts.into_iter().filter(|(_, given)| !given.is_empty()).map(|(name, given)| (name.to_owned(), json!(self::facts(given)))));
        fields.extend(self.roles(action));
        fields.extend(self.emails());
        if Verb::parse(action).is_some_and(|verb| verb.spec().changes) {
            // Nothing that is asked in options is applied, so that one id does for all.
            fields.insert("id".to_owned(), json!("command-line"));
        }
        documents::read(&Value::Object(fields).to_string(), "the request").map(Some)
    }

    /// Roles stand in the field that the action takes them in.
    fn roles(&self, action: &str) -> Option<(String, Value)> {
        let spec = Verb::parse(action).map(Verb::spec);
        let takes = |field: &str| spec.map_or(APP_FIELDS.contains(&field), |spec| spec.required.contains(&field) || spec.optional.contains(&field));
        match self.role.as_slice() {
            [] => None,
            [one] if takes("role") && !takes("roles") => Some(named(("role", json!(one)))),
            several => Some(named(("roles", json!(several)))),
        }
    }

    fn emails(&self) -> Option<(String, Value)> {
        match self.email.as_slice() {
            [] => None,
            [one] => Some(named(("email", json!(one)))),
            several => Some(named(("emails", json!(several)))),
        }
    }
}

fn named((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

/// Attributes as documents have them. A name that is given several times makes a list.
pub(crate) fn facts(given: &[(String, Fact)]) -> Facts {
    let mut facts = Facts::default();
    for (name, fact) in given {
        let together = match facts.0.remove(name) {
            None => fact.clone(),
            Some(Fact::List(mut items)) => {
                items.push(fact.clone());
                Fact::List(items)
            }
            Some(one) => Fact::List(vec![one, fact.clone()]),
        };
        facts.0.insert(name.clone(), together);
    }
    facts
}

/// An actor as it is written on the command line. A word without a kind is a user's id.
fn actor(text: &str) -> Result<Actor, String> {
    let invitee = |email: &str, verified| Actor::Invitee { email: email.to_owned(), verified };
    match text.split_once(':') {
        _ if text.is_empty() => Err("nobody".to_owned()),
        Some(("user", id)) => Ok(Actor::User(id.to_owned())),
        Some(("system", name)) => Ok(Actor::System(name.to_owned())),
        Some(("invitee", email)) => Ok(invitee(email, true)),
        Some(("unverified", email)) => Ok(invitee(email, false)),
        _ => Ok(Actor::User(text.to_owned())),
    }
}

/// `name=value`, where the value is a boolean, a whole number or a text.
pub(crate) fn attribute(text: &str) -> Result<(String, Fact), String> {
    let (name, value) = text.split_once('=').ok_or("write it as `name=value`")?;
    let fact = match (value.parse::<bool>(), value.parse::<i64>()) {
        (Ok(truth), _) => Fact::Bool(truth),
        (_, Ok(number)) => Fact::Integer(number),
        _ => Fact::Text(value.to_owned()),
    };
    Ok((name.to_owned(), fact))
}
