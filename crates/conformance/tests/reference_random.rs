//! The engine and the slow reference on random requests: those of the vectors, with their parts exchanged, asked one after
//! the other on the state of the vectors' file. `TENANTRY_ROUNDS` asks more of them.

use serde_json::{Map, Value, json};
use tenantry::Directory;
use tenantry::document::{Decision, Request, Snapshot};
use tenantry_conformance::reference::{Reference, decision_differences, state_differences};
use tenantry_conformance::{Suite, vector_files, vectors_dir};

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// The names that requests of a file can be made of.
struct Words {
    requests: Vec<Value>,
    users: Vec<String>,
    scopes: Vec<String>,
    groups: Vec<String>,
    roles: Vec<String>,
    custom_roles: Vec<String>,
    invitations: Vec<String>,
    emails: Vec<String>,
    actors: Vec<Value>,
}

fn texts<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    ids.cloned().collect()
}

impl Words {
    fn of(suite: &Suite, state: &Snapshot) -> Words {
        let requests: Vec<Value> = suite.requests();
        let custom_roles = texts(state.custom_roles.iter().map(|row| &row.id));
        let mut roles: Vec<String> = suite.policy().roles().iter().map(|role| role.name.clone()).collect();
        roles.extend(custom_roles.clone());
        let mut emails: Vec<String> = state.users.iter().filter_map(|row| row.email.clone()).collect();
        emails.extend(state.invitations.iter().filter_map(|row| row.email.clone()));
        emails.push("stranger@nowhere.example".to_owned());
        let mut actors: Vec<Value> = state.users.iter().map(|row| json!({ "user": row.id })).collect();
        actors.extend(emails.iter().map(|email| json!({ "invitee": { "email": email, "verified": true } })));
        actors.extend(requests.iter().filter_map(|request| request.get("actor")).cloned());
        Words {
            users: texts(state.users.iter().map(|row| &row.id)),
            scopes: texts(state.scopes.iter().map(|row| &row.id)),
            groups: texts(state.groups.iter().map(|row| &row.id)),
            invitations: texts(state.invitations.iter().map(|row| &row.id)),
            requests,
            roles,
            custom_roles,
            emails,
            actors,
        }
    }

    /// A request of the file, with some of its parts exchanged.
    fn request(&self, random: &mut Random, number: usize, now: &str) -> Option<Value> {
        let mut request = self.requests.get(random.below(self.requests.len()))?.clone();
        let fields = request.as_object_mut()?;
        if random.one_in(12) && !fields.contains_key("batch") {
            let items: Vec<Value> = (0..2 + random.below(2)).filter_map(|_| self.item(random)).collect();
            let actor = fields.get("actor").cloned()?;
            let batch = if random.one_in(3) { "each" } else { "atomic" };
            *fields = Map::from_iter([("actor".to_owned(), actor), ("batch".to_owned(), json!(batch)), ("items".to_owned(), json!(items))]);
        }
        self.exchange(random, fields);
        for item in fields.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            item.as_object_mut().into_iter().for_each(|fields| self.exchange(random, fields));
        }
        if random.one_in(2) {
            fields.insert("actor".to_owned(), random.pick(&self.actors)?.clone());
        }
        fields.insert("tenantry".to_owned(), json!(1));
        fields.insert("id".to_owned(), json!(format!("q{number}")));
        fields.entry("now").or_insert(json!(now));
        Some(request)
    }

    fn item(&self, random: &mut Random) -> Option<Value> {
        let mut item = self.requests.get(random.below(self.requests.len()))?.clone();
        let fields = item.as_object_mut()?;
        for name in ["id", "actor", "now", "context", "tenantry", "batch", "items"] {
            fields.remove(name);
        }
        fields.contains_key("action").then_some(item)
    }

    fn exchange(&self, random: &mut Random, fields: &mut Map<String, Value>) {
        let pools: [(&str, &[String]); 8] = [
            ("target", &self.users),
            ("scope", &self.scopes),
            ("group", &self.groups),
            ("invitation", &self.invitations),
            ("email", &self.emails),
            ("parent", &self.scopes),
            ("role", if fields.get("action") == Some(&json!("ownership.transfer")) { &self.roles } else { &self.custom_roles }),
            ("emails", &[]),
        ];
        for (name, pool) in pools {
            if fields.contains_key(name)
                && random.one_in(2)
                && let Some(word) = random.pick(pool)
            {
                fields.insert(name.to_owned(), json!(word));
            }
        }
        for name in ["roles", "add", "remove", "keep"] {
            if fields.contains_key(name) && random.one_in(2) {
                let roles: Vec<&String> = (0..random.below(3)).filter_map(|_| random.pick(&self.roles)).collect();
                fields.insert(name.to_owned(), json!(roles));
            }
        }
        if fields.contains_key("action")
            && random.one_in(6)
            && !fields.contains_key("scopes")
            && let Some(scope) = random.pick(&self.scopes)
        {
            fields.insert("scope".to_owned(), json!(scope));
        }
        let twins = [
            ("member.remove", "member.deactivate"),
            ("member.deactivate", "member.reactivate"),
            ("group.add", "group.remove"),
            ("scope.archive", "scope.delete"),
        ];
        for (one, other) in twins {
            if fields.get("action") == Some(&json!(one)) && !fields.contains_key("reach") && random.one_in(6) {
                fields.insert("action".to_owned(), json!(other));
            }
        }
    }
}

/// Where the engine and the published meaning are known to differ. Each is to be mended in one of the two.
fn is_known(request: &Value, engine: &Decision, reference: &Decision) -> bool {
    // Whether a denied item of a batch uses up the ids that it minted.
    let minted = request.get("batch").is_some_and(|batch| batch == "each") && engine.events.len() == reference.events.len();
    // Of a request that is judged as another action too, the forbids of the one are told before those of the other.
    let same = engine.reasons.len() > 1 && engine.reasons.len() == reference.reasons.len();
    let order = same && engine.reasons.iter().all(|reason| reference.reasons.contains(reason));
    order || minted
}

/// Errors about shapes and bounds, which the reference leaves to the engine.
const OF_SHAPE: [&str; 5] = ["bad_document", "unsupported_version", "bad_value", "out_of_bounds", "missing_facts"];

/// Asks a sequence of random requests; the first difference, if there is one.
fn sequence(suite: &Suite, seed: u64, length: usize) -> Option<String> {
    let mut random = Random(seed);
    let mut directory = Directory::new(suite.policy().clone(), suite.snapshot()).ok()?;
    let mut reference = Reference::new(suite.policy(), suite.snapshot());
    for number in 0..length {
        let words = Words::of(suite, reference.snapshot());
        let document = words.request(&mut random, number, suite.now())?;
        let Ok(request) = Request::from_json(&document.to_string()) else { continue };
        let engine = directory.decide(&request).map_err(|error| error.code().to_owned());
        let told = reference.decide(&request);
        let lines = match (&engine, &told) {
            (Err(code), _) if OF_SHAPE.contains(&code.as_str()) => continue,
            (Err(a), Err(b)) if a == b => continue,
            (Ok(a), Ok(b)) => decision_differences(a, b),
            (a, b) => vec![format!("engine: {:?}, reference: {:?}", a.as_ref().map(|d| d.code.clone()), b.as_ref().map(|d| d.code.clone()))],
        };
        if let (false, Ok(a), Ok(b)) = (lines.is_empty(), &engine, &told)
            && is_known(&document, a, b)
        {
            return None;
        }
        if !lines.is_empty() {
            return Some(format!("request {number}: {document}\n    {}", lines.join("\n    ")));
        }
        let (Ok(decision), Ok(told)) = (engine, told) else { continue };
        if decision.is_allowed() && !decision.events.is_empty() {
            if let Err(error) = directory.apply(&decision, request.now) {
                return Some(format!("request {number}: {document}\n    apply: {error}"));
            }
            reference.apply(&told);
            let lines = state_differences(&directory.snapshot(), reference.snapshot());
            if !lines.is_empty() {
                return Some(format!("request {number}: {document}\n    {}", lines.join("\n    ")));
            }
        }
    }
    None
}

#[test]
fn the_engine_agrees_with_the_reference() -> std::io::Result<()> {
    let rounds: u64 = std::env::var("TENANTRY_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let first: u64 = std::env::var("TENANTRY_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let dir = vectors_dir();
    let mut differences = Vec::new();
    for path in vector_files(&dir)? {
        let Ok(suite) = Suite::load(&path) else { continue };
        if suite.snapshot().slice.is_some() {
            continue;
        }
        for seed in first..first + rounds {
            if let Some(difference) = sequence(&suite, seed, 12) {
                let name = path.strip_prefix(&dir).unwrap_or(&path).display().to_string();
                differences.push(format!("{name}, seed {seed}: {difference}"));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
    Ok(())
}
