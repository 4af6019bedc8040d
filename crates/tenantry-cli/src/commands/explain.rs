//! `explain`: why a request is decided as it is.

use clap::Args;

use super::decide::{Asked, given};
use super::each;
use crate::args::RequestArgs;
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show;
use crate::sources::{World, WorldArgs};

/// Explain decisions: every rule that speaks of the action, and the word on which it fails
///
/// For each change that the request makes, the rules stand in the policy's order. A rule that holds is marked: `✓` an
/// allow, `✗` a forbid, `!` a warning.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry explain --preset starter --example --actor noa --action member.remove --target liam
  tenantry explain --preset inveterate --example --actor vera --action member.remove --target vera
  tenantry explain --policy policy.toml --state acme.json request.json")]
pub(crate) struct Explain {
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    request: RequestArgs,
}

impl Explain {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let mut world = self.world.load()?;
        let asked = given(&self.request, &world, console)?;
        Ok(each(asked, console, |asked, console| explain(&mut world, &asked, console)))
    }
}

fn explain(world: &mut World, (title, request): &Asked, console: &mut Console) -> Result<Status, Failure> {
    let explanation = world.directory.explain(request)?;
    world.names.learn(&explanation.decision.events);
    console.answer(&explanation, || show::explanation::explanation(&world.names, &explanation, title.as_deref()) + "\n")?;
    Ok(explanation.decision.is_allowed().into())
}
