//! Plays a script that all hosts play (`tests/README.md`): `player SCRIPT ANSWERS`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use serde::Deserialize;
use serde_json::json;
use tenantry_host::{Engine, NOBODY, Numbered, Policy, Session, Settings};

#[path = "../../tests/component/mod.rs"]
mod component;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [script, answers] = arguments.as_slice() else { return Err("player SCRIPT ANSWERS".into()) };
    let mut player = Player { engine: component::engine(Settings::default())?, session: None, loaded: false, kept: BTreeMap::new() };
    let (mut out, mut cases) = (BufWriter::new(File::create(answers)?), 0);
    for line in BufReader::new(File::open(script)?).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        cases += usize::from(matches!(line, Line::Case { .. }));
        writeln!(out, "{}", player.play(&line)?)?;
    }
    out.flush()?;
    println!("{cases} cases");
    Ok(())
}

/// A line of a script.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Case {
        name: String,
    },
    Preset {
        name: String,
    },
    Policy {
        text: String,
    },
    Directory {
        text: String,
    },
    Ask {
        call: String,
        text: String,
        #[serde(rename = "as", default)]
        keep: Option<String>,
    },
    Apply {
        decision: String,
        now: String,
    },
    Needs {
        organization: String,
        text: String,
    },
    Public {
        decision: String,
    },
    Audit {
        decision: String,
    },
    Snapshot,
    Number {
        actor: String,
        action: String,
        scope: String,
        target: Option<String>,
        role: Option<String>,
        now: i64,
    },
    Columns {
        text: String,
    },
    Codes,
}

/// What a script has so far.
struct Player {
    engine: Engine,
    session: Option<Session>,
    loaded: bool,
    kept: BTreeMap<String, String>,
}

/// An answer, or that there is nothing to ask.
type Answer = Option<Result<String, tenantry_host::Error>>;

impl Player {
    /// Plays a line and says what is answered. What only this host can say ends the play.
    fn play(&mut self, line: &Line) -> Result<String, tenantry_host::Error> {
        if let Line::Case { name } = line {
            (self.session, self.loaded, self.kept) = (None, false, BTreeMap::new());
            return Ok(format!("case {name}"));
        }
        Ok(match self.answer(line) {
            Some(Ok(text)) => format!("ok {text}"),
            Some(Err(tenantry_host::Error::Refused(refusal))) => format!("error {}", refusal.document),
            Some(Err(error)) => return Err(error),
            None => "none".to_owned(),
        })
    }

    fn answer(&mut self, line: &Line) -> Answer {
        Some(match line {
            Line::Case { .. } => return None,
            Line::Codes => self.engine.codes(),
            Line::Preset { name } => self.begin(Policy::Preset(name.clone())),
            Line::Policy { text } => self.begin(Policy::Document(text.clone())),
            Line::Directory { text } => {
                let read = self.session.as_mut()?.load(text.as_str());
                self.loaded = read.is_ok();
                read.map(null)
            }
            Line::Ask { call, text, keep } => {
                let answer = ask(self.directory()?, call, text)?;
                self.keep(keep.as_deref(), answer.as_ref().ok());
                answer
            }
            Line::Apply { decision, now } => {
                let decision = self.kept.get(decision)?.clone();
                self.directory()?.apply(&decision, now).map(null)
            }
            Line::Needs { organization, text } => self.session.as_mut()?.needs(organization, text),
            Line::Public { decision } => self.engine.public_decision(self.kept.get(decision)?),
            Line::Audit { decision } => self.engine.audit(self.kept.get(decision)?),
            Line::Snapshot => self.directory()?.snapshot(),
            Line::Number { .. } => number(self.directory()?, line),
            Line::Columns { text } => columns(self.directory()?, text),
        })
    }

    /// The session, if it has an organization.
    fn directory(&mut self) -> Option<&mut Session> {
        self.session.as_mut().filter(|_| self.loaded)
    }

    fn begin(&mut self, policy: Policy) -> Result<String, tenantry_host::Error> {
        (self.session, self.loaded) = (None, false);
        let session = self.session.insert(self.engine.session(policy)?);
        Ok(json!(session.digest()?).to_string())
    }

    fn keep(&mut self, name: Option<&str>, answer: Option<&String>) {
        let Some(name) = name else { return };
        match answer {
            Some(answer) => self.kept.insert(name.to_owned(), answer.clone()),
            None => self.kept.remove(name),
        };
    }
}

fn null(_: ()) -> String {
    "null".to_owned()
}

fn ask(session: &mut Session, call: &str, text: &str) -> Answer {
    Some(match call {
        "decide" => session.decide(text),
        "explain" => session.explain(text),
        "can" => session.can(text).map(|can| can.to_string()),
        "denial" => session.denial(text),
        "permitted" => session.permitted(text),
        "page" => session.page(text),
        "who_can" => session.who_can(text),
        _ => return None,
    })
}

fn number(session: &mut Session, line: &Line) -> Result<String, tenantry_host::Error> {
    let Line::Number { actor, action, scope, target, role, now } = line else { return Ok("null".to_owned()) };
    let scope = session.scope_number(scope)?;
    let asked = Numbered {
        actor: session.user_number(actor)?,
        action: session.action_number(action)?,
        scope,
        target: target.as_deref().map_or(Ok(NOBODY), |id| session.user_number(id))?,
        role: role.as_deref().map_or(Ok(NOBODY), |name| session.role_number(scope, name))?,
        now: *now,
    };
    let number = session.denial_number(asked)? as usize;
    let table = session.denial_table()?;
    Ok(number.checked_sub(1).map_or("null".to_owned(), |place| json!(table[place].code).to_string()))
}

fn columns(session: &mut Session, text: &str) -> Result<String, tenantry_host::Error> {
    let columns = session.columns(text)?;
    let users = columns.users.iter().map(|&user| session.user_id(user)).collect::<Result<Vec<_>, _>>()?;
    let mut document = json!({ "actions": columns.actions, "names": columns.names, "users": users });
    if let Some(denied) = columns.denied {
        document["denied"] = json!(denied);
    }
    Ok(document.to_string())
}
