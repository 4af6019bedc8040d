//! `who-can`: the users who could do it.

use clap::Args;
use tenantry::ask::WhoCanQuery;
use tenantry::document::{Actor, Fact, Time};

use super::each;
use crate::args::{QuestionArgs, action, attribute, facts};
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show::style::FAINT;
use crate::show::table::{Cell, table};
use crate::sources::{World, WorldArgs};

/// Name the users who could do something
///
/// Only those whom the actor may see in the list of members are named.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry who-can --preset starter --example --actor hedda --action member.remove --target noa
  tenantry who-can --preset growthfactor --example --actor abe --action member.list --scope seattle")]
pub(crate) struct WhoCan {
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
    /// The role that would be given
    #[arg(long, requires = "actor")]
    role: Option<String>,
    /// An attribute of the app's resource, such as `section=fleet`; again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute, requires = "actor")]
    resource: Vec<(String, Fact)>,
}

impl WhoCan {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let world = self.world.load()?;
        let asked = self.question.questions(world.now, console, |viewer| self.query(viewer, world.now))?;
        Ok(each(asked, console, |query, console| answer(&world, &query, console)))
    }

    fn query(&self, viewer: Actor, now: Time) -> Result<WhoCanQuery, Failure> {
        Ok(WhoCanQuery {
            viewer,
            action: action(self.action.as_ref())?,
            now,
            scope: self.scope.clone(),
            target: self.target.clone(),
            role: self.role.clone(),
            resource: facts(&self.resource),
            context: facts(&self.question.who.context),
        })
    }
}

fn answer(world: &World, query: &WhoCanQuery, console: &mut Console) -> Result<Status, Failure> {
    let able = world.directory.who_can(query)?;
    let rows = || able.iter().map(|user| vec![world.names.user(user).into(), Cell::new(user.as_str(), FAINT)]).collect::<Vec<_>>();
    console.answer(&able, || if able.is_empty() { "nobody\n".to_owned() } else { table(&rows()) })?;
    Ok(Status::from(!able.is_empty()))
}
