use std::process::ExitCode;

use breeze_core::id::UserId;
use smol::future;

use super::access::Access;
use super::input::{self, Input};
use super::role::Role;
use super::run::run as run_session;
use super::screen::Screen;
use super::session::Session;
use crate::error::Error;
use crate::ndjson::{Command, Event, Line, LineReader};

const HELP: &str = "\
Write a line and press return to send it. Lines that begin with a slash:
  /to USER   talk with USER from now on      /who    show who is online
  /quit      end (so does the end of input)  /help   show this
  //text     send a line that begins with a slash
";

/// Converses line by line, with one user or with whoever writes.
pub(crate) fn run(access: Access, with: Option<UserId>) -> Result<ExitCode, Error> {
    let screen = Screen::new(with);
    let user = async |session: &Session| {
        let showing = async {
            while let Some(event) = session.next_event().await {
                screen.show(&event).await?;
                if let Some(read) = screen.receipt(&event) {
                    session.command(read).await;
                }
            }
            Err(session.ended())
        };
        future::or(converse(session, &screen, LineReader::new(input::open())), showing).await
    };
    run_session(access, Role::Resident, user, async |event| screen.show(event).await)
}

/// Carries out what is entered, to the end of the input or to the line that ends it.
async fn converse(
    session: &Session,
    screen: &Screen,
    mut input: LineReader<Input>,
) -> Result<ExitCode, Error> {
    while let Some(line) = input.next().await? {
        let Line::Whole(line) = line else {
            screen.show(&notice("the line is too long and was not sent")).await?;
            continue;
        };
        let Ok(line) = str::from_utf8(line) else {
            screen.show(&notice("the line is not valid UTF-8 and was not sent")).await?;
            continue;
        };
        match Entry::parse(line.trim_end()) {
            Entry::Nothing => {}
            Entry::Text(text) => match screen.partner() {
                Some(to) => {
                    let text = text.to_owned();
                    session.command_in_turn(Command::Send { to, text, reference: None }).await;
                }
                None => {
                    screen.show(&notice("nobody to talk with yet: /to USER names one")).await?;
                }
            },
            Entry::To(name) => match UserId::new(name) {
                Ok(user) => screen.talk_with(user),
                Err(error) => screen.show(&notice(&format!("'{name}': {error}"))).await?,
            },
            Entry::Who => session.command(Command::Who).await,
            Entry::Help => screen.show(&notice(HELP)).await?,
            Entry::Quit => break,
            Entry::Unknown(word) => {
                let text = format!("no command '{word}'; /help lists them");
                screen.show(&notice(&text)).await?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a line of input asks for.
#[derive(Debug, PartialEq, Eq)]
enum Entry<'l> {
    Nothing,
    Text(&'l str),
    To(&'l str),
    Who,
    Help,
    Quit,
    Unknown(&'l str),
}

impl<'l> Entry<'l> {
    fn parse(line: &'l str) -> Self {
        let Some(command) = line.strip_prefix('/') else {
            return if line.is_empty() { Self::Nothing } else { Self::Text(line) };
        };
        if command.starts_with('/') {
            return Self::Text(command);
        }
        let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
        match (word, argument.trim()) {
            ("to", name) => Self::To(name),
            ("who", "") => Self::Who,
            ("help", "") => Self::Help,
            ("quit", "") => Self::Quit,
            _ => Self::Unknown(line),
        }
    }
}

/// Says something that is no event of the node.
fn notice(text: &str) -> Event<'static> {
    Event::Error {
        code: "notice".into(),
        message: text.trim_end().to_owned().into(),
        reference: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_texts_or_commands() {
        for (line, entry) in [
            ("", Entry::Nothing),
            ("hi", Entry::Text("hi")),
            ("你好 /who", Entry::Text("你好 /who")),
            ("//who", Entry::Text("/who")),
            ("/to bob", Entry::To("bob")),
            ("/to", Entry::To("")),
            ("/who", Entry::Who),
            ("/help", Entry::Help),
            ("/quit", Entry::Quit),
            ("/who all", Entry::Unknown("/who all")),
            ("/x", Entry::Unknown("/x")),
        ] {
            assert_eq!(Entry::parse(line), entry, "{line}");
        }
    }
}
