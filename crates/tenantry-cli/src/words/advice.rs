//! Remedies and obligations in words: what would help, and what the host has to do.

use tenantry::document::{Obligation, Remedy};

use super::choice;
use super::names::Names;

/// What would help.
pub(crate) fn remedy(names: &Names, remedy: &Remedy) -> String {
    match remedy {
        Remedy::Ask { roles, permissions } => {
            let roles = roles.iter().map(|role| names.qualified(role));
            let quoted: Vec<String> = permissions.iter().map(|permission| format!("`{permission}`")).collect();
            let holders = (!quoted.is_empty()).then(|| format!("somebody with the permission {}", choice(&quoted)));
            format!("ask {}", choice(&roles.chain(holders).collect::<Vec<_>>()))
        }
        Remedy::Promote { role, scope } => {
            let name = role.rsplit('.').next().unwrap_or(role);
            format!("give somebody else the role {} in {} first", names.role(name, Some(scope)), names.scope(scope))
        }
        Remedy::MakeRoom { scope } => format!("make room in {}, or raise the limit there", names.scope(scope)),
        Remedy::Resend { invitation } => format!("send the pending invitation to {} again", names.invitee(invitation)),
        Remedy::InviteAgain => "ask for a new invitation".to_owned(),
        Remedy::VerifyEmail => "confirm the e-mail address".to_owned(),
        Remedy::ChangeOrigin { scope, group: None } => format!("change it in {}, where it comes from", names.scope(scope)),
        Remedy::ChangeOrigin { scope, group: Some(group) } => format!("change it at {} in {}, where it comes from", names.group(group), names.scope(scope)),
        Remedy::Reassign { role } => format!("take the role {} from its holders first, or delete it together with what they hold", names.role(role, None)),
        Remedy::Restore { scope } => format!("restore {} first", names.scope(scope)),
    }
}

/// What the host has to do.
pub(crate) fn obligation(names: &Names, obligation: &Obligation) -> String {
    match obligation {
        Obligation::Confirm { .. } => "let the person confirm it".to_owned(),
        Obligation::SendEmail { email, .. } => format!("send the invitation to {email}"),
        Obligation::ShowLink { invitation } => format!("show the link of the invitation to {}", names.invitee(invitation)),
        Obligation::RevokeSessions { user } => format!("end the sessions of {}", names.user(user)),
    }
}
