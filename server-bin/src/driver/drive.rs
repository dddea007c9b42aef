use std::future::poll_fn;
use std::task::{Context, Poll};

use super::reactor::Bell;
use super::{Machine, SharedHub};

/// Drives a state machine: tells it of time, whenever it has asked to be told, and moves bytes for its
/// connections, each of which does a bounded amount of work before the next has its turn. Runs inside of
/// [`block_on`](super::block_on).
pub async fn drive<M: Machine>(hub: SharedHub<M>) {
    match Bell::new() {
        Ok(bell) => poll_fn(|cx| poll(&hub, &bell, cx)).await,
        Err(error) => log::error!("nobody drives the connections: {error}"),
    }
}

fn poll<M: Machine>(hub: &SharedHub<M>, bell: &Bell, cx: &mut Context<'_>) -> Poll<()> {
    let mut hub = hub.borrow_mut();
    hub.keep_time();
    let waits = hub.take_turns();
    hub.turns.watch(cx.waker());
    if !waits {
        cx.waker().wake_by_ref();
    }
    // What was done meanwhile may have brought it forward.
    bell.set(hub.clock.system(hub.next_time()), cx.waker());
    Poll::Pending
}
