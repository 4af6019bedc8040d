//! The questions: what each verb can be asked about at a place, and by whom.

use serde_json::Value;
use tenantry::policy::actions::Verb;
use tenantry::policy::catalog::Kind;

use super::facts::{Facts, Setting, neutral};
use super::parties::{Cast, Present};
use super::table::{Held, Is, Party, Row, Scenery};
use super::valuations::Domains;
use crate::Place;
use crate::written::{names, names_action};

/// What a policy says about actions as a whole.
pub(super) struct Spoken {
    allows: Vec<String>,
    /// Names of actions in rules that look at a target.
    targets: Vec<String>,
    approval: bool,
    pub rotate: bool,
}

impl Spoken {
    pub fn of(document: &Value) -> Spoken {
        let rules = |list: &str| document[list].as_array().cloned().unwrap_or_default();
        let actions = |rule: &Value| names(&rule["actions"]).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let sets = document["permissions"].as_object().into_iter().flatten();
        let mut allows: Vec<String> = rules("allow").iter().flat_map(actions).collect();
        allows.extend(sets.flat_map(|(_, set)| names(set)).map(str::to_owned));
        let about = |rule: &&Value| !rule["target"].is_null() || !rule["unless"]["target"].is_null();
        let looking = [rules("allow"), rules("forbid")].concat();
        Spoken {
            allows,
            targets: looking.iter().filter(about).flat_map(actions).collect(),
            approval: document["invitations"]["approval"] == true,
            rotate: document["invitations"]["link"] == "rotate",
        }
    }

    /// Whether some rule may permit the action to somebody.
    pub fn permits(&self, action: &str) -> bool {
        match Verb::parse(action) {
            Some(verb) if verb.needs_no_rule() => ["invitation.create", "invitation.link"].iter().any(|action| names_action(&self.allows, action)),
            _ => names_action(&self.allows, action),
        }
    }
}

/// What the questions at a place are made of.
pub(super) struct Here<'a, 'p> {
    pub cast: &'a Cast<'p>,
    pub place: &'p Place,
    pub present: &'a Present,
    pub spoken: &'a Spoken,
    pub invitee: usize,
    pub outsider: usize,
}

/// The number of the party that stands for the actor itself.
pub(crate) const ONESELF: usize = 0;

impl Here<'_, '_> {
    fn row(&self, action: &str) -> Row {
        let (verb, scope) = (Verb::parse(action), self.place.id.clone());
        Row { action: action.to_owned(), verb, scope, target: None, gives: None, takes: None, kind: None, scenery: None, cells: Vec::new() }
    }

    fn is_root(&self) -> bool {
        self.place.parent.is_none()
    }

    fn kind(&self) -> &Kind {
        self.cast.kind(self.place)
    }

    /// The roles that a party holds right here.
    pub fn held(&self, party: usize) -> Vec<&str> {
        held_at(&self.cast.parties[party], &self.place.id).collect()
    }

    fn people(&self) -> impl Iterator<Item = usize> {
        self.present.members.iter().copied().chain([ONESELF])
    }

    fn everybody(&self) -> impl Iterator<Item = usize> {
        self.present.members.iter().copied().chain(self.present.elsewhere).chain([ONESELF])
    }

    fn newcomers(&self) -> impl Iterator<Item = usize> {
        [self.outsider].into_iter().chain(self.present.elsewhere)
    }

    /// The rows of an action, without cells.
    pub fn rows(&self, action: &str) -> Vec<Row> {
        let plain = || self.row(action);
        let at_workspace = |rows: Vec<Row>| if self.is_root() { Vec::new() } else { rows };
        let Some(verb) = Verb::parse(action) else { return self.app(action) };
        match verb {
            Verb::OrganizationCreate if !self.is_root() => Vec::new(),
            Verb::OrganizationCreate => {
                self.cast.roles(self.place).map(|role| Row { gives: Some(role.name.clone()), scenery: Some(Scenery::Nothing), ..plain() }).collect()
            }
            Verb::ScopeCreate => self.kinds_below().map(|kind| Row { kind: Some(kind.name.clone()), ..plain() }).collect(),
            Verb::ScopeMove | Verb::ScopeArchive | Verb::ScopeDelete => at_workspace(vec![plain()]),
            Verb::ScopeRestore => at_workspace(vec![Row { scenery: Some(Scenery::Archived), ..plain() }]),
            Verb::InvitationUpdate => self.updates(action),
            Verb::InvitationResend | Verb::InvitationLink | Verb::InvitationRevoke => {
                self.given(action, |row, role| row.scenery = Some(Scenery::Offer(role.to_owned())))
            }
            Verb::InvitationApprove if !self.spoken.approval => Vec::new(),
            Verb::InvitationApprove => self.given(action, |row, role| row.scenery = Some(Scenery::Accepted(role.to_owned()))),
            Verb::InvitationAccept => self.acceptances(action),
            Verb::InvitationDecline => {
                let ordinary = self.cast.ordinary(self.place).map(|role| Scenery::Offer(role.name.clone()));
                ordinary.into_iter().map(|offer| Row { scenery: Some(offer), ..plain() }).collect()
            }
            Verb::MemberAdd | Verb::InvitationCreate => {
                self.newcomers().flat_map(|target| self.given(action, move |row, _| row.target = Some(target))).collect()
            }
            Verb::MemberSetRoles => self.everybody().flat_map(|target| self.changes_of_roles(action, target)).collect(),
            Verb::MemberRemove | Verb::MemberDeactivate => self.people().map(|target| Row { target: Some(target), ..plain() }).collect(),
            Verb::MemberReactivate => self.present.members.iter().map(|target| Row { target: Some(*target), ..plain() }).collect(),
            Verb::MemberEdit | Verb::MemberChangeEmail if !self.is_root() => Vec::new(),
            Verb::MemberEdit | Verb::MemberChangeEmail => self.people().map(|target| Row { target: Some(target), ..plain() }).collect(),
            Verb::MemberJoin => at_workspace(self.given(action, |_, _| {})),
            Verb::OwnershipTransfer => self.transfers(action),
            Verb::RoleCreate | Verb::RoleUpdate | Verb::RoleDelete => self.custom_roles(action, verb),
            Verb::GroupDelete | Verb::GroupAdd | Verb::GroupRemove | Verb::GroupGrant | Verb::GroupRevoke => self.groups(action, verb),
            Verb::ScopeConfigure | Verb::GroupCreate | Verb::MemberLeave | Verb::MemberList | Verb::InvitationList | Verb::AuditRead => vec![plain()],
        }
    }

    fn app(&self, action: &str) -> Vec<Row> {
        let targets = self.people().filter(|_| names_action(&self.spoken.targets, action));
        let about = targets.map(|target| Row { target: Some(target), ..self.row(action) });
        std::iter::once(self.row(action)).chain(about).collect()
    }

    fn kinds_below(&self) -> impl Iterator<Item = &Kind> {
        let kinds = self.cast.kinds();
        let here = kinds.iter().position(|kind| kind.name == self.place.kind).unwrap_or(0);
        kinds[1..].iter().filter(move |kind| kind.under >> here & 1 == 1)
    }

    /// A row for each role that can be given.
    fn given(&self, action: &str, with: impl Fn(&mut Row, &str)) -> Vec<Row> {
        let row = |role: String| {
            let mut row = Row { gives: Some(role.clone()), ..self.row(action) };
            with(&mut row, &role);
            row
        };
        self.cast.gifts(self.place).into_iter().map(row).collect()
    }

    fn updates(&self, action: &str) -> Vec<Row> {
        let Some(old) = self.cast.ordinary(self.place).map(|role| role.name.clone()) else { return Vec::new() };
        let mut rows = self.given(action, |row, _| {
            row.takes = Some(old.clone());
            row.scenery = Some(Scenery::Offer(old.clone()));
        });
        rows.retain(|row| row.gives != row.takes);
        rows
    }

    fn acceptances(&self, action: &str) -> Vec<Row> {
        let inviters = self.present.actors.iter().copied().filter(|party| matches!(self.cast.parties[*party].is, Is::Member { .. }));
        let offer = |target: usize| {
            self.given(action, move |row, role| {
                row.target = Some(target);
                row.scenery = Some(Scenery::Offer(role.to_owned()));
            })
        };
        inviters.flat_map(offer).collect()
    }

    fn changes_of_roles(&self, action: &str, target: usize) -> Vec<Row> {
        let held: Vec<String> = self.held(target).into_iter().map(str::to_owned).collect();
        let (one, oneself) = (self.kind().one_role, target == ONESELF);
        let mut rows = self.given(action, |row, _| {
            row.target = Some(target);
            row.takes = held.first().filter(|_| one).cloned();
        });
        rows.retain(|row| row.gives.as_ref().is_none_or(|role| !held.contains(role)));
        let taken = if oneself { self.cast.gifts(self.place) } else { held };
        rows.extend(taken.into_iter().map(|role| Row { target: Some(target), takes: Some(role), ..self.row(action) }));
        rows
    }

    fn transfers(&self, action: &str) -> Vec<Row> {
        let lacks = |target: usize, role: &str| !self.held(target).contains(&role);
        let roles: Vec<&str> = self.cast.roles(self.place).map(|role| role.name.as_str()).collect();
        let targets = self.present.members.iter().flat_map(|target| roles.iter().map(move |role| (*target, *role)));
        let row = |(target, role): (usize, &str)| Row { target: Some(target), takes: Some(role.to_owned()), ..self.row(action) };
        targets.filter(|(target, role)| lacks(*target, role)).map(row).collect()
    }

    fn custom_roles(&self, action: &str, verb: Verb) -> Vec<Row> {
        let row = |id: &String| match verb {
            Verb::RoleCreate => Row { gives: Some(id.clone()), ..self.row(action) },
            Verb::RoleUpdate => Row { gives: Some(id.clone()), scenery: Some(Scenery::CustomRole("custom:".to_owned())), ..self.row(action) },
            _ => Row { takes: Some(id.clone()), scenery: Some(Scenery::CustomRole(id.clone())), ..self.row(action) },
        };
        self.cast.custom_roles.iter().map(|role| row(&role.id)).collect()
    }

    fn groups(&self, action: &str, verb: Verb) -> Vec<Row> {
        let roles = self.cast.gifts(self.place);
        let gives = matches!(verb, Verb::GroupAdd | Verb::GroupGrant);
        let row = |role: Option<String>, target: Option<usize>| {
            let scenery = if verb == Verb::GroupGrant { Scenery::Group(None) } else { Scenery::Group(role.clone()) };
            let (given, taken) = if gives { (role, None) } else { (None, role) };
            Row { gives: given, takes: taken, target, scenery: Some(scenery), ..self.row(action) }
        };
        let some = || roles.iter().cloned().map(Some);
        match verb {
            Verb::GroupGrant | Verb::GroupRevoke => some().map(|role| row(role, None)).collect(),
            Verb::GroupDelete => std::iter::once(None).chain(some()).map(|role| row(role, None)).collect(),
            _ => self
                .everybody()
                .flat_map(|target| std::iter::once(None).chain(some()).map(move |role| (role, target)))
                .map(|(role, target)| row(role, Some(target)))
                .collect(),
        }
    }

    /// Who is asked a row's question.
    pub fn asked(&self, row: &Row) -> Vec<usize> {
        match row.verb {
            Some(verb) if verb.needs_no_rule() => vec![self.invitee],
            _ => self.present.actors.iter().copied().filter(|actor| self.is_asked(row, *actor)).collect(),
        }
    }

    fn is_asked(&self, row: &Row, actor: usize) -> bool {
        let party = &self.cast.parties[actor];
        let member = matches!(party.is, Is::Member { .. });
        let held = self.held(actor);
        let holds = |role: &Option<String>| role.as_deref().is_some_and(|role| held.contains(&role));
        let is_member_here = member && (self.is_root() || !held.is_empty());
        match (row.verb, row.target) {
            (Some(Verb::OrganizationCreate), _) => matches!(party.is, Is::System { .. }),
            (Some(Verb::MemberLeave), _) => is_member_here,
            (Some(Verb::MemberJoin), _) => member && held.is_empty(),
            (Some(Verb::OwnershipTransfer), _) => holds(&row.takes),
            (Some(Verb::MemberSetRoles), Some(ONESELF)) => member && !holds(&row.gives) && (row.takes.is_none() || holds(&row.takes)),
            (Some(Verb::MemberRemove | Verb::MemberDeactivate), Some(ONESELF)) => is_member_here,
            (_, Some(ONESELF)) => member,
            (_, Some(_)) => party.is != Is::Outsider,
            (_, None) => true,
        }
    }

    /// The facts that may matter for a row and an actor.
    pub fn domains(&self, row: &Row, actor: usize, facts: &Facts) -> Domains {
        let verb = row.verb;
        let group = row.action.starts_with("group.");
        let oneself = if group || row.target.is_none() || verb.is_some_and(Verb::is_invitation) { None } else { Some(row.target == Some(ONESELF)) };
        let changes = verb.is_some_and(|verb| verb.spec().changes);
        let mut found: Domains = Vec::new();
        for (name, values) in facts.matter(&row.action, changes, oneself) {
            let Some(name) = self.name_here(&name, row, actor, verb) else { continue };
            let at = found.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
                found.push((name.clone(), vec![neutral(&name)]));
                found.len() - 1
            });
            let new: Vec<Setting> = values.into_iter().filter(|value| !found[at].1.contains(value)).collect();
            found[at].1.extend(new);
        }
        found.retain(|(_, values)| values.len() > 1);
        found
    }

    /// The name that a fact has in a row, if it can be set there: what is said of the target is said of the actor where both
    /// are the same, and the address of whoever is invited is that of the invitation.
    fn name_here(&self, name: &str, row: &Row, actor: usize, verb: Option<Verb>) -> Option<String> {
        let member = matches!(self.cast.parties[actor].is, Is::Member { .. });
        let target = row.target.map(|target| &self.cast.parties[target].is);
        let (whose, word) = name.split_once('.').unwrap_or((name, ""));
        let fits = match whose {
            "actor" => member,
            "target" if verb == Some(Verb::InvitationAccept) => false,
            "target" => return self.of_target(name, word, row, verb),
            "invitation" => match word {
                "open" => verb == Some(Verb::InvitationCreate) && target == Some(&Is::Outsider),
                "email_domain" => verb.is_some_and(Verb::is_invitation),
                _ => member && matches!(row.scenery, Some(Scenery::Offer(_) | Scenery::Accepted(_))) && !verb.is_some_and(Verb::needs_no_rule),
            },
            "group" => member && matches!(row.scenery, Some(Scenery::Group(_))) && (word != "has_actor" || row.target != Some(ONESELF)),
            "resource" => verb.is_none(),
            "grants" => row.gives.is_some() && matches!(verb, Some(Verb::MemberSetRoles | Verb::MemberAdd)),
            "revokes" => row.takes.is_some() && target.is_some() && verb == Some(Verb::MemberSetRoles),
            "scope" => row.scenery != Some(Scenery::Nothing),
            _ => true,
        };
        fits.then(|| name.to_owned())
    }

    fn of_target(&self, name: &str, word: &str, row: &Row, verb: Option<Verb>) -> Option<String> {
        let fits = match row.target.map(|target| &self.cast.parties[target].is)? {
            Is::Oneself => return (word != "status").then(|| format!("actor.{word}")),
            Is::Outsider => verb == Some(Verb::MemberAdd) && word != "status",
            Is::Member { .. } if word == "status" => verb != Some(Verb::MemberReactivate),
            Is::Member { .. } if word == "email_domain" && verb == Some(Verb::InvitationCreate) => return Some("invitation.email_domain".to_owned()),
            Is::Member { .. } => true,
            Is::System { .. } | Is::Invitee => false,
        };
        fits.then(|| name.to_owned())
    }
}

/// The roles that a party holds right at a place.
pub(super) fn held_at<'a>(party: &'a Party, place: &'a str) -> impl Iterator<Item = &'a str> {
    let holds: &[Held] = if let Is::Member { holds } = &party.is { holds } else { &[] };
    holds.iter().filter(move |held| held.scope == place).map(|held| held.role.as_str())
}
