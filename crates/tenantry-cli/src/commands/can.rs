//! `can`: yes or no.

use clap::Args;
use serde_json::json;
use tenantry::ask::Query;
use tenantry::document::{Actor, Effect, Time};

use super::each;
use crate::args::{AboutArgs, QuestionArgs, action, facts};
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::decision::verdict;
use crate::show::style::clean;
use crate::sources::{World, WorldArgs};

/// Ask whether something is permitted: yes, or the code of the denial
///
/// The quick answer, without events. It takes the fields of a question, not those of a request.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry can --preset starter --example --actor noa --action member.remove --target liam
  tenantry can --preset starter --example --actor noa --action invitation.create --role owner
  echo '{\"actor\":{\"user\":\"noa\"},\"action\":\"audit.read\"}' | tenantry can --preset starter --example")]
pub(crate) struct Can {
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    question: QuestionArgs,
    #[command(flatten)]
    about: AboutArgs,
    /// The invitation it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    invitation: Option<String>,
    /// The group it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    group: Option<String>,
}

impl Can {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let world = self.world.load()?;
        let asked = self.question.questions(world.now, console, |actor| self.query(actor, world.now))?;
        Ok(each(asked, console, |query, console| answer(&world, &query, console)))
    }

    fn query(&self, actor: Actor, now: Time) -> Result<Query, Failure> {
        Ok(Query {
            actor,
            action: action(self.about.action.as_ref())?,
            now,
            scope: self.about.scope.clone(),
            target: self.about.target.clone(),
            invitation: self.invitation.clone(),
            group: self.group.clone(),
            role: self.about.role.clone(),
            resource: facts(&self.about.resource),
            context: facts(&self.question.who.context),
        })
    }
}

fn answer(world: &World, query: &Query, console: &mut Console) -> Result<Status, Failure> {
    let policy = world.directory.policy();
    let Some(denial) = world.directory.denial(query)? else {
        console.answer(&json!({ "allowed": true }), || verdict(Effect::Allow, None) + "\n")?;
        return Ok(Status::Good);
    };
    let (code, message) = (denial.code(policy), denial.message(policy));
    let document = json!({ "allowed": false, "code": code, "message": message });
    console.answer(&document, || format!("{}  {}\n", verdict(Effect::Deny, Some(code)), clean(&message)))?;
    Ok(Status::Bad)
}
