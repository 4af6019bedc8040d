//! Sessions that are kept warm.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::Live;
use crate::{Engine, Error, Policy, Session};

/// An instance that has grown to so many times what it needs for the policy alone is not kept: memory is never given back.
const GROWN: usize = 4;

/// Sessions under one policy that are kept warm: the policy is read once for each instance, not once for each request.
///
/// An instance that comes back has forgotten its organization. It is the same memory all the same; who wants another one for each
/// organization takes [`Engine::session`].
pub struct Pool {
    engine: Engine,
    policy: Arc<Policy>,
    /// Bytes of an instance that has read the policy.
    small: usize,
    keep: usize,
    idle: Mutex<Vec<Live>>,
}

impl Pool {
    /// A pool that keeps so many sessions at most. The policy is read now, so that a bad one is refused here.
    ///
    /// # Errors
    /// As [`Engine::session`].
    pub fn new(engine: Engine, policy: Policy, keep: usize) -> Result<Pool, Error> {
        let first = Live::new(&engine, &policy)?;
        let small = first.memory();
        Ok(Pool { engine, policy: Arc::new(policy), small, keep, idle: Mutex::new(vec![first]) })
    }

    /// A session without an organization: a warm one, or a new one.
    ///
    /// # Errors
    /// As [`Engine::session`].
    pub fn session(&self) -> Result<Pooled<'_>, Error> {
        let warm = self.idle().pop();
        let live = warm.map_or_else(|| Live::new(&self.engine, &self.policy), Ok)?;
        Ok(Pooled { pool: self, session: Session::with(self.engine.clone(), Arc::clone(&self.policy), live) })
    }

    /// How many sessions wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.idle().len()
    }

    /// Nothing is done under the lock that could leave the list half changed.
    fn idle(&self) -> MutexGuard<'_, Vec<Live>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an instance is worth keeping. What cannot forget its organization is not.
    fn keeps(&self, live: &mut Live) -> bool {
        live.memory() <= GROWN * self.small && live.clear().is_ok()
    }
}

/// A session of a [`Pool`], which goes back when it is dropped.
pub struct Pooled<'a> {
    pool: &'a Pool,
    session: Session,
}

impl Deref for Pooled<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Pooled<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        let Some(mut live) = self.session.take_live() else { return };
        if self.pool.keeps(&mut live) {
            let mut idle = self.pool.idle();
            if idle.len() < self.pool.keep {
                idle.push(live);
            }
        }
    }
}
