use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use breeze_core::id::UserId;

use super::input::{self, Output};
use super::{session, show};
use crate::error::Error;
use crate::ndjson::{Command, Event, Line};
use crate::node::{Node, Options};

const HELP: &str = "\
Write a line and press return to send it. Lines that begin with a slash:
  /to USER   talk with USER from now on      /who    show who is online
  /quit      end (so does the end of input)  /help   show this
  //text     send a line that begins with a slash
";

/// Converses line by line, with one user or with whoever writes.
pub(crate) fn run(options: Options, with: Option<UserId>) -> Result<ExitCode, Error> {
    let partner = Rc::new(RefCell::new(with));
    let mut output = Output::open();
    let user = {
        let partner = partner.clone();
        async move |node: Rc<Node>| {
            let mut input = input::open();
            while let Some(line) = input.next().await? {
                let Line::Whole(line) = line else {
                    node.tell(notice("the line is too long and was not sent"));
                    continue;
                };
                let Ok(line) = str::from_utf8(line) else {
                    node.tell(notice("the line is not valid UTF-8 and was not sent"));
                    continue;
                };
                match Entry::parse(line.trim_end()) {
                    Entry::Nothing => {}
                    Entry::Text(text) => match partner.borrow().clone() {
                        Some(to) => {
                            let text = text.to_owned();
                            node.command(Command::Send { to, text, reference: None });
                        }
                        None => node.tell(notice("nobody to talk with yet: /to USER names one")),
                    },
                    Entry::To(name) => match UserId::new(name) {
                        Ok(user) => *partner.borrow_mut() = Some(user),
                        Err(error) => node.tell(notice(&format!("'{name}': {error}"))),
                    },
                    Entry::Who => node.command(Command::Who),
                    Entry::Help => node.tell(notice(HELP)),
                    Entry::Quit => break,
                    Entry::Unknown(word) => {
                        node.tell(notice(&format!("no command '{word}'; /help lists them")));
                    }
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    };
    let on_event = async move |event: Event<'static>| {
        if let Event::Message { from, .. } = &event {
            // An answer goes to whoever wrote first.
            partner.borrow_mut().get_or_insert_with(|| from.clone());
        }
        match show::line(&event) {
            Some(line) => output.write(&line).await,
            None => Ok(()),
        }
    };
    session::run(options, user, on_event)
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
