//! The one bridge for errors: an error of the engine becomes a `tenantry.TenantryError`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use tenantry::{Error, host};

/// The class of the exceptions. It is written in Python, as a native class cannot extend `Exception` in the stable ABI.
static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The exception for an error.
pub fn exception(py: Python, error: &Error) -> PyErr {
    raised(py, host::error(error))
}

/// The exception for an error document.
pub fn raised(py: Python, document: String) -> PyErr {
    let made = CLASS.import(py, "tenantry._error", "TenantryError").and_then(|class| class.call1((document,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// Results of the engine as Python has them.
pub trait Raise<T> {
    /// The value, or the exception.
    fn raise(self, py: Python) -> PyResult<T>;
}

impl<T> Raise<T> for Result<T, Error> {
    fn raise(self, py: Python) -> PyResult<T> {
        self.map_err(|error| exception(py, &error))
    }
}
