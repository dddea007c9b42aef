use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use breeze_core::{Mesh, ServerConfig};

use crate::world::{Barrier, HostId, Member, Meter, Rng, Size, World};

/// Users of whom each client wants to hear.
pub const LIST: usize = 50;
/// How long after another a client logs in.
const LOGIN_EVERY: Duration = Duration::from_millis(2);
/// How long after another something is done that is measured: news of it share records with no
/// others.
const ALONE: Duration = Duration::from_millis(50);
/// Enough for all that one login brings about.
const PAUSE: Duration = Duration::from_secs(1);
/// Enough for all that many logins or messages bring about.
const REST: Duration = Duration::from_secs(5);
/// The keepalive interval: so long that none falls into what is measured before.
const KEEPALIVE: Duration = Duration::from_secs(900);

/// Measures what one client costs the server among many others.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// How many there are.
    pub clients: usize,
    /// How many logins, and how many messages, are measured.
    pub samples: usize,
    /// Where the random numbers start.
    pub seed: u64,
}

/// Tells what the server's work came to.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// Of the measured logins.
    pub logins: Meter,
    /// Of the measured messages, all of them by relay.
    pub messages: Meter,
    /// Of the time in which nobody did anything.
    pub idle: Meter,
    /// Keepalives in that time.
    pub keepalives: u64,
    /// How long all of it took, virtually.
    pub virtual_time: Duration,
    /// And really.
    pub real_time: Duration,
}

impl Scale {
    /// Carries it out, and fails if anything is lost on the way.
    pub fn measure(self) -> Costs {
        let start = Instant::now();
        let config = ServerConfig { max_sessions: self.clients, ..ServerConfig::default() };
        let mut world = World::with_server(self.seed, config);
        let mut rng = Rng::new(self.seed);
        let lists: Vec<_> = (0..self.clients).map(|own| self.draw_list(own, &mut rng)).collect();
        let hosts: Vec<_> = (0..self.clients)
            .map(|own| {
                world.run(LOGIN_EVERY);
                world.join(member(own, &lists[own]))
            })
            .collect();
        world.run(REST);
        let is_in = |host: &HostId| world.client(*host).is_some_and(|client| client.is_ready());
        assert!(hosts.iter().all(is_in), "everybody is logged in");

        let logins = self.log_in_again(&mut world, &hosts);
        let messages = self.send(&mut world, &hosts, &lists);
        // Within three of them the server's timer comes as well.
        let rounds = 4;
        world.begin_metering();
        world.run(KEEPALIVE * rounds);
        let idle = world.end_metering();
        let keepalives = self.clients as u64 * u64::from(rounds);
        assert_eq!(world.server().map(|server| server.sessions()), Some(self.clients));
        let virtual_time = Duration::from_millis(world.now().as_millis());
        Costs { logins, messages, idle, keepalives, virtual_time, real_time: start.elapsed() }
    }

    /// Draws of whom a client wants to hear: anybody but itself.
    fn draw_list(self, own: usize, rng: &mut Rng) -> Vec<usize> {
        let mut list = BTreeSet::new();
        while list.len() < LIST.min(self.clients - 1) {
            let other = rng.below(self.clients as u64) as usize;
            if other != own {
                list.insert(other);
            }
        }
        list.into_iter().collect()
    }

    /// Measures logins: again and again a tenth of all goes, and comes back one by one.
    fn log_in_again(self, world: &mut World, hosts: &[HostId]) -> Meter {
        let mut sum = Meter::default();
        let mut left = self.samples;
        while left > 0 {
            let round = left.min(self.clients.div_ceil(10));
            let chosen = hosts.iter().cycle().skip(left).take(round);
            for &host in chosen.clone() {
                world.kill(host);
            }
            world.run(PAUSE);
            world.begin_metering();
            for &host in chosen {
                world.restart(host);
                world.run(ALONE);
            }
            world.run(PAUSE);
            sum += world.end_metering();
            left -= round;
        }
        sum
    }

    /// Measures messages among those who know each other, while no direct link comes up.
    fn send(self, world: &mut World, hosts: &[HostId], lists: &[Vec<usize>]) -> Meter {
        for &host in hosts {
            world.set_wall(host, Some(Barrier::Refuse));
        }
        world.begin_metering();
        for number in 0..self.samples {
            // Each two are strangers until then.
            let (from, turn) = (number % self.clients, number / self.clients);
            let to = lists[from][turn % lists[from].len()];
            let text = format!("{number:>60}");
            world.send(hosts[from], hosts[to], &text).expect("room");
            world.run(ALONE);
        }
        world.run(REST);
        world.assert_all_delivered();
        world.end_metering()
    }
}

fn member(own: usize, list: &[usize]) -> Member {
    let member = Member::new(&user(own)).size(Size::Listed).mesh(Mesh::OnDemand);
    let member = Member { keepalive: Some(KEEPALIVE), send_buffer: 4096, ..member };
    member.watching(list.iter().map(|other| user(*other)))
}

fn user(number: usize) -> String {
    format!("user{number:05}")
}
