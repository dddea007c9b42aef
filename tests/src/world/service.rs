use std::time::Duration;

use breeze_core::Answer;
use breeze_core::error::{DeliveryFailure, LoginRefusal, RelayRefusal, SendError};
use breeze_core::id::{Epoch, LinkId, MessageId, PublicKey, UserId};
use breeze_core::io::{Backlog, Keep, ServerEvent};

use super::host::{Brain, HostId};
use super::metered::Chore;
use super::view::Note;
use super::world::{Task, World};

/// What hosts do for their cores: the server's accounts and disk, a client's outbox and contacts.
impl World {
    /// Lets the server keep up to so many messages for each user that is away, on a disk that takes
    /// `disk_time` for anything.
    pub fn keep_messages(&mut self, quota: usize, disk_time: Duration) {
        (self.shelf_quota, self.disk_time) = (Some(quota), disk_time);
    }

    /// Gives a user a code with which it may enrol another key.
    pub fn set_code(&mut self, user: &str, code: &str) {
        self.codes.insert(UserId::new(user).expect("a user id"), code.into());
    }

    /// Has the server keep a message in a user's name that somebody with another key has made up.
    pub fn forge(&mut self, from: &str, secret: [u8; 32], to: HostId, text: &str) {
        let id = MessageId { epoch: Epoch::from_bits(0xbad), seq: 1 };
        let mut body = vec![0, 0, text.len() as u8];
        body.extend(text.as_bytes());
        let (envelope, body) = self.seal((from, secret), to, id.epoch, id.seq, &body);
        let [from, to] = [from, self.user(to)].map(|name| UserId::new(name).expect("a user id"));
        let link = LinkId::from_bits(0);
        let keep = Keep { link, from, to, id, back: 0, gap: 0, envelope, body };
        let key = self.accounts.get(&keep.to).copied();
        self.shelf.keep(&keep, key.as_ref(), usize::MAX);
    }

    /// How many messages the server keeps.
    pub fn kept_messages(&self) -> usize {
        self.shelf_list().len()
    }

    /// The messages that the server keeps: for whom, and which.
    pub fn shelf_list(&self) -> Vec<(&str, MessageId)> {
        self.shelf.list()
    }

    /// Tells whether a text is found in anything that the server keeps.
    pub fn is_on_the_shelf(&self, text: &str) -> bool {
        self.shelf.contains(text.as_bytes())
    }

    /// Empties the server's disk, as if it had started from an old backup.
    pub fn lose_the_shelf(&mut self) {
        self.shelf.lose_everything();
    }

    /// Has a client tell that a person has seen a message.
    pub fn mark_read(&mut self, host: HostId, from: HostId, id: MessageId) {
        let now = self.clock(host);
        let from = UserId::new(self.user(from)).expect("a user id");
        if let Brain::Client(client) = &mut self.hosts[host.0].brain {
            client.mark_read(now, &from, id);
        }
        self.ledger.on_seen(id);
        self.settle(host);
    }

    /// Has a person verify, and with it accept, the key that another one's user has by now.
    pub fn verify(&mut self, host: HostId, other: HostId) {
        let key = self.key(other);
        let user = UserId::new(self.user(other)).expect("a user id");
        if let Some(contacts) = self.contacts_mut(host) {
            contacts.insert(user.as_str().into(), (key, true));
        }
        self.pin(host, &user);
        self.settle(host);
    }

    /// Gives a client another key, which the server enrols, as from its next start on.
    pub fn rekey(&mut self, host: HostId, secret: [u8; 32]) {
        if let Some(member) = &mut self.hosts[host.0].member {
            member.secret = Some(secret);
        }
        let (user, key) = (UserId::new(self.user(host)).expect("a user id"), self.key(host));
        self.accounts.insert(user.clone(), key);
        for (from, epoch, upto) in self.shelf.give_up(&user, RelayRefusal::KeyChanged) {
            let answer = Answer::Lost { upto, reason: RelayRefusal::KeyChanged };
            if let Brain::Server(server) = &mut self.hosts[Self::SERVER.0].brain {
                server.work(Chore::Other).answer(&from, &user, epoch, answer);
            }
        }
        self.settle(Self::SERVER);
    }

    pub(super) fn key(&self, host: HostId) -> PublicKey {
        let member = self.hosts[host.0].member.as_ref().expect("a client");
        breeze_core::noise::Identity::from_secret(member.secret()).public()
    }

    pub(super) fn on_server_event(&mut self, id: HostId, event: ServerEvent) {
        let now = self.now;
        self.trace.note(now, format_args!("server {event:?}"));
        self.hosts[id.0].view.log.push((now, Note::Server(event.clone())));
        match &event {
            ServerEvent::Online { user } => {
                self.hosts[id.0].online.insert(user.clone());
            }
            ServerEvent::Offline { user, .. } => {
                self.hosts[id.0].online.remove(user);
            }
            _ => {}
        }
        let life = self.hosts[id.0].life;
        match self.disk_time {
            Duration::ZERO => self.serve(event),
            time => self.plan(now + time, Task::Served(life, event)),
        }
    }

    pub(super) fn served(&mut self, life: u32, event: ServerEvent) {
        if self.hosts[Self::SERVER.0].life == life {
            self.serve(event);
            self.settle(Self::SERVER);
        }
    }

    fn serve(&mut self, event: ServerEvent) {
        let now = self.clock(Self::SERVER);
        let Brain::Server(server) = &mut self.hosts[Self::SERVER.0].brain else { return };
        let mut server = server.work(Chore::Other);
        match event {
            ServerEvent::Login { link, user, key, ticket, .. } => {
                let code = self.codes.get(&user).map(String::as_bytes);
                let is_wrong = !ticket.is_empty() && code != Some(ticket.as_bytes());
                if !ticket.is_empty() && !is_wrong {
                    self.accounts.insert(user.clone(), key);
                }
                let owner = *self.accounts.entry(user.clone()).or_insert(key);
                match self.refusal {
                    Some(refusal) => server.refuse(now, link, refusal),
                    None if owner == key && self.shelf_quota.is_some() => {
                        server.admit(now, link, self.shelf.backlog(&user));
                    }
                    None if owner == key => server.admit(now, link, Backlog::default()),
                    None if is_wrong => server.refuse(now, link, LoginRefusal::WrongCode),
                    None => server.refuse(now, link, LoginRefusal::NameTaken),
                }
            }
            ServerEvent::Keep(keep) => {
                let key = self.accounts.get(&keep.to);
                let answer = match self.shelf_quota {
                    Some(quota) => self.shelf.keep(&keep, key, quota),
                    None if key.is_some() => Answer::Refused(RelayRefusal::Offline),
                    None => Answer::Refused(RelayRefusal::UnknownUser),
                };
                server.kept(*keep, answer);
            }
            ServerEvent::Acked { from, to, id } => self.shelf.acked(&from, &to, id),
            ServerEvent::Read { from, to, id } => self.shelf.read(from, to, id),
            ServerEvent::Ask { from, to, epoch, .. } => {
                for answer in self.shelf.answers(&from, &to, epoch) {
                    server.answer(&from, &to, epoch, answer);
                }
            }
            ServerEvent::Page { link, user, after } => {
                let (page, last, more) = self.shelf.page(&user, after);
                server.deliver(link, &page, last, more);
            }
            ServerEvent::Key { link, user } => {
                let key = self.accounts.get(&user).copied();
                server.introduce(link, user, key);
            }
            ServerEvent::Online { .. }
            | ServerEvent::Offline { .. }
            | ServerEvent::Dropped { .. } => {}
        }
    }

    /// A client's host notes what became of a message, unless an earlier run has told.
    pub(super) fn on_outcome(
        &mut self,
        id: HostId,
        to: &UserId,
        message: MessageId,
        outcome: Result<(), DeliveryFailure>,
    ) {
        let host = &mut self.hosts[id.0];
        let has_disk = host.member.as_ref().is_some_and(|member| member.has_disk);
        if !has_disk || host.disk.settle(to, message) {
            self.ledger.on_outcome(message, outcome);
        }
    }

    /// A client's host takes up what an earlier run has not settled.
    pub(super) fn take_up(&mut self, id: HostId) {
        let now = self.clock(id);
        let host = &mut self.hosts[id.0];
        let Brain::Client(client) = &mut host.brain else { return };
        for to in host.disk.recipients() {
            let mut next = 0;
            if let Some((first, stored)) = host.disk.stored(&to) {
                client.resume(now, &to, first, stored).expect("a new client takes up anything");
                next = stored + 1;
            }
            let open = host.disk.open(&to, next);
            if !open.is_empty() {
                host.waiting.insert(to, open.into());
            }
        }
        self.hand_over(id);
    }

    /// A client's host gives the messages to a user again, from one on.
    pub(super) fn resend(&mut self, id: HostId, to: &UserId, first: MessageId) {
        let host = &mut self.hosts[id.0];
        let again = match host.member.as_ref().is_some_and(|member| member.has_disk) {
            true => host.disk.open(to, first.seq),
            false => self.ledger.open_from(first),
        };
        self.hosts[id.0].waiting.insert(to.clone(), again.into());
    }

    /// Gives the core what it has room for.
    pub(super) fn hand_over(&mut self, id: HostId) {
        let now = self.clock(id);
        let host = &mut self.hosts[id.0];
        let Brain::Client(client) = &mut host.brain else { return };
        for (to, queue) in &mut host.waiting {
            while let Some((id, text)) = queue.front() {
                match client.send_numbered(now, to, *id, text, 0) {
                    Ok(()) => {
                        queue.pop_front();
                    }
                    // There is room later, for this or for another gap in the numbers.
                    Err(SendError::Full | SendError::OutOfOrder) => break,
                    Err(error) => panic!("{id} cannot be given again: {error}"),
                }
            }
        }
        host.waiting.retain(|_, queue| !queue.is_empty());
    }

    /// A client's host says what it remembers of a user.
    pub(super) fn pin(&mut self, id: HostId, user: &UserId) {
        let now = self.clock(id);
        let known = self.contacts_mut(id).and_then(|known| known.get(user.as_str()).copied());
        if let Brain::Client(client) = &mut self.hosts[id.0].brain {
            let (key, verified) = known.map_or((None, false), |(key, yes)| (Some(key), yes));
            client.pin(now, user, key, verified);
        }
    }

    /// Tells whether a client's host may take a key for a user's.
    pub(super) fn allows(&mut self, id: HostId, user: &UserId, key: PublicKey) -> bool {
        let known = self.contacts_mut(id).and_then(|known| known.get(user.as_str()));
        known.is_none_or(|(known, _)| *known == key)
    }

    pub(super) fn remember(&mut self, id: HostId, user: &UserId, key: PublicKey) {
        if let Some(contacts) = self.contacts_mut(id) {
            contacts.insert(user.as_str().into(), (key, false));
        }
    }

    fn contacts_mut(
        &mut self,
        id: HostId,
    ) -> Option<&mut std::collections::BTreeMap<String, (PublicKey, bool)>> {
        self.hosts[id.0].member.as_mut()?.contacts.as_mut()
    }
}
