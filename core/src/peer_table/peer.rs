use core::net::SocketAddr;

use super::{Dial, KeyNews, Trust};
use crate::delivery::{Incoming, Outgoing};
use crate::error::CloseReason;
use crate::id::{DisplayName, Epoch, LinkId, MessageId, PublicKey, UserId};
use crate::limits::{BUSY_PAUSES, PROBE_AFTER, SERVER_PROBE};
use crate::noise::{OpeningKey, SealingKey};
use crate::route::Path;
use crate::time::Instant;
use crate::timer::Backoff;
use crate::wire::Introduction;

/// Holds all that a client knows of one other user.
pub(crate) struct Peer {
    pub user: UserId,
    pub name: DisplayName,
    /// Whether the server says, or last said, that the user is online.
    pub online: bool,
    /// How the server introduced the user, the last time it was online.
    pub introduction: Option<Introduction>,
    /// The user's key, by the server's word or by its own: what goes through the server is sealed
    /// for it.
    pub key: Option<PublicKey>,
    /// By which key the user is known otherwise.
    pub trust: Trust,
    /// The key is not the one that was verified: nothing is sent.
    pub is_blocked: bool,
    /// The host wants to hear of the user.
    pub is_watched: bool,
    /// The server has to be told that this client wants to hear of the user.
    pub watch_due: bool,
    /// The key has to be asked for.
    pub key_due: bool,
    /// The server link on which it was asked for, and when it is asked for again.
    pub key_asked: Option<(LinkId, Instant)>,
    /// What seals messages to this user.
    pub sealing: Option<SealingKey>,
    /// What opens messages from this user.
    pub opening: Option<OpeningKey>,
    /// What seals and opens files.
    #[cfg(feature = "files")]
    pub files: super::FileKeys,
    /// The user is to be told that its messages of this numbering cannot be opened.
    pub unreadable_due: Option<Epoch>,
    /// The server has to be asked what became of the messages that it keeps.
    pub ask_due: bool,
    /// The list of online users that is being read has named this one.
    pub seen: bool,
    /// Messages to this peer wait until then for it to come online, direct links aside.
    pub returns_until: Instant,
    /// The direct link that messages go out on, if one is up.
    pub direct: Option<LinkId>,
    /// The way that messages take now: a change sends what is unsettled again.
    pub route: (Path, Option<LinkId>),
    pub dial: Dial,
    pub outgoing: Outgoing,
    /// The peer's messages come by relay though a direct link is up: its side of that link may be
    /// dead, so acknowledgements go back the way the messages came.
    pub acks_by_relay: bool,
    pub incoming: Incoming,
    pub busy: Backoff,
    /// When a message last went to or came from this user.
    pub used: Instant,
    /// What the application was told last.
    pub told: Told,
    /// A direct link ended, which the application was not told of yet.
    pub lost: Option<Lost>,
    /// Somebody without this user's key was met there.
    pub impostor: Option<SocketAddr>,
    /// A message in this user's name was sealed with another key.
    pub forged: bool,
    /// A person has seen this message, which the application was not told yet.
    pub read_news: Option<MessageId>,
    pub key_news: Option<KeyNews>,
    /// A user whose place this one took: the application does not know yet that nothing more will be
    /// heard of it.
    pub displaced: Option<UserId>,
    /// The application has to be told something.
    pub news: bool,
}

/// What the application knows of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub online: bool,
    pub renamed: bool,
    pub path: Path,
    pub direct: Option<LinkId>,
}

/// Tells how a direct link, or a try at one, ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost {
    pub addr: SocketAddr,
    pub reason: CloseReason,
    pub was_up: bool,
}

impl Peer {
    pub(crate) fn new(user: UserId, epoch: Epoch, trust: Trust, now: Instant) -> Self {
        Self {
            user,
            name: DisplayName::default(),
            online: false,
            introduction: None,
            key: None,
            trust,
            is_blocked: false,
            is_watched: false,
            watch_due: false,
            key_due: false,
            key_asked: None,
            sealing: None,
            opening: None,
            #[cfg(feature = "files")]
            files: super::FileKeys::default(),
            unreadable_due: None,
            ask_due: false,
            seen: false,
            returns_until: Instant::ZERO,
            direct: None,
            route: (Path::None, None),
            dial: Dial::IDLE,
            outgoing: Outgoing::new(epoch),
            acks_by_relay: false,
            incoming: Incoming::default(),
            busy: Backoff::new(BUSY_PAUSES),
            used: now,
            told: Told { online: false, renamed: false, path: Path::None, direct: None },
            lost: None,
            impostor: None,
            forged: false,
            read_news: None,
            key_news: None,
            displaced: None,
            news: trust == Trust::Asked { told: false },
        }
    }

    /// Tells whether the entry can make room for another user without losing anything.
    pub(crate) fn is_disposable(&self) -> bool {
        !self.is_watched
            && !self.online
            && self.direct.is_none()
            && self.outgoing.is_done()
            && !self.news
    }

    /// Tells whether nothing is going on with the user, online or not, so that one with whom something
    /// is can have the entry.
    pub(crate) fn is_idle(&self) -> bool {
        let asks = self.key_due || self.ask_due || self.unreadable_due.is_some();
        !self.is_watched
            && self.direct.is_none()
            && self.outgoing.is_done()
            && self.incoming.is_settled()
            && !asks
            && !self.news
    }

    /// Tells whether the application takes the user for online, or for one that can be reached.
    pub(crate) fn is_shown(&self) -> bool {
        self.told.online || self.told.path != Path::None
    }

    /// Returns the next time at which something has to be done for this peer.
    pub(crate) fn deadline(&self) -> Instant {
        let returning = match self.returns_until {
            Instant::ZERO => Instant::NEVER,
            until => until,
        };
        let probe = match self.route.0 {
            Path::Direct => self.outgoing.waiting_since + PROBE_AFTER,
            Path::Relay => self.outgoing.waiting_since + SERVER_PROBE.0,
            Path::None => Instant::NEVER,
        };
        let key = match self.key_asked {
            Some((_, again)) if self.outgoing.is_unsettled() => again,
            Some(_) | None => Instant::NEVER,
        };
        let ack = self.incoming.waits_until();
        let resend = self.outgoing.resend_at;
        self.dial.deadline().min(key).min(resend).min(returning).min(probe).min(ack)
    }
}
