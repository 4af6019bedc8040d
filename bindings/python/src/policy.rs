//! `tenantry.Policy`.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use tenantry::host;
use tenantry_analysis::diff::Diff;
use tenantry_analysis::host::{self as analysis, Format};
use tenantry_analysis::matrix::Matrix;

use crate::convert::{Document, Id};
use crate::failure::{Raise, raised};
use crate::object::{built, read};

/// The rules of a product, compiled. A policy never changes; threads share it.
///
/// >>> from tenantry import Policy
/// >>> Policy.preset("starter").name
/// 'starter'
#[pyclass(frozen, module = "tenantry")]
pub struct Policy {
    pub engine: Arc<tenantry::Policy>,
    /// The codes of its denials, in the engine's order.
    pub denials: Vec<Py<PyString>>,
}

impl Policy {
    fn new(py: Python, engine: Arc<tenantry::Policy>) -> Policy {
        let denials = engine.denials().iter().map(|(code, _)| PyString::intern(py, code).unbind()).collect();
        Policy { engine, denials }
    }

    /// The code of a denial by its number; `None` for 0, which stands for nothing.
    pub fn code(&self, py: Python, number: u32) -> Option<Py<PyString>> {
        self.denials.get((number as usize).checked_sub(1)?).map(|code| code.clone_ref(py))
    }
}

#[pymethods]
impl Policy {
    /// Reads and compiles a policy: a `dict`, or JSON as `str` or `bytes`. A bad one is refused with every problem at once.
    ///
    /// >>> from tenantry import Policy, TenantryError
    /// >>> try:
    /// ...     Policy.parse({"tenantry": 1, "name": "p", "roles": {"organization": {"owner": {"rnk": 1}}}})
    /// ... except TenantryError as error:
    /// ...     print(error.code, error.path, error.problems[0]["nearest"])
    /// bad_policy roles.organization.owner.rnk rank
    #[staticmethod]
    #[pyo3(signature = (document, /))]
    fn parse(py: Python, document: Document) -> PyResult<Policy> {
        let engine = py.detach(|| host::policy(&document)).raise(py)?;
        Ok(Policy::new(py, engine))
    }

    /// The same from TOML, the form for people.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn parse_toml(py: Python, text: Id) -> PyResult<Policy> {
        let engine = py.detach(|| tenantry::Policy::parse_toml(text.0)).raise(py)?;
        Ok(Policy::new(py, Arc::new(engine)))
    }

    /// A ready policy, by name.
    #[staticmethod]
    #[pyo3(signature = (name, /))]
    fn preset(py: Python, name: Id) -> PyResult<Policy> {
        let engine = py.detach(|| host::preset(name.0)).raise(py)?;
        Ok(Policy::new(py, engine))
    }

    /// The policy's name.
    #[getter]
    fn name(&self) -> &str {
        self.engine.name()
    }

    /// SHA-256 of the canonical JSON of the whole policy, in hexadecimal.
    #[getter]
    fn digest(&self) -> &str {
        self.engine.digest()
    }

    /// The names of all actions: the built-in verbs, then those of the app.
    #[getter]
    fn actions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.engine.actions().iter().map(|action| &action.name))
    }

    /// The whole policy, what it extends included.
    fn document<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(py, &self.engine.to_json())
    }

    /// The same as canonical JSON.
    fn document_json(&self) -> String {
        self.engine.to_json()
    }

    /// The facts that the answer to a request depends on: what a host with a database loads.
    ///
    /// >>> from tenantry import Policy
    /// >>> request = {"tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z",
    /// ...            "actor": {"user": "ann"}, "action": "member.leave"}
    /// >>> Policy.preset("starter").needs("acme", request)[0]
    /// {'id': 'ann', 'need': 'user'}
    #[pyo3(signature = (organization, request, /))]
    fn needs<'py>(&self, py: Python<'py>, organization: Id, request: Document) -> PyResult<Bound<'py, PyAny>> {
        read(py, &self.needs_json(py, organization, request)?)
    }

    /// The same as canonical JSON.
    #[pyo3(signature = (organization, request, /))]
    fn needs_json(&self, py: Python, organization: Id, request: Document) -> PyResult<String> {
        host::needs(&self.engine, organization.0, &request).raise(py)
    }

    /// The number of an action, for `can_by_number` and `denial_by_number`; `NOBODY` for one that the policy does not have.
    #[pyo3(signature = (name, /))]
    fn action_number(&self, name: Id) -> u32 {
        self.engine.action_number(name.0)
    }

    /// Who may do what to whom: every question about actor, target, role and scope, with the answer and the rules behind it.
    ///
    /// >>> from tenantry import Policy
    /// >>> sorted(Policy.preset("inveterate").matrix())[:3]
    /// ['custom_roles', 'digest', 'frame']
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let matrix = py.detach(|| Matrix::of(&self.engine));
        built(py, &matrix)
    }

    /// The same as a page of HTML, of its own and without anything from elsewhere.
    fn matrix_html(&self, py: Python) -> String {
        py.detach(|| analysis::matrix(&self.engine, Format::Html))
    }

    /// What changes from this policy to another, each change with a state and a request that the two answer differently.
    ///
    /// >>> from tenantry import Policy
    /// >>> starter = Policy.preset("starter")
    /// >>> starter.diff(starter)["changes"]
    /// []
    #[pyo3(signature = (other, /))]
    fn diff<'py>(&self, py: Python<'py>, other: &Policy) -> PyResult<Bound<'py, PyAny>> {
        let (before, after) = (&self.engine, &other.engine);
        let diff = py.detach(|| Diff::of(before, after));
        built(py, &diff)
    }

    /// What the policy can never let happen, over all sequences of requests, what it can, and whether claims about it hold.
    ///
    /// >>> from tenantry import Policy
    /// >>> proof = Policy.preset("inveterate").prove()
    /// >>> [answer["role"]["role"] for answer in proof["escalation"] if not answer["coalitions"]]
    /// ['owner']
    /// >>> proof = Policy.preset("inveterate").prove(claims=["admin never owner", "admin never admin"])
    /// >>> [claim["verdict"] for claim in proof["claims"]]
    /// ['proved', 'attack']
    #[pyo3(signature = (*, claims=Vec::new()))]
    fn prove<'py>(&self, py: Python<'py>, claims: Vec<String>) -> PyResult<Bound<'py, PyAny>> {
        let proof = py.detach(|| analysis::prove(self.engine.clone(), &claims)).map_err(|fault| raised(py, fault.document()))?;
        built(py, &proof)
    }

    fn __repr__(&self) -> String {
        format!("<tenantry.Policy {:?} {}>", self.engine.name(), &self.engine.digest()[..12])
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a Policy cannot be pickled: send its document_json() and parse that"))
    }
}
