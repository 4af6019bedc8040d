//! A document as a tree of values, before anything is known of its shape: what a policy is read from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Done, Fault, Number, Reader};
use super::read::whole;
use crate::bounds::Bound;
use crate::error::Error;

/// A tree of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Tree>),
    Table(BTreeMap<String, Tree>),
}

impl Tree {
    /// Reads a text in which no table names a field twice.
    pub(crate) fn read(text: &[u8], document: &'static str, bound: Bound) -> Result<Tree, Error> {
        let mut tree = Tree::Null;
        whole(text, document, bound, &mut |reader| {
            tree = branch(reader)?;
            Ok(())
        })
        .map(|()| tree)
    }

    /// What a field of a table holds.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        if let Tree::Table(fields) = self { fields.get(name) } else { None }
    }

    /// A text.
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Tree::Text(text) = self { Some(text) } else { None }
    }
}

fn branch(reader: &mut Reader) -> Done<Tree> {
    Ok(match reader.value()? {
        b'{' => {
            let mut fields = BTreeMap::new();
            reader.inside(&mut |reader, name| {
                reader.colon()?;
                let value = branch(reader).map_err(|fault| fault.under(&name))?;
                match fields.insert(name.clone().into_owned(), value) {
                    None => Ok(()),
                    Some(_) => Err(Fault::new(format!("`{name}` is given twice"))),
                }
            })?;
            Tree::Table(fields)
        }
        b'[' => {
            let mut items = Vec::new();
            reader.list("", &mut |reader| {
                items.push(branch(reader)?);
                Ok(())
            })?;
            Tree::List(items)
        }
        b'"' => Tree::Text(reader.text()?.into_owned()),
        b't' | b'f' => Tree::Bool(reader.boolean("")?),
        b'-' | b'0'..=b'9' => Tree::Number(reader.number()?),
        _ => reader.skip().map(|()| Tree::Null)?,
    })
}

impl From<Value> for Tree {
    fn from(value: Value) -> Tree {
        match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(value),
            Value::Number(number) => Tree::Number(match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Number::Unsigned(number),
                (None, Some(number)) => Number::Negative(number),
                (None, None) => Number::Other(number.to_string()),
            }),
            Value::String(text) => Tree::Text(text),
            Value::Array(items) => Tree::List(items.into_iter().map(Tree::from).collect()),
            Value::Object(fields) => Tree::Table(fields.into_iter().map(|(name, value)| (name, value.into())).collect()),
        }
    }
}

impl From<Tree> for Value {
    fn from(tree: Tree) -> Value {
        match tree {
            Tree::Null => Value::Null,
            Tree::Bool(value) => value.into(),
            Tree::Number(Number::Unsigned(number)) => number.into(),
            Tree::Number(Number::Negative(number)) => number.into(),
            Tree::Number(Number::Other(text)) => text.parse::<f64>().unwrap_or(f64::MAX).into(),
            Tree::Text(text) => text.into(),
            Tree::List(items) => items.into_iter().map(Value::from).collect(),
            Tree::Table(fields) => fields.into_iter().map(|(name, tree)| (name, Value::from(tree))).collect(),
        }
    }
}
