use std::io;

use async_signal::{Signal, Signals};
use smol::stream::StreamExt;

/// Waits until the server is asked to stop, and says how.
pub(super) async fn wait() -> io::Result<&'static str> {
    let mut signals = Signals::new([Signal::Int, Signal::Term])?;
    match signals.next().await {
        Some(Ok(Signal::Int)) => Ok("SIGINT"),
        Some(Ok(_)) => Ok("SIGTERM"),
        Some(Err(error)) => Err(error),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
