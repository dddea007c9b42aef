use alloc::boxed::Box;
use core::time::Duration;

use super::link::Phase;
use super::seat::Seat;
use super::server::{Online, Server};
use crate::error::{CloseReason, LoginRefusal};
use crate::id::{LinkId, MessageId, Ticket, UserId};
use crate::io::{Backlog, ServerEvent, ServerOutput};
use crate::limits::{HANDSHAKE_TIMEOUT, MAX_KEEPALIVE};
use crate::time::{Instant, Span};
use crate::wire::{Ack, Hello, Login, Message, Relay, RelayItem, Welcome};

/// The silence allowed to a client that asks for a longer interval than the server's, in intervals.
const IDLE_INTERVALS: u32 = 3;
/// The shortest interval that a client may ask for.
const MIN_KEEPALIVE: Duration = Duration::from_secs(1);

/// Sessions begin and end (PROTOCOL.md, "Login").
impl Server {
    pub(super) fn on_login(&mut self, now: Instant, id: LinkId, login: &Login<'_>) {
        let Some(link) = self.links.get_mut(id) else { return };
        let Some(key) = link.session.remote_key() else { return };
        let is_late = self.tries.are_too_many(now, link.addr.ip(), &login.user);
        let seat = Seat { is_late, ..Seat::new(login, key, link.addr) };
        link.phase = Phase::Deciding(Box::new(seat));
        link.wait(now, Span::of(HANDSHAKE_TIMEOUT));
        if is_late && !login.ticket.is_empty() {
            // Where too many were wrong, none is looked at.
            return self.on_refused(now, id, LoginRefusal::TooManyTries);
        }
        let user = login.user.clone();
        let ticket = Box::new(Ticket::new(login.ticket).unwrap_or_default());
        let max_frame = link.session.remote_limits().max_frame;
        self.outputs.push_back(ServerOutput::Event(ServerEvent::Login {
            link: id,
            user,
            key,
            ticket,
            max_frame,
        }));
        self.links.rearm(id);
    }

    pub(super) fn on_admitted(&mut self, now: Instant, id: LinkId, backlog: Backlog) {
        let Some(link) = self.links.get_mut(id) else { return };
        let Phase::Deciding(seat) = &link.phase else { return };
        let user = seat.user.clone();
        let older = self.users.get(&user).map(|online| online.link);
        if older.is_none() && self.users.len() >= self.config.max_sessions {
            self.on_refused(now, id, LoginRefusal::ServerFull);
            return;
        }
        let (keepalive, idle) = self.agree(id);
        let Some(link) = self.links.furnish(id) else { return };
        let Phase::Deciding(mut seat) = core::mem::replace(&mut link.phase, Phase::Closed) else {
            return;
        };
        seat.read = self.log.end();
        link.wait(now, Span::of(idle));
        link.session.trust(Hello::SERVER);
        link.queue.push(&Message::Welcome(Welcome {
            observed: link.addr,
            keepalive_ms: keepalive.as_millis() as u32,
            idle_ms: idle.as_millis() as u32,
        }));
        #[cfg(feature = "files")]
        if let Some(rate) = self.config.files()
            && link.session.remote_limits().takes_files
        {
            let (rate, max) = (rate.get(), self.config.max_file);
            link.queue.push(&Message::FileLimits { rate, max });
        }
        if seat.presence {
            self.subscribers.insert(id);
        }
        for from in backlog.kept {
            seat.pickup.get_or_insert_default().add(from);
        }
        for (peer, MessageId { epoch, seq }) in backlog.read {
            let item = RelayItem::Read(Ack { epoch, upto: seq });
            link.queue.push(&Message::Relay(Relay { peer, item }));
        }
        link.phase = Phase::Up(seat);
        self.unlist_stranger(id);
        let changed = self.note_change(now, user.clone());
        self.users.insert(user.clone(), Online { link: id, changed });
        if let Some(older) = older {
            self.close_link(now, older, CloseReason::Replaced);
        }
        self.outputs.push_back(ServerOutput::Event(ServerEvent::Online { user }));
        self.links.rearm(id);
        self.kick(id);
    }

    pub(super) fn on_refused(&mut self, now: Instant, id: LinkId, refusal: LoginRefusal) {
        let Some(link) = self.links.get_mut(id) else { return };
        let Phase::Deciding(seat) = &link.phase else { return };
        let from = link.addr.ip();
        let refusal = match refusal {
            LoginRefusal::NameTaken
            | LoginRefusal::KeyHasOtherName
            | LoginRefusal::InviteRequired
            | LoginRefusal::RegistrationClosed
            | LoginRefusal::CodeRequired
            | LoginRefusal::WrongCode
                if seat.is_late =>
            {
                LoginRefusal::TooManyTries
            }
            LoginRefusal::WrongCode => {
                self.tries.on_wrong_code(now, from, &seat.user);
                refusal
            }
            LoginRefusal::NameTaken
            | LoginRefusal::KeyHasOtherName
            | LoginRefusal::InviteRequired
            | LoginRefusal::RegistrationClosed
            | LoginRefusal::CodeRequired => {
                self.tries.on_refused(now, from);
                refusal
            }
            LoginRefusal::ServerFull | LoginRefusal::Unavailable | LoginRefusal::TooManyTries => {
                refusal
            }
        };
        if let Some(link) = self.links.furnish(id) {
            link.queue.push(&Message::LoginRefused(refusal));
        }
        self.close_link(now, id, CloseReason::Refused);
    }

    pub(super) fn on_expelled(&mut self, now: Instant, user: &UserId) {
        if let Some(link) = self.users.get(user).map(|online| online.link) {
            self.close_link(now, link, CloseReason::Refused);
        }
    }

    /// Agrees on the interval and the limit of silence with a client that logs in.
    fn agree(&self, id: LinkId) -> (Duration, Duration) {
        let asked = match self.links.get(id).map(|link| &link.phase) {
            Some(Phase::Deciding(seat)) => seat.keepalive_ms,
            _ => 0,
        };
        let (keepalive, idle) = (self.config.keepalive, self.config.idle);
        if asked == 0 {
            return (keepalive, idle);
        }
        let asked = Duration::from_millis(asked.into()).clamp(MIN_KEEPALIVE, MAX_KEEPALIVE);
        (asked, idle.max(asked * IDLE_INTERVALS))
    }

    /// A session ended; unless a newer one took its place, the user is offline.
    pub(super) fn on_left(&mut self, now: Instant, id: LinkId, user: UserId, reason: CloseReason) {
        self.subscribers.remove(&id);
        self.watch_lists.remove(id);
        if self.users.get(&user).is_some_and(|online| online.link == id) {
            self.users.remove(&user);
            self.note_change(now, user.clone());
        }
        self.outputs.push_back(ServerOutput::Event(ServerEvent::Offline { user, reason }));
    }
}
