use breeze_server::host::logging::time_of_day;

use super::file::words;
use crate::ndjson::{Event, MessageState, PathKind, ServerState, WhoEntry};
use crate::text::{printable_name, printable_text};

/// Indents the lines of a message after its first.
const INDENT: &str = "          ";

/// Tells an event to a person, in a line with its end; none for what does not matter to one.
pub(super) fn line(event: &Event<'_>) -> Option<String> {
    let text = match event {
        Event::Ready { user, server, local, fingerprint, .. } => {
            format!("* you are {user} at {server}, listening on {local}, key {fingerprint}")
        }
        Event::Presence { user, name, online } => {
            let change = if *online { "online" } else { "offline" };
            format!("* {} is {change}", person(user.as_str(), name))
        }
        Event::Path { user, path: PathKind::Direct, addr } => match addr {
            Some(addr) => format!("* direct link with {user} at {addr}"),
            None => format!("* direct link with {user}"),
        },
        Event::Path { user, path: PathKind::Relay, .. } => {
            format!("* messages with {user} go through the server")
        }
        Event::Path { user, path: PathKind::None, .. } => format!("* no way to {user} for now"),
        Event::Message { from, name, text, .. } => {
            format!("{}: {}", person(from.as_str(), name), printable_text(text, INDENT))
        }
        Event::State { to, state: MessageState::Failed, reason, .. } => {
            let reason = reason.as_deref().unwrap_or("unknown");
            format!("! a message was not delivered: {}", failure_text(to.as_str(), reason))
        }
        Event::State { .. } => return None,
        Event::Server { state: ServerState::Connected, .. } => "* server connected".to_owned(),
        Event::Server { state: ServerState::Lost, reason: Some(reason) }
            if reason == "connecting" =>
        {
            "* connecting with the server".to_owned()
        }
        Event::Server { state: ServerState::Lost, reason } => {
            let reason = reason.as_deref().unwrap_or("unknown");
            format!("* server lost ({reason}); direct links go on, trying again")
        }
        Event::KeyChanged { user, old, new, blocked } => {
            key_warning(user.as_str(), old, new, *blocked)
        }
        Event::Error { message, .. } => format!("! {message}"),
        // Asked for by scripts only.
        Event::History { .. } | Event::Contact { .. } | Event::Files { .. } => return None,
        Event::FileOffer { transfer, from: Some(from), name, kind, size, files, .. } => format!(
            "* {from} offers {}; breeze file accept {}",
            words::content(name, *kind, *size, *files),
            words::short_id(transfer),
        ),
        Event::FileOffer { to: Some(to), name, kind, size, files, .. } => {
            format!("* offered to {to}: {}", words::content(name, *kind, *size, *files))
        }
        Event::FileDone { from: Some(from), name, path, .. } => {
            let (name, path) = (printable_name(name), printable_name(path));
            format!("* {name} from {from} is here: {path}")
        }
        Event::FileDone { to: Some(to), name, .. } => {
            format!("* {to} has {}", printable_name(name))
        }
        Event::FileFailed { from, to, name, reason, message, .. } => {
            let (sends, peer) = (from.is_none(), from.as_ref().or(to.as_ref()));
            let peer = peer.map_or("nobody", |peer| peer.as_str());
            let way = if sends { "to" } else { "from" };
            let why = words::end_text(peer, sends, reason, message);
            format!("! {} {way} {peer} has ended: {why}", printable_name(name))
        }
        // Too many of them for a log, and what is neither from nor to anybody.
        Event::FileProgress { .. } | Event::FileOffer { .. } | Event::FileDone { .. } => {
            return None;
        }
        Event::Who { users } => return Some(table(users)),
    };
    Some(format!("{} {text}\n", time_of_day()))
}

/// Warns of a changed key, in lines that nobody overlooks.
fn key_warning(user: &str, old: &str, new: &str, blocked: bool) -> String {
    let old_kind = if blocked { "verified" } else { "known" };
    let mut lines = vec![
        format!("! WARNING: THE KEY OF {user} HAS CHANGED"),
        format!("  {old_kind} so far  {old}"),
        format!("  now{:1$}  {new}", "", old_kind.len() + " so far".len() - "now".len()),
        format!("  Either {user} has a new device or home directory, or somebody poses as {user}:"),
        format!("  ask {user} on another way, face to face or on the phone."),
        "  Messages that had not been delivered have failed; send them again afterwards.".into(),
    ];
    if blocked {
        lines.push(format!("  NOTHING IS SENT to {user} until you accept the new key with"));
        lines.push(format!("    breeze verify {user} --accept"));
    } else {
        lines.push("  New messages are meant for the new key. Compare it with".into());
        lines.push(format!("    breeze verify {user}"));
    }
    lines.join(&format!("\n{INDENT}"))
}

/// Says why a message to a user failed, and what to do.
pub(super) fn failure_text(user: &str, reason: &str) -> String {
    match reason {
        "unknown_user" => format!("no user '{user}' is registered at the server"),
        "offline" => format!("{user} is not online"),
        "too_large" => format!("the device of {user} cannot hold a message of this size"),
        "quota" => format!(
            "the server keeps as much for {user} as it may; send it again when {user} has been \
             online"
        ),
        "key_changed" => format!(
            "{user} has a new key, and the message was meant for the old one; compare it with \
             'breeze verify {user}', then send it again"
        ),
        "expired" => {
            format!("{user} did not come for as long as the server keeps messages; send it again")
        }
        "lost" => format!("the server has lost the message to {user}; send it again"),
        // Of a newer node.
        other => format!("the message to {user} failed: {other}"),
    }
}

/// Lists users, one a line: id, whether online and by which path, whether verified, and name.
///
/// The name comes last: it is the other's own text, and must not pass for anything else.
pub(super) fn table(users: &[WhoEntry<'_>]) -> String {
    if users.is_empty() {
        return "nobody else is online\n".to_owned();
    }
    let width = users.iter().map(|entry| entry.user.as_str().len()).max().unwrap_or(0);
    users
        .iter()
        .map(|WhoEntry { user, name, online, path, verified }| {
            let way = match (online, path) {
                (_, PathKind::Direct) => "direct",
                (true, PathKind::Relay) => "relay",
                (true, PathKind::None) => "online",
                (false, PathKind::Relay | PathKind::None) => "offline",
            };
            let mark = if *verified { "verified" } else { "" };
            format!("{:width$}  {way:7}  {mark:8}  {}\n", user.as_str(), printable_name(name))
        })
        .collect()
}

/// Names somebody by name and id, or by the one of both if they are the same.
fn person(user: &str, name: &str) -> String {
    match printable_name(name) {
        name if name.is_empty() || name == user => user.to_owned(),
        name => format!("{name} ({user})"),
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::UserId;

    use super::*;
    use crate::ndjson::{FileKind, Seconds, Via};

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    #[test]
    fn a_message_cannot_pass_for_two() {
        let event = Event::Message {
            id: "1".into(),
            from: user("bob"),
            name: "Bob\x1b[2J\nal".into(),
            text: "hi\n12:00:00 al: lies\x1b]0;x\x07".into(),
            sent_ms: 0,
            path: PathKind::Direct,
        };
        let shown = line(&event).expect("shown");
        let shown = shown.split_once(' ').expect("time").1;
        assert_eq!(shown, "Bob[2J al (bob): hi\n          12:00:00 al: lies]0;x\n");
    }

    #[test]
    fn files_are_told_of_when_they_come_and_when_they_end() {
        let text = |event: &Event<'_>| {
            let shown = line(event).expect("shown");
            shown.split_once(' ').expect("time").1.to_owned()
        };
        let offer = |from: Option<&str>, to: Option<&str>| Event::FileOffer {
            transfer: "3f9a00112233445a".into(),
            reference: None,
            from: from.map(user),
            to: to.map(user),
            name: "holi\u{1b}day.mp4".into(),
            kind: FileKind::File,
            size: 3 << 29,
            files: 1,
            hash: "af".into(),
        };
        assert_eq!(
            text(&offer(Some("bob"), None)),
            "* bob offers holiday.mp4, 1.5 GiB; breeze file accept 3f9a0011\n"
        );
        assert_eq!(text(&offer(None, Some("bob"))), "* offered to bob: holiday.mp4, 1.5 GiB\n");
        let done = |from: Option<&str>, to: Option<&str>| Event::FileDone {
            transfer: "3f9a00112233445a".into(),
            reference: None,
            from: from.map(user),
            to: to.map(user),
            name: "a\nb".into(),
            path: "/x/a\nb".into(),
            bytes: 1,
            hash: "af".into(),
            seconds: Seconds { ms: 1 },
            via: Via::Direct,
        };
        assert_eq!(text(&done(Some("bob"), None)), "* a b from bob is here: /x/a b\n");
        assert_eq!(text(&done(None, Some("bob"))), "* bob has a b\n");
        let failed = |from: Option<&str>, to: Option<&str>| Event::FileFailed {
            transfer: "3f9a00112233445a".into(),
            reference: None,
            from: from.map(user),
            to: to.map(user),
            name: "a".into(),
            reason: "rejected".into(),
            message: "m".into(),
        };
        assert_eq!(
            text(&failed(None, Some("bob"))),
            "! a to bob has ended: bob does not want it\n"
        );
        assert_eq!(
            text(&failed(Some("bob"), None)),
            "! a from bob has ended: it was rejected here\n"
        );
    }

    #[test]
    fn a_changed_key_is_told_loudly_and_with_what_to_do() {
        let event = |blocked| Event::KeyChanged {
            user: user("bob"),
            old: "00ff".into(),
            new: "ff00".into(),
            blocked,
        };
        let shown = |blocked| {
            let shown = line(&event(blocked)).expect("shown");
            shown.split_once(' ').expect("time").1.to_owned()
        };
        let text = shown(true);
        assert!(
            text.starts_with(
                "! WARNING: THE KEY OF bob HAS CHANGED\n\
                 \x20           verified so far  00ff\n\
                 \x20           now              ff00\n"
            ),
            "{text}"
        );
        assert!(text.contains("NOTHING IS SENT") && text.contains("breeze verify bob --accept\n"));
        let text = shown(false);
        assert!(text.contains("known so far  00ff\n            now           ff00\n"), "{text}");
        assert!(
            !text.contains("NOTHING IS SENT") && text.ends_with("breeze verify bob\n"),
            "{text}"
        );
    }

    #[test]
    fn every_reason_of_a_failure_is_explained() {
        use breeze_core::error::DeliveryFailure::{
            Expired, KeyChanged, Lost, Offline, Quota, TooLarge, UnknownUser,
        };

        for reason in [Offline, UnknownUser, TooLarge, Quota, KeyChanged, Expired, Lost] {
            let text = failure_text("bob", reason.code());
            assert!(
                text.contains("bob") && !text.starts_with("the message to bob failed"),
                "{text}"
            );
        }
        assert_eq!(failure_text("bob", "later"), "the message to bob failed: later");
    }

    #[test]
    fn the_table_lines_up() {
        let entry = |name: &str, online, path| WhoEntry {
            user: user(name),
            name: "鲍勃".into(),
            online,
            path,
            verified: name == "c",
        };
        let users = [
            entry("al", true, PathKind::Direct),
            entry("bobby", false, PathKind::None),
            entry("c", true, PathKind::Relay),
        ];
        assert_eq!(
            table(&users),
            "al     direct             鲍勃\n\
             bobby  offline            鲍勃\n\
             c      relay    verified  鲍勃\n"
        );
        assert_eq!(table(&[]), "nobody else is online\n");
    }
}
