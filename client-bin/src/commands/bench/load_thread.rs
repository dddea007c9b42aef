use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_io::Timer;
use breeze_core::Mesh;
use breeze_server::driver::{Clock, Hub, SharedHub, block_on, drive, within};
use smol::channel::{self, Receiver, Sender};
use smol::{LocalExecutor, Task};

use super::dialler::Dialler;
use super::fleet::Fleet;
use super::order::{Answer, Order};
use super::recruit::Recruit;
use super::squad::Squad;
use super::stopwatch::Stopwatch;

/// How long a run may get nowhere.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks whether anything is due, while all windows are full.
const ALL_FULL: Duration = Duration::from_millis(1);

/// Is one thread of the load: a fleet, and who carries out orders with it.
pub(super) struct LoadThread {
    hub: SharedHub<Fleet>,
    executor: Rc<LocalExecutor<'static>>,
    /// How many are through with what the order is about, of all threads.
    progress: Arc<AtomicUsize>,
    /// Sends what is due, if anything is sent by the clock.
    pacer: Option<Task<()>>,
}

impl LoadThread {
    /// Runs the thread until there are no more orders.
    ///
    /// The thread waits for its sockets itself, without a detour by another thread: what it
    /// measures is not to be its own switching between threads.
    pub(super) fn run(
        server: SocketAddr,
        recruits: Vec<Recruit>,
        stopwatch: Arc<Stopwatch>,
        progress: Arc<AtomicUsize>,
        orders: &Receiver<Order>,
        answers: &Sender<Answer>,
    ) {
        let executor = Rc::new(LocalExecutor::new());
        let (opens, requests) = channel::unbounded();
        let hub = Hub::new(Fleet::new(recruits, stopwatch, opens), Clock::start());
        let dialler = Dialler { hub: hub.clone(), executor: Rc::downgrade(&executor), server };
        executor.spawn(drive(hub.clone())).detach();
        executor.spawn(dialler.run(requests)).detach();
        let mut thread = Self { hub, executor: executor.clone(), progress, pacer: None };
        let served = block_on(executor.run(async {
            while let Ok(order) = orders.recv().await {
                let answer = thread.carry_out(order).await;
                if answers.send(answer).await.is_err() {
                    return;
                }
            }
        }));
        if let Err(error) = served {
            // Nobody may wait for it any more.
            let _ = answers.try_send(Err(format!("a load thread has no sockets: {error}")));
        }
    }

    async fn carry_out(&mut self, order: Order) -> Answer {
        match order {
            Order::LogIn { squad, at_once } => self.log_in(squad, at_once).await?,
            Order::Meet { links } => self.meet(links).await?,
            Order::Send => self.send(),
            Order::Settle => self.settle().await,
            Order::LogOut { squad } => self.log_out(squad).await?,
            Order::Report => {}
        }
        Ok(Box::new(self.hub.borrow().machine.tally.clone()))
    }

    async fn log_in(&self, squad: Squad, at_once: usize) -> Result<(), String> {
        let squad_members = self.squad(squad);
        let all = squad_members.len();
        let mut left = squad_members.into_iter();
        let mut launched = 0;
        let reached = self.advance(all, |hub| {
            while launched < hub.machine.connected[squad as usize] + at_once
                && let Some(index) = left.next()
            {
                launched += 1;
                hub.input(|fleet, now| fleet.launch(now, index));
            }
            hub.machine.ready[squad as usize]
        });
        reached.await.map_err(|(reached, why)| {
            format!("{reached} of {all} sessions came up, and then no more did: {why}")
        })
    }

    async fn meet(&self, links: usize) -> Result<(), String> {
        let in_mesh = |hub: &Hub<Fleet>| {
            let members = hub.machine.members.iter();
            members.filter(|member| member.recruit.mesh != Mesh::Off).count()
        };
        let all = in_mesh(&self.hub.borrow()) * links;
        self.advance(all, |hub| hub.machine.direct).await.map_err(|(reached, why)| {
            format!("{reached} of {all} ends of direct links came up, and then no more did: {why}")
        })
    }

    fn send(&mut self) {
        self.hub.borrow_mut().input(|fleet, now| fleet.start_sending(now));
        let is_paced = self.hub.borrow().machine.is_paced();
        self.pacer = is_paced.then(|| self.executor.spawn(pace(self.hub.clone())));
    }

    /// What does not get through shows in the figures.
    async fn settle(&mut self) {
        self.pacer = None;
        let under_way = {
            let mut hub = self.hub.borrow_mut();
            hub.machine.sending = false;
            hub.machine.under_way()
        };
        let through = |hub: &mut Hub<Fleet>| under_way.saturating_sub(hub.machine.under_way());
        if let Err((reached, why)) = self.advance(under_way, through).await {
            log::warn!("{} messages did not get through: {why}", under_way - reached);
        }
    }

    async fn log_out(&self, squad: Squad) -> Result<(), String> {
        let members = self.squad(squad);
        if members.is_empty() {
            return Ok(());
        }
        for index in &members {
            self.hub.borrow_mut().input(|fleet, now| fleet.log_out(now, *index));
        }
        // A link's name is free once its connection has ended, so no other squad may be here.
        let gone = self.advance(1, |hub| usize::from(!hub.has_connections()));
        gone.await.map_err(|(_, why)| format!("the sessions did not end: {why}"))?;
        self.hub.borrow_mut().input(|fleet, _| {
            members.iter().for_each(|index| fleet.dismiss(*index));
        });
        Ok(())
    }

    fn squad(&self, squad: Squad) -> Vec<usize> {
        let hub = self.hub.borrow();
        let members = hub.machine.members.iter().enumerate();
        members.filter(|(_, member)| member.recruit.squad == squad).map(|(n, _)| n).collect()
    }

    /// Waits until a number has reached a goal, as long as it still grows, and shows how it does.
    /// Otherwise: how far it got, and why no further.
    async fn advance(
        &self,
        goal: usize,
        mut number: impl FnMut(&mut Hub<Fleet>) -> usize,
    ) -> Result<(), (usize, String)> {
        let mut known = 0;
        while known < goal {
            let more = poll_fn(|cx| {
                let mut hub = self.hub.borrow_mut();
                hub.watch(cx.waker());
                if let Some(why) = &hub.machine.hopeless {
                    return Poll::Ready(Err(why.clone()));
                }
                match number(&mut hub) {
                    now if now != known => Poll::Ready(Ok(now)),
                    _ => Poll::Pending,
                }
            });
            match within(PATIENCE, more).await {
                Some(Ok(now)) => {
                    self.progress.fetch_add(now.saturating_sub(known), Ordering::Relaxed);
                    known = now;
                }
                Some(Err(why)) => return Err((known, why)),
                None => return Err((known, self.hub.borrow().machine.trouble.worst())),
            }
        }
        Ok(())
    }
}

/// Sends each message when it is due.
async fn pace(hub: SharedHub<Fleet>) {
    loop {
        let next = hub
            .borrow_mut()
            .input(|fleet, now| fleet.send_due(now).map(|nanos| fleet.stopwatch.instant(nanos)));
        match next {
            Some(at) => Timer::at(at).await,
            // All windows are full. What is late is sent when something gets through.
            None => Timer::after(ALL_FULL).await,
        };
    }
}
