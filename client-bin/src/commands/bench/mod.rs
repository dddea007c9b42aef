//! Measures a server, and what clients make of it, with many real sessions of the core in few
//! threads.
//!
//! A *crew* of load threads each drives a *fleet* of sessions, which do as the *orders* say that a
//! benchmark gives: log in, send, settle. They share a *stopwatch*, which says what is being measured,
//! and count for themselves what they see. The *venue* is the server, and what is known of its
//! process.

mod any_client;
mod capacity;
mod crew;
mod dialler;
mod duty;
mod fleet;
mod fleet_events;
mod fleet_machine;
mod idle;
mod latency;
mod load_thread;
mod login_storm;
mod measured;
mod member;
mod mesh;
mod order;
mod ping_pong;
mod progress;
mod recruit;
mod report;
mod roll;
mod setting;
mod squad;
mod stamp;
mod stopwatch;
mod tally;
mod traffic;
mod trouble;
mod usage;
mod venue;

use std::io::{self, Write};
use std::process::ExitCode;

use async_signal::{Signal, Signals};
use smol::future;
use smol::stream::StreamExt;

use self::progress::Progress;
use self::report::Report;
use self::setting::Setting;
use self::venue::Choice;
use crate::cli::bench::{Bench, BenchArgs, BenchCommon};
use crate::error::Error;
use crate::server_addr::ServerAddr;

/// What a shell says of a program that Ctrl-C ended: nothing was found out.
const INTERRUPTED: u8 = 130;

/// Runs a benchmark and prints what it found. A message that was lost is an error.
pub(crate) fn run(args: BenchArgs, server: Option<ServerAddr>) -> Result<ExitCode, Error> {
    let BenchArgs { common: BenchCommon { server_pid, threads, json }, what } = args;
    if server_pid.is_some() && server.is_none() {
        return Err(Error::BenchUsage(
            "--server-pid is for a server given with --server: the benchmark knows its own".into(),
        ));
    }
    let setting = Setting {
        choice: Choice { server, pid: server_pid },
        threads: threads as usize,
        progress: Progress::new(),
    };
    let mut signals = Signals::new([Signal::Int, Signal::Term])?;
    let report = future::block_on(async {
        let measured = async { measure(&setting, what).await.map(Some) };
        let interrupted = async {
            signals.next().await;
            Ok(None)
        };
        future::or(measured, interrupted).await
    })?;
    let Some(report) = report else { return Ok(ExitCode::from(INTERRUPTED)) };
    let mut out = io::stdout().lock();
    out.write_all(if json { report.json() } else { report.table() }.as_bytes())?;
    out.flush()?;
    match report.lost {
        0 => Ok(ExitCode::SUCCESS),
        lost => Err(Error::Bench(format!("{lost} messages were lost"))),
    }
}

async fn measure(setting: &Setting, what: Bench) -> Result<Report, Error> {
    match what {
        Bench::Relay(traffic) => traffic::relay(setting, traffic).await,
        Bench::Direct(traffic) => traffic::direct(setting, traffic).await,
        Bench::Idle(args) => idle::idle(setting, args).await,
        Bench::Mesh(args) => mesh::mesh(setting, args).await,
        Bench::LoginStorm(args) => login_storm::login_storm(setting, args).await,
    }
}
