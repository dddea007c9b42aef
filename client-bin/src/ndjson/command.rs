use std::num::NonZeroU64;
use std::path::PathBuf;

use breeze_core::id::{MessageId, UserId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BadCommand, PAGE, Question, Reference, message_id, transfer_id};

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
    /// Says that a person has seen a message, and all before it.
    Read {
        /// Who wrote it.
        from: UserId,
        /// The last message that was seen.
        id: MessageId,
        /// What an error about it is marked with.
        reference: Option<Reference>,
    },
    /// Asks who is there.
    Who,
    /// Asks what is known of a user.
    Contact {
        /// The user.
        user: UserId,
        /// What the answer is marked with.
        reference: Option<Reference>,
    },
    /// Says that people have compared the fingerprint of a user's key.
    Verify {
        /// The user.
        user: UserId,
        /// The fingerprint that they compared.
        fingerprint: String,
        /// What the answer is marked with.
        reference: Option<Reference>,
    },
    /// Offers a file or a folder to somebody.
    File {
        /// To whom.
        to: UserId,
        /// Where it is; never relative.
        path: PathBuf,
        /// Bytes a second that it may take at most.
        limit: Option<NonZeroU64>,
        /// What the events about it are marked with.
        reference: Option<Reference>,
    },
    /// Takes what somebody offers.
    Accept {
        /// The transfer, or the first digits of it.
        transfer: String,
        /// Into which folder; into the node's own for that, if none.
        dir: Option<PathBuf>,
        /// What has its name there already is replaced.
        replace: bool,
        /// What the events about it are marked with.
        reference: Option<Reference>,
    },
    /// Refuses what somebody offers.
    Reject {
        /// The transfer, or the first digits of it.
        transfer: String,
        /// What the events about it are marked with.
        reference: Option<Reference>,
    },
    /// Gives a transfer up, one's own or another's.
    Cancel {
        /// The transfer, or the first digits of it.
        transfer: String,
        /// What the events about it are marked with.
        reference: Option<Reference>,
    },
    /// Asks for all transfers.
    Files {
        /// What the answer is marked with.
        reference: Option<Reference>,
    },
    /// Asks for messages that are kept.
    Ask(Question),
    /// Ends the node.
    Quit,
}

/// The fields as they come; the reference is taken out before, for errors to carry it.
#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
enum Fields {
    Send { to: String, text: String },
    Read { from: String, id: String },
    Who,
    Contact { user: String },
    Verify { user: String, fingerprint: String },
    History { with: String, limit: Option<usize>, before: Option<u64> },
    Search { text: String, limit: Option<usize> },
    Outbox { before: Option<u64> },
    File { to: String, path: PathBuf, limit: Option<NonZeroU64> },
    Accept { transfer: String, dir: Option<PathBuf>, replace: Option<bool> },
    Reject { transfer: String },
    Cancel { transfer: String },
    Files,
    Quit,
}

impl Command {
    /// Reads a command from one line, without its line end.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, BadCommand> {
        let fields = object(line).map_err(BadCommand::new)?;
        let reference = Reference::of(fields.get("ref")).map_err(BadCommand::new)?;
        match Self::from_fields(fields, reference.clone()) {
            Ok(command) => Ok(command),
            Err(message) => Err(BadCommand { reference, ..BadCommand::new(message) }),
        }
    }

    /// Says that a person has seen a message that an event told of, and all before it; none if the
    /// event's `id` is none.
    pub(crate) fn read(from: &UserId, id: &str) -> Option<Self> {
        let id = message_id::parse(id)?;
        Some(Self::Read { from: from.clone(), id, reference: None })
    }

    /// Tells whether what comes of it is told to all who are attached to the node, and not to the
    /// asker alone.
    pub(crate) fn tells_everybody(&self) -> bool {
        match self {
            Self::Send { .. }
            | Self::File { .. }
            | Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Cancel { .. } => true,
            Self::Read { .. }
            | Self::Who
            | Self::Contact { .. }
            | Self::Verify { .. }
            | Self::Files { .. }
            | Self::Ask(_)
            | Self::Quit => false,
        }
    }

    fn from_fields(
        fields: Map<String, Value>,
        reference: Option<Reference>,
    ) -> Result<Self, String> {
        match Fields::deserialize(Value::Object(fields)).map_err(|error| error.to_string())? {
            Fields::Send { to, text } => Ok(Self::Send { to: user("to", &to)?, text, reference }),
            Fields::Read { from, id } => {
                let from = user("from", &from)?;
                let id = message_id::parse(&id).ok_or("'id' is no id of a message")?;
                Ok(Self::Read { from, id, reference })
            }
            Fields::Who => Ok(Self::Who),
            Fields::Contact { user: name } => {
                Ok(Self::Contact { user: user("user", &name)?, reference })
            }
            Fields::Verify { user: name, fingerprint } => {
                Ok(Self::Verify { user: user("user", &name)?, fingerprint, reference })
            }
            Fields::History { with, limit, before } => {
                let with = user("with", &with)?;
                Ok(Self::Ask(Question::History { with, limit: limit.unwrap_or(PAGE), before }))
            }
            Fields::Search { text, limit } => {
                Ok(Self::Ask(Question::Search { text, limit: limit.unwrap_or(PAGE) }))
            }
            Fields::Outbox { before } => Ok(Self::Ask(Question::Outbox { before })),
            Fields::File { to, path, limit } => {
                Ok(Self::File { to: user("to", &to)?, path, limit, reference })
            }
            Fields::Accept { transfer, dir, replace } => {
                let replace = replace.unwrap_or(false);
                Ok(Self::Accept { transfer: prefix(transfer)?, dir, replace, reference })
            }
            Fields::Reject { transfer } => {
                Ok(Self::Reject { transfer: prefix(transfer)?, reference })
            }
            Fields::Cancel { transfer } => {
                Ok(Self::Cancel { transfer: prefix(transfer)?, reference })
            }
            Fields::Files => Ok(Self::Files { reference }),
            Fields::Quit => Ok(Self::Quit),
        }
    }

    /// Returns the command as one line of JSON with its line end, as scripts write it.
    pub(crate) fn to_line(&self) -> String {
        let object = match self {
            Self::Send { to, text, reference } => {
                json!({"cmd": "send", "to": to, "text": text, "ref": reference})
            }
            Self::Read { from, id, reference } => {
                json!({"cmd": "read", "from": from, "id": id.to_string(), "ref": reference})
            }
            Self::Who => json!({"cmd": "who"}),
            Self::Contact { user, reference } => {
                json!({"cmd": "contact", "user": user, "ref": reference})
            }
            Self::Verify { user, fingerprint, reference } => {
                json!({"cmd": "verify", "user": user, "fingerprint": fingerprint, "ref": reference})
            }
            Self::Ask(Question::History { with, limit, before }) => {
                json!({"cmd": "history", "with": with, "limit": limit, "before": before})
            }
            Self::Ask(Question::Search { text, limit }) => {
                json!({"cmd": "search", "text": text, "limit": limit})
            }
            Self::Ask(Question::Outbox { before }) => json!({"cmd": "outbox", "before": before}),
            // A path that is no text becomes another one, so none is to be given.
            Self::File { to, path, limit, reference } => {
                let path = path.to_string_lossy();
                json!({"cmd": "file", "to": to, "path": path, "limit": limit, "ref": reference})
            }
            Self::Accept { transfer, dir, replace, reference } => {
                let dir = dir.as_ref().map(|dir| dir.to_string_lossy());
                json!({"cmd": "accept", "transfer": transfer, "dir": dir, "replace": replace,
                       "ref": reference})
            }
            Self::Reject { transfer, reference } => {
                json!({"cmd": "reject", "transfer": transfer, "ref": reference})
            }
            Self::Cancel { transfer, reference } => {
                json!({"cmd": "cancel", "transfer": transfer, "ref": reference})
            }
            Self::Files { reference } => json!({"cmd": "files", "ref": reference}),
            Self::Quit => json!({"cmd": "quit"}),
        };
        format!("{object}\n")
    }
}

/// Reads a field that names a user.
fn user(field: &str, name: &str) -> Result<UserId, String> {
    UserId::new(name).map_err(|error| format!("'{field}': {error}"))
}

/// Reads a field that names a transfer.
fn prefix(transfer: String) -> Result<String, String> {
    match transfer_id::is_prefix(&transfer) {
        true => Ok(transfer),
        false => Err("'transfer' is no id of a transfer".into()),
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

#[cfg(test)]
mod tests {
    use breeze_core::id::Epoch;

    use super::*;

    fn bob() -> UserId {
        UserId::new("bob").expect("user")
    }

    fn send(reference: Option<Reference>) -> Command {
        Command::Send { to: bob(), text: "hi".into(), reference }
    }

    fn read(reference: Option<Reference>) -> Command {
        let id = MessageId { epoch: Epoch::from_bits(0xab), seq: 7 };
        Command::Read { from: bob(), id, reference }
    }

    fn file(limit: Option<NonZeroU64>, reference: Option<Reference>) -> Command {
        Command::File { to: bob(), path: "/a b/é".into(), limit, reference }
    }

    fn accept(dir: Option<&str>, replace: bool, reference: Option<Reference>) -> Command {
        Command::Accept { transfer: "3f9a".into(), dir: dir.map(Into::into), replace, reference }
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
            (r#"{"cmd":"read","from":"bob","id":"00000000000000ab-7"}"#, read(None)),
            (
                r#"{"cmd":"read","from":"bob","id":"00000000000000ab-7","ref":3}"#,
                read(Some(3.into())),
            ),
            (
                r#"{"cmd":"contact","user":"bob","ref":"1"}"#,
                Command::Contact { user: bob(), reference: text("1") },
            ),
            (
                r#"{"cmd":"verify","user":"bob","fingerprint":"00ff-1234"}"#,
                Command::Verify { user: bob(), fingerprint: "00ff-1234".into(), reference: None },
            ),
            (r#"{"cmd":"outbox"}"#, Command::Ask(Question::Outbox { before: None })),
            (
                r#"{"cmd":"file","to":"bob","path":"/a b/é","limit":1000000,"ref":1}"#,
                file(NonZeroU64::new(1_000_000), Some(1.into())),
            ),
            (r#"{"cmd":"file","to":"bob","path":"/a b/é","limit":null}"#, file(None, None)),
            (
                r#"{"cmd":"accept","transfer":"3f9a","dir":"/x","replace":true,"ref":"1"}"#,
                accept(Some("/x"), true, text("1")),
            ),
            (r#"{"cmd":"accept","transfer":"3f9a"}"#, accept(None, false, None)),
            (
                r#"{"cmd":"reject","transfer":"3f9a","ref":"1"}"#,
                Command::Reject { transfer: "3f9a".into(), reference: text("1") },
            ),
            (
                r#"{"cmd":"cancel","transfer":"00112233445566ff"}"#,
                Command::Cancel { transfer: "00112233445566ff".into(), reference: None },
            ),
            (r#"{"cmd":"files"}"#, Command::Files { reference: None }),
            ("{\"cmd\":\"quit\"}\r", Command::Quit),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_which_command_it_was() {
        let long = format!(r#"{{"cmd":"who","ref":"{}"}}"#, "x".repeat(129));
        let deep = "[".repeat(100_000);
        let cases: [(&[u8], &str, Option<Reference>); 26] = [
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
            (br#"{"cmd":"read","from":"bob","ref":"r"}"#, "missing field `id`", text("r")),
            (br#"{"cmd":"read","from":"bob","id":"7"}"#, "'id' is no id of a message", None),
            (br#"{"cmd":"read","from":"","id":"7"}"#, "'from': a user name cannot", None),
            (br#"{"cmd":"contact","user":"Bob"}"#, "'user': a user name holds only", None),
            (br#"{"cmd":"verify","user":"bob"}"#, "missing field `fingerprint`", None),
            (br#"{"cmd":"file","to":"bob","ref":"r"}"#, "missing field `path`", text("r")),
            (br#"{"cmd":"file","to":"Bob","path":"/"}"#, "'to': a user name holds only", None),
            (br#"{"cmd":"file","to":"bob","path":"/","limit":0}"#, "nonzero", None),
            (br#"{"cmd":"accept","transfer":"../x"}"#, "'transfer' is no id of a", None),
            (br#"{"cmd":"cancel","transfer":"","ref":1}"#, "'transfer' is no", Some(1.into())),
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

    /// The parser quotes what it does not know, so that a line of 256 KiB was answered with an error
    /// of as much, or six times that once its control characters were escaped.
    #[test]
    fn an_error_quotes_no_more_than_people_read() {
        let name = "\u{7f}é".repeat(50_000);
        let line = format!(r#"{{"cmd":"{name}","ref":1}}"#);
        let error = Command::parse(line.as_bytes()).expect_err("unknown");
        assert!(
            error.message.starts_with("unknown variant `\u{7f}é") && error.message.ends_with('…')
        );
        assert!(error.message.len() < 300 && error.reference == Some(1.into()));
    }

    #[test]
    fn a_command_is_read_as_it_was_written() {
        for command in [
            Command::Send { to: bob(), text: "你好\n\u{1}".into(), reference: None },
            Command::Send { to: bob(), text: String::new(), reference: text("1") },
            read(None),
            read(text("1")),
            Command::Who,
            Command::Contact { user: bob(), reference: Some(7.into()) },
            Command::Verify { user: bob(), fingerprint: "00ff".into(), reference: text("1") },
            Command::Ask(Question::History { with: bob(), limit: 7, before: Some(9) }),
            Command::Ask(Question::Search { text: "\"x".into(), limit: 3 }),
            Command::Ask(Question::Outbox { before: None }),
            Command::Ask(Question::Outbox { before: Some(9) }),
            file(NonZeroU64::new(u64::MAX), text("1")),
            file(None, None),
            accept(Some("/a\n\"é"), true, Some(7.into())),
            accept(None, false, None),
            Command::Reject { transfer: "0".into(), reference: text("1") },
            Command::Cancel { transfer: "f".into(), reference: None },
            Command::Files { reference: text("1") },
            Command::Quit,
        ] {
            let line = command.to_line();
            let content = line.strip_suffix('\n').expect("a line end");
            assert!(!content.contains('\n'), "{line}");
            assert_eq!(Command::parse(content.as_bytes()), Ok(command), "{line}");
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
