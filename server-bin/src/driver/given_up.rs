use std::future::poll_fn;
use std::io;
use std::task::Poll;

use breeze_core::id::LinkId;

use super::{Machine, SharedHub};

/// Waits until the state machine no longer wants a link whose pipe is yet to be opened: then this is
/// what its dial has come to.
pub async fn given_up<M: Machine, T>(hub: &SharedHub<M>, link: LinkId) -> io::Result<T> {
    poll_fn(|cx| {
        let mut hub = hub.borrow_mut();
        hub.slots.watch(link, cx.waker());
        if hub.slots.is_closed(link) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    Err(io::ErrorKind::TimedOut.into())
}
