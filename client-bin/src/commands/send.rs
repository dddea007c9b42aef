use std::io::Read;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use async_io::Timer;
use breeze_core::id::UserId;
use breeze_core::limits::MAX_TEXT;
use smol::future;

use super::access::Access;
use super::role::Role;
use super::run::run as run_session;
use super::session::Session;
use crate::cli::Wait;
use crate::error::Error;
use crate::ndjson::{Command, Event, MessageState, Reference, ServerState};

/// How long to wait for the server's word on a recipient that is not online: is there such a user?
const ABSENCE: Duration = Duration::from_secs(1);

/// What the events about the message are marked with, in this session alone.
const REFERENCE: &str = "send";

/// Sends one message and waits until it has got as far as `wait` says, but no longer than `limit`.
pub(crate) fn run(
    access: Access,
    to: UserId,
    text: String,
    wait: Wait,
    limit: Duration,
) -> Result<ExitCode, Error> {
    let text = if text == "-" { read_text()? } else { text };
    let user = async |session: &Session| {
        let reference = Some(Reference::Text(REFERENCE.into()));
        session.command(Command::Send { to: to.clone(), text, reference }).await;
        let mut progress = Progress { to: &to, wait, queued: false, connected: false };
        let waiting = async { Some(progress.follow(session).await) };
        if let Some(outcome) = future::or(waiting, expire(limit)).await {
            return outcome;
        }
        let (seconds, server) = (limit.as_secs(), session.server());
        Err(Error::NotSent(match (progress.queued, progress.connected) {
            (true, true) => {
                format!("no answer from {to} within {seconds} s; the message is kept, and goes on")
            }
            (true, false) => format!(
                "server {server} cannot be reached; is it running, and is the address right? The \
                 message is kept, and goes out when a command reaches the server"
            ),
            (false, _) => format!("the message was not accepted within {seconds} s"),
        }))
    };
    run_session(access, Role::Visitor, user, async |_| Ok(()))
}

/// Follows the one message.
struct Progress<'m> {
    to: &'m UserId,
    wait: Wait,
    /// It is on disk.
    queued: bool,
    /// There is a session with the server.
    connected: bool,
}

/// What an event means for the one message.
enum Step {
    Done,
    Failed(String),
    /// The recipient is not there, as far as is known.
    Absent,
    /// The recipient is there.
    Present,
    None,
}

impl Progress<'_> {
    async fn follow(&mut self, session: &Session) -> Result<ExitCode, Error> {
        let mut absent = None;
        loop {
            let next = async { Some(session.next_event().await) };
            let until = async {
                match absent {
                    Some(at) => Timer::at(at).await,
                    None => future::pending().await,
                };
                None
            };
            let Some(event) = future::or(next, until).await else {
                return Err(Error::NotSent(format!(
                    "{} is not online; the message is kept, and goes out when both are online",
                    self.to
                )));
            };
            let Some(event) = event else { return Err(session.ended()) };
            let was_connected = self.connected;
            match self.step(&event) {
                Step::Done => return Ok(ExitCode::SUCCESS),
                Step::Failed(reason) => return Err(Error::NotSent(reason)),
                Step::Absent => absent = Some(Instant::now() + ABSENCE),
                Step::Present => absent = None,
                Step::None => {}
            }
            if self.connected && !was_connected {
                session.command(Command::Who).await;
            }
        }
    }

    fn step(&mut self, event: &Event<'_>) -> Step {
        match event {
            Event::Server { state, .. } => {
                self.connected = *state == ServerState::Connected;
                Step::None
            }
            Event::State { reference, state, reason, .. } if is_ours(reference.as_ref()) => {
                match state {
                    MessageState::Queued => {
                        self.queued = true;
                        if self.wait == Wait::Queued { Step::Done } else { Step::None }
                    }
                    MessageState::Delivered | MessageState::Read => Step::Done,
                    MessageState::Failed => {
                        let reason = reason.as_deref().unwrap_or("unknown");
                        Step::Failed(format!("the message to {} failed: {reason}", self.to))
                    }
                    MessageState::Stored => Step::None,
                }
            }
            Event::Error { message, reference, .. } if is_ours(reference.as_ref()) => {
                Step::Failed(message.to_string())
            }
            // The server lets nobody in for now.
            Event::Error { code, message, .. }
                if matches!(&**code, "server_full" | "unavailable") =>
            {
                Step::Failed(message.to_string())
            }
            Event::Presence { user, online: true, .. } if user == self.to => Step::Present,
            Event::Who { users } if self.connected => {
                let there = users.iter().any(|entry| entry.user == *self.to && entry.online);
                if there { Step::Present } else { Step::Absent }
            }
            _ => Step::None,
        }
    }
}

fn is_ours(reference: Option<&Reference>) -> bool {
    matches!(reference, Some(Reference::Text(text)) if text == REFERENCE)
}

async fn expire<T>(limit: Duration) -> Option<T> {
    Timer::after(limit).await;
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
