use std::process::ExitCode;
use std::rc::Rc;

use async_signal::{Signal, Signals};
use breeze_server::driver::block_on;
use smol::stream::StreamExt;
use smol::{LocalExecutor, channel, future};

use super::access::Access;
use super::role::Role;
use super::session::Session;
use crate::error::Error;
use crate::ndjson::Event;

/// Opens a session and runs `user` in it until that is done or a signal comes, then closes it in
/// good order. The exit status is what `user` returns, 0 after a signal.
///
/// `rest` sees the events that closing brings about, up to the last one.
pub(super) fn run(
    access: Access,
    role: Role,
    user: impl AsyncFnOnce(&Session) -> Result<ExitCode, Error>,
    mut rest: impl AsyncFnMut(&Event<'static>) -> Result<(), Error>,
) -> Result<ExitCode, Error> {
    let executor = Rc::new(LocalExecutor::new());
    let signals = Signals::new([Signal::Int, Signal::Term])?;
    let (tell, interrupted) = channel::bounded(1);
    // It has a task of its own, which nothing but a signal wakes.
    executor.spawn(async move { tell.send(wait_for(signals).await).await }).detach();
    let interruption = async || interrupted.recv().await.unwrap_or(Ok(ExitCode::SUCCESS));
    block_on(executor.run(async {
        let opening = async { access.open(&executor, role).await.map(Ok) };
        let interrupted = async { interruption().await.map(Err) };
        let session = match future::or(opening, interrupted).await? {
            Ok(session) => session,
            Err(code) => return Ok(code),
        };
        let outcome = future::or(user(&session), interruption()).await;
        let reading = async {
            while let Some(event) = session.next_event().await {
                rest(&event).await?;
            }
            Ok(())
        };
        let ((), read) = future::zip(session.close(), reading).await;
        outcome.and_then(|code| read.map(|()| code))
    }))?
}

async fn wait_for(mut signals: Signals) -> Result<ExitCode, Error> {
    match signals.next().await {
        Some(Err(error)) => Err(error.into()),
        Some(Ok(_)) | None => Ok(ExitCode::SUCCESS),
    }
}
