use std::time::Duration;

use breeze_core::Mesh;

use super::capacity::Capacity;
use super::crew::{Crew, deal};
use super::duty::{Duty, Sending};
use super::idle::{add_presence, listeners};
use super::measured::{Measured, Measuring};
use super::order::Order;
use super::recruit::Recruit;
use super::report::Report;
use super::roll::Roll;
use super::setting::{AT_ONCE, Setting, WARM_UP};
use super::squad::Squad;
use super::stopwatch::Phase;
use super::venue::Venue;
use crate::cli::bench::StormArgs;
use crate::error::Error;

/// How the others converse: often enough for a quantile, and too seldom to be a load.
const CONVERSATION: Sending =
    Sending { size: 64, window: 256, until_answered: true, period: Some(Duration::from_millis(5)) };
/// After the news that many have left, and before they are back.
const CALM: Duration = Duration::from_secs(1);

/// Measures many log-ins at once, and what they do to a conversation of others.
pub(super) async fn login_storm(setting: &Setting, args: StormArgs) -> Result<Report, Error> {
    let (sessions, subscribers) = (args.sessions as usize, args.subscribers as usize);
    let (at_once, all) = (args.at_once as usize, sessions + subscribers + 2);
    let venue = Venue::open(&setting.choice, all, all).await?;
    let mut roll = Roll::begin()?;
    let duties = [Duty::Send(CONVERSATION), Duty::Echo];
    // They have a thread of their own: the load's work is not to hold them up.
    let talkers = Recruit::pair(&mut roll, Capacity::Pair, Mesh::Off, duties)?;
    let listeners = listeners(&mut roll, subscribers)?;
    let mut recruits = Vec::new();
    for _ in 0..sessions {
        recruits.push(Recruit::new(roll.name(), Squad::Crowd, Capacity::Quiet)?);
    }
    let mut hands = deal(recruits, setting.threads);
    hands.push(talkers.into());
    hands.push(listeners);
    let crew = Crew::muster(venue.addr, hands)?;
    setting.log_in(&crew, Squad::Talkers, 2, AT_ONCE).await?;
    setting.log_in(&crew, Squad::Subscribers, subscribers, AT_ONCE).await?;

    // The first time they become users; that they are known is the ordinary case.
    let measuring = Measuring::begin(&venue);
    setting.log_in(&crew, Squad::Crowd, sessions, at_once).await?;
    let first = measuring.end(&venue);
    let log_out = crew.order(Order::LogOut { squad: Squad::Crowd });
    setting.progress.during("logging out:", &crew.progress, 1, log_out).await?;
    setting.progress.measuring("waiting", CALM).await;

    crew.order(Order::Send).await?;
    setting.progress.measuring("warming up", WARM_UP).await;
    let duration = Duration::from_secs(args.seconds.into());
    let before = Measured::phase(&crew, &venue, Phase::Before, duration, setting.progress).await;

    let heard = crew.order(Order::Report).await?.subscribed_bytes;
    let measuring = Measuring::begin(&venue);
    crew.stopwatch.begin(Phase::Main);
    setting.log_in(&crew, Squad::Crowd, sessions, at_once).await?;
    crew.stopwatch.end();
    let storm = measuring.end(&venue);
    setting.progress.measuring("waiting", CALM).await;
    let tally = setting.settle(&crew).await?;

    let mut report = setting.report("login-storm", &venue);
    report.lost = tally.lost();
    report.add("sessions", args.sessions);
    report.add("at_once", args.at_once);
    report.add("subscribers", args.subscribers);
    report.add("seconds", storm.elapsed.as_secs_f64());
    report.add("log_ins_per_second", storm.per_second(sessions as u64));
    report.add_known("log_ins_per_server_cpu_second", storm.per_server_cpu_second(sessions as u64));
    storm.add_load(&mut report);
    report.add("first_log_ins_per_second", first.per_second(sessions as u64));
    report.add_known(
        "first_log_ins_per_server_cpu_second",
        first.per_server_cpu_second(sessions as u64),
    );
    add_presence(&mut report, tally.subscribed_bytes - heard, args.subscribers, args.sessions);
    report.add("messages_lost", report.lost);
    report.add_known(
        "server_cpu_percent_before",
        before.server.map(|time| 100.0 * time.as_secs_f64() / before.elapsed.as_secs_f64()),
    );
    report.add_known("round_trip_us_before", tally.phase(Phase::Before).round_trip.quantiles());
    report.add_known("round_trip_us_during", tally.phase(Phase::Main).round_trip.quantiles());
    Ok(report)
}
