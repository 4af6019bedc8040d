//! Step 1: is a request well formed?

use serde_json::Value;
use tenantry::document::{Ask, Request};
use tenantry::policy::actions::{APP_FIELDS, VERBS, VerbSpec};

use super::Reference;

impl Reference {
    pub(super) fn well_formed(&self, request: &Request) -> Result<(), String> {
        for ask in request.body.asks() {
            let spec = VERBS.iter().find(|spec| spec.name == ask.action);
            if spec.is_none() && !self.written.actions.contains_key(&ask.action) {
                return Err("unknown_action".to_owned());
            }
            self.has_its_fields(ask, request)?;
        }
        Ok(())
    }

    fn has_its_fields(&self, ask: &Ask, request: &Request) -> Result<(), String> {
        let Value::Object(fields) = serde_json::to_value(ask).unwrap_or_default() else { return Ok(()) };
        let has = |name: &str| fields.contains_key(name);
        let spec = VERBS.iter().find(|spec| spec.name == ask.action);
        let known = |name: &str| match spec {
            Some(spec) => spec.required.contains(&name) || spec.optional.contains(&name),
            None => APP_FIELDS.contains(&name),
        };
        let lacks = spec.is_some_and(|spec| spec.required.iter().any(|name| !has(name)) || (spec.changes && request.id.is_none()));
        let needs: &[&[&str]] = match ask.action.as_str() {
            "member.set_roles" => &[&["roles", "add", "remove", "scopes"]],
            "member.add" => &[&["target", "user"]],
            "invitation.create" => &[&["email", "emails", "open"]],
            "invitation.link" => &[&["invitation", "email"]],
            "invitation.update" => &[&["roles", "scopes", "expires_at"]],
            "scope.configure" => &[&["name", "attributes"]],
            "role.update" => &[&["name", "permissions"]],
            _ => &[],
        };
        if lacks || needs.iter().any(|names| !names.iter().any(|name| has(name))) {
            return Err("missing_field".to_owned());
        }
        if fields.keys().any(|name| !matches!(name.as_str(), "action" | "confirmed") && !known(name)) {
            return Err("unexpected_field".to_owned());
        }
        if self.has_fields_that_clash(ask, &has, spec) { Err("unexpected_field".to_owned()) } else { Ok(()) }
    }

    fn has_fields_that_clash(&self, ask: &Ask, has: &dyn Fn(&str) -> bool, spec: Option<&VerbSpec>) -> bool {
        let both = |a: &str, b: &str| has(a) && has(b);
        let scopes = spec.is_some() && ["scope", "roles", "add", "remove"].iter().any(|name| both("scopes", name));
        let same_link = self.written.invitations.link.as_deref() != Some("rotate");
        scopes
            || match ask.action.as_str() {
                "member.set_roles" => both("roles", "add") || both("roles", "remove"),
                "member.add" => both("target", "user"),
                "invitation.create" => {
                    both("email", "emails") || both("email", "open") || both("emails", "open") || both("emails", "new_id") || both("emails", "token_hash")
                }
                "invitation.link" if has("invitation") => {
                    let of_new_one = ["email", "roles", "scopes", "name", "expires_at", "new_id"];
                    of_new_one.iter().any(|name| has(name)) || (same_link && has("token_hash"))
                }
                "invitation.resend" => same_link && has("token_hash"),
                _ => false,
            }
    }
}
