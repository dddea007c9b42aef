use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What cargo sets for the tests it runs. Some build scripts watch these, and would run again for
/// the sake of a name.
const SET_BY_CARGO: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"];

/// Knows where the programs under test are.
pub struct Binaries {
    /// The client.
    pub breeze: PathBuf,
    /// The server.
    pub server: PathBuf,
    /// Where `libbreeze.a` and `libbreeze.so` are.
    pub libraries: PathBuf,
}

impl Binaries {
    /// Returns the programs beside the running test, built from the present sources.
    pub fn get() -> &'static Self {
        static BINARIES: OnceLock<Binaries> = OnceLock::new();
        BINARIES.get_or_init(Self::build)
    }

    /// Builds them, as `cargo test` builds only what its tests name. Cargo's own lock makes several
    /// test programs that start at once take turns, and all but the first find everything fresh.
    ///
    /// A test is among what is built, so that features come out as for `cargo test --workspace`,
    /// and no dependency needs to be compiled again.
    fn build() -> Self {
        let test = env::current_exe().expect("a running program has a path");
        let dir = test.parent().expect("a program is in a directory");
        // Tests are in <target>/<profile>/deps, programs above it.
        let beside = if dir.ends_with("deps") { dir.parent().expect("a profile's") } else { dir };
        let target = beside.parent().expect("a profile's directory is in the target directory");
        let profile = match beside.file_name().and_then(|name| name.to_str()) {
            Some("debug") => "dev",
            Some(profile) => profile,
            None => panic!("no profile in {}", test.display()),
        };
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
        cargo
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .args(["build", "--quiet", "--workspace", "--bins", "--lib", "--test", "demo"])
            .args(["--profile", profile])
            .arg("--target-dir")
            .arg(target);
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if SET_BY_CARGO.iter().any(|prefix| name.starts_with(prefix)) {
                cargo.env_remove(&*name);
            }
        }
        let output = cargo.output().unwrap_or_else(|error| panic!("cannot run {cargo:?}: {error}"));
        assert!(
            output.status.success(),
            "the programs under test do not build: {cargo:?}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let program = |name: &str| {
            let path = beside.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            assert!(path.is_file(), "{cargo:?} did not make {}", path.display());
            path
        };
        let libraries = beside.to_owned();
        Self { breeze: program("breeze"), server: program("breeze-server"), libraries }
    }
}
