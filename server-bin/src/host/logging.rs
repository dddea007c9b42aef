//! The log on standard error, and the time of day that its lines begin with.

use std::io::Write;

use env_logger::{Builder, Env, Target};
use jiff::Zoned;
use jiff::fmt::strtime::format;
use log::{Level, LevelFilter};

/// Starts the log; `RUST_LOG`, if set, wins over the number of times that `-v` was given.
///
/// `-v` speaks of Breeze only: the libraries' own chatter stays at warnings.
pub fn start(verbose: u8) {
    let mut builder = Builder::new();
    builder.filter_level(LevelFilter::Warn).filter_module("breeze", level(verbose));
    if std::env::var_os("RUST_LOG").is_some_and(|filter| !filter.is_empty()) {
        builder = Builder::from_env(Env::default());
    }
    builder.target(Target::Stderr).format(|out, record| {
        let level = record.level();
        let style = out.default_level_style(level);
        write!(out, "{} {style}{level:<5}{style:#} ", time_of_day())?;
        if level >= Level::Debug {
            write!(out, "{}: ", record.target())?;
        }
        writeln!(out, "{}", record.args())
    });
    builder.init();
}

/// Shows the time of day here and now, as `HH:MM:SS`.
pub fn time_of_day() -> String {
    // The format is fixed and valid, so that the fallback is never seen.
    format("%H:%M:%S", &Zoned::now()).unwrap_or_default()
}

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    }
}
