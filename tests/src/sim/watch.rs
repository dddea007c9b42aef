use std::collections::BTreeMap;
use std::time::Duration;

use breeze_core::io::{Event, ServerEvent};
use breeze_core::time::Instant;

use crate::world::{HostId, World};

/// How long a client may take to hear that somebody went, once the server knows: the news wait for
/// others, travel, and may meet a page of the list.
const NEWS: Duration = Duration::from_secs(8);
/// How long the server may take to notice that a client is gone: its limit of silence, and a second.
const NOTICE: Duration = Duration::from_secs(46);

/// Watches whether presence is true, as far as anybody could know.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Since when nothing has come between a client and the server, and both run.
    undisturbed: BTreeMap<HostId, Instant>,
    /// Since when a client's process is dead.
    dead: BTreeMap<HostId, Instant>,
    /// Since when the server has no session of a client's user.
    absent: BTreeMap<HostId, Instant>,
    /// Since when the server runs without a jump of its clock.
    server: Option<Instant>,
}

impl Watch {
    /// Starts over with a client, or with everybody: its clock has jumped, or the network's pace has
    /// changed.
    pub(super) fn disturb(&mut self, host: Option<HostId>) {
        match host {
            Some(host) if host != World::SERVER => {
                self.undisturbed.remove(&host);
            }
            Some(_) | None => {
                self.undisturbed.clear();
                self.absent.clear();
                self.server = None;
            }
        }
    }

    /// Looks at everybody, and fails if somebody is shown as online who is long gone.
    pub(super) fn look(&mut self, world: &World, hosts: &[HostId]) {
        let now = world.now();
        let runs = world.server().is_some();
        set(&mut self.server, runs, now);
        for &host in hosts {
            let is_dead = world.client(host).is_none();
            note(&mut self.dead, host, is_dead, now, None);
            let clear = runs && !is_dead && world.is_clear(host, World::SERVER);
            let connected = clear && world.view(host).is_connected;
            note(&mut self.undisturbed, host, connected, now, last_login(world, host));
            let absent = runs && !world.has_session(host);
            note(&mut self.absent, host, absent, now, last_end(world, host));
        }
        let since = |at: Option<&Instant>, time| at.is_some_and(|at| now >= *at + time);
        for &host in hosts {
            if since(self.dead.get(&host), NOTICE) && since(self.server.as_ref(), NOTICE) {
                let user = world.user(host);
                assert!(!world.has_session(host), "{user} is dead and still has a session");
            }
            if !since(self.absent.get(&host), NEWS) {
                continue;
            }
            for &other in hosts.iter().filter(|other| **other != host) {
                if since(self.undisturbed.get(&other), NEWS)
                    && world.wires_between(host, other) == 0
                {
                    let [user, watcher] = [host, other].map(|host| world.user(host));
                    assert!(!world.sees(other, host), "{watcher} sees {user}, who is gone");
                }
            }
        }
    }
}

/// Returns when a client was last told that it is logged in.
fn last_login(world: &World, host: HostId) -> Option<Instant> {
    let mut events = world.view(host).events().rev();
    events.find(|(_, event)| matches!(event, Event::Connected { .. })).map(|(at, _)| at)
}

/// Returns when a session of a client's user was last over.
fn last_end(world: &World, host: HostId) -> Option<Instant> {
    let mut events = world.view(World::SERVER).server_events().rev();
    let is_end = |event: &ServerEvent| matches!(event, ServerEvent::Offline { user, .. } if user.as_str() == world.user(host));
    events.find(|(_, event)| is_end(event)).map(|(at, _)| at)
}

/// Notes since when something holds: since it began to, which may have been after the last look.
fn note(
    since: &mut BTreeMap<HostId, Instant>,
    host: HostId,
    holds: bool,
    now: Instant,
    began: Option<Instant>,
) {
    match holds {
        true => {
            let since = since.entry(host).or_insert(now);
            *since = began.map_or(*since, |began| began.max(*since));
        }
        false => {
            since.remove(&host);
        }
    }
}

fn set(since: &mut Option<Instant>, holds: bool, now: Instant) {
    match holds {
        true => {
            since.get_or_insert(now);
        }
        false => *since = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Member;

    /// A client logged in and was gone again between two looks of the watch, which took it to have
    /// been gone all the time, and whoever had heard of the login to have missed for a minute that it
    /// was gone.
    #[test]
    fn absence_is_counted_from_the_last_session() {
        let mut world = World::new(1);
        let hosts = ["alice", "bob"].map(|user| world.join(Member::new(user)));
        let [alice, bob] = hosts;
        let mut watch = Watch::default();
        world.run(Duration::from_secs(20));
        watch.look(&world, &hosts);
        world.kill(bob);
        world.run(Duration::from_secs(1));
        watch.look(&world, &hosts);
        world.run(Duration::from_secs(60));
        watch.look(&world, &hosts);
        world.restart(bob);
        assert!(world.run_until(NEWS, |world| world.sees(alice, bob)));
        world.kill(bob);
        assert!(world.run_until(NEWS, |world| !world.has_session(bob)));
        assert!(world.sees(alice, bob), "the news are on their way");
        watch.look(&world, &hosts);
    }
}
