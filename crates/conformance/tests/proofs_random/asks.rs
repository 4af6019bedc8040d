//! What people of a small organization can ask.

use tenantry::document::{Actor, Ask, Holders, OpenLink, RoleAt, Snapshot, UserInput};

use crate::beginning::{ACME, BOTH, PAYER, PLAIN, ROLES, SEVERAL, holders_of, roles_of, team_of};
use crate::policies::Shape;

/// Everything that the actors can do next, but for verbs that no rule allows to anybody.
pub fn requests(policy: &str, shape: Shape, state: &Snapshot, actors: &[String], people: &[String]) -> Vec<(Actor, Ask)> {
    let known = |id: &str| state.users.iter().any(|user| user.id == id);
    let is_allowed = |ask: &Ask| policy.contains(&format!("\"{}\"", ask.action));
    let mut all = Vec::new();
    for actor in actors.iter().filter(|actor| known(actor)) {
        let whom = people.iter().map(|target| Whom { id: target, known: known(target), itself: target == actor });
        let asked = whom.flat_map(|whom| whom.asks(shape)).chain(of_roles(state));
        all.extend(asked.filter(is_allowed).map(|ask| (Actor::User(actor.clone()), ask)));
    }
    for offer in &state.invitations {
        for actor in actors {
            let who = if known(actor) { Actor::User(actor.clone()) } else { Actor::Invitee { email: mail(actor), verified: true } };
            let user = (!known(actor)).then(|| UserInput { id: Some(actor.clone()), ..UserInput::default() });
            all.push((who, Ask { action: "invitation.accept".to_owned(), invitation: Some(offer.id.clone()), user, ..Ask::default() }));
        }
    }
    all
}

fn mail(id: &str) -> String {
    format!("{id}@acme.example")
}

fn at(place: &str, action: &str) -> Ask {
    Ask { action: action.to_owned(), scope: Some(place.to_owned()), ..Ask::default() }
}

/// What is asked of roles of the tenant's own, whoever holds them.
fn of_roles(state: &Snapshot) -> Vec<Ask> {
    let about = |role: &str, action: &str| Ask { role: Some(role.to_owned()), ..at(ACME, action) };
    let mut asks = Vec::new();
    for row in state.custom_roles.iter().map(|row| row.id.as_str()).filter(|role| [PAYER, PLAIN].contains(role)) {
        asks.extend([vec![], vec!["billing".to_owned()]].map(|permissions| Ask { permissions: Some(permissions), ..about(row, "role.update") }));
        asks.push(Ask { holders: Some(Holders::Revoke), ..about(row, "role.delete") });
    }
    asks
}

/// Whom an actor asks about.
struct Whom<'a> {
    id: &'a str,
    known: bool,
    itself: bool,
}

impl Whom<'_> {
    fn asks(&self, shape: Shape) -> Vec<Ask> {
        let places = shape.places().into_iter().flat_map(|(place, _)| self.at_place(place));
        let roles = roles_of(shape).into_iter().flat_map(|(place, role)| self.about_role(place, role));
        let groups = if self.known { self.in_groups() } else { Vec::new() };
        places.chain(groups).chain(roles).collect()
    }

    fn about(&self, place: &str, action: &str) -> Ask {
        Ask { target: Some(self.id.to_owned()), ..at(place, action) }
    }

    fn at_place(&self, place: &str) -> Vec<Ask> {
        let mut asks: Vec<Ask> = ["member.remove", "member.deactivate", "member.reactivate"].map(|action| self.about(place, action)).to_vec();
        asks.push(Ask { roles: Some(Vec::new()), ..self.about(place, "member.set_roles") });
        if self.itself {
            asks.push(at(place, "member.leave"));
        }
        asks
    }

    fn in_groups(&self) -> Vec<Ask> {
        let teams = || [team_of(self.id), BOTH.to_owned()];
        let of_group = |ask: Ask, team: String| Ask { group: Some(team), ..ask };
        let two = vec![RoleAt::from(ROLES[0]), RoleAt::from(ROLES[2])];
        let mut asks = vec![Ask { roles: Some(two), ..of_group(at(ACME, "group.grant"), team_of(self.id)) }];
        asks.extend([BOTH, SEVERAL].map(|team| of_group(self.about(ACME, "group.add"), team.to_owned())));
        asks.extend(teams().map(|team| of_group(self.about(ACME, "group.remove"), team)));
        asks.extend(teams().map(|team| of_group(at(ACME, "group.delete"), team)));
        asks
    }

    fn about_role(&self, place: &str, role: &str) -> Vec<Ask> {
        let one = || Some(vec![RoleAt::from(role)]);
        let mut asks = vec![
            Ask { roles: one(), ..self.about(place, "member.set_roles") },
            Ask { add: one(), ..self.about(place, "member.set_roles") },
            Ask { remove: Some(vec![role.to_owned()]), ..self.about(place, "member.set_roles") },
            Ask { role: Some(role.to_owned()), ..self.about(place, "ownership.transfer") },
            Ask { roles: one(), email: Some(mail(self.id)), ..at(place, "invitation.create") },
            Ask { roles: one(), open: Some(OpenLink { uses: None, audience: None }), ..at(place, "invitation.create") },
        ];
        if self.known {
            asks.push(Ask { group: Some(holders_of(place, role)), ..self.about(ACME, "group.add") });
            let teams = [team_of(self.id), BOTH.to_owned()];
            asks.extend(
                teams
                    .into_iter()
                    .flat_map(|team| ["group.grant", "group.revoke"].map(|verb| Ask { group: Some(team.clone()), roles: one(), ..at(place, verb) })),
            );
            asks.push(Ask { roles: one(), ..self.about(place, "member.add") });
        } else {
            let user = UserInput { id: Some(self.id.to_owned()), email: Some(mail(self.id)), ..UserInput::default() };
            asks.push(Ask { roles: one(), user: Some(user), ..at(place, "member.add") });
        }
        asks
    }
}
