use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::{Events, Interest, Token};
use slab::Slab;

use super::turns::Turns;

/// Wakes of one wait at most; what is more comes with the next.
const EVENTS: usize = 1024;
/// The token of wakes by other threads; sockets have smaller ones.
const ALARM: Token = Token(usize::MAX);
/// Where in a socket's token the number of its hub begins, above that of its connection.
const HUB: u32 = usize::BITS / 2;

thread_local! {
    /// The reactor that runs on this thread.
    static CURRENT: RefCell<Option<Rc<Reactor>>> = const { RefCell::new(None) };
}

/// Waits for all sockets of one thread at once, on that thread.
///
/// The system is told of a socket once, and says each time when it becomes ready: a message costs one
/// wait, one read and one write, and no second thread is woken for it.
pub(super) struct Reactor {
    poll: RefCell<mio::Poll>,
    /// The turns that the connections of each hub get.
    hubs: RefCell<Slab<Rc<Turns>>>,
    bells: RefCell<Slab<Option<(Instant, Waker)>>>,
}

/// Wakes a task at a time, for as long as it is not dropped.
///
/// The thread's own wait ends then: a timer of `async-io` would be waited for by another thread.
pub(super) struct Bell {
    reactor: Rc<Reactor>,
    number: usize,
}

impl Bell {
    /// Makes one that is not set, on the reactor of this thread.
    pub(super) fn new() -> io::Result<Self> {
        let reactor = Reactor::current()?;
        let number = reactor.bells.borrow_mut().insert(None);
        Ok(Self { reactor, number })
    }

    /// Has the task woken then, or not at all.
    pub(super) fn set(&self, at: Option<Instant>, task: &Waker) {
        if let Some(bell) = self.reactor.bells.borrow_mut().get_mut(self.number) {
            *bell = at.map(|at| (at, task.clone()));
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.reactor.bells.borrow_mut().try_remove(self.number);
    }
}

impl Reactor {
    /// Returns the one that runs on this thread.
    pub(super) fn current() -> io::Result<Rc<Self>> {
        CURRENT
            .with_borrow(Clone::clone)
            .ok_or_else(|| io::Error::other("a socket is driven outside of the driver"))
    }

    /// Takes in a hub, and returns its number here.
    pub(super) fn enlist(&self, turns: &Rc<Turns>) -> usize {
        self.hubs.borrow_mut().insert(turns.clone())
    }

    /// Forgets a hub.
    pub(super) fn dismiss(&self, hub: usize) {
        self.hubs.borrow_mut().try_remove(hub);
    }

    /// Has the system watch the socket of a hub's connection.
    pub(super) fn watch(
        &self,
        socket: &mut impl Source,
        hub: usize,
        connection: usize,
    ) -> io::Result<()> {
        let both = Interest::READABLE | Interest::WRITABLE;
        let token = Token(hub << HUB | connection);
        self.poll.borrow().registry().register(socket, token, both)
    }

    /// Has the system leave a socket alone.
    pub(super) fn forget(&self, socket: &mut impl Source) {
        // One that is broken is forgotten as well.
        let _ = self.poll.borrow().registry().deregister(socket);
    }

    /// Waits for sockets, or for a wake by another thread.
    fn wait(&self, events: &mut Events, limit: Option<Duration>) -> io::Result<()> {
        match self.poll.borrow_mut().poll(events, limit) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            outcome => outcome,
        }
    }

    /// Returns how long it is until the next bell.
    fn rest(&self) -> Option<Duration> {
        let bells = self.bells.borrow();
        let next = bells.iter().filter_map(|(_, bell)| Some(bell.as_ref()?.0)).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    /// Takes in what happened, and wakes the tasks, or gives the connections a turn, that are concerned.
    fn note(&self, events: &Events) {
        let mut bells = self.bells.borrow_mut();
        if bells.iter().any(|(_, bell)| bell.is_some()) {
            let now = Instant::now();
            for (_, bell) in bells.iter_mut() {
                if let Some((_, task)) = bell.take_if(|(at, _)| *at <= now) {
                    task.wake();
                }
            }
        }
        drop(bells);
        for event in events.iter() {
            let Token(token) = event.token();
            let turns = self.hubs.borrow().get(token >> HUB).cloned();
            if let Some(turns) = turns {
                turns.push(token & ((1 << HUB) - 1), event.into());
            }
        }
    }
}

/// Wakes the thread that runs everything.
struct Alarm {
    rung: AtomicBool,
    /// The thread waits, or is about to, and looks at `rung` no more.
    sleeps: AtomicBool,
    waker: mio::Waker,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::SeqCst) && self.sleeps.load(Ordering::SeqCst) {
            // The one thing that fails is a counter that is full, and then it has been rung.
            let _ = self.waker.wake();
        }
    }
}

/// Makes the thread forget its reactor, however it ends.
struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// Runs a future on this thread, and the connections that it or its tasks serve.
///
/// # Errors
/// Those of the system, which has no means for waiting.
pub fn block_on<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let poll = mio::Poll::new()?;
    let alarm = Arc::new(Alarm {
        rung: AtomicBool::new(false),
        sleeps: AtomicBool::new(false),
        waker: mio::Waker::new(poll.registry(), ALARM)?,
    });
    let reactor = Rc::new(Reactor {
        poll: RefCell::new(poll),
        hubs: RefCell::default(),
        bells: RefCell::default(),
    });
    CURRENT.set(Some(reactor.clone()));
    let _reset = Reset;
    let waker = Waker::from(alarm.clone());
    let mut events = Events::with_capacity(EVENTS);
    let mut future = pin!(future);
    loop {
        alarm.rung.store(false, Ordering::SeqCst);
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(outcome);
        }
        alarm.sleeps.store(true, Ordering::SeqCst);
        let goes_on = alarm.rung.load(Ordering::SeqCst);
        let limit = if goes_on { Some(Duration::ZERO) } else { reactor.rest() };
        let waited = reactor.wait(&mut events, limit);
        alarm.sleeps.store(false, Ordering::SeqCst);
        waited?;
        // By tasks that are woken here the thread is not woken: it is awake.
        reactor.note(&events);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::thread;

    use async_io::Timer;
    use smol::LocalExecutor;
    use smol::channel;

    use super::*;

    #[test]
    fn other_threads_wake_it() {
        let (ask, asked) = channel::bounded::<u32>(1);
        let (answer, answered) = channel::bounded::<u32>(1);
        let other = thread::spawn(move || {
            while let Ok(number) = asked.recv_blocking() {
                answer.send_blocking(number + 1).expect("it is read");
            }
        });
        let sum = block_on(async {
            let mut number = 0;
            for _ in 0..1000 {
                ask.send(number).await.expect("it is read");
                number = answered.recv().await.expect("an answer");
            }
            number
        });
        assert_eq!(sum.expect("a reactor"), 1000);
        drop(ask);
        other.join().expect("its end");
    }

    #[test]
    fn bells_end_the_wait() {
        let span = Duration::from_millis(20);
        let woken = block_on(async {
            let [far, near, gone] = [(); 3].map(|()| Bell::new().expect("a reactor"));
            let (mut start, mut polls) = (None, 0);
            poll_fn(|cx| {
                polls += 1;
                let start = *start.get_or_insert_with(Instant::now);
                if start.elapsed() >= span {
                    return Poll::Ready(polls);
                }
                far.set(Some(start + span * 100_000), cx.waker());
                near.set(Some(start + span), cx.waker());
                gone.set(None, cx.waker());
                Poll::Pending
            })
            .await
        });
        assert_eq!(woken.expect("a reactor"), 2, "once, when it was time");
    }

    #[test]
    fn timers_and_tasks_go_on() {
        let tasks = LocalExecutor::new();
        let outcome = block_on(tasks.run(async {
            let slow = tasks.spawn(async {
                Timer::after(Duration::from_millis(20)).await;
                7
            });
            let mut turns = 0;
            poll_fn(|cx| {
                turns += 1;
                cx.waker().wake_by_ref();
                if turns == 1000 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            slow.await
        }));
        assert_eq!(outcome.expect("a reactor"), 7);
        assert!(Reactor::current().is_err(), "it has ended");
    }
}
