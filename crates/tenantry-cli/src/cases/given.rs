//! From the words of `given` to a state.

use serde_json::{Map, Value};
use tenantry::document::snapshot::{CustomRoleRow, DeactivationRow, GrantRow, GroupRow, InvitationRow, ScopeRow, ScopeStatus, Status, UserKind, UserRow};
use tenantry::document::{Facts, RoleAt, ScopedRoles, Snapshot, Time};
use tenantry::{Policy, Problem};

use super::file::{Given, from_value};
use super::words::{Part, actor, parts, problem, time, unknown};
use tenantry::nearest;

/// Id of the organization where no snapshot says another.
const ORGANIZATION: &str = "acme";

/// The state that `given` says, on top of `base`; none if a part of it cannot be read.
pub(super) fn state(policy: &Policy, base: Option<&Snapshot>, given: &Given, now: Time, path: &str, problems: &mut Vec<Problem>) -> Option<Snapshot> {
    let organization = base.map_or(ORGANIZATION, |base| &base.organization);
    if given.empty {
        if !given.is_bare() {
            problems.push(problem(&format!("{path}.empty"), "contradiction", "an organization that does not exist has nothing in it"));
        }
        return Some(Snapshot::empty(organization));
    }
    let state = base.cloned().unwrap_or_else(|| Snapshot::empty(organization));
    let mut reader = Reader { policy, state, now, path: path.to_owned(), problems };
    reader.root();
    given.scopes.keys().for_each(|id| reader.forget_scope(id));
    given.scopes.iter().for_each(|(id, text)| reader.scope(id, text));
    given.scopes.keys().for_each(|id| reader.check_parent(id));
    given.custom_roles.iter().for_each(|(id, permissions)| reader.custom_role(id, permissions));
    given.groups.keys().for_each(|id| reader.new_group(id));
    given.people.keys().for_each(|id| reader.new_person(id));
    given.groups.iter().for_each(|(id, text)| reader.group(id, text));
    given.people.iter().for_each(|(id, text)| reader.person(id, text));
    given.invitations.iter().for_each(|(id, text)| reader.invitation(id, text));
    given.attributes.iter().for_each(|(id, facts)| reader.attributes(id, facts));
    let state = reader.state;
    if given.snapshot.is_empty() {
        return Some(state);
    }
    match with_rows(state, &given.snapshot, &format!("{path}.snapshot")) {
        Ok(state) => Some(state),
        Err(error) => {
            problems.extend(error.0);
            None
        }
    }
}

/// What the parts of a text can be.
struct Sorts {
    /// What the text is about.
    of: &'static str,
    /// Words that are no roles.
    words: &'static [&'static str],
    /// All of it, for people.
    text: &'static str,
}

const SCOPE: Sorts = Sorts { of: "a scope", words: &["archived"], text: "a kind (`workspace`, `workspace under west`) or `archived`" };
const GROUP: Sorts = Sorts { of: "a group", words: &[], text: "a role (`viewer at west`) or `home SCOPE`" };
const PERSON: Sorts = Sorts {
    of: "a person",
    words: &["deactivated", "guest", "unverified"],
    text: "a role (`admin`, `admin at west until 2026-02-01`), `deactivated`, `deactivated at SCOPE`, `guest`, `service of USER`, `unverified`, \
           `in GROUP`, `manages GROUP` or `email ADDRESS`",
};
const INVITATION: Sorts =
    Sorts { of: "an invitation", words: &[], text: "a role (`member`, `viewer at west`), `to ADDRESS`, `by ACTOR`, `until TIME` or `made TIME`" };

/// Reads one table after the other into the state.
struct Reader<'a> {
    policy: &'a Policy,
    state: Snapshot,
    now: Time,
    path: String,
    problems: &'a mut Vec<Problem>,
}

/// A role at a scope, as a part says it.
struct RoleThere {
    scope: String,
    role: RoleAt,
}

impl Reader<'_> {
    fn at(&self, table: &str, id: &str) -> String {
        format!("{}.{table}.{id}", self.path)
    }

    fn root(&mut self) {
        if self.state.scopes.is_empty() {
            let row = scope_row(&self.state.organization, "organization", None);
            self.state.scopes.push(row);
        }
    }

    fn forget_scope(&mut self, id: &str) {
        self.state.scopes.retain(|row| row.id != id);
    }

    /// `workspace under west, archived`
    fn scope(&mut self, id: &str, text: &str) {
        let path = self.at("scopes", id);
        let mut row = scope_row(id, "", Some(&self.state.organization));
        for part in parts(text) {
            match (part.head, part.clauses.as_slice()) {
                (Some("archived"), []) => row.status = ScopeStatus::Archived,
                (Some(kind), []) => row.kind = kind.to_owned(),
                (Some(kind), [("under", parent)]) => (row.kind, row.parent) = (kind.to_owned(), Some((*parent).to_owned())),
                _ => self.no_such_part(&path, &part, &SCOPE),
            }
        }
        let kinds = self.policy.kinds().iter().map(|kind| kind.name.as_str());
        if !kinds.clone().any(|kind| kind == row.kind) {
            self.problems.push(unknown(&path, &row.kind, "a scope kind of the policy", kinds));
        }
        self.state.scopes.push(row);
    }

    fn check_parent(&mut self, id: &str) {
        let parent = self.state.scopes.iter().find(|row| row.id == id).and_then(|row| row.parent.clone());
        parent.into_iter().for_each(|parent| _ = self.scope_named(&parent, &self.at("scopes", id)));
    }

    fn custom_role(&mut self, id: &str, permissions: &[String]) {
        self.state.custom_roles.retain(|row| row.id != id);
        let scope = self.state.organization.clone();
        self.state.custom_roles.push(CustomRoleRow { id: id.to_owned(), name: None, scope, permissions: permissions.to_vec(), version: 0 });
    }

    fn new_group(&mut self, id: &str) {
        self.state.groups.retain(|row| row.id != id);
        self.state.grants.retain(|row| row.group.as_deref() != Some(id));
        let scope = self.state.organization.clone();
        self.state.groups.push(GroupRow { id: id.to_owned(), name: None, scope, members: Vec::new(), managers: Vec::new(), source: None, version: 0 });
    }

    /// `viewer at west, home west`
    fn group(&mut self, id: &str, text: &str) {
        let path = self.at("groups", id);
        for part in parts(text) {
            if let (None, [("home", home)]) = (part.head, part.clauses.as_slice()) {
                if let Some(home) = self.scope_named(home, &path) {
                    self.state.groups.iter_mut().filter(|row| row.id == id).for_each(|row| row.scope.clone_from(&home));
                }
            } else if let Some(RoleThere { scope, role }) = self.role(&part, &path, &GROUP) {
                let RoleAt { role, expires_at, source } = role;
                self.state.grants.push(GrantRow { scope, user: None, group: Some(id.to_owned()), role, expires_at, source });
            }
        }
    }

    fn new_person(&mut self, id: &str) {
        self.state.users.retain(|row| row.id != id);
        self.state.grants.retain(|row| row.user.as_deref() != Some(id));
        self.state.deactivations.retain(|row| row.user != id);
        self.state.users.push(UserRow { id: id.to_owned(), email: Some(format!("{id}@acme.example")), verified: true, ..UserRow::default() });
    }

    /// `admin at west until 2026-02-01, in crew, deactivated`
    fn person(&mut self, id: &str, text: &str) {
        let path = self.at("people", id);
        let Some(mut row) = self.state.users.iter().find(|row| row.id == id).cloned() else { return };
        let mut email = None;
        for part in parts(text) {
            match (part.head, part.clauses.as_slice()) {
                (Some("deactivated"), []) => row.status = Status::Deactivated,
                (Some("deactivated"), [("at", scope)]) => {
                    let scope = self.scope_named(scope, &path);
                    self.state.deactivations.extend(scope.map(|scope| DeactivationRow { scope, user: id.to_owned() }));
                }
                (Some("unverified"), []) => row.verified = false,
                (None, [("kind", "guest")]) => row.kind = UserKind::Guest,
                (Some("guest"), []) if !self.is_role("guest") => row.kind = UserKind::Guest,
                (Some("service"), [("of", owner)]) => (row.kind, row.owner) = (UserKind::Service, self.owner(owner, &path)),
                (None, [("email", address)]) => email = Some((*address).to_owned()),
                (None, [("in", group)]) => self.join_group(group, id, &path, |row| &mut row.members),
                (None, [("manages", group)]) => self.join_group(group, id, &path, |row| &mut row.managers),
                _ => {
                    if let Some(RoleThere { scope, role }) = self.role(&part, &path, &PERSON) {
                        let RoleAt { role, expires_at, source } = role;
                        self.state.grants.push(GrantRow { scope, user: Some(id.to_owned()), group: None, role, expires_at, source });
                    }
                }
            }
        }
        if row.kind == UserKind::Service {
            row.email = None;
        }
        row.email = email.or(row.email);
        self.state.users.iter_mut().filter(|old| old.id == id).for_each(|old| old.clone_from(&row));
    }

    fn owner(&mut self, id: &str, path: &str) -> Option<String> {
        let known = self.state.users.iter().map(|row| row.id.as_str());
        if !known.clone().any(|known| known == id) {
            self.problems.push(unknown(path, id, "a person that is given", known));
        }
        Some(id.to_owned())
    }

    fn join_group(&mut self, group: &str, user: &str, path: &str, list: impl Fn(&mut GroupRow) -> &mut Vec<String>) {
        match self.state.groups.iter_mut().find(|row| row.id == group) {
            Some(row) => list(row).push(user.to_owned()),
            None => self.problems.push(unknown(path, group, "a group that is given", self.state.groups.iter().map(|row| row.id.as_str()))),
        }
    }

    /// `member, viewer at west, to kim@x.example, by ann, until 2026-02-01`
    fn invitation(&mut self, id: &str, text: &str) {
        let path = self.at("invitations", id);
        let mut row = InvitationRow {
            id: id.to_owned(),
            email: None,
            open: None,
            name: None,
            scopes: Vec::new(),
            inviter: actor(""),
            status: Default::default(),
            created_at: self.now,
            expires_at: None,
            token_hash: None,
            user: None,
            version: 0,
        };
        for part in parts(text) {
            match (part.head, part.clauses.as_slice()) {
                (None, [("to", email)]) => row.email = Some((*email).to_owned()),
                (None, [("by", inviter)]) => row.inviter = actor(inviter),
                (None, [("until", at)]) => row.expires_at = self.time(at, &path),
                (None, [("made", at)]) => row.created_at = self.time(at, &path).unwrap_or(self.now),
                _ => {
                    let Some(RoleThere { scope, role }) = self.role(&part, &path, &INVITATION) else { continue };
                    match row.scopes.iter_mut().find(|at| at.scope == scope) {
                        Some(at) => at.roles.push(role),
                        None => row.scopes.push(ScopedRoles { scope, roles: vec![role] }),
                    }
                }
            }
        }
        let missing = [("`to ADDRESS`", row.email.is_none()), ("`by ACTOR`", row.inviter == actor("")), ("a role", row.scopes.is_empty())];
        for (what, _) in missing.iter().filter(|(_, is_missing)| *is_missing) {
            self.problems.push(problem(&path, "missing", format!("{what} is missing, as in `member, to kim@x.example, by ann`")));
        }
        self.state.invitations.retain(|other| other.id != id);
        self.state.invitations.push(row);
    }

    fn attributes(&mut self, id: &str, facts: &Facts) {
        let path = self.at("attributes", id);
        let users = self.state.users.iter_mut().filter(|row| row.id == id).map(|row| &mut row.attributes);
        let scopes = self.state.scopes.iter_mut().filter(|row| row.id == id).map(|row| &mut row.attributes);
        let found: Vec<_> = users.chain(scopes).collect();
        match found.len() {
            0 => {
                let known = self.state.users.iter().map(|row| row.id.as_str()).chain(self.state.scopes.iter().map(|row| row.id.as_str()));
                self.problems.push(unknown(&path, id, "a person or scope that is given", known));
            }
            1 => found.into_iter().for_each(|old| old.0.extend(facts.0.clone())),
            _ => self.problems.push(problem(&path, "contradiction", format!("a person and a scope have the id `{id}`: use `snapshot`"))),
        }
    }

    /// A part that is a role, at the organization or where it says.
    fn role(&mut self, part: &Part, path: &str, sorts: &Sorts) -> Option<RoleThere> {
        let Some(name) = part.head else {
            self.no_such_part(path, part, sorts);
            return None;
        };
        let mut there = RoleThere { scope: self.state.organization.clone(), role: RoleAt::from(name) };
        for (word, value) in &part.clauses {
            match *word {
                "at" => there.scope = self.scope_named(value, path)?,
                "until" => there.role.expires_at = Some(self.time(value, path)?),
                "from" => there.role.source = Some((*value).to_owned()),
                other => {
                    self.problems.push(unknown(path, other, "a word that follows a role: `at`, `until` or `from`", ["at", "until", "from"]));
                    return None;
                }
            }
        }
        self.check_role(&there, path, sorts).then_some(there)
    }

    fn check_role(&mut self, there: &RoleThere, path: &str, sorts: &Sorts) -> bool {
        let kind = self.state.scopes.iter().find(|row| row.id == there.scope).map(|row| row.kind.as_str()).unwrap_or_default();
        let number = self.policy.kinds().iter().position(|known| known.name == kind);
        let declared = self.policy.roles().iter().filter(|role| Some(usize::from(role.kind)) == number);
        let custom = self.state.custom_roles.iter().map(|row| row.id.as_str());
        let known: Vec<&str> = declared.flat_map(|role| [role.name.as_str(), role.qualified.as_str()]).chain(custom).collect();
        let name = there.role.role.as_str();
        if known.contains(&name) {
            return true;
        }
        let near = nearest(name, known.into_iter().chain(sorts.words.iter().copied()));
        let message = format!("`{name}` is no role of `{kind}`; expected {}", sorts.text);
        self.problems.push(Problem { nearest: near, ..problem(path, "unknown_name", message) });
        false
    }

    fn is_role(&self, name: &str) -> bool {
        self.policy.roles().iter().any(|role| role.kind == 0 && role.name == name)
    }

    fn scope_named(&mut self, id: &str, path: &str) -> Option<String> {
        let found = self.state.scopes.iter().any(|row| row.id == id);
        if !found {
            self.problems.push(unknown(path, id, "a scope that is given", self.state.scopes.iter().map(|row| row.id.as_str())));
        }
        found.then(|| id.to_owned())
    }

    fn time(&mut self, text: &str, path: &str) -> Option<Time> {
        let found = time(text);
        if found.is_none() {
            self.problems.push(problem(path, "bad_value", format!("`{text}` is no day (`2026-02-01`) and no time of RFC 3339")));
        }
        found
    }

    fn no_such_part(&mut self, path: &str, part: &Part, sorts: &Sorts) {
        self.problems.push(problem(path, "bad_value", format!("`{}` says nothing about {}; expected {}", part.text, sorts.of, sorts.text)));
    }
}

fn scope_row(id: &str, kind: &str, parent: Option<&str>) -> ScopeRow {
    let (status, attributes) = (ScopeStatus::Active, Facts::default());
    ScopeRow { id: id.to_owned(), kind: kind.to_owned(), parent: parent.map(str::to_owned), name: None, status, attributes, version: 0 }
}

/// The state with rows of the snapshot document: a row with an id that is there adds its fields to the old row.
fn with_rows(state: Snapshot, rows: &Map<String, Value>, path: &str) -> Result<Snapshot, super::CasesError> {
    let mut whole = serde_json::to_value(&state).unwrap_or_default();
    for (table, rows) in rows {
        let Value::Object(tables) = &mut whole else { break };
        match (tables.get_mut(table), rows) {
            (Some(Value::Array(old)), Value::Array(rows)) => rows.iter().for_each(|row| lay(old, row)),
            _ => drop(tables.insert(table.clone(), rows.clone())),
        }
    }
    from_value(whole, path)
}

fn lay(rows: &mut Vec<Value>, row: &Value) {
    let same = rows.iter_mut().find(|old| row.get("id").is_some() && old.get("id") == row.get("id"));
    match (same, row) {
        (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
        _ => rows.push(row.clone()),
    }
}
