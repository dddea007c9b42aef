use serde::{Deserialize, Serialize};

#[cfg(feature = "files")]
use super::FileItem;
use super::{Ack, Chat, Entries, Login, Relay, Setup, SetupOk, Welcome};
#[cfg(feature = "files")]
use crate::error::FileRefusal;
use crate::error::{CloseReason, DecodeError, LoginRefusal, RelayRefusal};
use crate::id::{Epoch, PublicKey, UserId};

/// Holds the content of one frame (PROTOCOL.md, "Messages").
///
/// The order of the variants is their number on the wire: it is never changed, only added to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message<'a> {
    /// 0, client to server: names the user and where it can be dialled.
    #[serde(borrow)]
    Login(Login<'a>),
    /// 1, server to client: the login is accepted.
    Welcome(Welcome),
    /// 2, server to client: the login is refused; the link is closed next.
    LoginRefused(LoginRefusal),
    /// 3, client to server: asks for the online users after the named one, in order of their ids.
    PeersRequest {
        /// The last user of the page before, or none for the first page.
        after: Option<UserId>,
    },
    /// 4, server to client: one page of online users.
    PeersReply {
        /// The page, in order of the user ids.
        #[serde(borrow)]
        entries: Entries<'a>,
        /// Whether another page follows if asked for.
        more: bool,
    },
    /// 5, server to client: users that came, changed or left since the message before.
    Presence {
        /// The changes, oldest first.
        #[serde(borrow)]
        entries: Entries<'a>,
        /// Changes were dropped: the client asks for the whole list again.
        resync: bool,
    },
    /// 6, dialler to listener on a direct link: names both.
    Setup(Setup),
    /// 7, listener to dialler: the direct link is up.
    SetupOk(SetupOk),
    /// 8, on a direct link: a chat message.
    #[serde(borrow)]
    Chat(Chat<'a>),
    /// 9, on a direct link: acknowledges chat messages.
    Ack(Ack),
    /// 10, between client and server: a chat message or an acknowledgement for, or from, a peer.
    #[serde(borrow)]
    Relay(Relay<'a>),
    /// 11, server to client: a relayed chat message is not delivered.
    Refused {
        /// Whom the message was for.
        peer: UserId,
        /// The message's epoch.
        epoch: Epoch,
        /// The message's number.
        seq: u64,
        /// Why.
        reason: RelayRefusal,
    },
    /// 12: asks for a sign of life.
    Ping,
    /// 13: gives it.
    Pong,
    /// 14: the last message on a link.
    Close(CloseReason),
    /// 15, server to client: the server keeps messages for their recipient.
    Stored {
        /// Whom the messages are for.
        peer: UserId,
        /// Their epoch.
        epoch: Epoch,
        /// The last of them; it keeps all before it that are not settled.
        upto: u64,
    },
    /// 16, server to client: messages that the server kept are given up.
    Dropped {
        /// Whom the messages were for.
        peer: UserId,
        /// Their epoch.
        epoch: Epoch,
        /// The last of them; all before it that are not settled are given up too.
        upto: u64,
        /// Why.
        reason: RelayRefusal,
    },
    /// 17, client to server: asks what became of messages that the server keeps.
    Ask {
        /// Whom the messages are for.
        peer: UserId,
        /// Their epoch.
        epoch: Epoch,
    },
    /// 18, client to server: asks for a user's key.
    KeyRequest {
        /// The user.
        user: UserId,
    },
    /// 19, server to client: tells a user's key.
    KeyReply {
        /// The user.
        user: UserId,
        /// The key, or none if there is no such user.
        key: Option<PublicKey>,
    },
    /// 20, on a direct link: a person has seen messages.
    Read(Ack),
    /// 21, client to server, if that has announced that it takes it: names a user to hear of.
    Watch {
        /// The user's place on the client's list; whoever had it is not watched any more.
        place: u16,
        /// The user.
        user: UserId,
    },
    /// 22, on a direct link, if both have announced that they take files: a step of a file's transfer.
    #[cfg(feature = "files")]
    #[serde(borrow)]
    File(FileItem<'a>),
    /// 23, server to client: an item of a file's transfer is not relayed.
    #[cfg(feature = "files")]
    FileRefused {
        /// Whom the item was for.
        peer: UserId,
        /// The transfer.
        number: u64,
        /// Why.
        reason: FileRefusal,
    },
    /// 24, server to client, after `Welcome`, if both have announced that they take files: what the server
    /// relays of them.
    #[cfg(feature = "files")]
    FileLimits {
        /// Bytes a second of each sender.
        rate: u64,
        /// Bytes of the longest stream.
        max: u64,
    },
}

impl<'a> Message<'a> {
    /// Decodes the content of a frame.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not exactly one message of this version.
    pub fn decode(frame: &'a [u8]) -> Result<Self, DecodeError> {
        let (message, rest) =
            postcard::take_from_bytes(frame).map_err(|_| DecodeError::Malformed)?;
        if rest.is_empty() { Ok(message) } else { Err(DecodeError::TrailingBytes) }
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "message_limits_tests.rs"]
mod limits_tests;
