//! What an engine may use.

use std::path::PathBuf;
use std::time::Duration;

/// What an [`Engine`](crate::Engine) and its instances may use. Every bound has a default that a server can start with.
///
/// ```
/// use tenantry_host::{Budget, Settings};
/// let settings = Settings { budget: Budget::Fuel(50_000_000), memory: 32 << 20, ..Settings::default() };
/// assert_eq!(settings.instances, 100);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// What one call may use. One second if nothing is said.
    pub budget: Budget,
    /// What reading a policy or a snapshot may use: so many times the budget of a call. 10 if nothing is said.
    pub loading: u32,
    /// Bytes of memory of one instance, the organization in it included. 256 MiB if nothing is said.
    pub memory: usize,
    /// How many instances there may be at once. Their address space is set aside at the start, so that an instance costs
    /// microseconds; the memory itself is taken when it is used. With 0, each instance takes its own when it is made. 100 if
    /// nothing is said.
    pub instances: u32,
    /// A folder for the compiled component, so that it is compiled once per machine and not once per process. Machine code is
    /// read from it: it needs the care of the program itself, and nobody else may write to it. None if nothing is said.
    #[cfg(feature = "cache")]
    pub cache: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            budget: Budget::Time(Duration::from_secs(1)),
            loading: 10,
            memory: 256 << 20,
            instances: 100,
            #[cfg(feature = "cache")]
            cache: None,
        }
    }
}

/// What one call may use before it is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Time on the clock, exact to [`Budget::TICK`]. The cheapest way to stop an endless call. On a machine that is very busy a
    /// call can fail that would else have passed.
    Time(Duration),
    /// Units of work, about one for each instruction. The same call uses the same fuel on every machine; counting costs a little
    /// more than looking at the clock.
    Fuel(u64),
    /// As much as it takes: for documents that are known to be good.
    Unlimited,
}

impl Budget {
    /// How often the clock is looked at.
    pub const TICK: Duration = Duration::from_millis(10);

    /// So many times the budget.
    pub(crate) fn times(self, factor: u32) -> Budget {
        match self {
            Budget::Time(time) => Budget::Time(time.saturating_mul(factor)),
            Budget::Fuel(fuel) => Budget::Fuel(fuel.saturating_mul(u64::from(factor))),
            Budget::Unlimited => Budget::Unlimited,
        }
    }
}
