//! The Python package's native module: [`tenantry::host`] as Python calls it. It converts, and has one bridge for errors;
//! all meaning is in the engine.

mod convert;
mod directory;
mod failure;
mod object;
mod policy;

/// The module `tenantry._native`. It needs no GIL: policies never change, and a directory stands behind a lock.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;
    use tenantry::host;

    use crate::convert::{Document, released};
    use crate::failure::Raise;
    use crate::object::read;

    #[pymodule_export]
    use crate::directory::{Columns, Directory};
    #[pymodule_export]
    use crate::policy::Policy;

    /// The number that stands for nothing: no target, no role named; no such action.
    #[pymodule_export]
    const NOBODY: u32 = host::NOBODY;

    /// The number of what does not exist: no such user, scope or role.
    #[pymodule_export]
    const UNKNOWN: u32 = host::UNKNOWN;

    /// What of a decision may be shown to the actor.
    #[pyfunction]
    #[pyo3(signature = (decision, /))]
    fn public<'py>(py: Python<'py>, decision: Document) -> PyResult<Bound<'py, PyAny>> {
        read(py, &public_json(py, decision)?)
    }

    /// The same as canonical JSON.
    #[pyfunction]
    #[pyo3(signature = (decision, /))]
    fn public_json(py: Python, decision: Document) -> PyResult<String> {
        released(py, decision.len(), || host::public(&decision)).raise(py)
    }

    /// A decision as entries of an audit log: one for each event, or one for the denial.
    #[pyfunction]
    #[pyo3(signature = (decision, /))]
    fn audit<'py>(py: Python<'py>, decision: Document) -> PyResult<Bound<'py, PyAny>> {
        read(py, &audit_json(py, decision)?)
    }

    /// The same as canonical JSON.
    #[pyfunction]
    #[pyo3(signature = (decision, /))]
    fn audit_json(py: Python, decision: Document) -> PyResult<String> {
        released(py, decision.len(), || host::audit(&decision)).raise(py)
    }

    /// The catalogue of codes: each with the step that says it, and its sentence.
    #[pyfunction]
    fn codes(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        read(py, &host::codes())
    }

    /// The same as canonical JSON.
    #[pyfunction]
    fn codes_json() -> String {
        host::codes()
    }
}
