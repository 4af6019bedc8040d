//! One organization under one policy, in an instance of its own.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::exports::tenantry::engine::membership::{Error as Refused, GuestDirectory, GuestPolicy};
use crate::instance::{Instance, Limiter};
use crate::{Columns, Denial, Engine, Error, Numbered};

/// What a session asks under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// A ready policy, by its name.
    Preset(String),
    /// A policy in JSON.
    Document(String),
}

/// One organization under one policy, in an instance of its own.
///
/// A session outlives its instance. A call that runs out of something, or breaks off, ends in an error and takes the instance with
/// it; the next call makes another one, with the policy and the organization as they were before.
pub struct Session {
    engine: Engine,
    policy: Arc<Policy>,
    organization: Option<Organization>,
    live: Option<Live>,
}

/// What it takes to make an organization again.
struct Organization {
    snapshot: String,
    /// Decisions that came true since, each with its time.
    applied: Vec<(String, String)>,
    /// Bytes of them, and how many there may be before a new snapshot is taken.
    bytes: (usize, usize),
}

/// An instance with what is in it.
pub(crate) struct Live {
    instance: Instance,
    policy: ResourceAny,
    directory: Option<ResourceAny>,
}

impl Session {
    pub(crate) fn new(engine: Engine, policy: Policy) -> Result<Session, Error> {
        let live = Live::new(&engine, &policy)?;
        Ok(Session::with(engine, Arc::new(policy), live))
    }

    pub(crate) fn with(engine: Engine, policy: Arc<Policy>, live: Live) -> Session {
        Session { engine, policy, organization: None, live: Some(live) }
    }

    /// The instance, of a session that ends.
    pub(crate) fn take_live(&mut self) -> Option<Live> {
        self.live.take()
    }

    /// Reads the snapshot of an organization, whole or a slice, in the place of the one before.
    ///
    /// # Errors
    /// `bad_document`, `bad_snapshot`, `out_of_bounds`; then the session has no organization.
    pub fn load(&mut self, snapshot: impl Into<String>) -> Result<(), Error> {
        self.clear()?;
        let snapshot = snapshot.into();
        self.live(|live| live.load(&snapshot))?;
        let most = snapshot.len().max(1 << 16);
        self.organization = Some(Organization { snapshot, applied: Vec::new(), bytes: (0, most) });
        Ok(())
    }

    /// Forgets the organization.
    ///
    /// # Errors
    /// What calls can run out of.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.organization = None;
        if self.live.is_none() { Ok(()) } else { self.live(Live::clear) }
    }

    /// The state as a snapshot.
    ///
    /// # Errors
    /// `no_directory`; what calls can run out of.
    pub fn snapshot(&mut self) -> Result<String, Error> {
        self.loading(|directory, store, it| directory.call_snapshot(store, it).map(Ok))
    }

    /// Decides a request: the decision. Nothing changes until it is applied.
    ///
    /// # Errors
    /// Those of the engine for a malformed request, `missing_facts`; `no_directory`; what calls can run out of. The same holds of
    /// the other questions.
    pub fn decide(&mut self, request: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_decide(store, it, request))
    }

    /// Makes an allowed decision true; `now` is the present time in RFC 3339.
    ///
    /// # Errors
    /// `stale` and `late`, with the answer that holds now in the document; `denied`, `wrong_policy`, and as above.
    pub fn apply(&mut self, decision: &str, now: &str) -> Result<(), Error> {
        self.ask(|directory, store, it| directory.call_apply(store, it, decision, now))?;
        self.applied(decision, now);
        Ok(())
    }

    /// Every rule that was tried for a request, and what it failed at.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn explain(&mut self, request: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_explain(store, it, request))
    }

    /// Whether nothing speaks against an action.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn can(&mut self, question: &str) -> Result<bool, Error> {
        self.ask(|directory, store, it| directory.call_can(store, it, question))
    }

    /// What speaks against an action: `null`, or `code` and `message`.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn denial(&mut self, question: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_denial(store, it, question))
    }

    /// Every action about somebody, each with its verdict.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn permitted(&mut self, question: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_permitted(store, it, question))
    }

    /// Members and invitations as the page shows them.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn page(&mut self, question: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_page(store, it, question))
    }

    /// The users who could do something.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn who_can(&mut self, question: &str) -> Result<String, Error> {
        self.ask(|directory, store, it| directory.call_who_can(store, it, question))
    }

    /// The members of a page as columns of numbers.
    ///
    /// # Errors
    /// As [`decide`](Session::decide).
    pub fn columns(&mut self, question: &str) -> Result<Columns, Error> {
        self.ask(|directory, store, it| directory.call_columns(store, it, question))
    }

    /// The number of a user, or [`UNKNOWN`](crate::UNKNOWN). Numbers stay good until another organization is loaded.
    ///
    /// # Errors
    /// `no_directory`; what calls can run out of. The same holds of the other numbers.
    pub fn user_number(&mut self, id: &str) -> Result<u32, Error> {
        self.ask(|directory, store, it| directory.call_user_number(store, it, id).map(Ok))
    }

    /// The id of the user with a number.
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn user_id(&mut self, number: u32) -> Result<Option<String>, Error> {
        self.ask(|directory, store, it| directory.call_user_id(store, it, number).map(Ok))
    }

    /// The number of a scope, or [`UNKNOWN`](crate::UNKNOWN).
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn scope_number(&mut self, id: &str) -> Result<u32, Error> {
        self.ask(|directory, store, it| directory.call_scope_number(store, it, id).map(Ok))
    }

    /// The number of a role at a scope, or [`UNKNOWN`](crate::UNKNOWN).
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn role_number(&mut self, scope: u32, name: &str) -> Result<u32, Error> {
        self.ask(|directory, store, it| directory.call_role_number(store, it, scope, name).map(Ok))
    }

    /// The number of an action that [`denial_number`](Session::denial_number) answers for; none if the policy does not have it, or
    /// if only a question in words has an answer: to a slice, and about what an invitee does.
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn action_by_numbers(&mut self, name: &str) -> Result<Option<u32>, Error> {
        self.ask(|directory, store, it| directory.call_action_by_numbers(store, it, name).map(Ok))
    }

    /// What speaks against an action: 0 if nothing does, else a place in [`denial_table`](Session::denial_table), counted from 1.
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn denial_number(&mut self, asked: Numbered) -> Result<u32, Error> {
        self.ask(|directory, store, it| directory.call_denial_number(store, it, asked).map(Ok))
    }

    /// The same for many questions at once, in their order.
    ///
    /// # Errors
    /// As [`user_number`](Session::user_number).
    pub fn denials(&mut self, asked: &[Numbered]) -> Result<Vec<u32>, Error> {
        self.ask(|directory, store, it| directory.call_denials(store, it, asked).map(Ok))
    }

    /// The SHA-256 of the policy's canonical JSON. Decisions carry it.
    ///
    /// # Errors
    /// What calls can run out of.
    pub fn digest(&mut self) -> Result<String, Error> {
        self.ask_policy(|policy, store, it| policy.call_digest(store, it).map(Ok))
    }

    /// The facts that a request needs, as a JSON list.
    ///
    /// # Errors
    /// Those of the engine for a malformed request; what calls can run out of.
    pub fn needs(&mut self, organization: &str, request: &str) -> Result<String, Error> {
        self.ask_policy(|policy, store, it| policy.call_needs(store, it, organization, request))
    }

    /// The number of an action, or [`NOBODY`](crate::NOBODY) if the policy does not have it.
    /// [`action_by_numbers`](Session::action_by_numbers) says whether it can be asked about.
    ///
    /// # Errors
    /// What calls can run out of.
    pub fn action_number(&mut self, name: &str) -> Result<u32, Error> {
        self.ask_policy(|policy, store, it| policy.call_action_number(store, it, name).map(Ok))
    }

    /// What the numbers of denials stand for, from 1 on.
    ///
    /// # Errors
    /// What calls can run out of.
    pub fn denial_table(&mut self) -> Result<Vec<Denial>, Error> {
        self.ask_policy(|policy, store, it| policy.call_denial_table(store, it).map(Ok))
    }

    /// Bytes of memory of the instance; 0 if it has none at the moment.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.live.as_ref().map_or(0, Live::memory)
    }
}

/// What a call gives.
type Called<T> = wasmtime::Result<Result<T, Refused>>;

impl Session {
    fn ask<T>(&mut self, call: impl FnOnce(GuestDirectory<'_>, &mut Store<Limiter>, ResourceAny) -> Called<T>) -> Result<T, Error> {
        self.live(|live| {
            let directory = live.directory.ok_or(Error::NoDirectory)?;
            live.instance.call(|component, store| call(component.directory(), store, directory))
        })
    }

    fn loading<T>(&mut self, call: impl FnOnce(GuestDirectory<'_>, &mut Store<Limiter>, ResourceAny) -> Called<T>) -> Result<T, Error> {
        self.live(|live| {
            let directory = live.directory.ok_or(Error::NoDirectory)?;
            live.instance.load(|component, store| call(component.directory(), store, directory))
        })
    }

    fn ask_policy<T>(&mut self, call: impl FnOnce(GuestPolicy<'_>, &mut Store<Limiter>, ResourceAny) -> Called<T>) -> Result<T, Error> {
        self.live(|live| live.instance.call(|component, store| call(component.policy(), store, live.policy)))
    }

    /// Does something with the instance, a new one if the last is gone. One that broke off goes.
    fn live<T>(&mut self, with: impl FnOnce(&mut Live) -> Result<T, Error>) -> Result<T, Error> {
        let live = match &mut self.live {
            Some(live) => live,
            none => none.insert(Live::again(&self.engine, &self.policy, self.organization.as_ref())?),
        };
        let answer = with(live);
        if !matches!(answer, Ok(_) | Err(Error::Refused(_) | Error::NoDirectory)) {
            self.live = None;
        }
        answer
    }

    /// Remembers what came true. Once that is more text than the snapshot, a new snapshot takes the place of both.
    fn applied(&mut self, decision: &str, now: &str) {
        let Some(organization) = &mut self.organization else { return };
        organization.applied.push((decision.to_owned(), now.to_owned()));
        organization.bytes.0 += decision.len() + now.len();
        let (bytes, most) = organization.bytes;
        if bytes <= most {
            return;
        }
        // If a snapshot cannot be had now, the decisions still tell it all; the next try is as far away again.
        let snapshot = self.snapshot().ok();
        let Some(organization) = &mut self.organization else { return };
        organization.bytes = (bytes, most.saturating_mul(2));
        if let Some(snapshot) = snapshot {
            let most = snapshot.len().max(1 << 16);
            *organization = Organization { snapshot, applied: Vec::new(), bytes: (0, most) };
        }
    }
}

impl Live {
    pub(crate) fn new(engine: &Engine, policy: &Policy) -> Result<Live, Error> {
        let mut instance = Instance::new(engine)?;
        let policy = instance.load(|component, store| match policy {
            Policy::Preset(name) => component.policy().call_preset(store, name),
            Policy::Document(document) => component.policy().call_parse(store, document),
        })?;
        Ok(Live { instance, policy, directory: None })
    }

    /// As it was before.
    fn again(engine: &Engine, policy: &Policy, organization: Option<&Organization>) -> Result<Live, Error> {
        let mut live = Live::new(engine, policy)?;
        let Some(organization) = organization else { return Ok(live) };
        live.load(&organization.snapshot)?;
        let (instance, directory) = (&mut live.instance, live.directory.ok_or(Error::NoDirectory)?);
        organization
            .applied
            .iter()
            .try_for_each(|(decision, now)| instance.load(|component, store| component.directory().call_apply(store, directory, decision, now)))?;
        Ok(live)
    }

    fn load(&mut self, snapshot: &str) -> Result<(), Error> {
        let policy = self.policy;
        self.directory = Some(self.instance.load(|component, store| component.directory().call_load(store, policy, snapshot))?);
        Ok(())
    }

    /// Forgets the organization.
    pub(crate) fn clear(&mut self) -> Result<(), Error> {
        self.directory.take().map_or(Ok(()), |directory| self.instance.release(directory))
    }

    /// Bytes of memory that the instance has.
    pub(crate) fn memory(&self) -> usize {
        self.instance.memory()
    }
}
