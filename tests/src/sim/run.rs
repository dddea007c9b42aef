use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use breeze_core::error::FileEnd;
use breeze_core::id::MessageId;

use super::watch::Watch;
use super::{Action, Failure, Report, Scenario};
use crate::world::{FileId, Fragments, HostId, World};

/// How long everything may take to come to rest once nothing goes wrong any more.
const REST: Duration = Duration::from_secs(200);
/// The same, where bytes came slowly and one by one before.
const LONG_REST: Duration = Duration::from_secs(600);

/// Carries a scenario out.
///
/// # Errors
/// What was not as it has to be.
pub fn run(scenario: &Scenario) -> Result<Report, Failure> {
    attempt(scenario, false)
}

/// Carries a scenario out, and records what happens.
///
/// # Errors
/// What was not as it has to be, with the record.
pub fn record(scenario: &Scenario) -> Result<Report, Failure> {
    attempt(scenario, true)
}

fn attempt(scenario: &Scenario, records: bool) -> Result<Report, Failure> {
    let mut world = World::new(scenario.seed);
    if records {
        world.record();
    }
    // What has to hold is asserted where it is known; a broken world is of no use but for its trace.
    let outcome = catch_unwind(AssertUnwindSafe(|| Play::begin(&mut world, scenario).perform()));
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let what = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned();
        Failure { what, trace: world.take_record() }
    })
}

/// A scenario that is under way.
struct Play<'w> {
    world: &'w mut World,
    scenario: &'w Scenario,
    hosts: Vec<HostId>,
    messages: usize,
    watch: Watch,
}

impl<'w> Play<'w> {
    fn begin(world: &'w mut World, scenario: &'w Scenario) -> Self {
        world.keep_messages(scenario.quota, scenario.disk_time);
        let hosts = scenario.members.iter().map(|member| world.join(member.clone())).collect();
        Self { world, scenario, hosts, messages: 0, watch: Watch::default() }
    }

    fn perform(mut self) -> Report {
        for step in &self.scenario.steps {
            self.world.run(step.after);
            self.world.note(format_args!("--- {}", step.action));
            self.watch.look(self.world, &self.hosts);
            self.act(step.action);
            self.watch.look(self.world, &self.hosts);
        }
        self.world.note(format_args!("--- all is mended"));
        self.mend();
        self.expect_rest();
        self.expect_empty();
        let (mut files, mut arrived, mut bytes) = (0, 0, (0, 0));
        for view in self.world.files().map(|file| self.world.file(file)) {
            files += 1;
            if view.got_end == Some(FileEnd::Done) {
                arrived += 1;
                bytes = (bytes.0 + view.arrived, bytes.1 + view.sent);
            }
        }
        Report {
            files,
            arrived,
            bytes,
            messages: self.messages,
            failed: self.world.failed_messages(),
            steps: self.world.steps(),
            time: Duration::from_millis(self.world.now().as_millis()),
            hash: self.world.trace_hash(),
        }
    }

    fn act(&mut self, action: Action) {
        let host = |number: usize| self.hosts[number % self.hosts.len()];
        match action {
            Action::Jump(a, _) | Action::Reading(a, _) => self.watch.disturb(Some(host(a))),
            Action::JumpServer(_) | Action::Pace(..) | Action::Pieces(_) | Action::Heal => {
                self.watch.disturb(None);
            }
            _ => {}
        }
        let world = &mut *self.world;
        match action {
            Action::Send { from, to, length } => {
                let text = format!("{} {}", self.messages, "t".repeat(length));
                if world.send(host(from), host(to), &text).is_ok() {
                    self.messages += 1;
                }
            }
            Action::Read { by, from } => {
                let (by, from) = (host(by), host(from));
                if let Some(id) = last_shown(world, by, from) {
                    world.mark_read(by, from, id);
                }
            }
            Action::Offer { from, to, length } => {
                let bytes = (0..length).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect();
                world.offer_file(host(from), host(to), bytes);
            }
            Action::Hold(a) => {
                let own = world.open_files().into_iter().filter(|file| file.to == host(a));
                own.for_each(|file| world.hold_file(file));
            }
            Action::Release(a) => {
                let own = world.open_files().into_iter().filter(|file| file.to == host(a));
                own.for_each(|file| world.release_file(file));
            }
            Action::Cancel { by, sends } => {
                let is_own = |file: &FileId| host(by) == if sends { file.from } else { file.to };
                if let Some(file) = world.open_files().into_iter().find(is_own) {
                    world.end_file(file, sends, FileEnd::Cancelled);
                }
            }
            Action::Spoil(a) => {
                let own = world.open_files().into_iter().filter(|file| file.from == host(a));
                own.for_each(|file| world.spoil_file(file, 150_000, 1));
            }
            Action::Cut(a, b) => world.cut(host(a), host(b)),
            Action::CutServer(a) => world.cut(host(a), World::SERVER),
            Action::Silence(a, b) => world.silence(host(a), host(b)),
            Action::SilenceServer(a) => world.silence(host(a), World::SERVER),
            Action::Isolate(a) => world.isolate(host(a)),
            Action::Heal => world.heal(),
            Action::Wall(a, barrier) => world.set_wall(host(a), barrier),
            Action::Pace(latency, jitter) => world.set_latency(latency, jitter),
            Action::Pieces(pieces) => world.set_fragments(pieces),
            Action::Reading(a, reads) => world.set_reading(host(a), reads),
            Action::KillServer => world.kill(World::SERVER),
            Action::StartServer => {
                if world.server().is_none() {
                    world.restart(World::SERVER);
                }
            }
            Action::Kill(a) => world.kill(host(a)),
            Action::CutPower(a) => world.cut_power(host(a)),
            Action::Start(a) => {
                if world.client(host(a)).is_none() {
                    world.restart(host(a));
                }
            }
            Action::Move(a) => world.relocate(host(a)),
            Action::Jump(a, by) => world.jump_clock(host(a), by),
            Action::JumpServer(by) => world.jump_clock(World::SERVER, by),
        }
    }

    /// Lets everything work again.
    fn mend(&mut self) {
        let world = &mut *self.world;
        world.set_latency(Duration::from_millis(5), Duration::from_millis(3));
        world.set_fragments(Fragments::Random);
        world.heal();
        if world.server().is_none() {
            world.restart(World::SERVER);
        }
        for file in world.open_files() {
            world.release_file(file);
        }
        for &host in &self.hosts {
            world.set_wall(host, None);
            world.set_reading(host, true);
            if world.client(host).is_none() {
                world.restart(host);
            }
        }
    }

    /// Expects that every message has an outcome, that everybody sees everybody, and that each two
    /// have one link, or none where one of them wants none.
    fn expect_rest(&mut self) {
        let hosts = self.hosts.clone();
        let is_at_rest = |world: &World| {
            world.open_messages() == 0
                && world.kept_messages() == 0
                && world.open_files().is_empty()
                && world.is_whole(&hosts)
                && hosts.iter().all(|&host| world.is_clear(host, World::SERVER))
        };
        if !self.world.run_until(REST, is_at_rest) && !self.world.run_until(LONG_REST, is_at_rest) {
            let open = self.world.open_messages();
            assert_eq!(open, 0, "messages have no outcome though all is mended");
            let files = self.world.open_files();
            let views: Vec<_> = files.iter().map(|file| self.world.file(*file)).collect();
            assert_eq!(files, [], "files have no end though all is mended: {views:?}");
            let kept = self.world.shelf_list();
            assert_eq!(kept, [], "the server keeps what its recipients have");
            panic!("not everybody sees everybody by one link: {}", self.world.describe(&hosts));
        }
        self.world.assert_all_settled();
        self.world.assert_files_within_bounds();
    }

    /// Expects that nothing is left of clients that leave in good order.
    fn expect_empty(&mut self) {
        self.world.note(format_args!("--- everybody leaves"));
        for &host in &self.hosts.clone() {
            self.world.close(host);
        }
        self.world.run(Duration::from_secs(5));
        for &host in &self.hosts {
            let client = self.world.client(host).expect("it runs");
            assert!(client.is_stopped() && !client.has_links(), "{host:?} has links");
            assert_eq!(self.world.sockets(host), 0, "{host:?} has connections");
        }
        let server = self.world.server().expect("it runs");
        assert_eq!((server.sessions(), server.links()), (0, 0), "the server has sessions, links");
    }
}

/// The last message from one client's user that another has shown in its present run.
fn last_shown(world: &World, by: HostId, from: HostId) -> Option<MessageId> {
    let user = world.user(from);
    world.view(by).message_ids().filter(|(sender, _)| *sender == user).last().map(|(_, id)| id)
}
