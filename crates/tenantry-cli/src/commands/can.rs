//! `can`: yes or no.

use clap::Args;
use serde_json::json;
use tenantry::ask::Query;
use tenantry::document::{Actor, Effect, Fact, Time};

use super::each;
use crate::args::{QuestionArgs, action, attribute, facts};
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
    /// The action
    #[arg(long, requires = "actor")]
    action: Option<String>,
    /// The scope; the organization if absent
    #[arg(long, value_name = "ID", requires = "actor")]
    scope: Option<String>,
    /// The user it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    target: Option<String>,
    /// The invitation it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    invitation: Option<String>,
    /// The group it would be about
    #[arg(long, value_name = "ID", requires = "actor")]
    group: Option<String>,
    /// The role that would be given
    #[arg(long, requires = "actor")]
    role: Option<String>,
    /// An attribute of the app's resource, such as `section=fleet`; again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute, requires = "actor")]
    resource: Vec<(String, Fact)>,
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
            action: action(self.action.as_ref())?,
            now,
            scope: self.scope.clone(),
            target: self.target.clone(),
            invitation: self.invitation.clone(),
            group: self.group.clone(),
            role: self.role.clone(),
            resource: facts(&self.resource),
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
