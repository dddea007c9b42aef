//! What the client's machine makes of the core's events.

use std::borrow::Cow;

use breeze_core::Path;
use breeze_core::error::CloseReason;
use breeze_core::id::PublicKey;
use breeze_core::io::Event as CoreEvent;
use breeze_core::time::Instant;

use super::booking::Booking;
use super::client_machine::ClientMachine;
use super::failure::Failure;
use super::roster::path_kind;
use super::telling;
use crate::ndjson::{Event, ServerState};

impl ClientMachine {
    pub(super) fn on_event(&mut self, now: Instant, event: CoreEvent) {
        match event {
            CoreEvent::Connected { server, observed } => {
                log::debug!("the server sees this client at {observed}");
                self.on_connected(&server);
            }
            CoreEvent::Disconnected { reason } => self.on_disconnected(reason),
            CoreEvent::LoginRefused { refusal } => {
                let (user, server) = (self.profile.user.clone(), self.profile.server.clone());
                let failure = Failure::Refused { refusal, user, server };
                if refusal.is_temporary() {
                    self.desk.tell_all(telling::error(failure.code(), failure.to_string()));
                } else {
                    self.fail(failure);
                }
            }
            CoreEvent::ServerKeyChanged { pinned, found } => {
                let error = self.known_servers.changed(&self.profile.server, &pinned, &found);
                self.fail(Failure::ServerKeyChanged(error.to_string()));
            }
            CoreEvent::Presence { user, name, online } => {
                self.roster.on_presence(&user, name.as_str(), online);
                self.on_name(&user, name.as_str());
                let name = Cow::Owned(name.as_str().to_owned());
                self.desk.tell_all(Event::Presence { user, name, online });
            }
            CoreEvent::Path { user, path, addr } => {
                if let (Path::Direct, Some(addr)) = (path, addr) {
                    log::info!("direct link with {user} is up, to {addr}");
                }
                self.roster.on_path(&user, path, addr);
                self.on_file_path(now, &user);
                self.desk.tell_all(Event::Path { user, path: path_kind(path), addr });
            }
            CoreEvent::Forgotten { user } => {
                log::debug!("{user} has no place among the users that are known any more");
                let name = Cow::Owned(self.roster.name(&user).to_owned());
                self.roster.on_presence(&user, &name, false);
                self.roster.on_path(&user, Path::None, None);
                let path = path_kind(Path::None);
                self.desk.tell_all(Event::Presence { user: user.clone(), name, online: false });
                self.desk.tell_all(Event::Path { user, path, addr: None });
            }
            CoreEvent::LinkLost { user, addr, reason, was_up: true } => {
                log::info!("direct link with {user} at {addr} is removed: {reason}");
            }
            CoreEvent::LinkLost { user, addr, reason, was_up: false } => {
                log::info!("no direct link with {user} at {addr}: {reason}");
            }
            CoreEvent::Impostor { user, addr } => {
                let message = match addr {
                    Some(addr) => {
                        format!("somebody at {addr} poses as {user} without the right key")
                    }
                    None => format!("a message in the name of {user} has another key's seal"),
                };
                log::warn!("{message}; refused");
                self.desk.tell_all(telling::error("impostor", message));
            }
            CoreEvent::Sent { to, id, path: Path::Direct } => {
                log::info!("message {id} to {to} sent direct");
            }
            CoreEvent::Sent { to, id, path: Path::Relay | Path::None } => {
                log::info!("message {id} to {to} sent by relay");
            }
            CoreEvent::Delivered { to, id, path } => {
                self.on_key_in_use(&to);
                self.book(Booking::Delivered { to, id, path });
                self.room_made = true;
            }
            CoreEvent::Failed { to, id, reason } => {
                self.book(Booking::Failed { to, id, reason });
                self.room_made = true;
            }
            CoreEvent::Stored { to, id } => {
                log::info!("the server keeps the messages to {to} up to {id}");
                self.book(Booking::Stored { to, id });
                self.room_made = true;
            }
            CoreEvent::Read { to, id } => self.book(Booking::Read { to, id }),
            CoreEvent::Recall { to, id } => self.on_recall(to, id),
            CoreEvent::Met { user } => self.on_met(now, &user),
            CoreEvent::KeyFound { user, key } => self.on_key_found(user, key),
            CoreEvent::KeyChanged { user, pinned, found, blocked } => {
                self.on_key_changed(user, pinned, found, blocked);
            }
            CoreEvent::PeerTableFull => {
                log::warn!("too many users are online: not all of them can be shown");
            }
        }
    }

    fn on_connected(&mut self, server: &PublicKey) {
        let profile = &self.profile;
        log::info!("connected with server {}, key {}", profile.server, server.fingerprint());
        let pinned = match self.known_servers.pin(&profile.server) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => self.known_servers.set_pin(&profile.server, server),
            Err(error) => Err(error),
        };
        if let Err(error) = pinned {
            log::warn!("the server's key is not remembered: {error}");
        }
        if self.server_key.replace(*server).is_none()
            && let Some(ready) = self.ready()
        {
            self.desk.tell_all(ready);
        }
        self.tell_server(ServerState::Connected, None);
    }

    /// Makes the event of the first login, if there was one.
    pub(super) fn ready(&self) -> Option<Event<'static>> {
        let (server, profile) = (self.server_key?, &self.profile);
        Some(Event::Ready {
            user: profile.user.clone(),
            server: Cow::Owned(profile.server.to_string()),
            local: self.local?,
            fingerprint: Cow::Owned(self.client.public_key().fingerprint().to_string()),
            server_fingerprint: Cow::Owned(server.fingerprint().to_string()),
        })
    }

    fn tell_server(&mut self, state: ServerState, reason: Option<&'static str>) {
        let event = Event::Server { state, reason: reason.map(Cow::Borrowed) };
        self.server = Some(event.clone());
        self.desk.tell_all(event);
    }

    fn on_disconnected(&mut self, reason: CloseReason) {
        if self.is_connected() != Some(false) {
            log::info!("no session with server {}: {reason}", self.profile.server);
            self.tell_server(ServerState::Lost, Some(reason.code()));
        }
        if reason == CloseReason::Replaced {
            self.fail(Failure::Replaced { user: self.profile.user.clone() });
        }
    }

    /// Ends the node for a reason that no patience mends.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.desk.tell_all(telling::error(failure.code(), failure.to_string()));
        self.desk.end();
        self.failure.get_or_insert(failure);
    }
}
