use super::engine::Engine;
use super::link::{Phase, Role, Want};
use super::mail::Mail;
use super::state::{Listing, State};
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::peer_table::Peer;
use crate::time::Instant;
use crate::wire::{Login, Message, RecordWriter, Setup, SetupOk, WriteError};

/// Files that go out as well.
#[cfg(feature = "files")]
pub(super) type FilesOut<'f> = Option<super::file_mail::FilesOut<'f>>;
/// No files go out.
#[cfg(not(feature = "files"))]
pub(super) type FilesOut<'f> = Option<&'f ()>;

/// Building what goes out, in the host's buffer.
impl Engine<'_> {
    /// Fills `buf` with bytes for a link and returns their number; 0 when there is nothing to send.
    ///
    /// `files` are written behind all else.
    pub(super) fn transmit(
        &mut self,
        now: Instant,
        id: LinkId,
        buf: &mut [u8],
        files: FilesOut<'_>,
    ) -> usize {
        match self.fill(now, id, buf, files) {
            Ok(0) => {
                if let Some(link) = self.links.get_mut(id) {
                    link.want = Want::Nothing;
                }
                0
            }
            Ok(len) => {
                if let Some(link) = self.links.get_mut(id) {
                    link.want = Want::Announced;
                    link.alive.on_sent(now);
                }
                self.rearm_link(id);
                len
            }
            Err(reason) => {
                self.end_link(now, id, reason, false);
                0
            }
        }
    }

    #[cfg_attr(not(feature = "files"), expect(unused_variables, reason = "there are no files"))]
    fn fill(
        &mut self,
        now: Instant,
        id: LinkId,
        buf: &mut [u8],
        files: FilesOut<'_>,
    ) -> Result<usize, CloseReason> {
        let Some(link) = self.links.get_mut(id) else { return Ok(0) };
        let Some(session) = &mut link.session else { return Ok(0) };
        if let Phase::Closing { reason: CloseReason::Version, .. } = link.phase {
            link.phase = Phase::Closed;
            self.state.link_news = true;
            return Ok(session.transmit_version(buf));
        }
        let (role, is_up) = (link.role, matches!(link.phase, Phase::Up));
        // A link that nobody wants to send on is no company.
        let company = link.want != Want::Nothing;
        let by_list = self.state.config.goes_by_list(session.remote_limits());
        #[cfg(feature = "files")]
        let takes_files = session.remote_limits().takes_files;
        let greeting = session.transmit_handshake(buf)?;
        let Some(mut writer) = session.writer(&mut buf[greeting..]) else { return Ok(greeting) };
        let mut mail = Mail {
            now,
            link: id,
            relayed: role == Role::Server,
            company,
            state: self.state,
            peers: self.peers,
            peer_timers: self.peer_timers,
            outbox: self.outbox,
        };
        match link.phase {
            Phase::Closing { reason, .. } => {
                if !link.due.acks || mail.write_waiting_acks(role, &mut writer)? {
                    settle(writer.push(&Message::Close(reason)))?;
                    link.phase = Phase::Closed;
                    mail.state.link_news = true;
                }
            }
            Phase::Opening { .. } | Phase::Closed => {}
            Phase::Starting { .. } | Phase::Waiting { .. } | Phase::Up => {
                let due = &mut link.due;
                let state = &*mail.state;
                let mut pending = Pending { writer: &mut writer, full: false };
                pending.push(&mut due.pong, || Message::Pong)?;
                pending.push(&mut due.ping, || Message::Ping)?;
                pending.push(&mut due.login, || login(state, !by_list))?;
                pending.push(&mut due.peers, || peers_request(state))?;
                if let Some(peer) = role.peer().and_then(|index| mail.peers.get(index)) {
                    pending.push(&mut due.setup, || setup(state, peer))?;
                    let (interval, idle) = (link.alive.interval(), link.alive.idle());
                    pending.push(&mut due.setup_ok, || {
                        Message::SetupOk(SetupOk {
                            instance: state.instance,
                            keepalive_ms: interval.as_millis(),
                            idle_ms: idle.as_millis(),
                        })
                    })?;
                }
                if is_up && !pending.full {
                    mail.write(role, &mut writer)?;
                    #[cfg(feature = "files")]
                    if let Some(mut files) = files
                        && (takes_files || role == Role::Server)
                        && mail.state.config.limits.takes_files
                    {
                        let link = (id, role, takes_files);
                        files.write(now, link, mail.state, mail.peers, &mut writer)?;
                    }
                }
            }
        }
        Ok(greeting + writer.finish()?)
    }
}

/// Small messages on their way into a record.
struct Pending<'p, 'b, S> {
    writer: &'p mut RecordWriter<'b, S>,
    /// The buffer has no more room.
    full: bool,
}

impl<S: FnMut(&mut [u8], usize) -> Result<usize, CloseReason>> Pending<'_, '_, S> {
    fn push<'m>(
        &mut self,
        due: &mut bool,
        message: impl FnOnce() -> Message<'m>,
    ) -> Result<(), CloseReason> {
        if *due && !self.full {
            let written = settle(self.writer.push(&message()))?;
            *due = !written;
            self.full = !written;
        }
        Ok(())
    }
}

/// Tells whether a frame was written, or has to wait for room.
pub(super) fn settle(result: Result<(), WriteError>) -> Result<bool, CloseReason> {
    match result {
        Ok(()) => Ok(true),
        Err(WriteError::Full) => Ok(false),
        Err(WriteError::TooLarge) => Err(CloseReason::TooLarge),
        Err(WriteError::Close(reason)) => Err(reason),
    }
}

fn login(state: &State, presence: bool) -> Message<'_> {
    let config = &state.config;
    let keepalive = config.keepalive.map_or(0, |interval| interval.as_millis());
    Message::Login(Login {
        user: config.user.clone(),
        name: config.name.clone(),
        instance: state.instance,
        keepalive_ms: u32::try_from(keepalive).unwrap_or(u32::MAX),
        presence,
        endpoints: config.endpoints.clone(),
        ticket: config.ticket.as_bytes(),
    })
}

fn peers_request(state: &State) -> Message<'static> {
    let after = match &state.listing {
        Listing::Asked { after, .. } => after.clone(),
        Listing::Done | Listing::Named { .. } => None,
    };
    Message::PeersRequest { after }
}

fn setup(state: &State, peer: &Peer) -> Message<'static> {
    Message::Setup(Setup {
        from: state.config.user.clone(),
        to: peer.user.clone(),
        instance: state.instance,
        keepalive_ms: state.agreed.0.as_millis(),
        idle_ms: state.agreed.1.as_millis(),
    })
}
