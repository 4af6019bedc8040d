//! What can go wrong, each with a stable code.

use crate::bindings::exports::tenantry::engine::membership;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine refused the question or a document: it is malformed. The instance is as good as before.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The call used the fuel of its budget up.
    #[error("the call has used up its fuel")]
    OutOfFuel,
    /// The call took longer than its budget.
    #[error("the call took longer than it may")]
    OutOfTime,
    /// The call wanted more memory than an instance may have.
    #[error("the call needs more than the {limit} bytes of memory that an instance may have")]
    OutOfMemory {
        /// The limit.
        limit: usize,
    },
    /// The call went deeper than the stack of an instance.
    #[error("the call has used up its stack")]
    OutOfStack,
    /// Every instance of the pool is in use.
    #[error("all {instances} instances are in use")]
    NoInstance {
        /// How many there are.
        instances: u32,
    },
    /// The session has no organization to answer about.
    #[error("the session has no directory: load one first")]
    NoDirectory,
    /// The bytes are not the component, or one with another interface.
    #[error("this is not the component of this version: {0:#}")]
    BadComponent(wasmtime::Error),
    /// The machine could not do its part: compile, map memory, start a thread.
    #[error("the host failed: {0:#}")]
    Host(wasmtime::Error),
    /// The component broke off, which is a fault of the engine.
    #[error("the component broke off: {0:#}")]
    Crashed(wasmtime::Error),
}

/// What the engine refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The engine's code: `bad_document`, `missing_facts`, `stale`, ...
    pub code: String,
    /// The sentence for a developer.
    pub message: String,
    /// All of it as JSON.
    pub document: String,
}

impl Error {
    /// The stable code: the engine's, or `out_of_fuel`, `out_of_time`, `out_of_memory`, `out_of_stack`, `no_instance`,
    /// `no_directory`, `bad_component`, `host`, `crashed`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Error::Refused(refusal) => &refusal.code,
            Error::OutOfFuel => "out_of_fuel",
            Error::OutOfTime => "out_of_time",
            Error::OutOfMemory { .. } => "out_of_memory",
            Error::OutOfStack => "out_of_stack",
            Error::NoInstance { .. } => "no_instance",
            Error::NoDirectory => "no_directory",
            Error::BadComponent(_) => "bad_component",
            Error::Host(_) => "host",
            Error::Crashed(_) => "crashed",
        }
    }

    /// What the engine refused, if it did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Error::Refused(refusal) = self { Some(refusal) } else { None }
    }

    /// What a call that broke off says.
    pub(crate) fn of_call(error: wasmtime::Error) -> Error {
        if let Some(&OverLimit { limit }) = error.downcast_ref() {
            return Error::OutOfMemory { limit };
        }
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::OutOfFuel) => Error::OutOfFuel,
            Some(wasmtime::Trap::Interrupt) => Error::OutOfTime,
            Some(wasmtime::Trap::StackOverflow) => Error::OutOfStack,
            _ => Error::Crashed(error),
        }
    }
}

impl From<membership::Error> for Error {
    fn from(error: membership::Error) -> Error {
        Error::Refused(Refusal { code: error.code, message: error.message, document: error.document })
    }
}

/// What the limiter of an instance says to wasmtime when memory would grow over the limit.
#[derive(Debug, thiserror::Error)]
#[error("the memory of an instance has {limit} bytes at most")]
pub(crate) struct OverLimit {
    pub(crate) limit: usize,
}
