//! Plants deliberate faults, one by one, and says whether anything notices.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{fs, io};

use clap::Parser;
use serde::Deserialize;

/// What looks for a fault, the quickest first: each is a name and a line for cargo.
const WATCHERS: [(&str, &str); 3] = [
    ("the simulator", "run -q -p breeze-tests --bin sim -- --seeds 0..60 --shrink 0 --budget 60"),
    ("the tests of the core", "test -q -p breeze-core --lib"),
    (
        "the scenarios",
        "test -q -p breeze-tests --test virtual_rogue_server --test virtual_hostile --test virtual_store --test virtual_login --test virtual_server --test virtual_links --test virtual_mesh --test virtual_watch --test virtual_presence --test virtual_acks --test virtual_files",
    ),
];

/// Seconds after which whatever looks for a fault has noticed it by not coming to an end.
const PATIENCE: &str = "600";

/// Plants deliberate faults in a copy of the sources, one by one, and runs what has to notice. Prints
/// `caught` or `NOT CAUGHT` for each, and fails if any was not.
#[derive(Debug, Parser)]
#[command(name = "bugs", max_term_width = 100)]
struct Cli {
    /// Only the faults whose names contain this
    #[arg(default_value = "")]
    only: String,
    /// Directory of the copy and of what is built in it; a temporary one unless given
    #[arg(long, value_name = "DIR")]
    copy: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Catalogue {
    bug: Vec<Bug>,
}

#[derive(Debug, Deserialize)]
struct Bug {
    name: String,
    file: PathBuf,
    find: String,
    put: String,
}

fn main() -> io::Result<ExitCode> {
    let cli = Cli::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let text = fs::read_to_string(root.join("tests/bugs.toml"))?;
    let Catalogue { bug: bugs } = toml::from_str(&text).map_err(io::Error::other)?;
    let temporary = tempfile::tempdir()?;
    let copy = cli.copy.unwrap_or_else(|| temporary.path().to_owned());
    copy_sources(&root, &copy)?;
    let mut missed = 0;
    let wanted: Vec<_> = bugs.iter().filter(|bug| bug.name.contains(&cli.only)).collect();
    if let Some(watcher) = noticed_by(&copy)? {
        println!("{watcher} fail without any fault: nothing can be said");
        return Ok(ExitCode::FAILURE);
    }
    for bug in &wanted {
        let path = copy.join(&bug.file);
        let sound = fs::read_to_string(&path)?;
        let places = sound.matches(&bug.find).count();
        if places != 1 {
            println!(
                "NOT PLANTED  {}: its text stands {places} times in {}",
                bug.name,
                bug.file.display()
            );
            missed += 1;
            continue;
        }
        fs::write(&path, sound.replace(&bug.find, &bug.put))?;
        // A fault that does not compile would be noticed by anything, and so says nothing.
        if !cargo(&copy, "check -q -p breeze-core")? {
            missed += 1;
            println!("NOT PLANTED  {}: it does not compile", bug.name);
        } else if let Some(watcher) = noticed_by(&copy)? {
            println!("caught       {}, by {watcher}", bug.name);
        } else {
            missed += 1;
            println!("NOT CAUGHT   {}", bug.name);
        }
        fs::write(&path, sound)?;
    }
    println!("{} faults, {missed} not caught", wanted.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs what looks for faults, and returns who found one.
fn noticed_by(copy: &Path) -> io::Result<Option<&'static str>> {
    for (name, line) in WATCHERS {
        if !cargo(copy, line)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Runs cargo in the copy, and returns whether it was content.
fn cargo(copy: &Path, line: &str) -> io::Result<bool> {
    // A fault may keep a machine busy for ever. The whole process group is ended.
    let status = Command::new("timeout")
        .args([PATIENCE, env!("CARGO")])
        .args(line.split(' '))
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.success())
}

/// Copies all that git would, and nothing that was built.
fn copy_sources(root: &Path, copy: &Path) -> io::Result<()> {
    fs::create_dir_all(copy)?;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name == ".git" {
            continue;
        }
        let (from, to) = (entry.path(), copy.join(&name));
        if entry.file_type()?.is_dir() {
            copy_sources(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}
