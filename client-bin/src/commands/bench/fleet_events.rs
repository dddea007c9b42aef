use breeze_core::Path;
use breeze_core::error::SendError;
use breeze_core::id::UserId;
use breeze_core::io::Event;
use breeze_core::time::Instant;

use super::duty::Duty;
use super::fleet::Fleet;
use super::stopwatch::nanos;

/// What is done about what the core tells, and about time to send.
impl Fleet {
    /// Fills a member's window if that is its duty now, and tells whether anything was sent.
    pub(super) fn fill(&mut self, now: Instant, index: usize) -> bool {
        let member = &mut self.members[index];
        let Duty::Send(sending) = member.recruit.duty else { return false };
        let (Some(client), Some(partner)) = (&mut member.client, &member.recruit.partner) else {
            return false;
        };
        if !self.sending || !member.connected || !sending.refills_at(member.under_way) {
            return false;
        }
        let before = self.tally.sent;
        while member.under_way < sending.window {
            let time = self.stopwatch.nanos();
            // A message that is late for its time says so: what holds up the load counts as well.
            let stamp = match sending.period {
                None => time,
                Some(_) if member.next_due <= time => member.next_due,
                Some(_) => break,
            };
            match client.send(now, partner, self.text.at(stamp, sending.size)) {
                Ok(_) => {}
                Err(SendError::Full) => break,
                Err(error) => {
                    self.trouble.note(format!("a message could not be sent: {error}"));
                    break;
                }
            }
            self.tally.sent += 1;
            member.under_way += 1;
            member.next_due += nanos(sending.period.unwrap_or_default());
        }
        let sent = self.tally.sent > before;
        if sent {
            self.touch(index);
        }
        sent
    }

    /// Sends what is due, and returns when more is; none if nothing is before something got through.
    pub(super) fn send_due(&mut self, now: Instant) -> Option<u64> {
        let mut next = None;
        for index in 0..self.members.len() {
            let Duty::Send(sending) = self.members[index].recruit.duty else { continue };
            self.fill(now, index);
            let member = &self.members[index];
            if member.under_way < sending.window {
                next = Some(next.unwrap_or(u64::MAX).min(member.next_due));
            }
        }
        next
    }

    pub(super) fn on_event(&mut self, index: usize, event: Event) {
        match event {
            Event::Connected { .. } => {
                self.members[index].connected = true;
                self.count(index);
            }
            Event::Disconnected { reason } => {
                self.members[index].connected = false;
                self.count(index);
                self.note(index, || format!("a session ended: {reason}"));
            }
            Event::LoginRefused { refusal } => {
                let what = format!("the server refused a login: {refusal}");
                if !refusal.is_temporary() {
                    self.hopeless = Some(what.clone());
                }
                self.note(index, || what);
            }
            Event::ServerKeyChanged { .. } => {
                self.note(index, || "the server has another key than before".to_owned());
            }
            Event::Presence { user, online, .. } => {
                let member = &mut self.members[index];
                if member.recruit.partner.as_ref() == Some(&user) {
                    member.partner_online = online;
                    self.count(index);
                }
            }
            Event::Path { user, path, .. } => self.on_path(index, user, path),
            Event::LinkLost { reason, was_up, .. } => {
                if !was_up {
                    self.note(index, || format!("a direct link failed: {reason}"));
                }
            }
            Event::Impostor { .. } => {
                self.note(index, || "somebody else answered at an address".to_owned());
            }
            Event::Delivered { .. } => self.settled(index, false),
            Event::Failed { reason, .. } => {
                self.tally.failed += 1;
                self.settled(index, true);
                self.note(index, || format!("a message failed: {reason}"));
            }
            Event::Stored { .. } => {
                self.note(index, || "the server kept a message instead of relaying it".to_owned());
            }
            Event::Sent { .. }
            | Event::Read { .. }
            | Event::Recall { .. }
            | Event::Met { .. }
            | Event::KeyFound { .. }
            | Event::KeyChanged { .. }
            | Event::Forgotten { .. }
            | Event::PeerTableFull => {}
        }
    }

    fn on_path(&mut self, index: usize, user: UserId, path: Path) {
        let direct = &mut self.members[index].direct;
        self.direct -= direct.len();
        match path {
            Path::Direct => drop(direct.insert(user)),
            Path::Relay | Path::None => drop(direct.remove(&user)),
        }
        self.direct += direct.len();
    }

    /// A message is acknowledged, or will never be answered.
    fn settled(&mut self, index: usize, failed: bool) {
        let member = &mut self.members[index];
        if let Duty::Send(sending) = member.recruit.duty
            && (failed || !sending.until_answered)
        {
            member.under_way = member.under_way.saturating_sub(1);
        }
    }

    fn note(&mut self, index: usize, what: impl FnOnce() -> String) {
        if !self.members[index].closing {
            self.trouble.note(what());
        }
    }
}
