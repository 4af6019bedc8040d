//! The matrix as a document: names in place of numbers.

use serde::{Serialize, Serializer};
use tenantry::document::VERSION;

use super::Matrix;
use super::table::{Answer, CustomRole, Labels, Party, Row, Scenery, Unanswered};
use crate::Frame;

/// Who may do what to whom.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Matrix"))]
struct Document<'m> {
    /// The version of the documents.
    tenantry: u32,
    /// The policy's name.
    policy: &'m str,
    /// Its digest.
    digest: &'m str,
    /// The organization on which the questions are asked.
    frame: &'m Frame,
    /// Names for people.
    labels: &'m Labels,
    /// Everybody.
    parties: &'m [Party],
    /// The custom roles that parties hold and that are given.
    custom_roles: &'m [CustomRole],
    /// The questions, by action, then by place.
    rows: Vec<NamedRow<'m>>,
    /// Actions that no rule permits to anybody. They have no rows.
    nobody: &'m [String],
    /// Rules that decide no cell.
    idle_rules: &'m [String],
    /// Questions that the engine takes for no questions. There should be none.
    unanswered: &'m [Unanswered],
}

/// A question that is asked for each actor.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MatrixRow"))]
struct NamedRow<'m> {
    /// The action.
    action: &'m str,
    /// The place where it is asked.
    scope: &'m str,
    /// About whom, by the name of a party. Of an acceptance, who makes the offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'m str>,
    /// The role that is given or offered. Of `role.create` and `role.update` a custom role whose permissions are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    gives: Option<&'m str>,
    /// The role that is taken, or handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    takes: Option<&'m str>,
    /// The kind of the scope to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'m str>,
    /// What has to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenery: Option<&'m Scenery>,
    /// The answers, in the order of the actors. Who cannot be asked has none.
    cells: Vec<NamedCell<'m>>,
}

/// The answer to a row's question, for one actor.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MatrixCell"))]
struct NamedCell<'m> {
    /// The actor, by the name of a party.
    actor: &'m str,
    #[serde(flatten)]
    answer: &'m Answer,
}

impl<'m> Document<'m> {
    fn of(matrix: &'m Matrix) -> Document<'m> {
        Document {
            tenantry: VERSION,
            policy: &matrix.policy,
            digest: &matrix.digest,
            frame: &matrix.frame,
            labels: &matrix.labels,
            parties: &matrix.parties,
            custom_roles: &matrix.custom_roles,
            rows: matrix.rows.iter().map(|row| NamedRow::of(matrix, row)).collect(),
            nobody: &matrix.nobody,
            idle_rules: &matrix.idle,
            unanswered: &matrix.unanswered,
        }
    }
}

impl<'m> NamedRow<'m> {
    fn of(matrix: &'m Matrix, row: &'m Row) -> NamedRow<'m> {
        let name = |party: usize| matrix.parties[party].name.as_str();
        NamedRow {
            action: &row.action,
            scope: &row.scope,
            target: row.target.map(name),
            gives: row.gives.as_deref(),
            takes: row.takes.as_deref(),
            kind: row.kind.as_deref(),
            scenery: row.scenery.as_ref(),
            cells: row.cells.iter().map(|cell| NamedCell { actor: name(cell.actor), answer: &matrix.answers[cell.answer] }).collect(),
        }
    }
}

impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::of(self).serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Matrix {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Document::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Document::json_schema(generator)
    }
}
