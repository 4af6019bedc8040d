//! `who-can`: the users who could do it.

use clap::Args;
use tenantry::ask::WhoCanQuery;
use tenantry::document::{Actor, Time};

use super::each;
use crate::args::{AboutArgs, QuestionArgs, action, facts};
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
    #[command(flatten)]
    about: AboutArgs,
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
            action: action(self.about.action.as_ref())?,
            now,
            scope: self.about.scope.clone(),
            target: self.about.target.clone(),
            role: self.about.role.clone(),
            resource: facts(&self.about.resource),
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
