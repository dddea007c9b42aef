use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use breeze_core::io::Event;

use crate::Device;
use crate::device::random;

/// Between two messages: some that talk, not a load.
const PACE: Duration = Duration::from_millis(10);
/// How long both go on for a sign that it is over.
const TICK: Duration = Duration::from_millis(20);

/// Is a pair of users who know nothing of the attack: one writes to the other through the server,
/// one message after the other, and notes when it knows that each has arrived.
pub(super) struct Honest {
    over: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    alice: Option<JoinHandle<Account>>,
    bob: Option<JoinHandle<(Vec<String>, usize)>>,
}

/// Is what the pair has to tell.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Of each message, when it was sent and how long it took to be known as delivered.
    pub(super) trips: Vec<(Instant, Duration)>,
    /// How often either lost its session.
    pub(super) thrown_out: usize,
    /// Whether all that was sent has arrived, once and in order.
    pub(super) is_whole: bool,
}

impl Honest {
    /// Logs both in, and lets them talk.
    #[track_caller]
    pub(super) fn start(server: SocketAddr) -> Self {
        let [mut alice, mut bob] = ["alice", "bob"]
            .map(|user| Device::log_in(server, user, random(), "").expect("a login"));
        let (over, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let silent = Arc::new(AtomicBool::new(false));
        let (is_over, count, done) = (over.clone(), rounds.clone(), silent.clone());
        let alice = thread::spawn(move || {
            let mut account = Account::default();
            while !is_over.load(Ordering::Relaxed) {
                let sent = Instant::now();
                alice.send("bob", &format!("number {}", account.trips.len()));
                let thrown_out = &mut account.thrown_out;
                alice.wait("the delivery of a message", |event| match event {
                    Event::Delivered { .. } => Some(()),
                    Event::Disconnected { .. } => {
                        *thrown_out += 1;
                        None
                    }
                    _ => None,
                });
                account.trips.push((sent, sent.elapsed()));
                count.fetch_add(1, Ordering::Relaxed);
                while sent.elapsed() < PACE {
                    alice.next_event(sent + PACE);
                }
            }
            done.store(true, Ordering::Relaxed);
            account
        });
        let bob = thread::spawn(move || {
            let (mut texts, mut thrown_out) = (Vec::new(), 0);
            while !silent.load(Ordering::Relaxed) {
                if let Some(Event::Disconnected { .. }) = bob.next_event(Instant::now() + TICK) {
                    thrown_out += 1;
                }
                texts.extend(bob.take_texts());
            }
            (texts, thrown_out)
        });
        Self { over, rounds, alice: Some(alice), bob: Some(bob) }
    }

    /// Returns how many messages have arrived.
    pub(super) fn rounds(&self) -> usize {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Waits until so many more messages have arrived.
    #[track_caller]
    pub(super) fn wait_rounds(&self, count: usize) {
        let (start, limit) = (self.rounds(), Instant::now() + crate::PATIENCE * 3);
        while self.rounds() < start + count {
            assert!(Instant::now() < limit, "the honest pair's messages do not arrive");
            assert!(
                !self.alice.as_ref().is_some_and(JoinHandle::is_finished),
                "the honest pair has given up"
            );
            thread::sleep(PACE);
        }
    }

    /// Lets them finish, and returns what they have to tell.
    pub(super) fn finish(mut self) -> Account {
        self.over.store(true, Ordering::Relaxed);
        let alice = self.alice.take().expect("once").join();
        let bob = self.bob.take().expect("once").join();
        let (mut account, (texts, thrown_out)) =
            (alice.expect("alice gets through"), bob.expect("bob gets through"));
        account.thrown_out += thrown_out;
        let sent = (0..account.trips.len()).map(|number| format!("number {number}"));
        account.is_whole = texts.into_iter().eq(sent);
        account
    }
}

impl Drop for Honest {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
