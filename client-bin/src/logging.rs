use std::io::Write;

use env_logger::{Builder, Env, Target};
use log::{Level, LevelFilter};

use crate::clock::time_of_day;

/// Starts the log on standard error; `RUST_LOG`, if set, wins over `-v`.
///
/// `-v` speaks of this program only: the libraries' own chatter stays at warnings.
pub(crate) fn init(verbose: u8) {
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

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    }
}
