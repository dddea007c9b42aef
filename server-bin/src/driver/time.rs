use std::future::poll_fn;
use std::task::{Context, Poll};

use super::reactor::Bell;
use super::{Machine, SharedHub};

/// Tells the state machine of time, whenever it has asked to be told. Runs inside of
/// [`block_on`](super::block_on), as connections do.
pub async fn keep_time<M: Machine>(hub: SharedHub<M>) {
    match Bell::new() {
        Ok(bell) => poll_fn(|cx| poll(&hub, &bell, cx)).await,
        Err(error) => log::error!("nobody keeps time: {error}"),
    }
}

fn poll<M: Machine>(hub: &SharedHub<M>, bell: &Bell, cx: &mut Context<'_>) -> Poll<()> {
    let mut hub = hub.borrow_mut();
    let now = hub.clock.now();
    if hub.deadline <= now {
        hub.machine.timeout(now);
        hub.pump();
    }
    bell.set(hub.clock.system(hub.deadline), cx.waker());
    hub.timekeeper = Some(cx.waker().clone());
    Poll::Pending
}
