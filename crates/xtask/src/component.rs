//! `component`: the wasm component, and the hosts that are shown with it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use wit_component::{ComponentEncoder, DecodedWasm};

use crate::process::{npm_ci, ran, said};
use crate::tally::Tally;
use crate::{Done, cargo, root, wasm};

/// The package that becomes the component.
const PACKAGE: &str = "tenantry-component";

/// Bytes of the component after brotli: a little above what it has. Who raises it says why.
const MOST: usize = 460_000;

/// Says what a file has after brotli, with the compressor that Node has.
const BROTLI: &str =
    "const {brotliCompressSync} = require('node:zlib'); console.log(brotliCompressSync(require('node:fs').readFileSync(process.argv[1])).length)";

/// Builds the component, once in a run, and says where it is.
pub fn build() -> Done<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    match BUILT.get() {
        Some(built) => Ok(built.clone()),
        None => made().map(|made| BUILT.get_or_init(|| made).clone()),
    }
}

fn made() -> Done<PathBuf> {
    let module = wasm::build(PACKAGE, &[])?;
    let folder = wasm::target_dir().join("component");
    let small = folder.join("core.wasm");
    // The tool reads modules and no components: first smaller, then a component.
    wasm::optimise(&module, &small)?;
    let component = encode(&fs::read(&small)?)?;
    check_imports(&component)?;
    let path = folder.join("tenantry.wasm");
    fs::write(&path, &component)?;
    check_size(&path, component.len())?;
    Ok(path)
}

fn encode(module: &[u8]) -> Done<Vec<u8>> {
    let component = ComponentEncoder::default().validate(true).module(module).and_then(|encoder| encoder.encode());
    component.map_err(|error| format!("the module cannot become a component: {error:#}").into())
}

/// The component takes nothing from its host.
fn check_imports(component: &[u8]) -> Done {
    let read = wit_component::decode(component).map_err(|error| format!("the component cannot be read: {error:#}"))?;
    let DecodedWasm::Component(resolve, world) = read else { return Err("this is no component".into()) };
    let imports: Vec<String> = resolve.worlds[world].imports.keys().map(|key| resolve.name_world_key(key)).collect();
    if imports.is_empty() { Ok(()) } else { Err(format!("the component imports {}", imports.join(", ")).into()) }
}

fn check_size(path: &Path, raw: usize) -> Done {
    let brotli: usize = said(Command::new("node").args(["-e", BROTLI]).arg(path))?.trim().parse()?;
    println!("{}: {raw} bytes, {brotli} after brotli ({MOST} at most); it imports nothing", path.display());
    if brotli <= MOST { Ok(()) } else { Err(format!("the component has {brotli} bytes after brotli, {MOST} at most").into()) }
}

/// Builds the component, and runs the tests of its host and of the examples. The last line is `N passed, N failed`.
pub fn run_tests() -> Done<bool> {
    let tally = test()?;
    println!("{} passed, {} failed", tally.passed, tally.failed + tally.skipped);
    Ok(tally.passed > 0 && tally.failed + tally.skipped == 0)
}

/// The same, for who counts on. A part that cannot run is an error.
pub fn test() -> Done<Tally> {
    let component = build()?.canonicalize()?;
    let mut sum = Tally::default();
    for (name, part) in [("host", host as fn(&Path) -> Done<Tally>), ("node", node), ("python", python)] {
        println!("== component: {name}");
        let tally = part(&component)?;
        if tally.passed + tally.failed == 0 {
            return Err(format!("no test of the component ran: {name}").into());
        }
        sum.passed += tally.passed;
        sum.failed += tally.failed;
        sum.skipped += tally.skipped;
    }
    Ok(sum)
}

/// Cargo in the workspace of the host, which wasmtime keeps apart.
pub fn host_cargo(component: &Path) -> Command {
    let mut command = cargo();
    command.current_dir(root().join("crates/tenantry-host"));
    command.env("TENANTRY_COMPONENT", component).env("CARGO_TARGET_DIR", wasm::target_dir().join("host"));
    command
}

fn host(component: &Path) -> Done<Tally> {
    ran(host_cargo(component).args(["fmt", "--check"]))?;
    counted(host_cargo(component).args(["test", "--locked", "--all-features", "--no-fail-fast", "--color", "never"]))
}

fn node(component: &Path) -> Done<Tally> {
    let example = examples("node");
    transpile(component)?;
    counted(Command::new("node").args(["--test", "--test-reporter=tap", "first-decision.test.mjs"]).current_dir(example))
}

/// Makes an ES module of the component, beside the player in `examples/node`.
pub fn transpile(component: &Path) -> Done {
    let example = examples("node");
    npm_ci(&example)?;
    ran(Command::new("node").arg("build.mjs").arg(component).current_dir(&example))
}

fn python(component: &Path) -> Done<Tally> {
    let example = examples("python");
    let venv = wasm::target_dir().canonicalize()?.join("component/python");
    ran(Command::new("python3").args([OsStr::new("-m"), OsStr::new("venv"), venv.as_os_str()]))?;
    let python = venv.join("bin/python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"];
    ran(Command::new(&python).args(install).current_dir(&example))?;
    counted(Command::new(&python).args(["-m", "unittest", "-v"]).env("TENANTRY_COMPONENT", component).current_dir(example))
}

/// The player of the example in Node, for the module that [`transpile`] makes.
pub fn node_player() -> PathBuf {
    examples("node").join("player.mjs")
}

fn examples(name: &str) -> PathBuf {
    root().join("bindings/component/examples").join(name)
}

/// Runs tests, shows what they print, and counts.
fn counted(command: &mut Command) -> Done<Tally> {
    let output = command.output().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{text}");
    let mut tally = Tally::default();
    text.lines().for_each(|line| tally.line(line));
    if !output.status.success() && tally.failed == 0 {
        return Err(format!("{command:?} failed beside its tests").into());
    }
    Ok(tally)
}
