use breeze_core::Path;
use breeze_core::io::Event;

use crate::board::Board;

/// Says what happened, in one line; of texts nothing.
pub(crate) fn report(board: &mut impl Board, event: &Event) {
    match event {
        Event::Connected { server, observed } => {
            let key = server.fingerprint();
            board.say(format_args!("connected to the server with key {key}, seen at {observed}"));
        }
        Event::Disconnected { reason } => board.say(format_args!("disconnected: {reason}")),
        Event::LoginRefused { refusal } => board.say(format_args!("login refused: {refusal}")),
        Event::ServerKeyChanged { pinned, found } => {
            let (pinned, found) = (pinned.fingerprint(), found.fingerprint());
            board.say(format_args!("the server has key {found} and not {pinned}"));
        }
        Event::Presence { user, online: true, .. } => {
            board.say(format_args!("{user} is online"));
        }
        Event::Presence { user, online: false, .. } => {
            board.say(format_args!("{user} is offline"));
        }
        Event::Path { user, path: Path::Direct, addr: Some(addr) } => {
            board.say(format_args!("path to {user}: direct at {addr}"));
        }
        Event::Path { user, path, addr: _ } => {
            board.say(format_args!("path to {user}: {}", path.code()));
        }
        Event::LinkLost { user, addr, reason, was_up } => {
            let link = if *was_up { "link" } else { "try at a link" };
            board.say(format_args!("{link} with {user} at {addr} ended: {reason}"));
        }
        Event::Impostor { user, .. } => board.say(format_args!("somebody posed as {user}")),
        Event::Delivered { to, path, .. } => {
            board.say(format_args!("answer to {to} delivered: {}", path.code()));
        }
        Event::Failed { to, reason, .. } => {
            board.say(format_args!("answer to {to} failed: {reason}"));
        }
        Event::Forgotten { user } => board.say(format_args!("{user} made room for another user")),
        Event::PeerTableFull => board.say(format_args!("more users are online than are known")),
        // Nobody waits for these here; and the last ones come only to hosts with a disk.
        Event::Sent { .. }
        | Event::Read { .. }
        | Event::Stored { .. }
        | Event::Recall { .. }
        | Event::Met { .. }
        | Event::KeyFound { .. }
        | Event::KeyChanged { .. } => {}
    }
}
