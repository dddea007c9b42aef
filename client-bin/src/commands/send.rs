use std::io::Read;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use async_io::Timer;
use breeze_core::id::UserId;
use breeze_core::limits::MAX_TEXT;
use smol::{channel, future};

use super::session;
use crate::error::Error;
use crate::ndjson::{Command, Event, MessageState, ServerState};
use crate::node::{Node, Options};

/// How long a message may take to be delivered, with the login before it.
const LIMIT: Duration = Duration::from_secs(20);

/// Sends one message and waits until it is delivered.
pub(crate) fn run(options: Options, to: UserId, text: String) -> Result<ExitCode, Error> {
    let text = if text == "-" { read_text()? } else { text };
    let server = options.profile.server.clone();
    let recipient = to.clone();
    let (report, outcome) = channel::bounded(8);
    let user = async move |node: Rc<Node>| {
        node.command(Command::Send { to: to.clone(), text, reference: None });
        let mut connected = false;
        let wait = async {
            loop {
                match outcome.recv().await {
                    Ok(Outcome::Connected) => connected = true,
                    Ok(Outcome::Delivered) => return Ok(ExitCode::SUCCESS),
                    Ok(Outcome::Failed(error)) => return Err(Error::NotSent(error)),
                    Err(_) => return Err(Error::NotSent("the node ended".into())),
                }
            }
        };
        match future::or(async { Some(wait.await) }, expire()).await {
            Some(outcome) => outcome,
            None if connected => Err(Error::NotSent(format!(
                "no answer from {to} within {} seconds; it may still arrive",
                LIMIT.as_secs()
            ))),
            None => Err(Error::NotSent(format!(
                "server {server} cannot be reached; is it running, and is the address right?"
            ))),
        }
    };
    let on_event = async |event: Event<'static>| {
        let outcome = match event {
            Event::Server { state: ServerState::Connected, .. } => Outcome::Connected,
            Event::State { state: MessageState::Delivered, .. } => Outcome::Delivered,
            Event::State { state: MessageState::Failed, reason, .. } => {
                Outcome::Failed(match reason.as_deref() {
                    Some("offline") => format!("{recipient} is not online; try again later"),
                    Some("unknown_user") => return Ok(()),
                    Some(reason) => format!("the message to {recipient} failed: {reason}"),
                    None => format!("the message to {recipient} failed"),
                })
            }
            Event::Error { message, .. } => Outcome::Failed(message.into_owned()),
            _ => return Ok(()),
        };
        // If it is over already, nobody is waiting any more.
        let _ = report.try_send(outcome);
        Ok(())
    };
    session::run(options, user, on_event)
}

/// What matters to the one message.
enum Outcome {
    Connected,
    Delivered,
    Failed(String),
}

async fn expire<T>() -> Option<T> {
    Timer::after(LIMIT).await;
    None
}

/// Reads the text from standard input: no more of it than shows that it is too long.
fn read_text() -> Result<String, Error> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_TEXT as u64 + 2).read_to_end(&mut bytes)?;
    // What other programs print ends with a line end that belongs to the terminal.
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| Error::NotSent("the input is not valid UTF-8".into()))
}
