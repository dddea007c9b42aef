use core::ffi::c_char;
use core::ptr;

use breeze_core::io::{Received, ReceivedMessage};

use crate::values::{breeze_key, breeze_message_id, breeze_path, breeze_user};

/// Says what became of bytes from a link.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_received {
    /// Bytes at the front of the buffer that the host drops before the next call. While this is not 0,
    /// or there is a message, there may be more to do: call again with the rest.
    pub consumed: usize,
    /// Bytes that the buffer must be able to hold, after dropping, for anything to happen.
    pub need: usize,
    /// There is a message. The host keeps or shows it, then calls breeze_client_acknowledge.
    pub has_message: bool,
    /// The message comes from a user whose key the host was not asked for yet, and `claimed` is the one
    /// that it was sealed with: a host that remembers another keeps nothing of it, and does not
    /// acknowledge it.
    pub has_claimed: bool,
    /// A breeze_path: how the message came.
    pub path: u32,
    /// The authenticated sender.
    pub from: breeze_user,
    /// The message's id.
    pub id: breeze_message_id,
    /// When it was sent, in milliseconds since 1970 by the sender's clock.
    pub sent_ms: u64,
    /// The sender's display name, in the host's buffer, without a NUL; a peer's text, see breeze_name.
    pub name: *const c_char,
    /// Bytes of the name.
    pub name_len: usize,
    /// The text, in the host's buffer, without a NUL; UTF-8, and a peer's text as well.
    pub text: *const c_char,
    /// Bytes of the text, up to 64 KiB.
    pub text_len: usize,
    /// See `has_claimed`.
    pub claimed: breeze_key,
}

impl From<Received<'_>> for breeze_received {
    fn from(received: Received<'_>) -> Self {
        let Received { consumed, need, message, .. } = received;
        let nothing = Self {
            consumed,
            need,
            has_message: false,
            has_claimed: false,
            path: breeze_path::None as u32,
            from: breeze_user::NONE,
            id: breeze_message_id::NONE,
            sent_ms: 0,
            name: ptr::null(),
            name_len: 0,
            text: ptr::null(),
            text_len: 0,
            claimed: breeze_key::NONE,
        };
        let Some(ReceivedMessage { from, id, name, text, sent_ms, path, claimed }) = message else {
            return nothing;
        };
        Self {
            has_message: true,
            has_claimed: claimed.is_some(),
            path: breeze_path::from(path) as u32,
            from: (&from).into(),
            id: id.into(),
            sent_ms,
            name: name.as_ptr().cast(),
            name_len: name.len(),
            text: text.as_ptr().cast(),
            text_len: text.len(),
            claimed: claimed.map_or(breeze_key::NONE, Into::into),
            ..nothing
        }
    }
}
