use std::future::poll_fn;
use std::task::{Context, Poll};

use async_io::Timer;
use smol::future::FutureExt;

use super::{Machine, SharedHub};

/// Tells the state machine of time, whenever it has asked to be told.
pub async fn keep_time<M: Machine>(hub: SharedHub<M>) {
    let mut timer = Timer::never();
    poll_fn(|cx| poll(&hub, &mut timer, cx)).await;
}

fn poll<M: Machine>(hub: &SharedHub<M>, timer: &mut Timer, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        let mut hub = hub.borrow_mut();
        let now = hub.clock.now();
        if hub.deadline <= now {
            hub.machine.timeout(now);
            hub.pump();
        }
        match hub.clock.system(hub.deadline) {
            Some(at) => timer.set_at(at),
            None => *timer = Timer::never(),
        }
        hub.timekeeper = Some(cx.waker().clone());
        drop(hub);
        if timer.poll(cx).is_pending() {
            return Poll::Pending;
        }
    }
}
