//! Step 1: is the question well formed? Unknown actions, missing fields and bad ids are errors, not denials.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::bounds;
use crate::document::time::NotATime;
use crate::document::{Actor, Ask, Emails, Facts, OpenLink, Request, RoleAt, Time, UserInput};
use crate::error::{Error, Kind};
use crate::name::{id_fault, nearest};
use crate::policy::Policy;
use crate::policy::actions::{APP_FIELDS, ActionId, Verb, fields_of};

/// Checks the parts of a request that all its verbs share.
pub(crate) fn check_request(policy: &Policy, request: &Request) -> Result<Vec<ActionId>, Error> {
    match &request.actor {
        Actor::User(id) => check_id(id, "actor.user")?,
        Actor::System(name) => bounds::NAME_BYTES.check(name.len(), "actor.system")?,
        Actor::Invitee { email, .. } => bounds::TEXT_BYTES.check(email.len(), "actor.invitee.email")?,
    }
    check_time(Some(request.now), "now")?;
    check_facts(&request.context, &policy.attributes.context, "context")?;
    let asks = request.body.asks();
    bounds::BATCH_ITEMS.check(asks.len(), "items")?;
    if asks.is_empty() {
        return Err(Kind::MissingField { action: "batch".to_owned(), field: "items" }.into());
    }
    let actions: Vec<ActionId> = asks.iter().map(|ask| check_ask(policy, ask)).collect::<Result<_, _>>()?;
    match &request.id {
        Some(id) => check_id(id, "id")?,
        None => {
            let changing = actions.iter().filter_map(|action| action.verb()).find(|verb| verb.spec().changes);
            if let Some(verb) = changing {
                return Err(Kind::MissingField { action: verb.spec().name.to_owned(), field: "id" }.into());
            }
        }
    }
    Ok(actions)
}

fn check_ask(policy: &Policy, ask: &Ask) -> Result<ActionId, Error> {
    let action = policy.known_action(&ask.action)?;
    let (required, optional) = action.verb().map_or((&[][..], APP_FIELDS), |verb| (verb.spec().required, verb.spec().optional));
    let missing = |field: &'static str| Kind::MissingField { action: ask.action.clone(), field };
    let unexpected = |field: &'static str| Kind::UnexpectedField { action: ask.action.clone(), field };
    let given: SmallVec<[&'static str; 8]> = fields_of(ask).collect();
    let present = |field: &str| given.contains(&field);
    if let Some(field) = required.iter().find(|field| !present(field)) {
        return Err(missing(field).into());
    }
    if let Some(field) = given.iter().find(|field| !required.contains(field) && !optional.contains(field)) {
        return Err(unexpected(field).into());
    }
    // Of some fields exactly one must stand, and some do not stand beside others.
    let one_of = |fields: &[&'static str]| -> Result<(), Error> {
        let mut given = fields.iter().filter(|field| present(field));
        given.next().ok_or_else(|| missing(fields[0]))?;
        given.next().map_or(Ok(()), |field| Err(unexpected(field).into()))
    };
    let not_beside = |field: &str, others: &[&'static str]| -> Result<(), Error> {
        let clash = others.iter().find(|other| present(field) && present(other));
        clash.map_or(Ok(()), |field| Err(unexpected(field).into()))
    };
    not_beside("scopes", &["scope", "roles", "add", "remove"])?;
    not_beside("roles", &["add", "remove"])?;
    match action.verb() {
        Some(Verb::MemberAdd) => one_of(&["target", "user"])?,
        Some(Verb::MemberSetRoles) if !present("add") && !present("remove") => one_of(&["roles", "scopes"])?,
        Some(Verb::InvitationCreate) => {
            one_of(&["email", "emails", "open"])?;
            not_beside("emails", &["new_id", "token_hash"])?;
        }
        Some(Verb::InvitationLink) => {
            one_of(&["email", "invitation"])?;
            not_beside("invitation", &["roles", "scopes", "name", "expires_at", "new_id"])?;
        }
        Some(Verb::InvitationUpdate) if !present("expires_at") => one_of(&["roles", "scopes"])?,
        Some(Verb::InvitationResend) if !policy.invitations.rotate => not_beside("invitation", &["token_hash"])?,
        Some(Verb::ScopeConfigure) if !present("name") => one_of(&["attributes"])?,
        Some(Verb::RoleUpdate) if !present("name") => one_of(&["permissions"])?,
        _ => {}
    }
    if action.verb() == Some(Verb::InvitationLink) && !policy.invitations.rotate {
        not_beside("invitation", &["token_hash"])?;
    }
    check_values(policy, ask)?;
    Ok(action)
}

/// Ids, names, lists, times and attributes of one verb.
fn check_values(policy: &Policy, ask: &Ask) -> Result<(), Error> {
    for (id, path) in [
        (&ask.scope, "scope"),
        (&ask.target, "target"),
        (&ask.invitation, "invitation"),
        (&ask.group, "group"),
        (&ask.role, "role"),
        (&ask.new_id, "new_id"),
        (&ask.parent, "parent"),
        (&ask.token_hash, "token_hash"),
        (&ask.kind, "kind"),
    ] {
        id.as_ref().map_or(Ok(()), |id| check_id(id, path))?;
    }
    for (text, path) in [(&ask.name, "name"), (&ask.email, "email")] {
        text.as_ref().map_or(Ok(()), |text| bounds::TEXT_BYTES.check(text.len(), path))?;
    }
    check_time(ask.expires_at, "expires_at")?;
    check_roles("", ask.roles.as_ref(), ask.add.as_ref(), ask.remove.as_ref())?;
    ask.keep.as_ref().map_or(Ok(()), |keep| check_names(keep, "keep"))?;
    check_scopes(ask)?;
    bounds::PERMISSIONS.check(ask.permissions.as_ref().map_or(0, Vec::len), "permissions")?;
    check_addresses(ask.emails.as_ref())?;
    ask.open.as_ref().map_or(Ok(()), check_open)?;
    for (facts, known, path) in [(&ask.resource, &policy.attributes.resource, "resource"), (&ask.attributes, &policy.attributes.scope, "attributes")] {
        facts.as_ref().map_or(Ok(()), |facts| check_facts(facts, known, path))?;
    }
    ask.profile.as_ref().map_or(Ok(()), |profile| profile.check("profile"))?;
    ask.user.as_ref().map_or(Ok(()), |user| check_user(policy, user))
}

fn check_user(policy: &Policy, user: &UserInput) -> Result<(), Error> {
    user.id.as_ref().map_or(Ok(()), |id| check_id(id, "user.id"))?;
    user.owner.as_ref().map_or(Ok(()), |id| check_id(id, "user.owner"))?;
    check_facts(&user.attributes, &policy.attributes.user, "user.attributes")?;
    for (text, path) in [(&user.name, "user.name"), (&user.email, "user.email")] {
        text.as_ref().map_or(Ok(()), |text| bounds::TEXT_BYTES.check(text.len(), path))?;
    }
    Ok(())
}

fn check_addresses(emails: Option<&Emails>) -> Result<(), Error> {
    let count = match emails {
        Some(Emails::List(list)) => list.len(),
        Some(Emails::Text(text)) => crate::email::split_list(text).count(),
        None => 0,
    };
    bounds::ADDRESSES.check(count, "emails")
}

/// A link that nobody could ever use is a slip.
fn check_open(open: &OpenLink) -> Result<(), Error> {
    if open.uses == Some(0) {
        return Err(bad_value("open.uses", "a link that nobody can use; leave `uses` out for no limit"));
    }
    let fault = open.audience_fault();
    fault.map_or(Ok(()), |(message, nearest)| Err(Kind::BadValue { path: "open.audience".to_owned(), message, nearest }.into()))
}

/// The three lists of roles at one scope; `at` is the path of what holds them.
fn check_roles(at: &str, roles: Option<&Vec<RoleAt>>, add: Option<&Vec<RoleAt>>, remove: Option<&Vec<String>>) -> Result<(), Error> {
    for (list, word) in [(roles, "roles"), (add, "add")] {
        let Some(list) = list else { continue };
        let path = if at.is_empty() { Cow::Borrowed(word) } else { Cow::Owned(format!("{at}{word}")) };
        bounds::ROLES_AT_ONCE.check(list.len(), &path)?;
        for role in list {
            check_id(&role.role, &path)?;
            check_time(role.expires_at, &path)?;
            bounds::NAME_BYTES.check(role.source.as_ref().map_or(0, String::len), &path)?;
        }
    }
    remove.map_or(Ok(()), |remove| check_names(remove, &format!("{at}remove")))
}

fn check_names(list: &[String], path: &str) -> Result<(), Error> {
    bounds::ROLES_AT_ONCE.check(list.len(), path)?;
    list.iter().try_for_each(|role| check_id(role, path))
}

fn check_scopes(ask: &Ask) -> Result<(), Error> {
    let scopes = ask.scopes.as_deref().unwrap_or_default();
    bounds::SCOPES_AT_ONCE.check(scopes.len(), "scopes")?;
    if ask.scopes.is_some() && scopes.is_empty() {
        return Err(bad_value("scopes", "names no scope".to_owned()));
    }
    for (i, edit) in scopes.iter().enumerate() {
        let path = format!("scopes[{i}]");
        check_id(&edit.scope, &path)?;
        if scopes[..i].iter().any(|other| other.scope == edit.scope) {
            return Err(bad_value(&path, format!("the scope `{}` stands twice", edit.scope)));
        }
        check_roles(&format!("{path}."), edit.roles.as_ref(), edit.add.as_ref(), edit.remove.as_ref())?;
        if edit.roles.is_some() == (edit.add.is_some() || edit.remove.is_some()) && ask.action != "member.add" {
            return Err(bad_value(&path, "either `roles`, or `add` and `remove`"));
        }
    }
    Ok(())
}

fn bad_value(path: &str, message: impl Into<String>) -> Error {
    Kind::BadValue { path: path.to_owned(), message: message.into(), nearest: None }.into()
}

fn check_id(id: &str, path: &str) -> Result<(), Error> {
    id_fault(id).map_or(Ok(()), |message| Err(bad_value(path, message)))
}

/// Documents name only valid times; a host can hand over any number.
fn check_time(time: Option<Time>, path: &str) -> Result<(), Error> {
    if time.is_none_or(Time::is_valid) { Ok(()) } else { Err(bad_value(path, NotATime.to_string())) }
}

/// Attributes that the policy does not list are a slip of the host: a rule would silently never see them.
pub(crate) fn check_facts(facts: &Facts, known: &[String], path: &str) -> Result<(), Error> {
    facts.check(path)?;
    let unknown = facts.0.keys().find(|name| !known.contains(name));
    unknown.map_or(Ok(()), |name| {
        let message = format!("`{name}` is not listed in the policy's `[attributes]`");
        let nearest = nearest(name, known.iter().map(String::as_str));
        Err(Kind::BadValue { path: format!("{path}.{name}"), message, nearest }.into())
    })
}
