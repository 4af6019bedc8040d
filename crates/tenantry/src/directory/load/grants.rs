//! The grants of a snapshot. They come in any order and are sorted first, so that each lands at the end of what its holder
//! has: the time does not grow with the grants that one holder has already.

use crate::bounds;
use crate::directory::Directory;
use crate::directory::rows::{Extra, Holdings, Place, RoleRef};
use crate::document::snapshot::GrantRow;
use crate::error::Error;

use super::check::{bad, check_source, check_time};
use super::{find_role, scope_slot, user_slot};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    User(u32),
    Group(u32),
}

/// What a grant is about, and the number of its row.
type Found = (Holder, u32, RoleRef, u32);

pub(super) fn load(directory: &mut Directory, rows: &[GrantRow]) -> Result<(), Error> {
    super::check_rows(rows.len(), "grants")?;
    let mut found = rows.iter().enumerate().map(|(i, row)| find(directory, i, row)).collect::<Result<Vec<Found>, Error>>()?;
    found.sort_unstable();
    let of_one = |a: &Found, b: &Found| a.0 == b.0;
    let mut standing = Vec::new();
    for found in found.chunk_by(of_one) {
        let same = |a: &Found, b: &Found| (a.1, a.2) == (b.1, b.2);
        standing.clear();
        for same in found.chunk_by(same) {
            check_same(rows, same)?;
            standing.extend(same.last());
        }
        check_count(&standing)?;
        if let Some(holdings) = holdings(directory, found[0].0) {
            standing.iter().for_each(|&(_, scope, role, row)| put(holdings, scope, role, &rows[row as usize]));
        }
    }
    Ok(())
}

fn find(directory: &Directory, number: usize, row: &GrantRow) -> Result<Found, Error> {
    let path = || format!("grants[{number}]");
    let scope = directory.scopes.find(&row.scope).map_or_else(|| scope_slot(directory, &row.scope, &path()), Ok)?;
    let role = directory.role_at(scope, &row.role).map_or_else(|| find_role(directory, scope, &row.role, &path()), Ok)?;
    if row.source.is_some() || row.expires_at.is_some() {
        check_source(row.source.as_ref(), &path())?;
        check_time(row.expires_at, &path())?;
    }
    let holder = match (&row.user, &row.group) {
        (Some(user), None) => Holder::User(directory.users.find(user).map_or_else(|| user_slot(directory, user, &path()), Ok)?),
        (None, Some(group)) => Holder::Group(directory.groups.find(group).ok_or_else(|| bad(path(), format!("no group has the id `{group}`")))?),
        _ => return Err(bad(path(), "a grant has either a `user` or a `group`")),
    };
    Ok((holder, scope, role, number as u32))
}

/// Rows about one grant say the same: which of them stood would depend on their order.
fn check_same(rows: &[GrantRow], same: &[Found]) -> Result<(), Error> {
    let row = |found: &Found| &rows[found.3 as usize];
    let says = |found: &Found| (row(found).expires_at, &row(found).source);
    let other = same.iter().skip(1).find(|found| says(found) != says(&same[0]));
    let message = |found: &Found| bad(format!("grants[{}]", found.3), format!("`grants[{}]` says something else about the same grant", same[0].3));
    other.map_or(Ok(()), |found| Err(message(found)))
}

/// The row that is one too many is the one beyond the bound in the order of the document.
fn check_count(standing: &[Found]) -> Result<(), Error> {
    let bound = bounds::GRANTS_OF_ONE;
    if standing.len() <= bound.max {
        return Ok(());
    }
    let mut rows: Vec<u32> = standing.iter().map(|found| found.3).collect();
    rows.sort_unstable();
    bound.check(standing.len(), &format!("grants[{}]", rows[bound.max]))
}

fn holdings(directory: &mut Directory, holder: Holder) -> Option<&mut Holdings> {
    match holder {
        Holder::User(slot) => directory.users.get_mut(slot).map(|user| &mut user.holdings),
        Holder::Group(slot) => directory.groups.get_mut(slot).map(|group| &mut group.holdings),
    }
}

/// Puts a grant behind those that stand there, which are about lesser scopes or roles.
fn put(holdings: &mut Holdings, scope: u32, role: RoleRef, row: &GrantRow) {
    match (role, row.expires_at, &row.source) {
        (RoleRef::Declared(bit), None, None) => match holdings.places.last_mut().filter(|place| place.scope == scope) {
            Some(place) => place.roles |= 1 << bit,
            None => holdings.places.push(Place { scope, roles: 1 << bit }),
        },
        (role, expires_at, source) => holdings.extra.get_or_insert_default().push(Extra { scope, role, expires_at, source: source.as_deref().map(Into::into) }),
    }
}
