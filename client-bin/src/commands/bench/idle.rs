use std::time::Duration;

use breeze_core::Interest;

use super::capacity::Capacity;
use super::crew::{Crew, deal};
use super::measured::{Measured, Measuring};
use super::order::Order;
use super::recruit::Recruit;
use super::report::Report;
use super::roll::Roll;
use super::setting::{AT_ONCE, Setting};
use super::squad::Squad;
use super::stopwatch::Phase;
use super::usage::Memory;
use super::venue::Venue;
use crate::cli::bench::IdleArgs;
use crate::error::Error;

/// How long after log-ins the last of them have been told of, and queues have given back their memory.
const CALM: Duration = Duration::from_secs(2);

/// Measures what sessions cost the server that say nothing.
pub(super) async fn idle(setting: &Setting, args: IdleArgs) -> Result<Report, Error> {
    let (sessions, subscribers) = (args.sessions as usize, args.subscribers as usize);
    let all = sessions + subscribers;
    let venue = Venue::open(&setting.choice, all, all).await?;
    let mut roll = Roll::begin()?;
    let mut recruits = listeners(&mut roll, subscribers)?;
    for _ in 0..sessions {
        recruits.push(Recruit::new(roll.name(), Squad::Crowd, Capacity::Quiet)?);
    }
    let crew = Crew::muster(venue.addr, deal(recruits, setting.threads))?;

    // They also have the server touch once what it needs for any log-in at all.
    setting.log_in(&crew, Squad::Subscribers, subscribers, AT_ONCE).await?;
    setting.progress.measuring("waiting", CALM).await;
    let empty = venue.memory();
    let before = crew.order(Order::Report).await?.subscribed_bytes;

    let measuring = Measuring::begin(&venue);
    setting.log_in(&crew, Squad::Crowd, sessions, AT_ONCE).await?;
    let logging_in = measuring.end(&venue);
    setting.progress.measuring("waiting", CALM).await;
    let after = crew.order(Order::Report).await?.subscribed_bytes;

    let duration = Duration::from_secs(args.seconds.into());
    let quiet = Measured::phase(&crew, &venue, Phase::Main, duration, setting.progress).await;
    let full = venue.memory();
    crew.order(Order::Report).await?;

    let mut report = setting.report("idle", &venue);
    report.add("sessions", args.sessions);
    report.add("seconds", quiet.elapsed.as_secs_f64());
    report.add("subscribers", args.subscribers);
    add_memory(&mut report, empty, full, sessions);
    report.add_known(
        "server_cpu_ms_per_second",
        quiet.server.map(|time| time.as_secs_f64() * 1000.0 / quiet.elapsed.as_secs_f64()),
    );
    report.add_known(
        "server_cpu_us_per_session_minute",
        quiet
            .server
            .map(|time| time.as_secs_f64() * 60e6 / quiet.elapsed.as_secs_f64() / sessions as f64),
    );
    report.add("first_log_ins_per_second", logging_in.per_second(sessions as u64));
    report.add_known(
        "first_log_ins_per_server_cpu_second",
        logging_in.per_server_cpu_second(sessions as u64),
    );
    add_presence(&mut report, after - before, args.subscribers, args.sessions);
    Ok(report)
}

/// Makes sessions that hear of everybody.
pub(super) fn listeners(roll: &mut Roll, count: usize) -> Result<Vec<Recruit>, Error> {
    let mut recruits = Vec::new();
    for _ in 0..count {
        let recruit = Recruit::new(roll.name(), Squad::Subscribers, Capacity::Quiet)?;
        recruits.push(Recruit { interest: Interest::Everybody, ..recruit });
    }
    Ok(recruits)
}

/// Adds what each subscriber got for each log-in.
pub(super) fn add_presence(report: &mut Report, bytes: u64, subscribers: u32, log_ins: u32) {
    let news = f64::from(subscribers) * f64::from(log_ins);
    let each = (subscribers > 0).then(|| bytes as f64 / news);
    report.add_known("presence_bytes_per_log_in_and_subscriber", each);
}

fn add_memory(report: &mut Report, empty: Option<Memory>, full: Option<Memory>, sessions: usize) {
    let Some((empty, full)) = empty.zip(full) else { return };
    let each = |before: u64, after: u64| (after as f64 - before as f64) / sessions as f64;
    report.add("server_empty_rss_bytes", empty.rss);
    report.add("server_rss_bytes", full.rss);
    report.add("rss_bytes_per_session", each(empty.rss, full.rss));
    report.add("server_empty_pss_bytes", empty.pss);
    report.add("server_pss_bytes", full.pss);
    report.add("pss_bytes_per_session", each(empty.pss, full.pss));
}
