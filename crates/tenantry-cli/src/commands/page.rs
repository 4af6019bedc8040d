//! `page`: members and invitations as the "Users & Access" page shows them.

use clap::{Args, ValueEnum};
use tenantry::ask::{Order, PageQuery};
use tenantry::document::{Actor, Time};

use super::each;
use crate::args::{QuestionArgs, facts};
use crate::console::{Console, Status};
use crate::failure::Failure;
use crate::show;
use crate::sources::{World, WorldArgs};

/// Show the members page as somebody sees it
///
/// People and invitations, and what may be done with each. Roles in brackets come from above or through a group.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenantry page --preset starter --example --actor hedda
  tenantry page --preset growthfactor --example --actor abe --scope seattle --inherited
  tenantry page --preset loupe-factory --example --actor ines --search haddad --limit 10")]
pub(crate) struct ShowPage {
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    question: QuestionArgs,
    /// The scope; the organization if absent
    #[arg(long, value_name = "ID", requires = "actor")]
    scope: Option<String>,
    /// Only names and addresses that contain this
    #[arg(long, value_name = "TEXT", requires = "actor", default_value = "", hide_default_value = true)]
    search: String,
    /// Only rows with this role; again for more
    #[arg(long, requires = "actor")]
    role: Vec<String>,
    /// Only rows with this status (`active`, `deactivated`, `pending`, ...); again for more
    #[arg(long, requires = "actor")]
    status: Vec<String>,
    /// People who have access only from above or through a group too
    #[arg(long, requires = "actor")]
    inherited: bool,
    /// Order of the rows
    #[arg(long, value_enum, requires = "actor", default_value = "name")]
    order: OrderArg,
    /// Rows to pass over
    #[arg(long, value_name = "ROWS", requires = "actor", default_value_t = 0, hide_default_value = true)]
    offset: u32,
    /// Rows to show
    #[arg(long, value_name = "ROWS", requires = "actor")]
    limit: Option<u32>,
    /// An action to ask for each row; again for more; all that the policy permits to anybody if absent
    #[arg(long, requires = "actor")]
    action: Vec<String>,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    Name,
    Email,
    Role,
}

impl From<OrderArg> for Order {
    fn from(order: OrderArg) -> Order {
        match order {
            OrderArg::Name => Order::Name,
            OrderArg::Email => Order::Email,
            OrderArg::Role => Order::Role,
        }
    }
}

impl ShowPage {
    pub(crate) fn run(&self, console: &mut Console) -> Result<Status, Failure> {
        let world = self.world.load()?;
        let asked = self.question.questions(world.now, console, |actor| Ok(self.query(actor, world.now)))?;
        Ok(each(asked, console, |query, console| answer(&world, &query, console)))
    }

    fn query(&self, actor: Actor, now: Time) -> PageQuery {
        PageQuery {
            actor,
            now,
            scope: self.scope.clone(),
            search: self.search.clone(),
            roles: self.role.clone(),
            statuses: self.status.clone(),
            inherited: self.inherited,
            order: self.order.into(),
            offset: self.offset,
            limit: self.limit,
            actions: (!self.action.is_empty()).then(|| self.action.clone()),
            context: facts(&self.question.who.context),
        }
    }
}

fn answer(world: &World, query: &PageQuery, console: &mut Console) -> Result<Status, Failure> {
    let page = world.directory.page(query)?;
    console.answer(&page, || show::members::page(&world.names, world.directory.policy(), query.scope.as_deref(), &page))?;
    Ok(page.members_denied.is_none().into())
}
