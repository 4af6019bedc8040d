//! Tenantry: the rules of a "Users & Access" page, as data.
#![warn(missing_docs)]

pub mod ask;
pub mod bounds;
mod codes;
pub mod document;
pub mod email;
mod error;
mod name;

pub use codes::{CATALOGUE, Code, Step};
pub use error::{ERROR_CODES, Error, Need, Problem};
pub mod policy;
pub use policy::Policy;
mod decide;
mod directory;
pub use directory::Directory;
