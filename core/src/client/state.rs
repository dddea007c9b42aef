use super::config::{Config, UNAGREED};
use crate::error::{CloseReason, LoginRefusal};
use crate::id::{Endpoint, Instance, LinkId, PublicKey, UserId};
use crate::limits::RECONNECT_PAUSES;
use crate::noise::{Identity, Secrets};
use crate::random::Random;
use crate::time::{Instant, Span};
use crate::timer::Backoff;

/// What a client knows besides its tables.
pub(crate) struct State {
    pub config: Config,
    pub identity: Identity,
    /// This run.
    pub instance: Instance,
    pub random: Random,
    pub secrets: Secrets,
    pub server: ServerState,
    pub reconnect: Backoff,
    /// The interval and limit agreed with the server.
    pub agreed: (Span, Span),
    pub listing: Listing,
    /// The server tells of those in the peer table, and of nobody else.
    pub by_list: bool,
    pub news: News,
    /// Links that came up so far.
    pub links_up: u64,
    /// A link has something to tell the host.
    pub link_news: bool,
    /// A peer has something to tell the application.
    pub peer_news: bool,
    /// What the server relays of files, if it has said so.
    #[cfg(feature = "files")]
    pub file_limits: Option<crate::files::RelayLimits>,
    /// Where to look for peers with something to send next, so that each has its turn.
    pub turn: usize,
}

/// Where the session with the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerState {
    /// The server is dialled at this time.
    Waiting(Instant),
    /// A link is being opened, or a login is under way on it.
    Starting(LinkId),
    /// Logged in.
    Up(LinkId),
    /// Never again: closed by the application, replaced, or refused for good.
    Stopped,
}

/// Where the reading stands of who is online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// It is complete.
    Done,
    /// The page after this user was asked for, or is about to be.
    Asked {
        after: Option<UserId>,
        deadline: Instant,
        /// Changes were dropped meanwhile: once the page is there, it begins anew.
        stale: bool,
    },
    /// The server was told whom this client knows, and has yet to tell of some of them.
    Named { deadline: Instant },
}

/// What the application was not told yet about the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct News {
    pub disconnected: Option<CloseReason>,
    pub refused: Option<LoginRefusal>,
    pub key_changed: Option<(PublicKey, PublicKey)>,
    pub connected: Option<(PublicKey, Endpoint)>,
    /// Users found no room in the peer table.
    pub table_full: bool,
    /// The application knows that.
    pub table_full_told: bool,
}

impl State {
    // Not built on the stack first; see `Client::new`.
    #[inline(never)]
    pub(crate) fn new(
        config: Config,
        identity: Identity,
        secret_seed: [u8; 32],
        now: Instant,
    ) -> Self {
        let mut random = Random::new(config.seed);
        Self {
            config,
            identity,
            instance: Instance::from_bits(random.next()),
            random,
            secrets: Secrets::new(secret_seed),
            server: ServerState::Waiting(now),
            reconnect: Backoff::new(RECONNECT_PAUSES),
            agreed: UNAGREED,
            listing: Listing::Done,
            by_list: false,
            news: News::default(),
            links_up: 0,
            link_news: false,
            peer_news: false,
            #[cfg(feature = "files")]
            file_limits: None,
            turn: 0,
        }
    }

    /// The link of the session with the server, if that is up.
    pub(crate) fn server_link(&self) -> Option<LinkId> {
        match self.server {
            ServerState::Up(link) => Some(link),
            ServerState::Waiting(_) | ServerState::Starting(_) | ServerState::Stopped => None,
        }
    }

    /// Returns the next time at which something has to be done about the server.
    pub(crate) fn deadline(&self) -> Instant {
        let reconnect = match self.server {
            ServerState::Waiting(at) => at,
            ServerState::Starting(_) | ServerState::Up(_) | ServerState::Stopped => Instant::NEVER,
        };
        reconnect.min(self.listing.deadline())
    }
}

impl Listing {
    /// Returns when the server has to have answered.
    pub(crate) fn deadline(&self) -> Instant {
        match self {
            Self::Done => Instant::NEVER,
            Self::Asked { deadline, .. } | Self::Named { deadline } => *deadline,
        }
    }
}
