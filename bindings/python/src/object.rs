//! Answers as Python's values: what serde says of a type, said to Python. Without JSON in between, a decision costs half.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::{PoisonError, RwLock};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3::{BoundObject, IntoPyObject};
use serde::ser::{self, Impossible, Serialize};

/// A value of the engine as `dict`, `list`, `str`, `int`, `bool` and `None`.
pub fn built<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    value.serialize(Builder(py)).map_err(|Failed(error)| error)
}

/// JSON of the engine as the same.
pub fn read<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))?;
    built(py, &value)
}

type Made<'py> = Result<Bound<'py, PyAny>, Failed>;

#[derive(Debug)]
struct Failed(PyErr);

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: Display>(message: T) -> Failed {
        Failed(PyValueError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Failed {
        Failed(error)
    }
}

/// Texts of Python by the address and length of the name.
type Names = HashMap<(usize, usize), Py<PyString>>;

/// Names of fields that Python knows already: each is made once.
static NAMES: RwLock<Option<Names>> = RwLock::new(None);

fn name<'py>(py: Python<'py>, text: &'static str) -> Bound<'py, PyString> {
    let address = (text.as_ptr() as usize, text.len());
    let known = NAMES.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = known.as_ref().and_then(|names| names.get(&address)) {
        return name.bind(py).clone();
    }
    drop(known);
    let name = PyString::intern(py, text);
    NAMES.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(address, name.clone().unbind());
    name
}

#[derive(Clone, Copy)]
struct Builder<'py>(Python<'py>);

impl<'py> Builder<'py> {
    fn plain<T: IntoPyObject<'py>>(self, value: T) -> Made<'py> {
        let value = value.into_pyobject(self.0).map_err(|error| Failed(error.into()))?;
        Ok(value.into_any().into_bound())
    }

    fn tagged<T: Serialize + ?Sized>(self, variant: &'static str, value: &T) -> Made<'py> {
        let table = PyDict::new(self.0);
        table.set_item(name(self.0, variant), value.serialize(self)?)?;
        Ok(table.into_any())
    }
}

/// The kinds of values that have one form in Python.
macro_rules! plain {
    ($($method:ident: $kind:ty,)*) => {
        $(fn $method(self, value: $kind) -> Made<'py> {
            self.plain(value)
        })*
    };
}

impl<'py> ser::Serializer for Builder<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = List<'py>;
    type SerializeTuple = Impossible<Self::Ok, Failed>;
    type SerializeTupleStruct = Impossible<Self::Ok, Failed>;
    type SerializeTupleVariant = Impossible<Self::Ok, Failed>;
    type SerializeMap = Table<'py>;
    type SerializeStruct = Table<'py>;
    type SerializeStructVariant = Table<'py>;

    plain! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64,
        serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }
    fn serialize_none(self) -> Made<'py> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Made<'py> {
        Ok(self.0.None().into_bound(self.0))
    }
    fn serialize_unit_struct(self, _: &'static str) -> Made<'py> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made<'py> {
        Ok(name(self.0, variant).into_any())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Made<'py> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Made<'py> {
        self.tagged(variant, value)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'py>, Failed> {
        Ok(List(self, PyList::empty(self.0)))
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Failed> {
        Err(no_tuples())
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Failed> {
        Err(no_tuples())
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Failed> {
        Err(no_tuples())
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Table<'py>, Failed> {
        Ok(Table { builder: self, fields: PyDict::new(self.0), tag: None, key: None })
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Table<'py>, Failed> {
        self.serialize_map(None)
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Table<'py>, Failed> {
        Ok(Table { tag: Some(variant), ..self.serialize_map(None)? })
    }
}

fn no_tuples() -> Failed {
    ser::Error::custom("documents have no tuples")
}

struct List<'py>(Builder<'py>, Bound<'py, PyList>);

impl<'py> ser::SerializeSeq for List<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        Ok(self.1.append(value.serialize(self.0)?)?)
    }
    fn end(self) -> Made<'py> {
        Ok(self.1.into_any())
    }
}

struct Table<'py> {
    builder: Builder<'py>,
    fields: Bound<'py, PyDict>,
    /// The variant that the table is the value of.
    tag: Option<&'static str>,
    key: Option<Bound<'py, PyAny>>,
}

impl<'py> ser::SerializeMap for Table<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(self.builder)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        Ok(self.fields.set_item(self.key.take(), value.serialize(self.builder)?)?)
    }
    fn end(self) -> Made<'py> {
        Ok(self.fields.into_any())
    }
}

impl<'py> ser::SerializeStruct for Table<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Failed> {
        Ok(self.fields.set_item(name(self.builder.0, field), value.serialize(self.builder)?)?)
    }
    fn end(self) -> Made<'py> {
        Ok(self.fields.into_any())
    }
}

impl<'py> ser::SerializeStructVariant for Table<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Failed> {
        ser::SerializeStruct::serialize_field(self, field, value)
    }
    fn end(self) -> Made<'py> {
        let fields = self.fields;
        match self.tag {
            None => Ok(fields.into_any()),
            Some(tag) => {
                let table = PyDict::new(self.builder.0);
                table.set_item(name(self.builder.0, tag), fields)?;
                Ok(table.into_any())
            }
        }
    }
}
