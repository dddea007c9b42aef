//! Every bound of the protocol, with its reason. The capacities of tables are the host's choice.

use core::time::Duration;

/// Bytes of a user id: fits a label in any table on screen, and one byte of length.
pub const MAX_USER_ID: usize = 32;
/// Bytes of a display name: some twenty Chinese characters.
pub const MAX_DISPLAY_NAME: usize = 64;
/// Bytes of a message's text: 64 KiB, what people paste.
pub const MAX_TEXT: usize = 64 * 1024;
/// Bytes of a message's body, which is its text and what goes with it (see `ChatBody`).
pub const MAX_BODY: usize = MAX_TEXT + 512;
/// Bytes of what a client shows at login to enrol its key: a code or a password.
pub const MAX_TICKET: usize = 128;
/// Bytes of the envelope of a sealed message: a hint for whose key it is, and a Noise X message.
pub const SEALED_ENVELOPE: usize = 8 + 96;
/// Bytes of a frame, without its length: the largest body and what relays add to it.
pub const MAX_FRAME: usize = MAX_BODY + 512;
/// The smallest `max_frame` a party may announce: every message of a fixed size and a single entry
/// fit in it; lists are made as short as it asks for.
pub const MIN_MAX_FRAME: usize = 512;
/// Bytes of a sealed record's content that the core writes at most: larger ones gain no speed,
/// and each party must hold a whole record before it can open it.
pub const MAX_RECORD: usize = 16 * 1024;
/// The smallest `max_record` a party may announce.
pub const MIN_MAX_RECORD: usize = 256;
/// Bytes that a record's length field takes.
pub const RECORD_HEADER: usize = 2;
/// Bytes that the authentication tag adds to a record.
pub const TAG: usize = 16;
/// Endpoints a client may announce: a workstation's interfaces, each with both kinds of address.
pub const MAX_ENDPOINTS: usize = 8;
/// Entries in one page of peers or one presence delta.
pub const MAX_ENTRIES: usize = 64;
/// Bytes of the entries in one page or delta; a single entry is always smaller.
pub const MAX_ENTRIES_BYTES: usize = 8 * 1024;
/// Messages in flight to one recipient: sent, not yet acknowledged.
pub const WINDOW: u64 = 256;

/// From opening a link to the end of its login or set-up.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// From dialling to an open pipe.
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(4);
/// Between the dials to two addresses of one peer, while neither has answered.
pub const DIAL_STAGGER: Duration = Duration::from_millis(150);
/// Dials that a client has under way at once, each for as long as it may yet come to something soon. When
/// everybody comes at once, each pair has one that dials first, and no more handshakes than there is time for.
pub const DIALS_AT_ONCE: usize = 8;
/// From a dial to when it is not counted among those any more, unless its pipe is open; and from there.
pub const DIAL_TURN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
/// Until a dial that has to wait for others looks again.
pub const DIAL_PACE: Duration = Duration::from_millis(20);
/// Members leave the first dial to the newcomer, who learns of all of them at once.
pub const DIAL_GRACE: Duration = Duration::from_millis(500);
/// The first pause after a failed direct path, and the last.
pub const REDIAL_PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The first pause before the client dials its server again, and the last.
pub const RECONNECT_PAUSES: (Duration, Duration) =
    (Duration::from_millis(250), Duration::from_secs(10));
/// From asking for a page of peers to its arrival.
pub const PEERS_TIMEOUT: Duration = Duration::from_secs(5);
/// From asking for a user's key to asking again, as long as messages need it.
pub const KEY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a listener holds a dialler that the server has not introduced yet.
pub const INTRODUCTION_TIMEOUT: Duration = Duration::from_secs(4);
/// How long after a login the peers that were online before it may take to return.
pub const RETURN_GRACE: Duration = Duration::from_secs(15);
/// From sending a message on a direct link to asking whether the link is alive.
pub const PROBE_AFTER: Duration = Duration::from_millis(500);
/// From asking to giving the direct link up, if nothing at all arrives on it. Together with
/// [`PROBE_AFTER`] well under the 2 s within which a message moves to the relay.
pub const PROBE_LIMIT: Duration = Duration::from_millis(1000);
/// From a peer's going offline to giving its direct link up, unless something arrives on it.
pub const GONE_LIMIT: Duration = Duration::from_millis(700);
/// From an unanswered message to asking whether the server is alive, and from there to giving its
/// link up: longer, since there is nothing to fall back to.
pub const SERVER_PROBE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));
/// From a change of the host's addresses to giving a link up, unless anything arrives on it.
pub const MOVED_LIMIT: Duration = Duration::from_secs(2);
/// How long the acknowledgement of a message that comes alone waits for company: well under
/// [`PROBE_AFTER`], and no time to a person.
pub const ACK_SPAN: Duration = Duration::from_millis(25);
/// How long it waits where messages come within this time of each other: their sender may have no room
/// for more until it hears of these.
pub const ACK_HASTE: Duration = Duration::from_millis(5);
/// Messages whose acknowledgement waits no longer: half of the few that a device has room for, and a
/// small part of [`WINDOW`].
pub const ACKS_TOGETHER: u8 = 16;
/// The first pause before unacknowledged messages are sent again on the same path, and the last.
pub const RESEND_PAUSES: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(30));
/// The first pause after a recipient's queue at the server was full, and the last.
pub const BUSY_PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// An idle client pings its server this often, unless agreed otherwise.
pub const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(15);
/// A link on which nothing arrives for this long is dead, unless agreed otherwise.
pub const DEFAULT_IDLE: Duration = Duration::from_secs(45);
/// The longest keepalive interval a client may ask for: a battery device.
pub const MAX_KEEPALIVE: Duration = Duration::from_secs(15 * 60);
/// A login's or a departure's news wait this long for others to share a record with.
pub const PRESENCE_DELAY: Duration = Duration::from_millis(20);
/// Presence changes that the server remembers; a session that falls further behind is told to ask
/// for the list anew.
pub const PRESENCE_LOG: usize = 4096;
/// Users that a client may have the server watch for it: all that a workstation's client knows.
pub const MAX_WATCHED: usize = 512;
/// Bytes that wait at the server for one session that does not read.
pub const SESSION_QUEUE: usize = 1024 * 1024;
/// Bytes of memory that the queues of all sessions take together before each is held to
/// [`LEAN_QUEUE`]: many that do not read are not to fill the machine.
pub const ALL_QUEUES: usize = 256 * 1024 * 1024;
/// Bytes that may wait for a session once all take [`ALL_QUEUES`]: the longest message, and as much
/// again, so that those who read hardly notice.
pub const LEAN_QUEUE: usize = 128 * 1024;
/// Failed log-ins of an address, or an IPv6 network of 64 bits, that are looked into at once; and
/// after which time there is one more.
pub const TRIES_PER_ADDRESS: (u32, Duration) = (10, Duration::from_secs(6));
/// Wrong codes and passwords for a user name that are looked into at once; and after which time
/// there is one more.
pub const TRIES_PER_NAME: (u32, Duration) = (5, Duration::from_secs(30));
/// Addresses, and names, of which failed log-ins are counted.
pub const MAX_TRIES: usize = 4096;
/// Messages, and their bytes, that may wait at the server for its disk.
pub const KEEPING: (usize, usize) = (4096, 16 * 1024 * 1024);
/// Bytes of a file that are under way to a recipient, at most: no more has to be sent again when the
/// path is lost, and what is said meanwhile waits for no more.
#[cfg(feature = "files")]
pub const FILE_WINDOW: u64 = 256 * 1024;
/// The same for all that comes to a recipient through its server, from whomever: it fits in what the server has
/// room for, beside what is said about it.
#[cfg(feature = "files")]
pub const RELAY_WINDOW: u64 = 192 * 1024;
/// Bytes of one file that may be under way at least, however many the sender sends at once: they share a
/// window.
#[cfg(feature = "files")]
pub const FILE_WINDOW_PART: u64 = 32 * 1024;
/// From the last sign of a transfer, while more is wanted, to saying anew where to go on.
#[cfg(feature = "files")]
pub const FILE_STALL: Duration = Duration::from_secs(5);
/// From offering a file to offering it again, as long as the recipient has not said anything, or has not
/// been online.
#[cfg(feature = "files")]
pub const FILE_OFFER_AGAIN: Duration = Duration::from_secs(60);
/// The pause of a transfer after the server could not keep up.
#[cfg(feature = "files")]
pub const FILE_BUSY_PAUSE: Duration = Duration::from_millis(500);
/// Bytes of a stream in one item that goes through the server.
#[cfg(feature = "files")]
pub const RELAYED_CHUNK: usize = if cfg!(feature = "ring") { 8 * 1024 } else { 512 };
/// Bytes of such an item beyond those of the stream, at most: recipient, envelope, numbers, tag and lengths.
#[cfg(feature = "files")]
pub const RELAYED_AROUND: usize = 256;
/// A link that is being closed politely is closed in any case after this long.
pub const FAREWELL: Duration = Duration::from_secs(1);
/// Links without a session that a server has: in their handshake, at their login, or being closed.
/// Many more than are under way when everybody comes back at once.
pub const STRANGERS: usize = 1024;
