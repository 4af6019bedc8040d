//! A page of many rows as arrays of numbers.

use crate::ask::PageQuery;
use crate::directory::Directory;
use crate::error::Error;

/// The members of a page: row `i` is the user `users[i]`, who may be done `actions[i]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberedColumns {
    /// Why no members are shown, if none are: the code of `member.list`.
    pub denied: Option<String>,
    /// The actions that the bits stand for: bit 0 is the first.
    pub names: Vec<String>,
    /// Numbers of users: [`Directory::user_id_of`].
    pub users: Vec<u32>,
    /// Bits of actions.
    pub actions: Vec<u64>,
}

impl Directory {
    /// [`Directory::columns`] from a question in JSON, with users by number.
    ///
    /// # Errors
    /// As [`Directory::ask`] with [`Call::Page`](super::Call::Page).
    pub fn columns_json(&self, text: &[u8]) -> Result<NumberedColumns, Error> {
        let columns = self.columns(&super::question::<PageQuery>(text)?)?;
        let users = columns.users.into_iter().map(|user| user.0).collect();
        Ok(NumberedColumns { denied: columns.denied, names: columns.names, users, actions: columns.actions })
    }
}
