//! The player of this host: the engine itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tenantry::document::canonical_json;
use tenantry::host::{self, Call, NOBODY, Numbered};
use tenantry::{Directory, Error, Policy};

use super::Line;

/// What a script has so far.
#[derive(Default)]
pub struct Player {
    policy: Option<Arc<Policy>>,
    directory: Option<Directory>,
    kept: BTreeMap<String, String>,
}

/// An answer, or that there is nothing to ask.
type Answer = Option<Result<String, Error>>;

impl Player {
    /// Plays a line and says what is answered.
    pub fn play(&mut self, line: &Line) -> String {
        if let Line::Case { name } = line {
            *self = Player::default();
            return format!("case {name}");
        }
        match self.answer(line) {
            Some(Ok(text)) => format!("ok {text}"),
            Some(Err(error)) => format!("error {}", host::error(&error)),
            None => "none".to_owned(),
        }
    }

    fn answer(&mut self, line: &Line) -> Answer {
        Some(match line {
            Line::Case { .. } => return None,
            Line::Codes => Ok(host::codes()),
            Line::Preset { name } => self.begin(host::preset(name)),
            Line::Policy { text } => self.begin(host::policy(text.as_bytes())),
            Line::Directory { text } => {
                let read = host::directory(Arc::clone(self.policy.as_ref()?), text.as_bytes());
                self.directory = None;
                read.map(|directory| self.directory = Some(directory)).map(null)
            }
            Line::Ask { call, text, keep } => {
                let answer = self.directory.as_mut()?.ask(Call::named(call)?, text.as_bytes());
                self.keep(keep.as_deref(), answer.as_ref().ok());
                answer
            }
            Line::Apply { decision, now } => self.directory.as_mut()?.apply_json(self.kept.get(decision)?.as_bytes(), now).map(null),
            Line::Needs { organization, text } => host::needs(self.policy.as_ref()?, organization, text.as_bytes()),
            Line::Public { decision } => host::public(self.kept.get(decision)?.as_bytes()),
            Line::Audit { decision } => host::audit(self.kept.get(decision)?.as_bytes()),
            Line::Snapshot => Ok(self.directory.as_ref()?.to_json()),
            Line::Number { .. } => Ok(self.number(line)?),
            Line::Columns { text } => columns(self.directory.as_ref()?, text),
        })
    }

    fn begin(&mut self, policy: Result<Arc<Policy>, Error>) -> Result<String, Error> {
        (self.policy, self.directory) = (None, None);
        policy.map(|policy| {
            let digest = json!(policy.digest()).to_string();
            self.policy = Some(policy);
            digest
        })
    }

    fn keep(&mut self, name: Option<&str>, answer: Option<&String>) {
        let Some(name) = name else { return };
        match answer {
            Some(answer) => self.kept.insert(name.to_owned(), answer.clone()),
            None => self.kept.remove(name),
        };
    }

    fn number(&self, line: &Line) -> Option<String> {
        let Line::Number { actor, action, scope, target, role, now } = line else { return None };
        let directory = self.directory.as_ref()?;
        let scope = directory.scope_number(scope);
        let asked = Numbered {
            actor: directory.user_number(actor),
            action: directory.policy().action_number(action),
            scope,
            target: target.as_deref().map_or(NOBODY, |id| directory.user_number(id)),
            role: role.as_deref().map_or(NOBODY, |name| directory.role_number(scope, name)),
            now: *now,
        };
        let denials = directory.policy().denials();
        let number = directory.denial_number(asked, None, None) as usize;
        Some(number.checked_sub(1).map_or("null".to_owned(), |place| json!(denials[place].0).to_string()))
    }
}

fn null(_: ()) -> String {
    "null".to_owned()
}

fn columns(directory: &Directory, text: &str) -> Result<String, Error> {
    let columns = directory.columns_json(text.as_bytes())?;
    let users: Vec<Option<&str>> = columns.users.iter().map(|&user| directory.user_id_of(user)).collect();
    let mut document = json!({ "actions": columns.actions, "names": columns.names, "users": users });
    if let Some(denied) = columns.denied {
        document["denied"] = json!(denied);
    }
    Ok(canonical_json(&document))
}
