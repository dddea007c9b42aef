use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use smol::channel::{self, Receiver, Sender};

use super::load_thread::LoadThread;
use super::order::{Answer, Order};
use super::recruit::Recruit;
use super::stopwatch::Stopwatch;
use super::tally::Tally;
use crate::error::Error;

/// Room for the largest client, which may be made on the stack before it is where it stays.
const STACK: usize = 16 * 1024 * 1024;

/// Has load threads do one thing after another, all at the same time.
pub(super) struct Crew {
    threads: Vec<(Sender<Order>, Receiver<Answer>)>,
    pub(super) stopwatch: Arc<Stopwatch>,
    /// How many are through with what the present order is about.
    pub(super) progress: Arc<AtomicUsize>,
}

impl Crew {
    /// Starts a thread for each list of sessions.
    pub(super) fn muster(server: SocketAddr, recruits: Vec<Vec<Recruit>>) -> Result<Self, Error> {
        let mut crew = Self {
            threads: Vec::new(),
            stopwatch: Arc::new(Stopwatch::start()),
            progress: Arc::default(),
        };
        for recruits in recruits {
            let (orders, taken) = channel::bounded(1);
            let (answers, given) = channel::bounded(1);
            let (stopwatch, progress) = (crew.stopwatch.clone(), crew.progress.clone());
            thread::Builder::new().name("load".to_owned()).stack_size(STACK).spawn(move || {
                LoadThread::run(server, recruits, stopwatch, progress, &taken, &answers);
            })?;
            crew.threads.push((orders, given));
        }
        Ok(crew)
    }

    /// Has all threads do something, and returns once they have, with what they have counted so
    /// far.
    pub(super) async fn order(&self, order: Order) -> Result<Tally, Error> {
        self.progress.store(0, Ordering::Relaxed);
        let gone = || Error::Bench("a load thread has ended".to_owned());
        for (orders, _) in &self.threads {
            orders.send(order).await.map_err(|_| gone())?;
        }
        let mut tally = Tally::default();
        for (_, answers) in &self.threads {
            let answer = answers.recv().await.map_err(|_| gone())?;
            let counted = answer.map_err(Error::Bench)?;
            tally.add(&counted);
        }
        Ok(tally)
    }
}

/// Deals sessions out to threads: the two of a pair to different ones, if there are several.
pub(super) fn deal(recruits: Vec<Recruit>, threads: usize) -> Vec<Vec<Recruit>> {
    let mut hands = vec![Vec::new(); threads];
    for (n, recruit) in recruits.into_iter().enumerate() {
        hands[n % threads].push(recruit);
    }
    hands
}
