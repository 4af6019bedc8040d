//! The small organization on which questions about all organizations are asked.

use serde::Serialize;
use tenantry::Policy;
use tenantry::document::Snapshot;
use tenantry::document::snapshot::{ScopeRow, ScopeStatus};
use tenantry::policy::catalog::Kind;

/// The id of the organization in every frame.
pub const ORGANIZATION: &str = "acme";

/// A scope of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// Its id: the name of its kind, followed by `-below` for a second one that hangs under the first.
    pub id: String,
    /// Its kind, by name.
    pub kind: String,
    /// The place that it hangs under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// A tree with one scope of each kind, and one more under itself of a kind that may hang so.
///
/// ```
/// use tenantry_analysis::Frame;
/// let frame = Frame::of(&tenantry::Policy::preset("starter").unwrap());
/// assert_eq!(frame.places.iter().map(|place| place.id.as_str()).collect::<Vec<_>>(), ["acme", "workspace"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frame {
    /// The scopes, each after the one that it hangs under. The organization is the first.
    pub places: Vec<Place>,
}

impl Frame {
    /// The frame of a policy. A kind that can hang nowhere is not in it.
    #[must_use]
    pub fn of(policy: &Policy) -> Frame {
        let kinds = policy.kinds();
        let mut places = vec![Place { id: ORGANIZATION.to_owned(), kind: kinds[0].name.clone(), parent: None }];
        loop {
            let next =
                kinds[1..].iter().find_map(|kind| (!places.iter().any(|place| place.kind == kind.name)).then(|| first_place(kind, kinds, &places)).flatten());
            let Some(place) = next else { break };
            places.push(place);
        }
        let under_itself = |place: &&Place| kinds.iter().enumerate().any(|(n, kind)| n > 0 && kind.name == place.kind && kind.under >> n & 1 == 1);
        let more: Vec<Place> = places.iter().filter(under_itself).map(below).collect();
        places.extend(more);
        Frame { places }
    }

    /// A place and those above it.
    pub(crate) fn path(&self, place: usize) -> Vec<usize> {
        let parent = |at: &usize| self.places.iter().position(|place| Some(&place.id) == self.places[*at].parent.as_ref());
        std::iter::successors(Some(place), parent).collect()
    }

    /// An organization with these scopes and nobody in it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let row = |place: &Place| ScopeRow {
            id: place.id.clone(),
            kind: place.kind.clone(),
            parent: place.parent.clone(),
            name: None,
            status: ScopeStatus::Active,
            attributes: tenantry::document::Facts::default(),
            version: 0,
        };
        Snapshot { scopes: self.places.iter().map(row).collect(), ..Snapshot::empty(ORGANIZATION) }
    }
}

fn first_place(kind: &Kind, kinds: &[Kind], places: &[Place]) -> Option<Place> {
    let may_hang = |place: &&Place| kinds.iter().enumerate().any(|(n, above)| above.name == place.kind && kind.under >> n & 1 == 1);
    let parent = places.iter().find(may_hang)?;
    Some(Place { id: kind.name.clone(), kind: kind.name.clone(), parent: Some(parent.id.clone()) })
}

fn below(place: &Place) -> Place {
    Place { id: format!("{}-below", place.id), kind: place.kind.clone(), parent: Some(place.id.clone()) }
}
