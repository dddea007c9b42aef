use std::borrow::Cow;
use std::net::SocketAddr;

use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use super::{
    FileEntry, FileKind, FileState, HistoryEntry, MessageState, PathKind, Reference, Seconds,
    ServerState, Via, WhoEntry,
};

/// Tells a script what happened; one line of standard output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event<'a> {
    /// Logged in for the first time; everything works from here on.
    Ready {
        user: UserId,
        server: Cow<'a, str>,
        local: SocketAddr,
        /// That of this client's key: what others compare.
        fingerprint: Cow<'a, str>,
        /// That of the server's key: what the server printed when it started.
        server_fingerprint: Cow<'a, str>,
    },
    /// A user came, went, or has a new name.
    Presence { user: UserId, name: Cow<'a, str>, online: bool },
    /// Messages to a user take this path from now on.
    Path {
        user: UserId,
        path: PathKind,
        #[serde(skip_serializing_if = "Option::is_none")]
        addr: Option<SocketAddr>,
    },
    /// A message came in.
    Message {
        id: Cow<'a, str>,
        from: UserId,
        name: Cow<'a, str>,
        text: Cow<'a, str>,
        sent_ms: u64,
        path: PathKind,
    },
    /// A message of one's own got further, or failed.
    State {
        id: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        to: UserId,
        state: MessageState,
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<PathKind>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Cow<'a, str>>,
    },
    /// The server was reached or lost.
    Server {
        state: ServerState,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Cow<'a, str>>,
    },
    /// A user has another key than the one it was known by.
    #[serde(rename = "key_changed")]
    KeyChanged {
        user: UserId,
        /// The fingerprint of the key it was known by.
        old: Cow<'a, str>,
        /// The fingerprint of the key it has now.
        new: Cow<'a, str>,
        /// Nothing is sent to the user until the new key is verified, since the old one was.
        blocked: bool,
    },
    /// A command was refused, or something else a person should know of.
    Error {
        code: Cow<'a, str>,
        message: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
    },
    /// The answer to `history`, `search` and `outbox`: oldest first.
    History { messages: Vec<HistoryEntry<'a>> },
    /// The answer to the command of the same name.
    Who { users: Vec<WhoEntry<'a>> },
    /// The answer to `contact` and `verify`: what is known of a user.
    Contact {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        user: UserId,
        name: Cow<'a, str>,
        /// That of the key that messages to the user are meant for.
        fingerprint: Cow<'a, str>,
        /// That of the key that the user showed since, if nobody has accepted it.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<Cow<'a, str>>,
        /// People have compared the fingerprint.
        verified: bool,
    },
    /// Somebody offers a file or a folder, or an offer of one's own is on disk and goes out.
    #[serde(rename = "file_offer")]
    FileOffer {
        transfer: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        /// Who offers it, if somebody else does.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<UserId>,
        /// Whom it is offered to, if this user offers it.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        name: Cow<'a, str>,
        kind: FileKind,
        size: u64,
        /// How many files and folders it consists of.
        files: u32,
        hash: Cow<'a, str>,
    },
    /// A transfer got further, or came to a stop.
    #[serde(rename = "file_progress")]
    FileProgress {
        transfer: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<UserId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        state: FileState,
        bytes: u64,
        size: u64,
        /// Bytes a second, lately.
        rate: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        via: Option<PathKind>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Cow<'a, str>>,
        /// Bytes of the largest one that the server passes on, if that is why.
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
    },
    /// The recipient has all of it, verified and on disk.
    #[serde(rename = "file_done")]
    FileDone {
        transfer: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<UserId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        name: Cow<'a, str>,
        /// Where it is on this machine.
        path: Cow<'a, str>,
        bytes: u64,
        hash: Cow<'a, str>,
        seconds: Seconds,
        via: Via,
    },
    /// A transfer was given up.
    #[serde(rename = "file_failed")]
    FileFailed {
        transfer: Cow<'a, str>,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<UserId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        name: Cow<'a, str>,
        reason: Cow<'a, str>,
        message: Cow<'a, str>,
    },
    /// The answer to the command of the same name.
    Files {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<Reference>,
        transfers: Vec<FileEntry<'a>>,
    },
}

impl Event<'_> {
    /// Returns the event as one line of JSON with its line end, for a single write.
    pub(crate) fn to_line(&self) -> String {
        // Nothing here can fail to become JSON: all keys are texts.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("address")
    }

    /// Scripts rely on this text, byte for byte.
    #[track_caller]
    fn pinned(event: &Event<'_>, line: &str) {
        assert_eq!(event.to_line(), format!("{line}\n"));
        assert_eq!(serde_json::from_str::<Event<'_>>(line).as_ref().ok(), Some(event));
    }

    #[test]
    fn ready() {
        pinned(
            &Event::Ready {
                user: user("alice"),
                server: "127.0.0.1:7733".into(),
                local: addr("127.0.0.1:40123"),
                fingerprint: "00ff-1234".into(),
                server_fingerprint: "ff00-4321".into(),
            },
            r#"{"event":"ready","user":"alice","server":"127.0.0.1:7733","local":"127.0.0.1:40123","fingerprint":"00ff-1234","server_fingerprint":"ff00-4321"}"#,
        );
    }

    #[test]
    fn presence() {
        pinned(
            &Event::Presence { user: user("bob"), name: "Bob \"B\"".into(), online: true },
            r#"{"event":"presence","user":"bob","name":"Bob \"B\"","online":true}"#,
        );
    }

    #[test]
    fn path() {
        pinned(
            &Event::Path {
                user: user("bob"),
                path: PathKind::Direct,
                addr: Some(addr("[::1]:40200")),
            },
            r#"{"event":"path","user":"bob","path":"direct","addr":"[::1]:40200"}"#,
        );
        pinned(
            &Event::Path { user: user("bob"), path: PathKind::Relay, addr: None },
            r#"{"event":"path","user":"bob","path":"relay"}"#,
        );
        pinned(
            &Event::Path { user: user("bob"), path: PathKind::None, addr: None },
            r#"{"event":"path","user":"bob","path":"none"}"#,
        );
    }

    #[test]
    fn message() {
        pinned(
            &Event::Message {
                id: "00000000000000ab-1".into(),
                from: user("bob"),
                name: "Bob".into(),
                text: "你好\n\u{1b}".into(),
                sent_ms: 1_790_000_000_000,
                path: PathKind::Direct,
            },
            r#"{"event":"message","id":"00000000000000ab-1","from":"bob","name":"Bob","text":"你好\n\u001b","sent_ms":1790000000000,"path":"direct"}"#,
        );
    }

    #[test]
    fn state() {
        pinned(
            &Event::State {
                id: "a-1".into(),
                reference: Some(Reference::Text("1".into())),
                to: user("bob"),
                state: MessageState::Delivered,
                path: Some(PathKind::Direct),
                reason: None,
            },
            r#"{"event":"state","id":"a-1","ref":"1","to":"bob","state":"delivered","path":"direct"}"#,
        );
        pinned(
            &Event::State {
                id: "a-2".into(),
                reference: Some(Reference::Number(2.into())),
                to: user("bob"),
                state: MessageState::Failed,
                path: None,
                reason: Some("offline".into()),
            },
            r#"{"event":"state","id":"a-2","ref":2,"to":"bob","state":"failed","reason":"offline"}"#,
        );
        for (state, name) in [
            (MessageState::Queued, "queued"),
            (MessageState::Stored, "stored"),
            (MessageState::Read, "read"),
        ] {
            pinned(
                &Event::State {
                    id: "a-3".into(),
                    reference: None,
                    to: user("bob"),
                    state,
                    path: None,
                    reason: None,
                },
                &format!(r#"{{"event":"state","id":"a-3","to":"bob","state":"{name}"}}"#),
            );
        }
    }

    #[test]
    fn server() {
        pinned(
            &Event::Server { state: ServerState::Connected, reason: None },
            r#"{"event":"server","state":"connected"}"#,
        );
        pinned(
            &Event::Server { state: ServerState::Lost, reason: Some("idle".into()) },
            r#"{"event":"server","state":"lost","reason":"idle"}"#,
        );
    }

    #[test]
    fn error() {
        pinned(
            &Event::Error {
                code: "unknown_user".into(),
                message: "nobody is called so".into(),
                reference: Some(Reference::Text("1".into())),
            },
            r#"{"event":"error","code":"unknown_user","message":"nobody is called so","ref":"1"}"#,
        );
        pinned(
            &Event::Error { code: "c".into(), message: "m".into(), reference: None },
            r#"{"event":"error","code":"c","message":"m"}"#,
        );
    }

    #[test]
    fn who() {
        pinned(&Event::Who { users: Vec::new() }, r#"{"event":"who","users":[]}"#);
        let entry = WhoEntry {
            user: user("bob"),
            name: "Bob".into(),
            online: false,
            path: PathKind::None,
            verified: true,
        };
        pinned(
            &Event::Who { users: vec![entry] },
            r#"{"event":"who","users":[{"user":"bob","name":"Bob","online":false,"path":"none","verified":true}]}"#,
        );
        // As a node of the version before says it.
        let line =
            r#"{"event":"who","users":[{"user":"al","name":"Al","online":true,"path":"relay"}]}"#;
        let Ok(Event::Who { users }) = serde_json::from_str(line) else { panic!("{line}") };
        assert!(!users[0].verified);
    }

    #[test]
    fn history() {
        let entry = HistoryEntry {
            entry: 7,
            id: "a-1".into(),
            from: user("alice"),
            to: user("bob"),
            text: "hi".into(),
            sent_ms: 1,
            arrived_ms: 2,
            state: Some(MessageState::Failed),
            reason: Some("quota".into()),
        };
        let received = HistoryEntry { state: None, reason: None, ..entry.clone() };
        pinned(
            &Event::History { messages: vec![entry] },
            r#"{"event":"history","messages":[{"entry":7,"id":"a-1","from":"alice","to":"bob","text":"hi","sent_ms":1,"arrived_ms":2,"state":"failed","reason":"quota"}]}"#,
        );
        pinned(
            &Event::History { messages: vec![received] },
            r#"{"event":"history","messages":[{"entry":7,"id":"a-1","from":"alice","to":"bob","text":"hi","sent_ms":1,"arrived_ms":2}]}"#,
        );
    }

    #[test]
    fn key_changed() {
        for (blocked, shown) in [(true, "true"), (false, "false")] {
            pinned(
                &Event::KeyChanged {
                    user: user("bob"),
                    old: "00ff-1234".into(),
                    new: "ff00-4321".into(),
                    blocked,
                },
                &format!(
                    r#"{{"event":"key_changed","user":"bob","old":"00ff-1234","new":"ff00-4321","blocked":{shown}}}"#
                ),
            );
        }
    }

    #[test]
    fn contact() {
        let known = |reference, new: Option<&'static str>, verified| Event::Contact {
            reference,
            user: user("bob"),
            name: "Bob".into(),
            fingerprint: "00ff-1234".into(),
            new: new.map(Into::into),
            verified,
        };
        pinned(
            &known(None, None, false),
            r#"{"event":"contact","user":"bob","name":"Bob","fingerprint":"00ff-1234","verified":false}"#,
        );
        pinned(
            &known(Some(Reference::Text("1".into())), Some("ff00-4321"), true),
            r#"{"event":"contact","ref":"1","user":"bob","name":"Bob","fingerprint":"00ff-1234","new":"ff00-4321","verified":true}"#,
        );
    }

    #[test]
    fn file_offer() {
        let offer = |from: Option<&str>, to: Option<&str>, reference, kind| Event::FileOffer {
            transfer: "3f9a00112233445a".into(),
            reference,
            from: from.map(user),
            to: to.map(user),
            name: "holiday \u{1b}.mp4".into(),
            kind,
            size: 1_400_000_000,
            files: 1,
            hash: "af13".into(),
        };
        pinned(
            &offer(Some("bob"), None, None, FileKind::File),
            r#"{"event":"file_offer","transfer":"3f9a00112233445a","from":"bob","name":"holiday \u001b.mp4","kind":"file","size":1400000000,"files":1,"hash":"af13"}"#,
        );
        pinned(
            &offer(None, Some("bob"), Some(Reference::Text("1".into())), FileKind::Folder),
            r#"{"event":"file_offer","transfer":"3f9a00112233445a","ref":"1","to":"bob","name":"holiday \u001b.mp4","kind":"folder","size":1400000000,"files":1,"hash":"af13"}"#,
        );
    }

    #[test]
    fn file_progress() {
        let progress = |state, via, reason: Option<&'static str>| Event::FileProgress {
            transfer: "3f9a00112233445a".into(),
            reference: Some(Reference::Number(2.into())),
            from: None,
            to: Some(user("bob")),
            state,
            bytes: 1,
            size: u64::MAX,
            rate: 3,
            via,
            reason: reason.map(Into::into),
            limit: reason.map(|_| 7),
        };
        pinned(
            &progress(FileState::Moving, Some(PathKind::Direct), None),
            r#"{"event":"file_progress","transfer":"3f9a00112233445a","ref":2,"to":"bob","state":"moving","bytes":1,"size":18446744073709551615,"rate":3,"via":"direct"}"#,
        );
        for (state, name) in [
            (FileState::Offered, "offered"),
            (FileState::Hashing, "hashing"),
            (FileState::Waiting, "waiting"),
            (FileState::Held, "held"),
            (FileState::Checking, "checking"),
            (FileState::Done, "done"),
            (FileState::Failed, "failed"),
        ] {
            pinned(
                &progress(state, None, Some("offline")),
                &format!(
                    r#"{{"event":"file_progress","transfer":"3f9a00112233445a","ref":2,"to":"bob","state":"{name}","bytes":1,"size":18446744073709551615,"rate":3,"reason":"offline","limit":7}}"#
                ),
            );
        }
    }

    #[test]
    fn file_done() {
        for (via, name) in [(Via::Direct, "direct"), (Via::Relay, "relay"), (Via::Mixed, "mixed")] {
            pinned(
                &Event::FileDone {
                    transfer: "3f9a00112233445a".into(),
                    reference: None,
                    from: Some(user("bob")),
                    to: None,
                    name: "a.txt".into(),
                    path: "/home/al/a (2).txt".into(),
                    bytes: 7,
                    hash: "af13".into(),
                    seconds: Seconds { ms: 12_300 },
                    via,
                },
                &format!(
                    r#"{{"event":"file_done","transfer":"3f9a00112233445a","from":"bob","name":"a.txt","path":"/home/al/a (2).txt","bytes":7,"hash":"af13","seconds":12.3,"via":"{name}"}}"#
                ),
            );
        }
    }

    #[test]
    fn file_failed() {
        pinned(
            &Event::FileFailed {
                transfer: "3f9a00112233445a".into(),
                reference: Some(Reference::Text("1".into())),
                from: None,
                to: Some(user("bob")),
                name: "a.txt".into(),
                reason: "rejected".into(),
                message: "bob does not want it".into(),
            },
            r#"{"event":"file_failed","transfer":"3f9a00112233445a","ref":"1","to":"bob","name":"a.txt","reason":"rejected","message":"bob does not want it"}"#,
        );
    }

    #[test]
    fn files() {
        pinned(
            &Event::Files { reference: None, transfers: Vec::new() },
            r#"{"event":"files","transfers":[]}"#,
        );
        let entry = FileEntry {
            transfer: "3f9a00112233445a".into(),
            from: Some(user("bob")),
            to: None,
            name: "photos".into(),
            kind: FileKind::Folder,
            size: 9,
            files: 3,
            state: FileState::Held,
            bytes: 4,
            path: Some("/home/al/photos".into()),
            reason: Some("disk_full".into()),
            since_ms: 1_790_000_000_000,
        };
        let own = FileEntry {
            from: None,
            to: Some(user("al")),
            state: FileState::Offered,
            path: None,
            reason: None,
            ..entry.clone()
        };
        pinned(
            &Event::Files {
                reference: Some(Reference::Text("1".into())),
                transfers: vec![entry, own],
            },
            concat!(
                r#"{"event":"files","ref":"1","transfers":["#,
                r#"{"transfer":"3f9a00112233445a","from":"bob","name":"photos","kind":"folder","size":9,"files":3,"state":"held","bytes":4,"path":"/home/al/photos","reason":"disk_full","since_ms":1790000000000},"#,
                r#"{"transfer":"3f9a00112233445a","to":"al","name":"photos","kind":"folder","size":9,"files":3,"state":"offered","bytes":4,"since_ms":1790000000000}]}"#,
            ),
        );
    }
}
