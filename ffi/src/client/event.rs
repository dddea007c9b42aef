use core::ffi::c_char;
use core::fmt::Display;

use breeze_core::io::Event;

use crate::values::{
    breeze_address, breeze_close_reason, breeze_delivery_failure, breeze_key, breeze_login_refusal,
    breeze_message_id, breeze_name, breeze_path, breeze_user, write_text,
};

/// Says what happened. Each names the fields of breeze_event that it fills; all others are 0.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_event_kind {
    /// The session with the server is up. `key`: the server's; on first use the host remembers it, and
    /// gives it to the next client that it makes for this server. `address`: where the server sees this
    /// end of the link.
    Connected = 1,
    /// The session with the server, or the try to get one, ended. `reason`: a breeze_close_reason.
    /// Unless it is stopped, the client tries again by itself.
    Disconnected = 2,
    /// The server refused the login. `reason`: a breeze_login_refusal. `flag`: it may succeed later, and
    /// the client tries again; otherwise it is stopped.
    LoginRefused = 3,
    /// The server proved another key than the pinned one: the client is stopped. `former_key`: the
    /// pinned one. `key`: the one it has now.
    ServerKeyChanged = 4,
    /// A user came online, went offline or changed its display name. `user`, `name`. `flag`: it is
    /// online.
    Presence = 5,
    /// Messages to and from a user now travel on another path. `user`, `path`. `address`: the other end
    /// of the direct link, if that is the path.
    Path = 6,
    /// A direct link, or the try to get one, ended. `user`, `address`. `reason`: a breeze_close_reason.
    /// `flag`: the link was up.
    LinkLost = 7,
    /// Somebody without the user's key answered at its address, dialled under its name, or sent a
    /// message in its name. `user`. `address`: where it was met, none if that was a message.
    Impostor = 8,
    /// A message was handed to a link. `user`: its recipient. `id`, `path`.
    Sent = 9,
    /// A message was acknowledged by its recipient's host. `user`: the recipient. `id`, `path`.
    Delivered = 10,
    /// A message will not be delivered. `user`: its recipient. `id`. `reason`: a
    /// breeze_delivery_failure.
    Failed = 11,
    /// The server keeps a message, and all before it that are not settled. `user`: the recipient. `id`.
    Stored = 12,
    /// A person has seen a message, and all before it. `user`: the recipient. `id`.
    Read = 13,
    /// Messages that were kept by the server have to be sent anew: the host gives them again, from this
    /// one on, with breeze_client_send_numbered, before any other to this user. Only with
    /// BREEZE_ABSENCE_WAIT. `user`: the recipient. `id`.
    Recall = 14,
    /// A user is met of whom the host may know the key: it says so with breeze_client_pin, or messages
    /// with this user wait. Only with `remembers_keys`. `user`.
    Met = 15,
    /// The key of a user is known for the first time: the host remembers it. Only with `remembers_keys`.
    /// `user`, `key`.
    KeyFound = 16,
    /// A user has another key than the one that the host remembers. `user`. `former_key`: the one that
    /// was pinned. `key`: the one that the user has now. `flag`: the pinned one was verified, so nothing
    /// is sent until the host pins the new one.
    KeyChanged = 17,
    /// A user lost its place in the full peer table to one that messages go to or come from: nothing
    /// more will be told of it. `user`.
    Forgotten = 18,
    /// Users came online that the full peer table had no room for; told once until there is room.
    PeerTableFull = 19,
}

/// Bytes of a reason's text with its NUL.
pub const BREEZE_REASON_SIZE: usize = 72;

/// Tells what happened; `kind` says which fields hold something.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_event {
    /// A breeze_event_kind, of which new ones may come: a host passes over those that it does not know.
    pub kind: u32,
    /// A breeze_path.
    pub path: u32,
    /// Why: the kind says which reasons these are.
    pub reason: u32,
    /// The kind says of what.
    pub flag: bool,
    /// The user.
    pub user: breeze_user,
    /// The user's display name.
    pub name: breeze_name,
    /// The reason for people, a text that ends with a NUL.
    pub reason_text: [c_char; BREEZE_REASON_SIZE],
    /// The message.
    pub id: breeze_message_id,
    /// The address.
    pub address: breeze_address,
    /// The key.
    pub key: breeze_key,
    /// The key before.
    pub former_key: breeze_key,
}

impl breeze_event {
    /// No event.
    pub(crate) const NONE: Self = Self {
        kind: 0,
        path: 0,
        reason: 0,
        flag: false,
        user: breeze_user::NONE,
        name: breeze_name::NONE,
        reason_text: [0; BREEZE_REASON_SIZE],
        id: breeze_message_id::NONE,
        address: breeze_address::NONE,
        key: breeze_key::NONE,
        former_key: breeze_key::NONE,
    };

    fn of(kind: breeze_event_kind) -> Self {
        Self { kind: kind as u32, ..Self::NONE }
    }

    fn because(self, reason: u32, text: &dyn Display) -> Self {
        let mut event = Self { reason, ..self };
        write_text(&mut event.reason_text, text);
        event
    }
}

impl From<Event> for breeze_event {
    fn from(event: Event) -> Self {
        use breeze_event_kind as Kind;
        let path = |path| breeze_path::from(path) as u32;
        match event {
            Event::Connected { server, observed } => Self {
                key: server.into(),
                address: observed.addr().into(),
                ..Self::of(Kind::Connected)
            },
            Event::Disconnected { reason } => Self::of(Kind::Disconnected)
                .because(breeze_close_reason::from(reason) as u32, &reason),
            Event::LoginRefused { refusal } => {
                Self { flag: refusal.is_temporary(), ..Self::of(Kind::LoginRefused) }
                    .because(breeze_login_refusal::from(refusal) as u32, &refusal)
            }
            Event::ServerKeyChanged { pinned, found } => Self {
                former_key: pinned.into(),
                key: found.into(),
                ..Self::of(Kind::ServerKeyChanged)
            },
            Event::Presence { user, name, online } => Self {
                user: (&user).into(),
                name: (&name).into(),
                flag: online,
                ..Self::of(Kind::Presence)
            },
            Event::Path { user, path: now, addr } => Self {
                user: (&user).into(),
                path: path(now),
                address: addr.map_or(breeze_address::NONE, Into::into),
                ..Self::of(Kind::Path)
            },
            Event::LinkLost { user, addr, reason, was_up } => Self {
                user: (&user).into(),
                address: addr.into(),
                flag: was_up,
                ..Self::of(Kind::LinkLost)
            }
            .because(breeze_close_reason::from(reason) as u32, &reason),
            Event::Impostor { user, addr } => Self {
                user: (&user).into(),
                address: addr.map_or(breeze_address::NONE, Into::into),
                ..Self::of(Kind::Impostor)
            },
            Event::Sent { to, id, path: way } => {
                Self { user: (&to).into(), id: id.into(), path: path(way), ..Self::of(Kind::Sent) }
            }
            Event::Delivered { to, id, path: way } => Self {
                user: (&to).into(),
                id: id.into(),
                path: path(way),
                ..Self::of(Kind::Delivered)
            },
            Event::Failed { to, id, reason } => {
                Self { user: (&to).into(), id: id.into(), ..Self::of(Kind::Failed) }
                    .because(breeze_delivery_failure::from(reason) as u32, &reason)
            }
            Event::Stored { to, id } => {
                Self { user: (&to).into(), id: id.into(), ..Self::of(Kind::Stored) }
            }
            Event::Read { to, id } => {
                Self { user: (&to).into(), id: id.into(), ..Self::of(Kind::Read) }
            }
            Event::Recall { to, id } => {
                Self { user: (&to).into(), id: id.into(), ..Self::of(Kind::Recall) }
            }
            Event::Met { user } => Self { user: (&user).into(), ..Self::of(Kind::Met) },
            Event::KeyFound { user, key } => {
                Self { user: (&user).into(), key: key.into(), ..Self::of(Kind::KeyFound) }
            }
            Event::KeyChanged { user, pinned, found, blocked } => Self {
                user: (&user).into(),
                former_key: pinned.into(),
                key: found.into(),
                flag: blocked,
                ..Self::of(Kind::KeyChanged)
            },
            Event::Forgotten { user } => Self { user: (&user).into(), ..Self::of(Kind::Forgotten) },
            Event::PeerTableFull => Self::of(Kind::PeerTableFull),
        }
    }
}
