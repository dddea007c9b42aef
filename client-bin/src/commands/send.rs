use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use breeze_core::id::UserId;
use breeze_core::limits::MAX_TEXT;
use breeze_server::driver::within;

use super::access::Access;
use super::put_off::is_put_off;
use super::role::Role;
use super::run::run as run_session;
use super::session::Session;
use super::show::failure_text;
use crate::cli::Wait;
use crate::error::Error;
use crate::ndjson::{Command, Event, MessageState, Reference, ServerState};

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
        let mut progress = Progress::new(&to, wait);
        let outcome = within(limit, progress.follow(session)).await;
        match outcome {
            Some(outcome) => outcome,
            None => Err(Error::NotSent(progress.late(limit, &session.server()))),
        }
    };
    run_session(access, Role::Visitor, user, async |_| Ok(()))
}

/// Follows the one message.
#[derive(Debug)]
struct Progress<'m> {
    to: &'m UserId,
    wait: Wait,
    /// It is on disk.
    queued: bool,
    /// The server keeps it.
    stored: bool,
    /// There is a session with the server.
    connected: bool,
}

/// What an event means for the one message.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Done,
    Failed(String),
    None,
}

impl<'m> Progress<'m> {
    fn new(to: &'m UserId, wait: Wait) -> Self {
        Self { to, wait, queued: false, stored: false, connected: false }
    }

    async fn follow(&mut self, session: &Session) -> Result<ExitCode, Error> {
        loop {
            let Some(event) = session.next_event().await else { return Err(session.ended()) };
            match self.step(&event) {
                Step::Done => return Ok(ExitCode::SUCCESS),
                Step::Failed(reason) => return Err(Error::NotSent(reason)),
                Step::None => {}
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
                    MessageState::Stored => {
                        self.stored = true;
                        match self.wait {
                            Wait::Queued | Wait::Stored => Step::Done,
                            Wait::Delivered => Step::None,
                        }
                    }
                    MessageState::Delivered | MessageState::Read => Step::Done,
                    MessageState::Failed => {
                        let reason = reason.as_deref().unwrap_or("unknown");
                        Step::Failed(failure_text(self.to.as_str(), reason))
                    }
                }
            }
            Event::Error { message, reference, .. } if is_ours(reference.as_ref()) => {
                Step::Failed(message.to_string())
            }
            // The server lets nobody in for now.
            Event::Error { code, message, .. } if is_put_off(code) => {
                Step::Failed(format!("{message}; the message is kept, and goes out later"))
            }
            Event::Ready { .. }
            | Event::Presence { .. }
            | Event::Path { .. }
            | Event::Message { .. }
            | Event::State { .. }
            | Event::KeyChanged { .. }
            | Event::Error { .. }
            | Event::History { .. }
            | Event::Who { .. }
            | Event::Contact { .. }
            | Event::FileOffer { .. }
            | Event::FileProgress { .. }
            | Event::FileDone { .. }
            | Event::FileFailed { .. }
            | Event::Files { .. } => Step::None,
        }
    }

    /// Says what has become of the message when the time is over.
    fn late(&self, limit: Duration, server: &str) -> String {
        let (to, seconds) = (self.to, limit.as_secs());
        if self.stored {
            format!(
                "{to} has not come within {seconds} s; the server keeps the message, and delivers \
                 it when {to} is online"
            )
        } else if !self.queued {
            format!("the message was not accepted within {seconds} s")
        } else if self.connected {
            format!("no answer within {seconds} s; the message to {to} is kept, and goes on")
        } else {
            format!(
                "server {server} cannot be reached; is it running, and is the address right? The \
                 message is kept, and goes out when a command reaches the server"
            )
        }
    }
}

fn is_ours(reference: Option<&Reference>) -> bool {
    matches!(reference, Some(Reference::Text(text)) if text == REFERENCE)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bob() -> UserId {
        UserId::new("bob").expect("user")
    }

    fn state(state: MessageState, reference: &str, reason: Option<&'static str>) -> Event<'static> {
        Event::State {
            id: "a-1".into(),
            reference: Some(Reference::Text(reference.into())),
            to: bob(),
            state,
            path: None,
            reason: reason.map(Into::into),
        }
    }

    #[test]
    fn succeeds_once_the_message_has_got_far_enough() {
        use MessageState::{Delivered, Queued, Read, Stored};

        let bob = bob();
        for (wait, enough) in [
            (Wait::Queued, &[Queued, Stored, Delivered, Read][..]),
            (Wait::Stored, &[Stored, Delivered, Read]),
            (Wait::Delivered, &[Delivered, Read]),
        ] {
            for reached in [Queued, Stored, Delivered, Read] {
                let mut progress = Progress::new(&bob, wait);
                let expected = if enough.contains(&reached) { Step::Done } else { Step::None };
                assert_eq!(
                    progress.step(&state(reached, REFERENCE, None)),
                    expected,
                    "{reached:?}"
                );
                assert_eq!(progress.step(&state(reached, "other", None)), Step::None);
            }
        }
    }

    #[test]
    fn says_why_the_message_failed() {
        let bob = bob();
        for (reason, words) in [
            ("quota", "keeps as much for bob as it may"),
            ("key_changed", "bob has a new key"),
            ("expired", "bob did not come"),
        ] {
            let mut progress = Progress::new(&bob, Wait::Stored);
            let step = progress.step(&state(MessageState::Failed, REFERENCE, Some(reason)));
            let Step::Failed(text) = step else { panic!("{step:?}") };
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn says_where_the_message_is_when_time_is_over() {
        let (bob, limit) = (bob(), Duration::from_secs(7));
        let mut progress = Progress::new(&bob, Wait::Delivered);
        assert!(progress.late(limit, "h:1").contains("not accepted within 7 s"));
        progress.step(&state(MessageState::Queued, REFERENCE, None));
        assert!(progress.late(limit, "h:1").contains("server h:1 cannot be reached"));
        progress.step(&Event::Server { state: ServerState::Connected, reason: None });
        assert!(progress.late(limit, "h:1").contains("no answer within 7 s"));
        progress.step(&state(MessageState::Stored, REFERENCE, None));
        assert!(progress.late(limit, "h:1").contains("the server keeps the message"));
    }
}
