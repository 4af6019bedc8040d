//! The clock of budgets in time.

use std::io;
use std::thread;

use wasmtime::Engine;

use crate::Budget;

/// Moves the clock of an engine on until nobody has the engine any more.
pub fn start(engine: &Engine) -> io::Result<()> {
    let engine = engine.weak();
    let tick = move || {
        loop {
            thread::sleep(Budget::TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    };
    thread::Builder::new().name("tenantry-ticker".to_owned()).spawn(tick).map(drop)
}
