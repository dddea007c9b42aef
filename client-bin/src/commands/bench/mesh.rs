use breeze_core::{Interest, Mesh};

use super::capacity::Capacity;
use super::crew::{Crew, deal};
use super::measured::Measuring;
use super::recruit::Recruit;
use super::report::Report;
use super::roll::Roll;
use super::setting::Setting;
use super::squad::Squad;
use super::venue::Venue;
use crate::cli::bench::MeshArgs;
use crate::error::Error;

/// Measures how long it takes until everybody has a direct link with everybody.
pub(super) async fn mesh(setting: &Setting, args: MeshArgs) -> Result<Report, Error> {
    let clients = args.clients as usize;
    let links = clients * (clients - 1) / 2;
    // Both ends of each link, and for a moment those of a second one where both sides dialled.
    let connections = 2 * clients + 2 * links + links / 4;
    let venue = Venue::open(&setting.choice, clients, connections).await?;
    let mut roll = Roll::begin()?;
    let mut recruits = Vec::new();
    for _ in 0..clients {
        let capacity = Capacity::of_mesh(args.clients);
        let recruit = Recruit::new(roll.name(), Squad::Crowd, capacity)?;
        recruits.push(Recruit { mesh: Mesh::Eager, interest: Interest::Everybody, ..recruit });
    }
    let crew = Crew::muster(venue.addr, deal(recruits, setting.threads))?;

    let measuring = Measuring::begin(&venue);
    // Everybody comes at the same time: an office, after its server was restarted.
    setting.log_in(&crew, Squad::Crowd, clients, clients * setting.threads).await?;
    let logged_in = measuring.elapsed();
    let tally = setting.meet(&crew, clients, clients - 1).await?;
    let measured = measuring.end(&venue);

    let mut report = setting.report("mesh", &venue);
    report.add("clients", args.clients);
    report.add("links", links as u64);
    report.add("dials", tally.dials);
    report.add("seconds_until_logged_in", logged_in.as_secs_f64());
    report.add("seconds_until_meshed", measured.elapsed.as_secs_f64());
    report.add("links_per_second", measured.per_second(links as u64));
    report.add_known("server_cpu_ms", measured.server.map(|time| time.as_secs_f64() * 1000.0));
    measured.add_load(&mut report);
    Ok(report)
}
