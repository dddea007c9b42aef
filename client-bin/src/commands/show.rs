use breeze_server::host::logging::time_of_day;

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
            format!("! a message to {to} was not delivered: {reason}")
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
        Event::Error { message, .. } => format!("! {message}"),
        // Asked for by scripts only.
        Event::History { .. } => return None,
        Event::Who { users } => return Some(table(users)),
    };
    Some(format!("{} {text}\n", time_of_day()))
}

/// Lists users, one a line: id, name, whether online, and by which path.
pub(super) fn table(users: &[WhoEntry<'_>]) -> String {
    if users.is_empty() {
        return "nobody else is online\n".to_owned();
    }
    let width = users.iter().map(|entry| entry.user.as_str().len()).max().unwrap_or(0);
    users
        .iter()
        .map(|WhoEntry { user, name, online, path }| {
            let way = match (online, path) {
                (_, PathKind::Direct) => "direct",
                (true, PathKind::Relay) => "relay",
                (true, PathKind::None) => "online",
                (false, PathKind::Relay | PathKind::None) => "offline",
            };
            format!("{:width$}  {way:7}  {}\n", user.as_str(), printable_name(name))
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
    fn the_table_lines_up() {
        let entry = |name: &str, online, path| WhoEntry {
            user: user(name),
            name: "鲍勃".into(),
            online,
            path,
        };
        let users = [
            entry("al", true, PathKind::Direct),
            entry("bobby", false, PathKind::None),
            entry("c", true, PathKind::Relay),
        ];
        assert_eq!(
            table(&users),
            "al     direct   鲍勃\nbobby  offline  鲍勃\nc      relay    鲍勃\n"
        );
        assert_eq!(table(&[]), "nobody else is online\n");
    }
}
