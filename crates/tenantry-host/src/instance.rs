//! One instance of the component, and the bounds of each call into it.

use wasmtime::{PoolConcurrencyLimitError, ResourceLimiter, Store};

use crate::bindings::Tenantry;
use crate::bindings::exports::tenantry::engine::membership;
use crate::error::OverLimit;
use crate::{Budget, Engine, Error};

/// What a call into the component gives: the outer result is that of the call, the inner that of the engine.
type Called<T> = wasmtime::Result<Result<T, membership::Error>>;

/// An instance. After a call that broke off it must not be called again.
pub struct Instance {
    store: Store<Limiter>,
    component: Tenantry,
    budget: Budget,
    loading: Budget,
}

impl Instance {
    pub fn new(engine: &Engine) -> Result<Instance, Error> {
        let settings = engine.settings();
        let (budget, loading) = (settings.budget, settings.budget.times(settings.loading));
        let mut store = Store::new(engine.component().engine(), Limiter { limit: settings.memory, used: 0 });
        store.limiter(|limiter| limiter);
        grant(&mut store, loading)?;
        let component = engine.component().instantiate(&mut store).map_err(|error| unmade(error, settings.instances))?;
        Ok(Instance { store, component, budget, loading })
    }

    /// Calls with the budget of a call.
    pub fn call<T>(&mut self, call: impl FnOnce(&membership::Guest, &mut Store<Limiter>) -> Called<T>) -> Result<T, Error> {
        self.within(self.budget, call)
    }

    /// Calls with the budget for reading a document that stays.
    pub fn load<T>(&mut self, call: impl FnOnce(&membership::Guest, &mut Store<Limiter>) -> Called<T>) -> Result<T, Error> {
        self.within(self.loading, call)
    }

    fn within<T>(&mut self, budget: Budget, call: impl FnOnce(&membership::Guest, &mut Store<Limiter>) -> Called<T>) -> Result<T, Error> {
        grant(&mut self.store, budget)?;
        match call(self.component.tenantry_engine_membership(), &mut self.store) {
            Ok(answer) => answer.map_err(Error::from),
            Err(error) => Err(Error::of_call(error)),
        }
    }

    /// Lets go of a policy or a directory.
    pub fn release(&mut self, resource: wasmtime::component::ResourceAny) -> Result<(), Error> {
        grant(&mut self.store, self.loading)?;
        resource.resource_drop(&mut self.store).map_err(Error::of_call)
    }

    /// Bytes of memory that the instance has; they never become fewer.
    pub fn memory(&self) -> usize {
        self.store.data().used
    }
}

/// Gives the next call its budget.
fn grant(store: &mut Store<Limiter>, budget: Budget) -> Result<(), Error> {
    match budget {
        Budget::Time(time) => {
            // One more, because the present tick has begun already.
            let ticks = time.as_nanos().div_ceil(Budget::TICK.as_nanos()) + 1;
            store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX / 2));
        }
        Budget::Fuel(fuel) => store.set_fuel(fuel).map_err(Error::Host)?,
        Budget::Unlimited => {}
    }
    Ok(())
}

/// Why there is no instance.
fn unmade(error: wasmtime::Error, instances: u32) -> Error {
    if error.is::<PoolConcurrencyLimitError>() {
        return Error::NoInstance { instances };
    }
    match Error::of_call(error) {
        Error::Crashed(error) => Error::Host(error),
        known => known,
    }
}

/// Ends a call that wants more memory than there is for an instance.
pub struct Limiter {
    limit: usize,
    used: usize,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > self.limit {
            return Err(OverLimit { limit: self.limit }.into());
        }
        self.used = desired;
        Ok(true)
    }
    // The table holds the functions of the module. It never grows.
    fn table_growing(&mut self, current: usize, _desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(current == 0)
    }
}
