use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::image::Image;

/// Says how the programs of a device are built.
pub(crate) struct Build {
    pub(crate) target: &'static str,
    /// Without any line of the log.
    pub(crate) quiet: bool,
    /// With files.
    pub(crate) files: bool,
}

/// The programs of a device.
pub(crate) struct Programs {
    pub(crate) client: Image,
    pub(crate) empty: Image,
    pub(crate) sizes: Image,
}

impl Build {
    /// Builds the programs, beside this tool, and reads them.
    pub(crate) fn run(&self) -> Result<Programs, Error> {
        let tool = std::env::current_exe()?;
        let target_dir = tool.ancestors().nth(2).ok_or("the tool is not where cargo puts it")?;
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()));
        cargo
            .args(["build", "--quiet", "--release", "--locked", "-p", "breeze-footprint-device"])
            .args(["--target", self.target])
            .arg("--manifest-path")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target_dir)
            // Names of symbols then say in which crate their code was written.
            .env("RUSTFLAGS", "-C symbol-mangling-version=v0");
        if !self.quiet {
            cargo.arg("--no-default-features");
        }
        if self.files {
            cargo.args(["--features", "files"]);
        }
        if !cargo.status()?.success() {
            let target = self.target;
            return Err(format!("cannot build for {target}: rustup target add {target}?").into());
        }
        let read = |name| Image::read(&target_dir.join(self.target).join("release").join(name));
        Ok(Programs { client: read("client")?, empty: read("empty")?, sizes: read("sizes")? })
    }
}
