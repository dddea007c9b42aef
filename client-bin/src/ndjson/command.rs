use breeze_core::id::UserId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Event, MAX_LINE, Reference};

/// Asks the node for something; one line of its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Sends a message.
    Send {
        /// Who gets it.
        to: UserId,
        /// What it says.
        text: String,
        /// What the events about it are marked with.
        reference: Option<Reference>,
    },
    /// Asks who is there.
    Who,
    /// Asks for messages that are kept.
    Ask(Question),
    /// Ends the node.
    Quit,
}

/// Says which of the kept messages are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A page of the conversation with somebody.
    History {
        /// With whom.
        with: UserId,
        /// How many messages, the latest ones.
        limit: usize,
        /// Only those before this one.
        before: Option<u64>,
    },
    /// Those of all conversations that contain a text.
    Search {
        /// The text, upper and lower case being the same.
        text: String,
        /// How many, the latest ones.
        limit: usize,
    },
    /// Those that are neither delivered nor failed.
    Outbox,
}

/// Messages on a page of the history, unless another number is asked for.
pub(crate) const PAGE: usize = 50;

/// Says why a line is no command; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadCommand {
    message: String,
    reference: Option<Reference>,
}

/// The fields as they come; the reference is taken out before, for errors to carry it.
#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
enum Fields {
    Send { to: String, text: String },
    Who,
    History { with: String, limit: Option<usize>, before: Option<u64> },
    Search { text: String, limit: Option<usize> },
    Outbox,
    Quit,
}

impl Command {
    /// Reads a command from one line, without its line end.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, BadCommand> {
        let fields = object(line).map_err(BadCommand::new)?;
        let reference = Reference::of(fields.get("ref")).map_err(BadCommand::new)?;
        match Self::from_fields(fields, reference.clone()) {
            Ok(command) => Ok(command),
            Err(message) => Err(BadCommand { message, reference }),
        }
    }

    fn from_fields(
        fields: Map<String, Value>,
        reference: Option<Reference>,
    ) -> Result<Self, String> {
        match Fields::deserialize(Value::Object(fields)).map_err(|error| error.to_string())? {
            Fields::Send { to, text } => {
                let to = UserId::new(&to).map_err(|error| format!("'to': {error}"))?;
                Ok(Self::Send { to, text, reference })
            }
            Fields::Who => Ok(Self::Who),
            Fields::History { with, limit, before } => {
                let with = UserId::new(&with).map_err(|error| format!("'with': {error}"))?;
                Ok(Self::Ask(Question::History { with, limit: limit.unwrap_or(PAGE), before }))
            }
            Fields::Search { text, limit } => {
                Ok(Self::Ask(Question::Search { text, limit: limit.unwrap_or(PAGE) }))
            }
            Fields::Outbox => Ok(Self::Ask(Question::Outbox)),
            Fields::Quit => Ok(Self::Quit),
        }
    }
}

fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    let text = str::from_utf8(line).map_err(|_| "the line is not valid UTF-8")?;
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("the line is no JSON object".into()),
        Err(_) if text.trim().is_empty() => Err("the line is empty".into()),
        Err(error) => Err(format!("the line is not JSON: {error}")),
    }
}

impl BadCommand {
    /// Makes the answer to a line longer than [`MAX_LINE`].
    pub(crate) fn too_long() -> Self {
        Self::new(format!("the line has more than {} KiB", MAX_LINE / 1024))
    }

    /// Makes the event that tells of it.
    pub(crate) fn into_event(self) -> Event<'static> {
        Event::Error {
            code: "bad_command".into(),
            message: self.message.into(),
            reference: self.reference,
        }
    }

    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), reference: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(reference: Option<Reference>) -> Command {
        let to = UserId::new("bob").expect("user");
        Command::Send { to, text: "hi".into(), reference }
    }

    fn text(reference: &str) -> Option<Reference> {
        Some(Reference::Text(reference.into()))
    }

    #[test]
    fn reads_each_command() {
        for (line, command) in [
            (r#"{"cmd":"send","to":"bob","text":"hi","ref":"1"}"#, send(text("1"))),
            (r#"{"cmd":"send","to":"bob","text":"hi"}"#, send(None)),
            (r#"{"cmd":"send","to":"bob","text":"hi","ref":null}"#, send(None)),
            (r#" {"ref":7,"text":"hi","to":"bob","cmd":"send"} "#, send(Some(7.into()))),
            (r#"{"cmd":"send","to":"\u0062ob","text":"\u0068i","x":[{}]}"#, send(None)),
            (r#"{"cmd":"who"}"#, Command::Who),
            (r#"{"cmd":"who","x":1,"ref":"1"}"#, Command::Who),
            ("{\"cmd\":\"quit\"}\r", Command::Quit),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_which_command_it_was() {
        let long = format!(r#"{{"cmd":"who","ref":"{}"}}"#, "x".repeat(129));
        let deep = "[".repeat(100_000);
        let cases: [(&[u8], &str, Option<Reference>); 16] = [
            (b"", "the line is empty", None),
            (b"hello", "the line is not JSON: expected value", None),
            (b"[1]", "no JSON object", None),
            (br#"{"cmd":"who""#, "not JSON: EOF", None),
            (br#"{"cmd":"who"} {}"#, "not JSON: trailing", None),
            (b"{\"cmd\":\"\xff\"}", "not valid UTF-8", None),
            (deep.as_bytes(), "not JSON: recursion", None),
            (br#"{"ref":"1"}"#, "missing field `cmd`", text("1")),
            (br#"{"cmd":"go","ref":"1"}"#, "unknown variant `go`, expected one of", text("1")),
            (br#"{"cmd":"send","to":"bob","ref":-1}"#, "missing field `text`", Some((-1).into())),
            (br#"{"cmd":"send","text":"hi"}"#, "missing field `to`", None),
            (br#"{"cmd":"send","to":"Bob","text":""}"#, "'to': a user name holds only", None),
            (br#"{"cmd":"send","to":1,"text":"hi","ref":"r"}"#, "expected a string", text("r")),
            (br#"{"cmd":"who","ref":1.5}"#, "'ref' must be", None),
            (br#"{"cmd":"who","ref":{}}"#, "'ref' must be", None),
            (long.as_bytes(), "'ref' has more than 128 bytes", None),
        ];
        for (line, words, reference) in cases {
            let line_shown = String::from_utf8_lossy(&line[..line.len().min(80)]);
            let error = Command::parse(line).expect_err(&line_shown);
            assert!(error.message.contains(words), "{line_shown}: {}", error.message);
            assert_eq!(error.reference, reference, "{line_shown}");
        }
    }

    #[test]
    fn a_bad_line_becomes_an_error_event() {
        let error = Command::parse(br#"{"cmd":"send","to":"","text":"","ref":12}"#);
        assert_eq!(
            error.expect_err("empty").into_event().to_line(),
            "{\"event\":\"error\",\"code\":\"bad_command\",\
             \"message\":\"'to': a user name cannot be empty\",\"ref\":12}\n"
        );
        assert_eq!(
            BadCommand::too_long().into_event().to_line(),
            "{\"event\":\"error\",\"code\":\"bad_command\",\
             \"message\":\"the line has more than 256 KiB\"}\n"
        );
    }

    impl From<i64> for Reference {
        fn from(number: i64) -> Self {
            Self::Number(number.into())
        }
    }
}
