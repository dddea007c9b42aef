//! Moves a large file and many small ones over loopback: with Breeze, and with other programs beside it; and
//! writes messages meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use breeze_tests::rivals::{Breeze, Ssh, bare_tcp, big_file, small_files};
use clap::Parser;

/// Compares a transfer with scp, rsync and a bare TCP copy, on this machine, and messages beside it with others
///
/// All of them read from the page cache and write to the same disk, one after the other, in each round.
/// Breeze makes what it has written durable before it says that it is done; the others do not.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// MiB of the large file
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    size: u64,
    /// How many small files
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    files: usize,
    /// How often; the median is shown
    #[arg(long, value_name = "N", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Where the files are made: a folder with room for four times as much
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Between two messages.
const CHAT_PAUSE: Duration = Duration::from_millis(5);
/// Messages that are sent while nothing else goes on.
const CHAT_COUNT: usize = 1000;

/// What a program took, in each round.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn median(&mut self) -> Option<Duration> {
        self.0.sort();
        self.0.get(self.0.len() / 2).copied()
    }
}

fn main() -> io::Result<()> {
    let cli = Cli::parse();
    let dir = match &cli.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let dir = dir.path();
    let (big, tree) = (dir.join("big"), dir.join("tree"));
    big_file(&big, cli.size << 20)?;
    let small = small_files(&tree, cli.files)?;
    let ssh = Ssh::start(&dir.join("ssh"))?;
    if ssh.is_none() {
        println!("there is no /usr/sbin/sshd: nothing to compare with but a bare TCP copy");
    }
    let breeze = Breeze::start();

    let [mut bare, mut scp, mut ours, mut hashing] = [(); 4].map(|()| Times::default());
    for _ in 0..cli.rounds {
        bare.0.push(fresh(dir, |to| bare_tcp(&big, &to.join("copy")))?);
        if let Some(ssh) = &ssh {
            scp.0.push(fresh(dir, |to| ssh.scp(&big, &to.join("copy")))?);
        }
        let took = fresh(dir, |to| Ok(breeze.send(&big, to)))?;
        ours.0.push(took.all);
        hashing.0.push(took.hashing);
    }
    let bytes = cli.size << 20;
    println!("\none file of {} MiB, median of {}:", cli.size, cli.rounds);
    let scp = scp.median();
    show("bare TCP", bytes, bare.median(), scp);
    show("scp", bytes, scp, scp);
    show("breeze", bytes, ours.median(), scp);
    show("  of that, hashing", bytes, hashing.median(), None);

    let idle = breeze.chat(CHAT_PAUSE, |count| count < CHAT_COUNT);
    let mut beside = Vec::new();
    for _ in 0..cli.rounds {
        beside.extend(fresh(dir, |to| Ok(breeze.send_and_chat(&big, to, CHAT_PAUSE)))?);
    }
    println!("\nmessages of the sender of a file to its recipient, from a line to a line:");
    show_latencies("idle", idle);
    show_latencies("during a transfer", beside);

    let [mut rsync, mut ours, mut hashing] = [(); 3].map(|()| Times::default());
    for _ in 0..cli.rounds {
        if let Some(ssh) = &ssh
            && let Some(took) = fresh(dir, |to| ssh.rsync(&tree, to))?
        {
            rsync.0.push(took);
        }
        let took = fresh(dir, |to| Ok(breeze.send(&tree, to)))?;
        ours.0.push(took.all);
        hashing.0.push(took.hashing);
    }
    println!("\n{} files, {:.1} MiB together:", cli.files, small as f64 / f64::from(1 << 20));
    let rsync = rsync.median();
    show("rsync over ssh", small, rsync, rsync);
    show("breeze", small, ours.median(), rsync);
    show("  of that, hashing", small, hashing.median(), None);
    Ok(())
}

/// Has something put into a folder that is new, and removed afterwards.
fn fresh<R>(dir: &Path, copy: impl FnOnce(&Path) -> io::Result<R>) -> io::Result<R> {
    let to = dir.join("to");
    fs::create_dir(&to)?;
    let result = copy(&to)?;
    fs::remove_dir_all(&to)?;
    Ok(result)
}

fn show_latencies(what: &str, mut latencies: Vec<Duration>) {
    latencies.sort();
    let at = |part: usize| {
        latencies.get((latencies.len() * part / 100).min(latencies.len().saturating_sub(1)))
    };
    let [p50, p99, max] =
        [50, 99, 100].map(|part| at(part).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3));
    let count = latencies.len();
    println!("{what:>20}  p50 {p50:.2} ms, p99 {p99:.2} ms, most {max:.2} ms, of {count} messages");
}

fn show(what: &str, bytes: u64, took: Option<Duration>, beside: Option<Duration>) {
    let Some(took) = took else { return };
    let rate = bytes as f64 / 1e6 / took.as_secs_f64();
    let ratio = beside.map(|beside| beside.as_secs_f64() / took.as_secs_f64());
    let ratio = ratio.map_or(String::new(), |ratio| format!("  {ratio:5.2} times as fast"));
    println!("{what:>20}  {:8.3} s  {rate:8.1} MB/s{ratio}", took.as_secs_f64());
}
