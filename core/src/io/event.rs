use core::net::SocketAddr;

use crate::error::{CloseReason, DeliveryFailure, LoginRefusal};
use crate::id::{DisplayName, Endpoint, MessageId, PublicKey, UserId};
use crate::route::Path;

/// Tells the application of a client what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The session with the server is up.
    Connected {
        /// The server's key. On first use the host remembers it, and hands it to the next client
        /// that it makes for this server.
        server: PublicKey,
        /// Where the server sees this end of the link.
        observed: Endpoint,
    },
    /// The session with the server, or the try to get one, ended. Unless
    /// [`is_stopped`](crate::Client::is_stopped), the client tries again by itself.
    Disconnected {
        /// Why.
        reason: CloseReason,
    },
    /// The server refused the login.
    LoginRefused {
        /// Why. Unless this [`is_temporary`](LoginRefusal::is_temporary) the client is stopped.
        refusal: LoginRefusal,
    },
    /// The server proved another key than the pinned one: the client is stopped.
    ServerKeyChanged {
        /// The key the host pinned.
        pinned: PublicKey,
        /// The key the server has now.
        found: PublicKey,
    },
    /// A user came online, went offline or changed its display name.
    Presence {
        /// The user.
        user: UserId,
        /// Its display name.
        name: DisplayName,
        /// Whether it is online.
        online: bool,
    },
    /// Messages to and from a user now travel on another path.
    Path {
        /// The user.
        user: UserId,
        /// The path.
        path: Path,
        /// The other end of the direct link, if that is the path.
        addr: Option<SocketAddr>,
    },
    /// A direct link, or the try to get one, ended.
    LinkLost {
        /// The user at its other end.
        user: UserId,
        /// Its other end.
        addr: SocketAddr,
        /// Why.
        reason: CloseReason,
        /// Whether the link was up.
        was_up: bool,
    },
    /// Somebody without the user's key answered at its address, dialled under its name, or sent a
    /// message in its name through the server.
    Impostor {
        /// The user it was supposed to be.
        user: UserId,
        /// Where it was met; none if that was a message.
        addr: Option<SocketAddr>,
    },
    /// A message was handed to a link.
    Sent {
        /// Its recipient.
        to: UserId,
        /// Its id.
        id: MessageId,
        /// The link's kind.
        path: Path,
    },
    /// A message was acknowledged by its recipient's host.
    Delivered {
        /// Its recipient.
        to: UserId,
        /// Its id.
        id: MessageId,
        /// The path to the recipient.
        path: Path,
    },
    /// A message will not be delivered.
    Failed {
        /// Its recipient.
        to: UserId,
        /// Its id.
        id: MessageId,
        /// Why.
        reason: DeliveryFailure,
    },
    /// The server keeps a message, and all before it that are not settled, for its recipient.
    Stored {
        /// The recipient.
        to: UserId,
        /// The last message that is kept.
        id: MessageId,
    },
    /// A person has seen a message, and all before it.
    Read {
        /// The recipient.
        to: UserId,
        /// The last message that was seen.
        id: MessageId,
    },
    /// Messages that were kept by the server have to be sent anew: the host gives them again, from
    /// this one on, with [`send_numbered`](crate::Client::send_numbered), before any other to this
    /// user. Only with [`Absence::Wait`](crate::Absence::Wait).
    Recall {
        /// The recipient.
        to: UserId,
        /// The first message to be given again.
        id: MessageId,
    },
    /// A user is met of whom the host may know the key: it says so with
    /// [`pin`](crate::Client::pin), or messages with this user wait. Only with
    /// [`Config::remembers_keys`](crate::Config::remembers_keys).
    Met {
        /// The user.
        user: UserId,
    },
    /// The key of a user is known for the first time: the host remembers it. Only with
    /// [`Config::remembers_keys`](crate::Config::remembers_keys).
    KeyFound {
        /// The user.
        user: UserId,
        /// Its key.
        key: PublicKey,
    },
    /// A user has another key than the one that the host remembers. What was not delivered by then
    /// fails.
    KeyChanged {
        /// The user.
        user: UserId,
        /// The key that the host pinned.
        pinned: PublicKey,
        /// The key that the user has now.
        found: PublicKey,
        /// The pinned key was verified, so nothing is sent until the host pins the new one.
        blocked: bool,
    },
    /// A user lost its place in the full peer table to one that messages go to or come from: nothing
    /// more will be told of it, and whether it is online is not known any more.
    Forgotten {
        /// The user.
        user: UserId,
    },
    /// Users came online that the full peer table had no room for; told once until there is room.
    PeerTableFull,
}
