use std::time::Duration;

use breeze_core::Mesh;

use super::capacity::Capacity;
use super::crew::{Crew, deal};
use super::duty::{Duty, Sending};
use super::latency::Quantiles;
use super::measured::Measured;
use super::order::Order;
use super::ping_pong::ping_pong;
use super::recruit::Recruit;
use super::report::Report;
use super::roll::Roll;
use super::setting::{AT_ONCE, Setting, WARM_UP};
use super::squad::Squad;
use super::stopwatch::Phase;
use super::tally::Tally;
use super::venue::Venue;
use crate::cli::bench::Traffic;
use crate::error::Error;

/// Measures messages through the server.
pub(super) async fn relay(setting: &Setting, traffic: Traffic) -> Result<Report, Error> {
    let sessions = 2 * traffic.pairs as usize;
    let venue = Venue::open(&setting.choice, sessions, sessions).await?;
    let crew = muster(setting, &venue, &traffic, Mesh::Off).await?;
    let (measured, tally) = measure(setting, &crew, &venue, &traffic).await?;

    let mut report = setting.report("relay", &venue);
    describe(&mut report, &traffic);
    add_rates(&mut report, &traffic, &measured, &tally);
    let phase = tally.phase(Phase::Main);
    report.add_known(
        "messages_per_server_cpu_second",
        measured.per_server_cpu_second(phase.messages),
    );
    report.add_known("bytes_per_server_cpu_second", measured.per_server_cpu_second(phase.bytes));
    measured.add_load(&mut report);
    add_latencies(&mut report, &tally);
    Ok(report)
}

/// Measures messages on direct links.
pub(super) async fn direct(setting: &Setting, traffic: Traffic) -> Result<Report, Error> {
    let sessions = 2 * traffic.pairs as usize;
    // Each has its listener, and both ends of the direct link are in this process.
    let venue = Venue::open(&setting.choice, sessions, 3 * sessions).await?;
    let crew = muster(setting, &venue, &traffic, Mesh::Eager).await?;
    setting.meet(&crew, sessions, 1).await?;
    let (measured, tally) = measure(setting, &crew, &venue, &traffic).await?;
    drop(crew);

    let mut report = setting.report("direct", &venue);
    describe(&mut report, &traffic);
    add_rates(&mut report, &traffic, &measured, &tally);
    // All of them are to be 0: else this is not what it seems to be.
    report.add("messages_relayed", tally.phase(Phase::Main).relayed);
    measured.add_load(&mut report);
    let round_trip = add_latencies(&mut report, &tally);
    if let Some(round_trip) = round_trip.filter(|_| traffic.round_trip) {
        let bare = ping_pong(setting, &traffic).await?;
        report.add_known("tcp_round_trip_us", bare);
        report.add_known("round_trip_p50_ratio", bare.map(|bare| round_trip.p50 / bare.p50));
    }
    Ok(report)
}

/// Logs the pairs in.
async fn muster(
    setting: &Setting,
    venue: &Venue,
    traffic: &Traffic,
    mesh: Mesh,
) -> Result<Crew, Error> {
    let capacity = Capacity::of_texts(traffic.size as usize);
    let duties =
        [Duty::Send(sending(traffic)), if traffic.round_trip { Duty::Echo } else { Duty::Rest }];
    let mut roll = Roll::begin()?;
    let mut recruits = Vec::new();
    for _ in 0..traffic.pairs {
        recruits.extend(Recruit::pair(&mut roll, capacity, mesh, duties)?);
    }
    let sessions = recruits.len();
    let crew = Crew::muster(venue.addr, deal(recruits, setting.threads))?;
    setting.log_in(&crew, Squad::Talkers, sessions, AT_ONCE).await?;
    Ok(crew)
}

fn sending(traffic: &Traffic) -> Sending {
    let one_senders_share =
        |rate: u32| Duration::from_secs_f64(f64::from(traffic.pairs) / f64::from(rate));
    Sending {
        size: traffic.size as usize,
        window: if traffic.round_trip { 1 } else { traffic.window.into() },
        until_answered: traffic.round_trip,
        period: traffic.rate.map(one_senders_share),
    }
}

/// Has the pairs converse, and measures a part of it.
async fn measure(
    setting: &Setting,
    crew: &Crew,
    venue: &Venue,
    traffic: &Traffic,
) -> Result<(Measured, Tally), Error> {
    crew.order(Order::Send).await?;
    setting.progress.measuring("warming up", WARM_UP).await;
    let duration = Duration::from_secs(traffic.seconds.into());
    let measured = Measured::phase(crew, venue, Phase::Main, duration, setting.progress).await;
    Ok((measured, setting.settle(crew).await?))
}

fn describe(report: &mut Report, traffic: &Traffic) {
    report.add("pairs", traffic.pairs);
    report.add("size_bytes", traffic.size);
    if !traffic.round_trip {
        report.add("window", traffic.window);
        report.add_known("rate_per_second", traffic.rate);
    }
}

fn add_rates(report: &mut Report, traffic: &Traffic, measured: &Measured, tally: &Tally) {
    let phase = tally.phase(Phase::Main);
    report.lost = tally.lost();
    report.add("seconds", measured.elapsed.as_secs_f64());
    report.add("messages", phase.messages);
    report.add("messages_lost", report.lost);
    report.add("messages_per_second", measured.per_second(phase.messages));
    report.add("bytes_per_second", measured.per_second(phase.bytes));
    if traffic.round_trip {
        report.add("round_trips_per_second", measured.per_second(phase.messages / 2));
    }
}

/// Adds the latencies, and returns that of the way there and back.
fn add_latencies(report: &mut Report, tally: &Tally) -> Option<Quantiles> {
    let phase = tally.phase(Phase::Main);
    let round_trip = phase.round_trip.quantiles();
    report.add_known("one_way_us", phase.one_way.quantiles());
    report.add_known("round_trip_us", round_trip);
    round_trip
}
