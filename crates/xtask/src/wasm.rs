//! Builds crates for `wasm32-unknown-unknown`: with the standard library that rustup installed for it or, where no target can
//! be downloaded, with one built from its source, which Debian has as a package. It chooses by itself and says which.

use std::collections::BTreeSet;
use std::env::var_os;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{npm_ci, ran};
use crate::{Done, root};

/// The platform.
const TARGET: &str = "wasm32-unknown-unknown";

/// The profile of `Cargo.toml` that wasm is built with.
const PROFILE: &str = "wasm";

/// What Debian calls a compiler with the source of its standard library.
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Ends a process instead of describing why: there is nobody in a wasm module to read it.
const QUIET_PANIC: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// A digest in a small loop instead of a long list of steps: only policies are digested, each once.
const SMALL_DIGEST: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// Builds the library of a package with these features, and says where the module is. Nothing is optimised after the linker.
pub fn build(package: &str, features: &[&str]) -> Done<PathBuf> {
    let (toolchain, std) = choose()?;
    println!("{package}: {} with {}", toolchain.rustc.display(), std.shown());
    let mut cargo = toolchain.cargo(std)?;
    cargo.args(["build", "--locked", "--lib", "--package", package, "--target", TARGET, "--profile", PROFILE]);
    cargo.arg("--target-dir").arg(target_dir().join("wasm"));
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    ran(&mut cargo)?;
    let module = target_dir().join("wasm").join(TARGET).join(PROFILE).join(package.replace('-', "_")).with_extension("wasm");
    if module.exists() { Ok(module) } else { Err(format!("the build left no `{}`: is the package a `cdylib`?", module.display()).into()) }
}

/// Makes a module smaller with `wasm-opt`, which npm installs.
pub fn optimise(module: &Path, into: &Path) -> Done {
    node_modules()?;
    into.parent().map_or(Ok(()), fs::create_dir_all)?;
    // The features that a module uses stand in the module. Its stack ends in the first kilobyte, so that no data is there.
    let options = ["-Oz", "--low-memory-unused"];
    ran(Command::new("node").arg(js().join("node_modules/binaryen/bin/wasm-opt")).args(options).arg(module).arg("-o").arg(into))
}

/// The folder of the npm package.
pub fn js() -> PathBuf {
    root().join("js")
}

/// Installs what `js/package-lock.json` names.
pub fn node_modules() -> Done {
    npm_ci(&js())
}

/// Where cargo builds.
pub fn target_dir() -> PathBuf {
    var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |given| root().join(given))
}

/// Where the standard library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Std {
    /// It is installed for the target.
    Installed,
    /// It is built from its source.
    Source,
}

impl Std {
    fn shown(self) -> &'static str {
        match self {
            Std::Installed => "the standard library that is installed for wasm",
            Std::Source => "a standard library built from source",
        }
    }
}

/// A compiler, by where it is installed.
struct Toolchain {
    sysroot: PathBuf,
    rustc: PathBuf,
}

/// The first compiler that can, of the one at work and that of the system; else that of the system once it is installed.
fn choose() -> Done<(Toolchain, Std)> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install()?;
    find().ok_or_else(|| remedies().into())
}

fn find() -> Option<(Toolchain, Std)> {
    let at_work = var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let known: Vec<Toolchain> = [at_work, "/usr/bin/rustc".into()].into_iter().filter_map(Toolchain::of).collect();
    let with = |std: Std| known.iter().position(|toolchain| toolchain.has(std)).map(|place| (place, std));
    let (place, std) = with(Std::Installed).or_else(|| with(Std::Source))?;
    known.into_iter().nth(place).map(|toolchain| (toolchain, std))
}

fn remedies() -> String {
    format!(
        "no compiler here builds for {TARGET}; either of these helps:\n  rustup target add {TARGET}\n  apt-get install --no-install-recommends {}",
        PACKAGES.join(" ")
    )
}

/// Installs Debian's compiler where this process may: on a machine for CI.
fn install() -> Done {
    let may = Path::new("/usr/bin/apt-get").exists() && Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !may {
        return Err(remedies().into());
    }
    println!("apt-get install {}", PACKAGES.join(" "));
    // Lists that are old name packages that are gone. Where one list cannot be had, the others may be enough.
    ran(Command::new("apt-get").args(["update", "-q"])).unwrap_or_else(|error| println!("{error}"));
    let installed = ran(Command::new("apt-get").args(["install", "-y", "-q", "--no-install-recommends"]).args(PACKAGES));
    installed.map_err(|error| format!("{error}\n{}", remedies()).into())
}

impl Toolchain {
    /// The toolchain behind a command, which may be the one that chooses between toolchains.
    fn of(rustc: OsString) -> Option<Toolchain> {
        let sysroot = PathBuf::from(said(Command::new(rustc).args(["--print", "sysroot"]))?);
        Some(Toolchain { rustc: sysroot.join("bin/rustc"), sysroot }).filter(|toolchain| toolchain.rustc.exists())
    }

    fn has(&self, std: Std) -> bool {
        match std {
            Std::Installed => self.has_target(),
            Std::Source => self.sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").exists(),
        }
    }

    fn has_target(&self) -> bool {
        let libraries = said(Command::new(&self.rustc).args(["--print", "target-libdir", "--target", TARGET]));
        let Some(files) = libraries.and_then(|folder| fs::read_dir(folder).ok()) else { return false };
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    }

    /// Cargo with this compiler, without what the cargo that runs this command has left in the surroundings.
    fn cargo(&self, std: Std) -> Done<Command> {
        let own = self.sysroot.join("bin/cargo");
        let mut cargo = if own.exists() { Command::new(own) } else { Command::new(var_os("CARGO").unwrap_or_else(|| "cargo".into())) };
        cargo.current_dir(root()).env("RUSTC", &self.rustc);
        ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"].iter().for_each(|name| {
            cargo.env_remove(name);
        });
        let mut flags = self.remapped();
        flags.push(SMALL_DIGEST.to_owned());
        if std == Std::Source {
            cargo.env("RUSTC_BOOTSTRAP", "1").args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
            flags.extend(self.quiet_panic());
        }
        if let Some(linker) = self.linker()? {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        Ok(cargo)
    }

    /// Names of folders of this machine stay out of the module.
    fn remapped(&self) -> Vec<String> {
        let home = var_os("CARGO_HOME").map(PathBuf::from).or_else(|| var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
        let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
        home.map(|home| remap(&home, "/cargo")).into_iter().chain([remap(&self.sysroot, "/rust")]).collect()
    }

    /// The flags for panics that say nothing, where the compiler has them.
    fn quiet_panic(&self) -> impl Iterator<Item = String> + use<> {
        let mut probe = Command::new(&self.rustc);
        probe.env("RUSTC_BOOTSTRAP", "1").args(QUIET_PANIC).args(["--print", "cfg", "--target", TARGET]);
        said(&mut probe).is_some().then_some(QUIET_PANIC.map(str::to_owned)).into_iter().flatten()
    }

    /// The linker, if it has to be named: rustup brings its own, Debian does not.
    fn linker(&self) -> Done<Option<PathBuf>> {
        let of_toolchain = |sysroot: &Path| {
            let hosts = fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
            hosts.flatten().map(|host| host.path().join("bin/rust-lld")).find(|lld| lld.exists())
        };
        if of_toolchain(&self.sysroot).is_some() {
            return Ok(None);
        }
        let rustup = Toolchain::of("rustc".into()).and_then(|toolchain| of_toolchain(&toolchain.sysroot));
        let found = rustup.or_else(of_system);
        found.map(Some).ok_or_else(|| "no linker for wasm; `apt-get install --no-install-recommends lld-22` brings one".into())
    }
}

/// The newest of the system's linkers.
fn of_system() -> Option<PathBuf> {
    let names = fs::read_dir("/usr/bin").ok()?.flatten().map(|file| file.path());
    let version = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix("wasm-ld-")?.parse::<u32>().ok();
    let known: BTreeSet<(u32, PathBuf)> = names.filter_map(|path| Some((version(&path)?, path))).collect();
    known.into_iter().next_back().map(|(_, path)| path)
}

/// What a command says, if it succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}
