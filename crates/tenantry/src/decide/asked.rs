//! Step 1: is the question well formed? Unknown actions, missing fields and bad ids are errors, not denials.

use smallvec::SmallVec;

use crate::bounds::{self, Bound};
use crate::document::{Actor, Ask, Emails, Facts, Request};
use crate::error::{Error, Kind};
use crate::name::{id_fault, nearest, too_long};
use crate::policy::Policy;
use crate::policy::actions::{APP_FIELDS, ActionId, Verb, fields_of};

/// Checks the parts of a request that all its verbs share.
pub(crate) fn check_request(policy: &Policy, request: &Request) -> Result<Vec<ActionId>, Error> {
    match &request.actor {
        Actor::User(id) => check_id(id, "actor.user")?,
        Actor::System(name) => check_text(name, "actor.system", bounds::NAME_BYTES)?,
        Actor::Invitee { email, .. } => check_text(email, "actor.invitee.email", bounds::TEXT_BYTES)?,
    }
    check_facts(&request.context, &policy.attributes.context, "context")?;
    let asks = request.body.asks();
    check_count(asks.len(), "items", bounds::BATCH_ITEMS)?;
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

/// Ids, names, lists and attributes of one verb.
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
        text.as_ref().map_or(Ok(()), |text| check_text(text, path, bounds::TEXT_BYTES))?;
    }
    let roles = [ask.roles.as_ref().map(Vec::len), ask.add.as_ref().map(Vec::len), ask.remove.as_ref().map(Vec::len), ask.keep.as_ref().map(Vec::len)];
    roles.into_iter().flatten().try_for_each(|count| check_count(count, "roles", bounds::ROLES_AT_ONCE))?;
    check_roles(ask)?;
    check_count(ask.permissions.as_ref().map_or(0, Vec::len), "permissions", bounds::PERMISSIONS)?;
    let addresses = match &ask.emails {
        Some(Emails::List(list)) => list.len(),
        Some(Emails::Text(text)) => crate::email::split_list(text).take(bounds::ADDRESSES.max + 1).count(),
        None => 0,
    };
    check_count(addresses, "emails", bounds::ADDRESSES)?;
    let resource = ask.resource.as_ref();
    resource.map_or(Ok(()), |facts| check_facts(facts, &policy.attributes.resource, "resource"))?;
    ask.attributes.as_ref().map_or(Ok(()), |facts| check_facts(facts, &policy.attributes.scope, "attributes"))?;
    if let Some(user) = &ask.user {
        user.id.as_ref().map_or(Ok(()), |id| check_id(id, "user.id"))?;
        user.owner.as_ref().map_or(Ok(()), |id| check_id(id, "user.owner"))?;
        check_facts(&user.attributes, &policy.attributes.user, "user.attributes")?;
        for (text, path) in [(&user.name, "user.name"), (&user.email, "user.email")] {
            text.as_ref().map_or(Ok(()), |text| check_text(text, path, bounds::TEXT_BYTES))?;
        }
    }
    Ok(())
}

fn check_roles(ask: &Ask) -> Result<(), Error> {
    let scopes = ask.scopes.as_deref().unwrap_or_default();
    check_count(scopes.len(), "scopes", bounds::SCOPES_AT_ONCE)?;
    let offers = |list: &Option<Vec<crate::document::RoleAt>>, path: &str| {
        list.iter().flatten().try_for_each(|role| {
            role.source.as_ref().map_or(Ok(()), |source| check_text(source, path, bounds::NAME_BYTES))?;
            check_id(&role.role, path)
        })
    };
    offers(&ask.roles, "roles")?;
    offers(&ask.add, "add")?;
    ask.remove.iter().flatten().chain(ask.keep.iter().flatten()).try_for_each(|role| check_id(role, "roles"))?;
    for (i, edit) in scopes.iter().enumerate() {
        let path = format!("scopes[{i}]");
        check_id(&edit.scope, &path)?;
        if scopes[..i].iter().any(|other| other.scope == edit.scope) {
            return Err(bad_value(&path, format!("the scope `{}` stands twice", edit.scope)));
        }
        let counts = [edit.roles.as_ref().map(Vec::len), edit.add.as_ref().map(Vec::len), edit.remove.as_ref().map(Vec::len)];
        counts.into_iter().flatten().try_for_each(|count| check_count(count, &path, bounds::ROLES_AT_ONCE))?;
        offers(&edit.roles, &path)?;
        offers(&edit.add, &path)?;
        edit.remove.iter().flatten().try_for_each(|role| check_id(role, &path))?;
        if edit.roles.is_some() == (edit.add.is_some() || edit.remove.is_some()) && ask.action != "member.add" {
            return Err(bad_value(&path, "either `roles`, or `add` and `remove`".to_owned()));
        }
    }
    Ok(())
}

fn bad_value(path: &str, message: String) -> Error {
    Kind::BadValue { path: path.to_owned(), message, nearest: None }.into()
}

pub(crate) fn check_id(id: &str, path: &str) -> Result<(), Error> {
    id_fault(id).map_or(Ok(()), |message| Err(bad_value(path, message)))
}

fn check_text(text: &str, path: &str, bound: Bound) -> Result<(), Error> {
    too_long(text, bound).map_or(Ok(()), |message| Err(bad_value(path, message)))
}

fn check_count(count: usize, path: &str, bound: Bound) -> Result<(), Error> {
    if count > bound.max { Err(Kind::OutOfBounds { bound, met: count, path: path.to_owned() }.into()) } else { Ok(()) }
}

/// Attributes that the policy does not list are a slip of the host: a rule would silently never see them.
pub(crate) fn check_facts(facts: &Facts, known: &[String], path: &str) -> Result<(), Error> {
    let unknown = facts.0.keys().find(|name| !known.contains(name));
    unknown.map_or(Ok(()), |name| {
        let message = format!("`{name}` is not listed in the policy's `[attributes]`");
        let nearest = nearest(name, known.iter().map(String::as_str));
        Err(Kind::BadValue { path: format!("{path}.{name}"), message, nearest }.into())
    })
}
