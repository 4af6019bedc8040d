//! Who asks and about whom, at each place of the frame: one for each role, those with rights of a custom role, who has none, the
//! systems.

use serde_json::Value;
use tenantry::Policy;
use tenantry::policy::catalog::{Kind, Role};

use super::table::{CustomRole, Held, Is, Party};
use crate::{Frame, Place};

/// The custom role with every permission that the policy has.
const EVERYTHING: &str = "custom:*";

/// Everybody of a matrix.
pub(super) struct Cast<'p> {
    policy: &'p Policy,
    frame: &'p Frame,
    systems: Vec<String>,
    /// Whether custom roles with one permission are worth a look as what is given and as targets: somebody measures them.
    measured: bool,
    pub custom_roles: Vec<CustomRole>,
    pub parties: Vec<Party>,
}

/// Who is asked about at one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Present {
    pub actors: Vec<usize>,
    /// Who holds something at the place by themselves (at the organization also who holds nothing).
    pub members: Vec<usize>,
    /// A member of the organization who holds nothing at the place, if that is not the organization.
    pub elsewhere: Option<usize>,
}

impl<'p> Cast<'p> {
    pub fn new(policy: &'p Policy, frame: &'p Frame, document: &Value) -> Cast<'p> {
        let permissions: Vec<String> = document["permissions"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let custom = |name: &String| CustomRole { id: format!("custom:{name}"), permissions: vec![name.clone()] };
        let custom_roles = if policy.kinds().iter().any(|kind| kind.custom) {
            permissions.iter().map(custom).chain([CustomRole { id: EVERYTHING.to_owned(), permissions: permissions.clone() }]).collect()
        } else {
            Vec::new()
        };
        let systems = crate::written::names(&document["systems"]).into_iter().map(str::to_owned).collect();
        let mut cast = Cast { policy, frame, systems, measured: measures(document), custom_roles, parties: Vec::new() };
        cast.add("oneself", "oneself", Is::Oneself);
        cast
    }

    /// The number of the party with that name.
    pub fn add(&mut self, name: &str, label: &str, is: Is) -> usize {
        self.parties.iter().position(|party| party.name == name).unwrap_or_else(|| {
            self.parties.push(Party { name: name.to_owned(), label: label.to_owned(), is });
            self.parties.len() - 1
        })
    }

    pub fn kinds(&self) -> &'p [Kind] {
        self.policy.kinds()
    }

    pub fn kind(&self, place: &Place) -> &'p Kind {
        let kinds = self.policy.kinds();
        kinds.iter().find(|kind| kind.name == place.kind).unwrap_or(&kinds[0])
    }

    /// The declared roles of a place.
    pub fn roles(&self, place: &Place) -> impl Iterator<Item = &'p Role> + use<'p> {
        let kinds = self.policy.kinds();
        let name = place.kind.clone();
        self.policy.roles().iter().filter(move |role| kinds[usize::from(role.kind)].name == name)
    }

    /// The place and those above it, the organization first.
    pub fn path(&self, place: &'p Place) -> Vec<&'p Place> {
        path(self.frame, place)
    }

    /// What everybody holds who holds something below the organization.
    fn defaults(&self) -> Vec<Held> {
        let root = &self.frame.places[0];
        let kind = self.kind(root);
        let is_default =
            |role: &&Role| self.policy.roles().iter().position(|other| other.qualified == role.qualified).is_some_and(|n| kind.defaults >> n & 1 == 1);
        self.roles(root).filter(is_default).map(|role| Held { scope: root.id.clone(), role: role.name.clone() }).collect()
    }

    /// The role that most people at a place are thought to hold: the default, or the lowest.
    pub fn ordinary(&self, place: &Place) -> Option<&'p Role> {
        let kind = self.kind(place);
        let all = self.policy.roles();
        let default =
            self.roles(place).find(|role| all.iter().position(|other| other.qualified == role.qualified).is_some_and(|n| kind.defaults >> n & 1 == 1));
        default.or_else(|| self.roles(place).min_by_key(|role| role.rank))
    }

    /// The roles that can be given at a place: the declared ones, and some custom ones.
    pub fn gifts(&self, place: &Place) -> Vec<String> {
        let mut gifts: Vec<String> = self.roles(place).map(|role| role.name.clone()).collect();
        if self.kind(place).custom {
            gifts.extend(self.custom_roles.iter().filter(|role| self.measured || role.id == EVERYTHING).map(|role| role.id.clone()));
        }
        gifts
    }

    fn holder(&mut self, place: &Place, role: &str, name: &str, label: &str) -> usize {
        let held = Held { scope: place.id.clone(), role: role.to_owned() };
        let below = place.parent.is_some();
        let holds = if below { self.defaults().into_iter().chain([held]).collect() } else { vec![held] };
        let first = place.id == self.frame.places[0].id || place.id == place.kind;
        let name = if first { name.to_owned() } else { format!("{name} at {}", place.id) };
        let label = if below { format!("{label} ({})", place_label(self.policy, place)) } else { label.to_owned() };
        self.add(&name, &label, Is::Member { holds })
    }

    /// Everybody who holds a role right at the place.
    fn holders(&mut self, place: &Place, every_custom: bool) -> Vec<usize> {
        let roles: Vec<&Role> = self.roles(place).collect();
        let mut found: Vec<usize> = roles.iter().map(|role| self.holder(place, &role.name, &role.qualified, &role_label(role))).collect();
        if self.kind(place).custom {
            let kind = place.kind.clone();
            let custom = self.custom_roles.clone();
            for role in custom.iter().filter(|role| every_custom || role.id == EVERYTHING) {
                found.push(self.holder(place, &role.id, &format!("{kind}.{}", role.id), &custom_label(role)));
            }
        }
        found
    }

    fn nobody(&mut self) -> usize {
        self.add("nothing", "Member without a role", Is::Member { holds: Vec::new() })
    }

    /// Who is there at a place.
    pub fn present(&mut self, place: &'p Place) -> Present {
        let mut present = Present::default();
        let path = self.path(place);
        for above in &path {
            present.actors.extend(self.holders(above, true));
        }
        if path.len() > 1 {
            present.actors.extend(self.only_here(place));
        }
        present.actors.push(self.nobody());
        for system in self.systems.clone() {
            present.actors.push(self.add(&format!("system:{system}"), &format!("{system} (system)"), Is::System { system }));
        }
        present.actors.push(self.add("outsider", "Outsider", Is::Outsider));
        present.members = self.holders(place, self.measured);
        if path.len() == 1 {
            present.members.push(self.nobody());
            return present;
        }
        for above in &path[..path.len() - 1] {
            present.members.extend(self.also_above(above, place));
        }
        let defaults = self.defaults();
        let same = self.parties.iter().position(|party| matches!(&party.is, Is::Member { holds } if *holds == defaults));
        present.elsewhere = Some(same.unwrap_or_else(|| self.nobody()));
        present
    }

    /// Somebody who holds the highest role at the place and none in the organization, where people usually have one.
    fn only_here(&mut self, place: &Place) -> Option<usize> {
        let highest = self.roles(place).max_by_key(|role| role.rank).cloned()?;
        let holds = vec![Held { scope: place.id.clone(), role: highest.name.clone() }];
        let label = format!("{} ({}), nothing above", role_label(&highest), place_label(self.policy, place));
        let usual = !self.defaults().is_empty();
        usual.then(|| self.add(&format!("{} at {} alone", highest.qualified, place.id), &label, Is::Member { holds }))
    }

    /// Those who hold an ordinary role at the place and more than that above it.
    fn also_above(&mut self, above: &Place, place: &Place) -> Vec<usize> {
        let Some(here) = self.ordinary(place).cloned() else { return Vec::new() };
        let (root, defaults) = (above.parent.is_none(), self.defaults());
        let more: Vec<Role> = self.roles(above).filter(|role| !root || defaults.iter().all(|held| held.role != role.name)).cloned().collect();
        let one = |role: &Role| {
            let mut holds = if root { Vec::new() } else { defaults.clone() };
            holds.push(Held { scope: above.id.clone(), role: role.name.clone() });
            holds.push(Held { scope: place.id.clone(), role: here.name.clone() });
            let above_label = if root { String::new() } else { format!(" ({})", place_label(self.policy, above)) };
            let label = format!("{}{above_label}, here {}", role_label(role), role_label(&here));
            (format!("{} and {} at {}", role.qualified, here.qualified, place.id), label, holds)
        };
        let found: Vec<_> = more.iter().map(one).collect();
        found.into_iter().map(|(name, label, holds)| self.add(&name, &label, Is::Member { holds })).collect()
    }
}

/// The place and those above it, the organization first.
pub(super) fn path<'f>(frame: &'f Frame, place: &'f Place) -> Vec<&'f Place> {
    let mut path = vec![place];
    while let Some(above) = path[0].parent.as_ref().and_then(|id| frame.places.iter().find(|place| place.id == *id)) {
        path.insert(0, above);
    }
    path
}

/// Whether a rule compares permissions, or asks for those of a target.
fn measures(document: &Value) -> bool {
    let rules = || ["allow", "forbid"].into_iter().flat_map(|list| document[list].as_array().into_iter().flatten());
    let blocks = || rules().flat_map(|rule| [rule, &rule["unless"]]);
    blocks().any(|rule| !rule["target"]["permission"].is_null() || ["target", "grants", "revokes"].iter().any(|block| !rule[*block]["permissions"].is_null()))
}

/// A name with a capital letter, for people.
pub(super) fn titled(name: &str) -> String {
    let words = name.replace(['_', '-', '.'], " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn role_label(role: &Role) -> String {
    role.label.clone().unwrap_or_else(|| titled(&role.name))
}

pub(super) fn custom_label(role: &CustomRole) -> String {
    if role.id == EVERYTHING { "Custom role with everything".to_owned() } else { format!("Custom role with {}", role.permissions.join(", ")) }
}

pub(super) fn place_label(policy: &Policy, place: &Place) -> String {
    let label = policy.kinds().iter().find(|kind| kind.name == place.kind).and_then(|kind| kind.label.clone());
    let label = label.unwrap_or_else(|| titled(&place.kind));
    if place.id.ends_with("-below") { format!("{label} below a {}", label.to_lowercase()) } else { label }
}
