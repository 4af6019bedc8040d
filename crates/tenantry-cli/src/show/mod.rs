//! How answers look on the page.

pub(crate) mod decision;
pub(crate) mod explanation;
pub(crate) mod members;
pub(crate) mod style;
pub(crate) mod table;
