use std::future::poll_fn;
use std::task::{Context, Poll};

use async_io::Timer;
use breeze_core::time::Instant;
use smol::future::FutureExt;

use super::{Machine, SharedHub};

/// Drives a state machine: tells it of time, whenever it has asked to be told, and moves bytes for its
/// connections, each of which does a bounded amount of work before the next has its turn.
pub async fn drive<M: Machine>(hub: SharedHub<M>) {
    let mut alarm = Alarm { timer: Timer::never(), at: Instant::NEVER };
    poll_fn(|cx| poll(&hub, &mut alarm, cx)).await;
}

/// Is a timer, and the time for which it is set.
struct Alarm {
    timer: Timer,
    at: Instant,
}

fn poll<M: Machine>(hub: &SharedHub<M>, alarm: &mut Alarm, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        let mut hub = hub.borrow_mut();
        let deadline = hub.keep_time();
        let waits = hub.take_turns();
        hub.turns.watch(cx.waker());
        if !waits {
            cx.waker().wake_by_ref();
        }
        // One that is set for an earlier time rings for nothing, once.
        if deadline < alarm.at {
            alarm.at = deadline;
            match hub.clock.system(deadline) {
                Some(at) => alarm.timer.set_at(at),
                None => alarm.timer = Timer::never(),
            }
        }
        drop(hub);
        if alarm.timer.poll(cx).is_pending() {
            return Poll::Pending;
        }
        alarm.at = Instant::NEVER;
    }
}
