//! The compiled component and what its instances may use.

use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::bindings::TenantryPre;
use crate::instance::{Instance, Limiter};
use crate::{Budget, Error, Policy, Session, Settings, ticker};

/// Bytes of a page of wasm memory.
const PAGE: usize = 1 << 16;

/// The compiled component. It is shared: a clone is the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

struct Shared {
    component: TenantryPre<Limiter>,
    settings: Settings,
}

impl Engine {
    /// Compiles the component, or takes what it was compiled to before from the cache.
    ///
    /// # Errors
    /// `bad_component` for bytes that are none, that import something, or that have another interface; `host`.
    pub fn new(component: &[u8], settings: Settings) -> Result<Engine, Error> {
        let engine = wasmtime::Engine::new(&config(&settings)?).map_err(Error::Host)?;
        let component = Component::from_binary(&engine, component).map_err(Error::BadComponent)?;
        // A linker with nothing in it: what the component imports is missing here, and refused.
        let component = Linker::new(&engine).instantiate_pre(&component).and_then(TenantryPre::new).map_err(Error::BadComponent)?;
        if matches!(settings.budget, Budget::Time(_)) {
            ticker::start(&engine).map_err(|error| Error::Host(error.into()))?;
        }
        Ok(Engine(Arc::new(Shared { component, settings })))
    }

    /// A session under a policy, in an instance of its own.
    ///
    /// # Errors
    /// What the engine says of the policy: `bad_document`, `bad_policy`, `unknown_preset`, ...; `no_instance`, and what calls can
    /// run out of.
    pub fn session(&self, policy: Policy) -> Result<Session, Error> {
        Session::new(self.clone(), policy)
    }

    /// What of a decision may be shown to the actor.
    ///
    /// # Errors
    /// `bad_document` and what calls can run out of.
    pub fn public_decision(&self, decision: &str) -> Result<String, Error> {
        Instance::new(self)?.call(|component, store| component.call_public_decision(store, decision))
    }

    /// A decision as entries of an audit log, as a JSON list.
    ///
    /// # Errors
    /// `bad_document` and what calls can run out of.
    pub fn audit(&self, decision: &str) -> Result<String, Error> {
        Instance::new(self)?.call(|component, store| component.call_audit(store, decision))
    }

    /// The catalogue of codes, as a JSON list of `code`, `step` and `message`.
    ///
    /// # Errors
    /// What calls can run out of.
    pub fn codes(&self) -> Result<String, Error> {
        Instance::new(self)?.call(|component, store| component.call_codes(store).map(Ok))
    }

    /// What this engine may use.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn component(&self) -> &TenantryPre<Limiter> {
        &self.0.component
    }
}

fn config(settings: &Settings) -> Result<Config, Error> {
    let mut config = Config::new();
    // Nothing here waits for anything: calls are plain calls.
    config.concurrency_support(false);
    match settings.budget {
        Budget::Time(_) => config.epoch_interruption(true),
        Budget::Fuel(_) => config.consume_fuel(true),
        Budget::Unlimited => &mut config,
    };
    if settings.instances > 0 {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)));
    }
    #[cfg(feature = "cache")]
    if let Some(folder) = &settings.cache {
        let mut cache = wasmtime::CacheConfig::new();
        cache.with_directory(folder);
        config.cache(Some(wasmtime::Cache::new(cache).map_err(Error::Host)?));
    }
    Ok(config)
}

/// What the encoder makes of the engine for each instance: the module itself with a memory and a table, and two small ones with a
/// table between them that tie the ends of resources together.
const MODULES: u32 = 3;
const TABLES: u32 = 2;

fn pool(settings: &Settings) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(settings.instances).total_core_instances(settings.instances.saturating_mul(MODULES));
    pool.total_memories(settings.instances).total_tables(settings.instances.saturating_mul(TABLES));
    pool.max_memory_size(settings.memory.next_multiple_of(PAGE));
    pool
}
