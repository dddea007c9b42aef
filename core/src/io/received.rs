use crate::id::{MessageId, PublicKey, UserId};
use crate::route::Path;

/// Says what became of bytes from a link.
#[derive(Debug, Default)]
pub struct Received<'b> {
    /// Bytes at the front of the buffer that the host drops before the next call. While this is
    /// not 0, or a message or something about a file is given, there may be more to do: call again with the rest.
    pub consumed: usize,
    /// Bytes that the buffer must be able to hold, after dropping, for anything to happen.
    pub need: usize,
    /// A message, borrowed from the buffer.
    pub message: Option<ReceivedMessage<'b>>,
    /// Something about a file, borrowed from the buffer.
    #[cfg(feature = "files")]
    pub file: Option<super::ReceivedFile<'b>>,
}

/// Holds a message from a peer. The host keeps or shows it, then calls
/// [`acknowledge`](crate::Client::acknowledge).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage<'b> {
    /// Its authenticated sender.
    pub from: UserId,
    /// Its id.
    pub id: MessageId,
    /// The sender's display name; a peer's text, see [`DisplayName`](crate::id::DisplayName).
    pub name: &'b str,
    /// The text, up to 64 KiB.
    pub text: &'b str,
    /// When it was sent, in milliseconds since 1970 by the sender's clock.
    pub sent_ms: u64,
    /// How it came.
    pub path: Path,
    /// The key with which it was sealed, if it came before the host was [asked](super::Event::Met)
    /// for its sender's: a host that remembers another keeps nothing of it, and does not acknowledge
    /// it.
    pub claimed: Option<PublicKey>,
}
