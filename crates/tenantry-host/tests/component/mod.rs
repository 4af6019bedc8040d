//! The component that tests, examples and the player use.

use std::env::var_os;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Mutex;

use tenantry_host::{Engine, Settings};

/// The variable that says where the component is.
const VARIABLE: &str = "TENANTRY_COMPONENT";

/// The bytes that `cargo xtask component` made.
pub fn bytes() -> Result<Vec<u8>, Box<dyn Error>> {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/component/tenantry.wasm");
    let path = var_os(VARIABLE).map_or(built, PathBuf::from);
    std::fs::read(&path).map_err(|error| format!("{}: {error}; `cargo xtask component` makes it, {VARIABLE} says where it is", path.display()).into())
}

/// One compiles, the others wait and take what it made.
static TURN: Mutex<()> = Mutex::new(());

/// An engine with what was compiled before, if anything was.
pub fn engine(settings: Settings) -> Result<Engine, Box<dyn Error>> {
    let _turn = TURN.lock();
    let cache = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/compiled"));
    Ok(Engine::new(&bytes()?, Settings { cache, ..settings })?)
}
