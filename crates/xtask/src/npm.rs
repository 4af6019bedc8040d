//! `npm`: the npm package, from the engine to the packed file, and its tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use wasm_bindgen_cli_support::Bindgen;

use crate::process::ran;
use crate::tally::Tally;
use crate::wasm::{build, js, node_modules, optimise, target_dir};
use crate::{Done, root};

/// A module of the package.
struct Module {
    /// The name of its files.
    name: &'static str,
    /// The Rust package that it is built from.
    package: &'static str,
    /// What it may take at most, compressed with brotli, its JavaScript included: a little above what it takes.
    ceiling: u64,
}

/// What the engine is to take at most one day.
const GOAL: u64 = 90_000;

/// The engine, which every app loads, and the analysis, which contains an engine of its own. Most of the engine decides; reading and
/// printing documents is a tenth.
const MODULES: [Module; 2] =
    [Module { name: "engine", package: "tenantry-wasm", ceiling: 344_000 }, Module { name: "analyzer", package: "tenantry-wasm-analysis", ceiling: 558_000 }];

/// Builds the package and packs it, once in a run, and says where it is.
pub fn pack() -> Done<PathBuf> {
    static PACKED: OnceLock<PathBuf> = OnceLock::new();
    match PACKED.get() {
        Some(packed) => Ok(packed.clone()),
        None => made().map(|made| PACKED.get_or_init(|| made).clone()),
    }
}

fn made() -> Done<PathBuf> {
    node_modules()?;
    emptied(&js().join("dist"))?;
    MODULES.iter().try_for_each(Module::make)?;
    ran(Command::new("node").arg("node_modules/typescript/bin/tsc").current_dir(js()))?;
    let staged = stage()?;
    let packed = target_dir().join("npm").join(format!("tenantry-{}.tgz", env!("CARGO_PKG_VERSION")));
    let mut npm = Command::new("npm");
    npm.args(["pack", "--ignore-scripts", "--loglevel", "error", "--pack-destination", ".."]).current_dir(&staged).stdout(Stdio::null());
    ran(&mut npm)?;
    println!("packed {}", packed.display());
    weigh(&staged)?;
    Ok(packed)
}

/// Builds the package and runs its tests on what is packed, as an app has it that has installed it.
pub fn test() -> Done<Tally> {
    let installed = installed()?;
    Tally::of_run(Command::new("node").arg("test/run.mjs").arg(installed).current_dir(js()))
}

/// Measures the package beside code by hand, and beside a module that takes objects as they are.
pub fn bench(sizes: &[&str]) -> Done {
    let installed = installed()?;
    ran(Command::new("node").arg("--expose-gc").arg("bench/run.mjs").arg(&installed).args(sizes).current_dir(js()))?;
    let objects = target_dir().join("npm/objects");
    glue("tenantry-wasm-objects", "objects", &objects)?;
    fs::write(objects.join("package.json"), "{ \"type\": \"module\" }\n")?;
    ran(Command::new("node").arg("bench/objects.mjs").arg(&installed).arg(objects.canonicalize()?).current_dir(js()))
}

/// Builds the package, packs it and installs what is packed into a folder of its own.
pub fn installed() -> Done<PathBuf> {
    let (packed, folder) = (pack()?.canonicalize()?, target_dir().join("npm/installed"));
    install(&packed, &folder)?;
    Ok(folder.canonicalize()?)
}

/// Compiles a package, and writes the module and its glue into a folder.
fn glue(package: &str, name: &str, into: &Path) -> Done {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(build(package, &[])?).out_name(name).typescript(true).remove_producers_section(true).remove_name_section(true);
    bindgen.web(true)?.generate(into)?;
    let module = into.join(format!("{name}_bg.wasm"));
    optimise(&module, &module)
}

impl Module {
    /// Writes the glue, the module and the module as a text into `js/dist`.
    fn make(&self) -> Done {
        let Module { name, package, .. } = self;
        let (dist, made) = (js().join("dist"), target_dir().join("npm/glue"));
        glue(package, name, &made)?;
        [format!("{name}.js"), format!("{name}.d.ts")].into_iter().try_for_each(|file| fs::copy(made.join(&file), dist.join(&file)).map(drop))?;
        fs::copy(made.join(format!("{name}_bg.wasm")), dist.join(format!("{name}.wasm")))?;
        ran(Command::new("node").args(["scripts/inline.mjs", name]).current_dir(js()))
    }
}

/// Puts together what is packed: without what only the build needs.
fn stage() -> Done<PathBuf> {
    let staged = target_dir().join("npm/package");
    emptied(&staged.join("dist"))?;
    for file in fs::read_dir(js().join("dist"))? {
        let file = file?;
        // The types of the glue need those of a browser; nothing that the package shows refers to them.
        if !MODULES.iter().any(|module| file.file_name() == format!("{}.d.ts", module.name).as_str()) {
            fs::copy(file.path(), staged.join("dist").join(file.file_name()))?;
        }
    }
    fs::copy(js().join("README.md"), staged.join("README.md"))?;
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(license), staged.join(license))?;
    }
    ran(Command::new("node").arg("scripts/manifest.mjs").arg(staged.canonicalize()?).arg(env!("CARGO_PKG_VERSION")).current_dir(js()))?;
    Ok(staged)
}

/// Prints what the package takes, and fails if a module takes more than it may.
fn weigh(staged: &Path) -> Done {
    let weighed = Command::new("node").arg("scripts/sizes.mjs").arg(staged.canonicalize()?).current_dir(js()).output()?;
    let (table, report) = (String::from_utf8_lossy(&weighed.stderr), String::from_utf8_lossy(&weighed.stdout));
    print!("{table}");
    for Module { name, ceiling, .. } in &MODULES {
        let brotli = report.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        let brotli = brotli.ok_or_else(|| format!("`sizes.mjs` says `{report}`"))?;
        println!("the {name} takes {brotli} bytes compressed, its JavaScript included: {ceiling} at most");
        if brotli > *ceiling {
            return Err(format!("the {name} of the npm package is too large").into());
        }
    }
    println!("the goal for the engine is {GOAL}");
    Ok(())
}

/// Installs the packed file as an app would, into a folder of its own.
pub fn install(packed: &Path, into: &Path) -> Done {
    emptied(into)?;
    fs::write(into.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    ran(Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error"])
        .arg(packed)
        .current_dir(into))
}

/// Makes sure that a folder is there and that nothing is in it.
pub fn emptied(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}
