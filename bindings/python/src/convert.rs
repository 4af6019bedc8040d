//! Python's values as JSON and as words of a question. Nothing is lost on the way, or it is an error.

use std::borrow::Cow;
use std::ops::Deref;

use pyo3::Borrowed;
use pyo3::exceptions::PyUnicodeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use tenantry::document::Time;
use tenantry::{Error, host};

use crate::failure::exception;

/// Levels of tables and lists in a document at most; no document of the engine has nearly as many.
const DEEPEST: usize = 128;
/// Bytes of a document from which reading it is long work.
const LONG: usize = 1 << 14;

/// Does the work, and lets other threads run meanwhile if it is long. For short work that would cost more than it gives: who
/// lets go of the GIL waits for its turn.
pub fn released<T: Send>(py: Python, bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    if is_long(bytes) { py.detach(work) } else { work() }
}

/// Whether work on a document of so many bytes is long.
pub fn is_long(bytes: usize) -> bool {
    bytes >= LONG
}

/// A document as JSON: what Python has as JSON already (`str`, `bytes`), or `dict`s and lists written as such.
pub struct Document<'a>(Cow<'a, [u8]>);

impl Deref for Document<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Document<'a> {
    type Error = PyErr;
    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Document<'a>> {
        if given.is_instance_of::<PyBytes>() {
            return Ok(Document(Cow::Borrowed(given.extract()?)));
        }
        if given.is_instance_of::<PyString>() {
            return Ok(Document(Cow::Borrowed(utf8(given)?.as_bytes())));
        }
        let mut json = Vec::with_capacity(512);
        write(&given, &mut json, 0).map_err(|error| exception(given.py(), &error))?;
        Ok(Document(Cow::Owned(json)))
    }
}

/// An id or a name.
pub struct Id<'a>(pub &'a str);

impl<'a, 'py> FromPyObject<'a, 'py> for Id<'a> {
    type Error = PyErr;
    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Id<'a>> {
        utf8(given).map(Id)
    }
}

/// The present time, as milliseconds since 1970 or as RFC 3339.
pub struct Now(pub Time);

impl<'py> FromPyObject<'_, 'py> for Now {
    type Error = PyErr;
    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Now> {
        if let Ok(number) = given.cast::<PyInt>() {
            let time = number.extract().ok().map(Time).filter(|time| time.is_valid());
            return time.map_or_else(|| Err(exception(given.py(), &host::no_time())), |time| Ok(Now(time)));
        }
        host::time(utf8(given)?).map(Now).map_err(|error| exception(given.py(), &error))
    }
}

fn utf8<'a>(given: Borrowed<'a, '_, PyAny>) -> PyResult<&'a str> {
    let failed = |error: PyErr| match error.is_instance_of::<PyUnicodeError>(given.py()) {
        true => exception(given.py(), &host::no_json("a text with half of a surrogate pair")),
        false => error,
    };
    given.extract().map_err(failed)
}

/// Writes a value as JSON. Numbers stay what they are: that a document has no floats is for the engine to say.
fn write(value: &Bound<PyAny>, json: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
    if let Ok(text) = value.cast::<PyString>() {
        write_text(text, json)?;
    } else if let Ok(table) = value.cast::<PyDict>() {
        write_table(table, json, deeper(depth)?)?;
    } else if let Ok(list) = value.cast::<PyList>() {
        write_list(list.iter(), json, deeper(depth)?)?;
    } else if let Ok(list) = value.cast::<PyTuple>() {
        write_list(list.iter(), json, deeper(depth)?)?;
    } else if value.is_none() {
        json.extend(b"null");
    } else if let Ok(flag) = value.cast::<PyBool>() {
        json.extend(if flag.is_true() { &b"true"[..] } else { b"false" });
    } else if let Ok(number) = value.cast::<PyInt>() {
        let signed = number.extract::<i64>().map(|number| number.to_string());
        let number = signed.or_else(|_| number.extract::<u64>().map(|number| number.to_string()));
        json.extend(number.map_err(|_| host::no_json("a whole number of more than 64 bits"))?.as_bytes());
    } else if let Ok(number) = value.cast::<PyFloat>() {
        let number = serde_json::Number::from_f64(number.value()).ok_or_else(|| host::no_json("a number that is not finite"))?;
        json.extend(number.to_string().as_bytes());
    } else {
        return Err(not_json(value));
    }
    Ok(())
}

fn not_json(value: &Bound<PyAny>) -> Error {
    let class = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    host::no_json(&format!("a value of the type `{class}`"))
}

fn deeper(depth: usize) -> Result<usize, Error> {
    if depth < DEEPEST { Ok(depth + 1) } else { Err(host::no_json("a value that is nested too deeply")) }
}

fn write_text(text: &Bound<PyString>, json: &mut Vec<u8>) -> Result<(), Error> {
    let text = text.to_str().map_err(|_| host::no_json("a text with half of a surrogate pair"))?;
    // Writing to memory does not fail.
    serde_json::to_writer(json, text).map_err(|error| host::no_json(&error.to_string()))
}

fn write_table(table: &Bound<PyDict>, json: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
    // A copy stands still, whatever other threads do to the original.
    let table = table.copy().map_err(|error| host::no_json(&error.to_string()))?;
    json.push(b'{');
    for (number, (name, value)) in table.iter().enumerate() {
        if number > 0 {
            json.push(b',');
        }
        write_text(name.cast::<PyString>().map_err(|_| not_json(&name))?, json)?;
        json.push(b':');
        write(&value, json, depth)?;
    }
    json.push(b'}');
    Ok(())
}

fn write_list<'py>(items: impl Iterator<Item = Bound<'py, PyAny>>, json: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
    json.push(b'[');
    for (number, item) in items.enumerate() {
        if number > 0 {
            json.push(b',');
        }
        write(&item, json, depth)?;
    }
    json.push(b']');
    Ok(())
}
