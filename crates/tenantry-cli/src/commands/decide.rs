//! `decide`: the answer to a request, without changing anything.

use clap::Args;
use tenantry::document::Request;

use super::each;
use crate::args::RequestArgs;
use crate::console::{Console, Status};
use crate::documents::Document;
use crate::failure::Failure;
use crate::show;
use crate::sources::{World, WorldArgs, read_documents};

/// Decide requests, each on the state as it stands
///
/// Nothing changes: `apply` makes allowed requests true. Without a request, `--example` shows the example requests of the
/// preset, a tour of what it permits and forbids.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry decide --preset starter --example
  tenantry decide --preset starter --example --actor noa --action member.remove --target liam
  tenantry decide --policy policy.toml --state acme.json requests.json
  echo '{\"id\":\"r1\",\"actor\":{\"user\":\"noa\"},\"action\":\"member.leave\"}' |
      tenantry decide --preset starter --example --json -")]
pub(crate) struct Decide {
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    request: RequestArgs,
}

/// A request with its title, if it has one.
pub(super) type Asked = (Option<String>, Request);

impl Decide {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let mut world = self.world.load()?;
        let example = world.example.filter(|_| self.request.file.is_none() && self.request.who.actor.is_none());
        let asked = match example {
            Some(example) => read(&example.requests()?, &world),
            None => given(&self.request, &world, console)?,
        };
        let status = each(asked, console, |asked, console| answer(&mut world, &asked, console));
        // The tour shows denials on purpose.
        Ok(if example.is_some() && status == Status::Bad { Status::Good } else { status })
    }
}

/// The requests that the command line gives.
pub(super) fn given(request: &RequestArgs, world: &World, console: &mut Console) -> Result<Vec<Result<Asked, Failure>>, Failure> {
    if let Some(request) = request.request(world.now)? {
        return Ok(vec![Ok((None, request))]);
    }
    let documents = read_documents(request.file.as_deref(), "request", "give a FILE, or `--actor` and `--action`", console)?;
    Ok(read(&documents, world))
}

fn read(documents: &[Document], world: &World) -> Vec<Result<Asked, Failure>> {
    documents.iter().map(|document| Ok((document.title.clone(), document.read_request(world.now)?))).collect()
}

fn answer(world: &mut World, (title, request): &Asked, console: &mut Console) -> Result<Status, Failure> {
    let decision = world.directory.decide(request)?;
    world.names.learn(&decision.events);
    console.answer(&decision, || show::decision::decision(&world.names, &decision, title.as_deref()) + "\n")?;
    Ok(decision.is_allowed().into())
}
