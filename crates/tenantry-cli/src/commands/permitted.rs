//! `permitted`: every action with its verdict, as a row menu shows it.

use clap::Args;
use tenantry::ask::{PermittedQuery, Verdict};
use tenantry::document::{Actor, Time};

use super::each;
use crate::args::{QuestionArgs, facts};
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::{BAD, FAINT, tick};
use crate::show::table::{Cell, table};
use crate::sources::{World, WorldArgs};
use crate::words::verb;

/// List every action with its verdict, as a menu shows it
///
/// About a user, an invitation, or (neither) the scope itself, with the reason for what a menu greys out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry permitted --preset starter --example --actor noa --target mira
  tenantry permitted --preset starter --example --actor amara --scope studio --invitation inv-lukasz
  tenantry permitted --preset growthfactor --example --actor abe --scope seattle")]
pub(crate) struct Permitted {
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    question: QuestionArgs,
    /// The scope; the organization if absent
    #[arg(long, value_name = "ID", requires = "actor")]
    scope: Option<String>,
    /// The user
    #[arg(long, value_name = "ID", requires = "actor", conflicts_with = "invitation")]
    target: Option<String>,
    /// The invitation
    #[arg(long, value_name = "ID", requires = "actor")]
    invitation: Option<String>,
}

impl Permitted {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let world = self.world.load()?;
        let asked = self.question.questions(world.now, console, |actor| Ok(self.query(actor, world.now)))?;
        Ok(each(asked, console, |query, console| answer(&world, &query, console)))
    }

    fn query(&self, actor: Actor, now: Time) -> PermittedQuery {
        PermittedQuery {
            actor,
            now,
            scope: self.scope.clone(),
            target: self.target.clone(),
            invitation: self.invitation.clone(),
            context: facts(&self.question.who.context),
        }
    }
}

fn answer(world: &World, query: &PermittedQuery, console: &mut Console) -> Result<Status, Failure> {
    let verdicts = world.directory.permitted(query)?;
    console.answer(&verdicts, || table(&verdicts.iter().map(row).collect::<Vec<_>>()))?;
    Ok(Status::Good)
}

fn row(verdict: &Verdict) -> Vec<Cell> {
    let (mark, style) = tick(verdict.allowed);
    let message = verdict.message.as_deref().unwrap_or_default();
    vec![
        Cell::new(mark, style),
        verdict.label.clone().unwrap_or_else(|| verb(&verdict.action)).into(),
        Cell::new(verdict.action.as_str(), FAINT),
        Cell::new(verdict.code.as_deref().unwrap_or_default(), BAD),
        Cell::new(message, FAINT),
    ]
}
