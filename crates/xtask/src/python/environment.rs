//! Environments of Python, under `target/python`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::ran;
use crate::{Done, root};

/// The versions of all tools.
const REQUIREMENTS: &str = "python/requirements-dev.txt";

/// A virtual environment.
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The one with the tools of the requirements, made when they have changed.
    pub fn tools() -> Done<Environment> {
        let tools = Environment { folder: folder("tools")? };
        let (wanted, mark) = (fs::read_to_string(root().join(REQUIREMENTS))?, tools.folder.join("requirements.txt"));
        if fs::read_to_string(&mark).is_ok_and(|had| had == wanted) {
            return Ok(tools);
        }
        let tools = Environment::fresh("tools")?;
        ran(tools.python().args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(root().join(REQUIREMENTS)))?;
        fs::write(mark, wanted)?;
        Ok(tools)
    }

    /// An empty one.
    pub fn fresh(name: &str) -> Done<Environment> {
        let fresh = Environment { folder: folder(name)? };
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        ran(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&fresh.folder))
            .map_err(|error| format!("{error}\nPython 3.10 or later is needed, with venv (on Debian: python3-venv); `PYTHON` may name it"))?;
        Ok(fresh)
    }

    /// Installs a file of a package.
    pub fn install(&self, options: &[&str], file: &Path) -> Done {
        let mut pip = self.python();
        // What is built on the way need not be fast. It is built anew: all files of a source distribution are of one time, by which
        // cargo takes an older one for the same.
        fs::remove_dir_all(folder("built")?)?;
        pip.env("CARGO_TARGET_DIR", folder("built")?);
        pip.envs([("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"), ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")]);
        ran(pip.args(["-m", "pip", "install", "--quiet"]).args(options).arg(file))
    }

    /// Its Python.
    pub fn python(&self) -> Command {
        self.command("python")
    }

    /// A program of it.
    pub fn command(&self, program: &str) -> Command {
        let programs = self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let mut command = Command::new(programs.join(program));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(programs).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).unwrap_or_else(|_| OsString::from(&path)));
        command.env("VIRTUAL_ENV", &self.folder).env_remove("PYTHONPATH").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command
    }
}

/// A folder of `target/python`, made if it is not there.
pub fn folder(name: &str) -> Done<PathBuf> {
    let folder = root().canonicalize()?.join("target/python").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
