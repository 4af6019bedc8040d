//! `tenantry.Directory`, behind a lock. Whoever holds the lock never waits for the GIL, so that the two cannot wait for each
//! other: under the lock nothing of Python is touched.

use std::sync::{RwLock, TryLockError};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tenantry::ask::{Ids, Query};
use tenantry::document::{Actor, Decision, Request};
use tenantry::host::{self, Call, NOBODY, Numbered};
use tenantry::{Directory as Engine, Error};

use crate::convert::{Document, Id, Now, is_long, released};
use crate::failure::Raise;
use crate::object::{built, read};
use crate::policy::Policy;

/// What `tenantry.Directory` builds on.
#[pyclass(frozen, subclass, module = "tenantry._native")]
pub struct Directory {
    state: RwLock<Engine>,
    policy: Py<Policy>,
}

/// The members of a page as columns: row `i` is the user with the number `users[i]`, on whom the viewer may do the actions
/// that the bits of `actions[i]` stand for.
#[pyclass(frozen, get_all, module = "tenantry")]
pub struct Columns {
    /// Why no members are shown, if none are.
    denied: Option<String>,
    /// The actions that the bits stand for: bit 0 is the first.
    names: Py<PyAny>,
    /// Numbers of users: an `array` of type `I`.
    users: Py<PyAny>,
    /// Bits of actions: an `array` of type `Q`.
    actions: Py<PyAny>,
}

/// Target, scope and role of a question.
type Named<'a> = (Option<Id<'a>>, Option<Id<'a>>, Option<Id<'a>>);

/// What a question by ids says.
struct Asked<'a> {
    actor: &'a str,
    action: &'a str,
    now: Now,
    target: Option<&'a str>,
    scope: Option<&'a str>,
    role: Option<&'a str>,
    facts: [Option<Document<'a>>; 2],
}

impl<'a> Asked<'a> {
    fn new((actor, action, now): (Id<'a>, Id<'a>, Now), (target, scope, role): Named<'a>, facts: [Option<Document<'a>>; 2]) -> Asked<'a> {
        let id = |id: Option<Id<'a>>| id.map(|id| id.0);
        Asked { actor: actor.0, action: action.0, now, target: id(target), scope: id(scope), role: id(role), facts }
    }

    /// The number of what speaks against it.
    fn of(&self, directory: &Engine) -> Result<u32, Error> {
        let Asked { actor, target, scope, role, now: Now(now), .. } = *self;
        let denial = match directory.policy().action(self.action) {
            Some(action) if self.facts.iter().all(Option::is_none) => {
                directory.denies_by_id(&Ids { actor, action, scope, target, role, now, resource: None, context: None })?
            }
            _ => directory.denial(&self.query()?)?,
        };
        Ok(denial.map_or(0, |denial| directory.policy().denial_number(denial)))
    }

    fn query(&self) -> Result<Query, Error> {
        let facts = |document: &Option<Document>| document.as_deref().map_or(Ok(Default::default()), host::question);
        let [resource, context] = &self.facts;
        Ok(Query {
            actor: Actor::User(self.actor.to_owned()),
            action: self.action.to_owned(),
            now: self.now.0,
            scope: self.scope.map(str::to_owned),
            target: self.target.map(str::to_owned),
            role: self.role.map(str::to_owned),
            resource: facts(resource)?,
            context: facts(context)?,
            ..Query::default()
        })
    }
}

fn poisoned() -> PyErr {
    PyRuntimeError::new_err("an earlier call broke this Directory: build it anew")
}

impl Directory {
    /// Reads the state. Short questions do not let go of the GIL unless they have to wait.
    fn read<T: Send>(&self, py: Python, question: impl FnOnce(&Engine) -> T + Send) -> PyResult<T> {
        match self.state.try_read() {
            Ok(state) => Ok(question(&state)),
            Err(TryLockError::WouldBlock) => self.read_released(py, question),
            Err(TryLockError::Poisoned(_)) => Err(poisoned()),
        }
    }

    /// Reads the state for something long.
    fn read_released<T: Send>(&self, py: Python, question: impl FnOnce(&Engine) -> T + Send) -> PyResult<T> {
        py.detach(|| self.state.read().ok().map(|state| question(&state))).ok_or_else(poisoned)
    }

    /// Has the state alone, for work on a document of so many bytes.
    fn write<T: Send>(&self, py: Python, bytes: usize, work: impl FnOnce(&mut Engine) -> T + Send) -> PyResult<T> {
        let short = if is_long(bytes) { None } else { Some(self.state.try_write()) };
        match short {
            Some(Ok(mut state)) => Ok(work(&mut state)),
            Some(Err(TryLockError::Poisoned(_))) => Err(poisoned()),
            None | Some(Err(TryLockError::WouldBlock)) => py.detach(|| self.state.write().ok().map(|mut state| work(&mut state))).ok_or_else(poisoned),
        }
    }

    fn code(&self, py: Python, number: u32) -> Option<Py<PyString>> {
        self.policy.get().code(py, number)
    }

    fn denied(&self, py: Python, asked: &Asked) -> PyResult<u32> {
        self.read(py, |directory| asked.of(directory))?.raise(py)
    }
}

#[pymethods]
impl Directory {
    #[new]
    #[pyo3(signature = (policy, snapshot, /))]
    fn new(py: Python, policy: Py<Policy>, snapshot: Document) -> PyResult<Directory> {
        let engine = policy.get().engine.clone();
        let state = py.detach(|| host::directory(engine, &snapshot)).raise(py)?;
        Ok(Directory { state: RwLock::new(state), policy })
    }

    /// The policy that decides.
    #[getter]
    fn policy(&self, py: Python) -> Py<Policy> {
        self.policy.clone_ref(py)
    }

    /// The organization's id.
    #[getter]
    fn organization(&self, py: Python) -> PyResult<String> {
        self.read(py, |directory| directory.organization().to_owned())
    }

    /// Decides a request: allowed, with the events that become true; or denied, with a code, the reasons and what would help.
    /// Nothing has changed yet.
    #[pyo3(signature = (request, /))]
    fn decide<'py>(&self, py: Python<'py>, request: Document) -> PyResult<Bound<'py, PyAny>> {
        let bytes = request.len();
        let request = released(py, bytes, || Request::from_json_bytes(&request)).raise(py)?;
        let decision = self.write(py, bytes, |directory| directory.decide(&request))?.raise(py)?;
        built(py, &decision)
    }

    /// The answer to a question, by the name of the call.
    #[pyo3(signature = (call, question, /))]
    fn _ask<'py>(&self, py: Python<'py>, call: Id, question: Document) -> PyResult<Bound<'py, PyAny>> {
        read(py, &self._ask_json(py, call, question)?)
    }

    /// The same as canonical JSON.
    #[pyo3(signature = (call, question, /))]
    fn _ask_json(&self, py: Python, call: Id, question: Document) -> PyResult<String> {
        let call = Call::named(call.0).ok_or_else(|| PyValueError::new_err(call.0.to_owned()))?;
        let answer = match call {
            Call::Decide | Call::Explain => self.write(py, question.len(), |directory| directory.ask(call, &question)),
            Call::Page | Call::WhoCan => self.read_released(py, |directory| directory.look(call, &question)),
            Call::Can | Call::Denial | Call::Permitted => self.read(py, |directory| directory.look(call, &question)),
        };
        answer?.raise(py)
    }

    /// Makes an allowed decision true. One that is stale or late is refused, and the error says what the answer is `fresh`.
    #[pyo3(signature = (decision, now))]
    fn apply(&self, py: Python, decision: Document, now: &Bound<PyAny>) -> PyResult<()> {
        let bytes = decision.len();
        let decision = released(py, bytes, || Decision::from_json_bytes(&decision)).raise(py)?;
        let Now(now) = now.extract()?;
        self.write(py, bytes, |directory| directory.apply(&decision, now))?.raise(py)
    }

    /// Whether nothing speaks against the action.
    #[allow(clippy::too_many_arguments)] // They are words of one question; Python names them.
    #[pyo3(signature = (actor, action, now, target=None, scope=None, role=None, *, resource=None, context=None))]
    fn can(
        &self,
        py: Python,
        actor: Id,
        action: Id,
        now: Now,
        target: Option<Id>,
        scope: Option<Id>,
        role: Option<Id>,
        resource: Option<Document>,
        context: Option<Document>,
    ) -> PyResult<bool> {
        Ok(self.denied(py, &Asked::new((actor, action, now), (target, scope, role), [resource, context]))? == 0)
    }

    /// What speaks against the action: the code that a decision would have; `None` if nothing does.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (actor, action, now, target=None, scope=None, role=None, *, resource=None, context=None))]
    fn denial(
        &self,
        py: Python,
        actor: Id,
        action: Id,
        now: Now,
        target: Option<Id>,
        scope: Option<Id>,
        role: Option<Id>,
        resource: Option<Document>,
        context: Option<Document>,
    ) -> PyResult<Option<Py<PyString>>> {
        let number = self.denied(py, &Asked::new((actor, action, now), (target, scope, role), [resource, context]))?;
        Ok(self.code(py, number))
    }

    /// Members and invitations as the page shows them.
    #[pyo3(signature = (query, /))]
    fn page<'py>(&self, py: Python<'py>, query: Document) -> PyResult<Bound<'py, PyAny>> {
        built(py, &self.read_released(py, |directory| directory.page(&host::question(&query)?))?.raise(py)?)
    }

    /// The members of a page as columns of numbers, for tables of many rows.
    #[pyo3(signature = (query, /))]
    fn columns(&self, py: Python, query: Document) -> PyResult<Columns> {
        let columns = self.read_released(py, |directory| directory.columns_json(&query))?.raise(py)?;
        Ok(Columns {
            denied: columns.denied,
            names: PyTuple::new(py, &columns.names)?.into_any().unbind(),
            users: array(py, "I", columns.users.iter().map(|user| user.to_ne_bytes()))?,
            actions: array(py, "Q", columns.actions.iter().map(|bits| bits.to_ne_bytes()))?,
        })
    }

    /// The state as a snapshot.
    fn _snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(py, &self.snapshot_json(py)?)
    }

    /// The same as canonical JSON.
    fn snapshot_json(&self, py: Python) -> PyResult<String> {
        self.read_released(py, Engine::to_json)
    }

    /// The number of a user whom the organization has or had, or `UNKNOWN`. It stays good as long as the directory.
    #[pyo3(signature = (id, /))]
    fn user_number(&self, py: Python, id: Id) -> PyResult<u32> {
        self.read(py, |directory| directory.user_number(id.0))
    }

    /// The id of the user with this number.
    #[pyo3(signature = (number, /))]
    fn user_id(&self, py: Python, number: u32) -> PyResult<Option<String>> {
        self.read(py, |directory| directory.user_id_of(number).map(str::to_owned))
    }

    /// The number of a scope, or `UNKNOWN`.
    #[pyo3(signature = (id, /))]
    fn scope_number(&self, py: Python, id: Id) -> PyResult<u32> {
        self.read(py, |directory| directory.scope_number(id.0))
    }

    /// The number of a role at the scope with this number, or `UNKNOWN`.
    #[pyo3(signature = (scope, name, /))]
    fn role_number(&self, py: Python, scope: u32, name: Id) -> PyResult<u32> {
        self.read(py, |directory| directory.role_number(scope, name.0))
    }

    /// `can` by numbers that were looked up before. `now` is in milliseconds since 1970.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (actor, action, scope, now, target=NOBODY, role=NOBODY))]
    fn can_by_number(&self, py: Python, actor: u32, action: u32, scope: u32, now: i64, target: u32, role: u32) -> PyResult<bool> {
        let asked = Numbered { actor, action, scope, target, role, now };
        Ok(self.read(py, |directory| directory.denial_number(asked, None, None))? == 0)
    }

    /// `denial` by numbers that were looked up before.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (actor, action, scope, now, target=NOBODY, role=NOBODY))]
    fn denial_by_number(&self, py: Python, actor: u32, action: u32, scope: u32, now: i64, target: u32, role: u32) -> PyResult<Option<Py<PyString>>> {
        let asked = Numbered { actor, action, scope, target, role, now };
        let number = self.read(py, |directory| directory.denial_number(asked, None, None))?;
        Ok(self.code(py, number))
    }
}

/// Numbers as an `array.array`.
fn array<const WIDTH: usize>(py: Python, code: &str, numbers: impl ExactSizeIterator<Item = [u8; WIDTH]>) -> PyResult<Py<PyAny>> {
    let bytes = PyBytes::new_with(py, numbers.len() * WIDTH, |bytes| {
        bytes.chunks_exact_mut(WIDTH).zip(numbers).for_each(|(place, number)| place.copy_from_slice(&number));
        Ok(())
    })?;
    Ok(py.import("array")?.getattr("array")?.call1((code, bytes))?.unbind())
}
