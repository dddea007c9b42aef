use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use breeze_core::id::Ticket;
use breeze_core::limits::MAX_TICKET;
use breeze_server::driver::within;
use zeroize::Zeroizing;

use super::access::Access;
use super::put_off::is_put_off;
use super::role::Role;
use super::run::run as run_session;
use super::session::Session;
use crate::error::Error;
use crate::ndjson::Event;

/// How long the server may take to let this client in.
const LIMIT: Duration = Duration::from_secs(20);

/// Gets the code or the password that the command line asks for: from itself, from standard input,
/// or from whoever sits at the terminal.
pub(crate) fn ticket(code: Option<String>, password_stdin: bool) -> Result<Ticket, Error> {
    let code = code.map(Zeroizing::new);
    let line = match code {
        Some(code) if code.as_str() != "-" => code,
        Some(_) => read_line(io::stdin().lock())?,
        None if password_stdin => {
            let password = read_line(io::stdin().lock())?;
            // Blanks may be a part of a password.
            return make_ticket(&password);
        }
        None if io::stdin().is_terminal() => {
            eprint!("enrolment code: ");
            io::stderr().flush()?;
            read_line(io::stdin().lock())?
        }
        None => return Err(Error::NoCode),
    };
    make_ticket(line.trim())
}

/// Lets the server know this client's key: logs in once, with the ticket that `access` has.
pub(crate) fn run(access: Access) -> Result<ExitCode, Error> {
    let user = async |session: &Session| match within(LIMIT, follow(session)).await {
        Some(outcome) => outcome,
        None => Err(Error::NotLoggedIn(format!(
            "server {} cannot be reached; is it running, and is the address right?",
            session.server()
        ))),
    };
    match run_session(access, Role::Newcomer, user, async |_| Ok(())) {
        Err(Error::HomeTaken { process, home }) => Err(Error::NotLoggedIn(format!(
            "{process} runs a node with home directory {} already. If it is logged in, nothing is \
             left to be done; if not, end it and run 'breeze login' again",
            home.display()
        ))),
        outcome => outcome,
    }
}

/// Waits until the server has let this client in, or refused to.
async fn follow(session: &Session) -> Result<ExitCode, Error> {
    loop {
        let Some(event) = session.next_event().await else { return Err(session.ended()) };
        match outcome(&event) {
            Some(Ok(text)) => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()?;
                return Ok(ExitCode::SUCCESS);
            }
            Some(Err(reason)) => return Err(Error::NotLoggedIn(reason)),
            None => {}
        }
    }
}

/// Returns what an event says of the login: what to show, or why it did not go through. A refusal
/// for good ends the node, which says why.
fn outcome(event: &Event<'_>) -> Option<Result<String, String>> {
    match event {
        Event::Ready { user, server, fingerprint, server_fingerprint, .. } => Some(Ok(format!(
            "logged in as {user} at {server}\n\
             your key      {fingerprint}\n\
             server's key  {server_fingerprint}\n"
        ))),
        // The node would try again, and use the code up.
        Event::Error { code, message, .. } if is_put_off(code) => Some(Err(message.to_string())),
        Event::Error { .. }
        | Event::Presence { .. }
        | Event::Path { .. }
        | Event::Message { .. }
        | Event::State { .. }
        | Event::Server { .. }
        | Event::KeyChanged { .. }
        | Event::History { .. }
        | Event::Who { .. }
        | Event::Contact { .. }
        | Event::FileOffer { .. }
        | Event::FileProgress { .. }
        | Event::FileDone { .. }
        | Event::FileFailed { .. }
        | Event::Files { .. } => None,
    }
}

/// Reads one line: no more of it than shows that it is too long.
fn read_line(input: impl BufRead) -> Result<Zeroizing<String>, Error> {
    // Sized before reading: growth would leave copies behind.
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_TICKET + 3));
    input.take(MAX_TICKET as u64 + 3).read_until(b'\n', &mut line)?;
    let end = line.strip_suffix(b"\n").unwrap_or(&line);
    let text = str::from_utf8(end.strip_suffix(b"\r").unwrap_or(end))
        .map_err(|_| Error::BadTicket("it is not valid UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn make_ticket(text: &str) -> Result<Ticket, Error> {
    if text.is_empty() {
        return Err(Error::BadTicket("it is empty"));
    }
    Ticket::new(text.as_bytes()).ok_or(Error::BadTicket("it has more than 128 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_without_its_end_and_no_further() {
        for (input, line) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            ("abc\r\nnext\n", "abc"),
            (" a b \n", " a b "),
            ("\n", ""),
            ("", ""),
        ] {
            assert_eq!(read_line(input.as_bytes()).expect(input).as_str(), line, "{input:?}");
        }
        assert!(matches!(read_line(&b"\xff\n"[..]), Err(Error::BadTicket(_))));
    }

    #[test]
    fn a_ticket_has_1_to_128_bytes() {
        for (count, fits) in [(0, false), (1, true), (128, true), (129, false), (100_000, false)] {
            let text = format!("{}\r\n", "x".repeat(count));
            let line = read_line(text.as_bytes()).expect("read");
            assert_eq!(make_ticket(&line).is_ok(), fits, "{count}");
        }
    }

    #[test]
    fn a_code_on_the_command_line_is_taken_without_blanks() {
        let ticket = ticket(Some(" 1234-5678 ".into()), false).expect("ticket");
        assert_eq!(ticket.as_bytes(), b"1234-5678");
    }

    #[test]
    fn says_who_this_is_now_or_that_it_takes_patience() {
        let ready = Event::Ready {
            user: breeze_core::id::UserId::new("al").expect("user"),
            server: "h:1".into(),
            local: "127.0.0.1:2".parse().expect("address"),
            fingerprint: "00ff".into(),
            server_fingerprint: "ff00".into(),
        };
        let text = outcome(&ready).expect("an outcome").expect("logged in");
        assert_eq!(text, "logged in as al at h:1\nyour key      00ff\nserver's key  ff00\n");
        let error = |code: &'static str| Event::Error {
            code: code.into(),
            message: "wait".into(),
            reference: None,
        };
        assert_eq!(outcome(&error("too_many_tries")), Some(Err("wait".into())));
        // Of these the node ends, and says why itself.
        assert_eq!(outcome(&error("wrong_code")), None);
    }
}
