use std::process::ExitCode;
use std::rc::Rc;

use async_signal::{Signal, Signals};
use smol::stream::StreamExt;
use smol::{LocalExecutor, future};

use crate::error::Error;
use crate::ndjson::Event;
use crate::node::{Node, Options};

/// Runs a node until `user` is done or a signal comes, and closes it in good order; or until it
/// fails. Its exit status is what `user` returns, 0 after a signal.
///
/// `on_event` sees every event, up to the last one that closing the node brings about.
pub(super) fn run<F>(
    options: Options,
    user: impl FnOnce(Rc<Node>) -> F,
    mut on_event: impl AsyncFnMut(Event<'static>) -> Result<(), Error>,
) -> Result<ExitCode, Error>
where
    F: Future<Output = Result<ExitCode, Error>> + 'static,
{
    let executor = Rc::new(LocalExecutor::new());
    let signals = Signals::new([Signal::Int, Signal::Term])?;
    let node = Rc::new(Node::start(&executor, options)?);
    let user = user(node.clone());
    let control = executor.spawn({
        let node = node.clone();
        async move {
            let outcome = future::or(user, wait_for(signals)).await;
            node.close().await;
            outcome
        }
    });
    future::block_on(executor.run(async {
        while let Some(event) = node.next_event().await {
            on_event(event).await?;
        }
        match node.take_failure() {
            Some(failure) => Err(Error::Node(failure)),
            None => control.await,
        }
    }))
}

async fn wait_for(mut signals: Signals) -> Result<ExitCode, Error> {
    match signals.next().await {
        Some(Err(error)) => Err(error.into()),
        Some(Ok(_)) | None => Ok(ExitCode::SUCCESS),
    }
}
