//! A store of plain lists, in which everything is looked for. The core's `Custody` it shares with
//! the store: that is tested where it lives.

use std::collections::{BTreeMap, BTreeSet};

use breeze_core::error::{LoginRefusal, RelayRefusal};
use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_core::io::{Backlog, Keep, Kept};
use breeze_core::{Answer, Custody};

use super::*;

#[derive(Clone, Default)]
struct User {
    key: Option<PublicKey>,
    was_enrolled: bool,
    max_frame: u32,
    quota: Quota,
    secret: Option<Secret>,
}

#[derive(Clone)]
struct Message {
    place: u64,
    keep: Keep,
    kept_ms: u64,
}

pub(super) struct Model {
    limits: Limits,
    users: BTreeMap<UserId, User>,
    queue: Vec<Message>,
    places: u64,
    /// By recipient and sender, with the time of the last change.
    custody: BTreeMap<(UserId, UserId), (Custody, u64)>,
    /// Of whom to tell what whom has read: sender, recipient.
    receipts: BTreeSet<(UserId, UserId)>,
}

impl Model {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            users: BTreeMap::new(),
            queue: Vec::new(),
            places: 0,
            custody: BTreeMap::new(),
            receipts: BTreeSet::new(),
        }
    }

    pub(super) fn apply(&mut self, change: &Change, now_ms: u64) -> Outcome {
        match change.clone() {
            Change::Claim { user, key, max_frame, registration } => {
                Outcome::Claimed(self.claim(user, key, max_frame, registration).map(|()| vec![]))
            }
            Change::Enrol { user, key, max_frame, secret, registration } => {
                let refusal = self.enrol_refusal(&user, key, &secret, registration);
                if let Some(refusal) = refusal {
                    return Outcome::Claimed(Err(refusal));
                }
                let known = self.users.get_mut(&user).expect("user");
                let is_other = known.key.is_some_and(|owner| owner != key);
                known.key = Some(key);
                known.was_enrolled = true;
                known.max_frame = max_frame;
                if secret.kind == SecretKind::Code {
                    known.secret = None;
                }
                let lost = |m: &Message| is_other && m.keep.to == user;
                Outcome::Claimed(Ok(self.lose(lost, RelayRefusal::KeyChanged, now_ms)))
            }
            Change::Keep { keep } => Outcome::Kept(self.keep(keep, now_ms)),
            Change::Acked { from, to, id } => {
                self.queue.retain(|m| {
                    (&m.keep.to, &m.keep.from, m.keep.id.epoch) != (&to, &from, id.epoch)
                        || m.keep.id.seq > id.seq
                });
                self.note(&from, &to, now_ms, id.epoch, |c| c.on_ack(id.epoch, id.seq));
                Outcome::Done
            }
            Change::Read { from, to, id } => {
                if self.note(&from, &to, now_ms, id.epoch, |c| c.on_read(id.epoch, id.seq)) {
                    self.receipts.insert((from, to));
                }
                Outcome::Done
            }
            Change::Ask { from, to, epoch } => {
                let known = self.custody.get(&(to, from)).map(|(custody, _)| *custody);
                Outcome::Answers(known.unwrap_or(Custody::new(epoch)).answers(epoch).collect())
            }
            Change::ReadTold { user, read } => {
                for (to, id) in read {
                    let known = self.custody.get(&(to.clone(), user.clone()));
                    if known.is_none_or(|(c, _)| c.epoch == id.epoch && c.read <= id.seq) {
                        self.receipts.remove(&(user.clone(), to));
                    }
                }
                Outcome::Done
            }
            Change::Purge => Outcome::GivenUp(self.purge(now_ms)),
        }
    }

    fn claim(
        &mut self,
        user: UserId,
        key: PublicKey,
        max_frame: u32,
        registration: Registration,
    ) -> Result<(), LoginRefusal> {
        if let Some(known) = self.users.get_mut(&user) {
            return match known.key {
                None => Err(LoginRefusal::CodeRequired),
                Some(owner) if owner != key => Err(LoginRefusal::NameTaken),
                Some(_) => {
                    if max_frame > 0 {
                        known.max_frame = max_frame;
                    }
                    Ok(())
                }
            };
        }
        if self.users.values().any(|other| other.key == Some(key)) {
            return Err(LoginRefusal::KeyHasOtherName);
        }
        match registration {
            Registration::Open => {}
            Registration::Invite => return Err(LoginRefusal::InviteRequired),
            Registration::Closed => return Err(LoginRefusal::RegistrationClosed),
        }
        let key = Some(key);
        self.users.insert(user, User { key, was_enrolled: true, max_frame, ..User::default() });
        Ok(())
    }

    fn enrol_refusal(
        &self,
        user: &UserId,
        key: PublicKey,
        secret: &Secret,
        registration: Registration,
    ) -> Option<LoginRefusal> {
        let known = self.users.get(user);
        let Some(known) = known.filter(|known| known.secret.as_ref() == Some(secret)) else {
            return Some(LoginRefusal::WrongCode);
        };
        if registration == Registration::Closed && !known.was_enrolled {
            return Some(LoginRefusal::RegistrationClosed);
        }
        let is_taken = self.users.iter().any(|(name, u)| name != user && u.key == Some(key));
        is_taken.then_some(LoginRefusal::KeyHasOtherName)
    }

    fn keep(&mut self, keep: Keep, now_ms: u64) -> Answer {
        let Some((recipient, key)) =
            self.users.get(&keep.to).and_then(|user| Some((user.clone(), user.key?)))
        else {
            return Answer::Refused(RelayRefusal::UnknownUser);
        };
        if !keep.is_for(&key) {
            return Answer::Refused(RelayRefusal::KeyChanged);
        }
        if !self.users.contains_key(&keep.from) {
            return Answer::Refused(RelayRefusal::Unavailable);
        }
        let pair = (keep.to.clone(), keep.from.clone());
        let before = self.custody.get(&pair).map(|(custody, _)| *custody);
        let mut custody = before.unwrap_or(Custody::new(keep.id.epoch));
        let admitted = custody.admit(keep.id.epoch, keep.id.seq, keep.back, keep.gap);
        if let Err(answer) = admitted {
            if custody != before.unwrap_or(Custody::new(keep.id.epoch)) {
                self.custody.insert(pair, (custody, now_ms));
            }
            return answer;
        }
        let size = size(&keep);
        if recipient.max_frame > 0 && size + 128 > u64::from(recipient.max_frame) {
            return Answer::Refused(RelayRefusal::TooLarge);
        }
        let (messages, bytes) = self.usage(Some(&keep.to));
        let (total_messages, total_bytes) = self.usage(None);
        if messages + 1 > recipient.quota.messages.unwrap_or(self.limits.messages)
            || bytes + size > recipient.quota.bytes.unwrap_or(self.limits.bytes)
            || total_messages + 1 > self.limits.total_messages
            || total_bytes + size > self.limits.total_bytes
        {
            return Answer::Refused(RelayRefusal::Quota);
        }
        self.places += 1;
        self.queue.push(Message { place: self.places, keep, kept_ms: now_ms });
        self.custody.insert(pair, (custody, now_ms));
        Answer::Stored { upto: custody.last }
    }

    /// Changes what is known of a pair of users; tells whether it was news.
    fn note(
        &mut self,
        from: &UserId,
        to: &UserId,
        now_ms: u64,
        epoch: Epoch,
        change: impl FnOnce(&mut Custody) -> bool,
    ) -> bool {
        let pair = (to.clone(), from.clone());
        let known = self.custody.get(&pair).map(|(custody, _)| *custody);
        let exist = self.users.contains_key(from) && self.users.contains_key(to);
        let Some(mut custody) = known.or(exist.then_some(Custody::new(epoch))) else {
            return false;
        };
        let is_news = change(&mut custody);
        if is_news {
            self.custody.insert(pair, (custody, now_ms));
        }
        is_news
    }

    /// Gives messages up, which are all that a sender has in an epoch up to some number.
    fn lose(
        &mut self,
        is_lost: impl Fn(&Message) -> bool,
        reason: RelayRefusal,
        now_ms: u64,
    ) -> Vec<GivenUp> {
        let mut lasts = BTreeMap::new();
        for message in self.queue.iter().filter(|message| is_lost(message)) {
            let Keep { from, to, id, .. } = &message.keep;
            lasts.insert((to.clone(), from.clone(), id.epoch.to_bits()), id.seq);
        }
        self.queue.retain(|message| !is_lost(message));
        let given_up = |((to, from, epoch), upto): ((UserId, UserId, u64), u64)| {
            let epoch = Epoch::from_bits(epoch);
            if let Some((custody, touched)) = self.custody.get_mut(&(to.clone(), from.clone()))
                && custody.epoch == epoch
            {
                custody.on_lost(upto, reason);
                *touched = now_ms;
            }
            GivenUp { from, to, epoch, upto, reason }
        };
        lasts.into_iter().map(given_up).collect()
    }

    fn purge(&mut self, now_ms: u64) -> Vec<GivenUp> {
        let Some(oldest) = now_ms.checked_sub(self.limits.age.as_millis() as u64) else {
            return vec![];
        };
        let expired = |message: &Message| message.kept_ms < oldest;
        let given_up = self.lose(expired, RelayRefusal::Expired, now_ms);
        let queue = &self.queue;
        let receipts = &mut self.receipts;
        self.custody.retain(|(to, from), (_, touched)| {
            let is_kept = queue.iter().any(|m| (&m.keep.to, &m.keep.from) == (to, from));
            let stays = *touched >= oldest || is_kept;
            if !stays {
                receipts.remove(&(from.clone(), to.clone()));
            }
            stays
        });
        given_up
    }

    pub(super) fn add_user(&mut self, user: &UserId, secret: &Secret) -> bool {
        let is_new = !self.users.contains_key(user);
        if is_new {
            let secret = Some(secret.clone());
            self.users.insert(user.clone(), User { secret, ..User::default() });
        }
        is_new
    }

    pub(super) fn remove_user(&mut self, user: &UserId, now_ms: u64) -> Option<Removal> {
        self.users.remove(user)?;
        let given_up = self.lose(|m| m.keep.to == *user, RelayRefusal::UnknownUser, now_ms);
        self.queue.retain(|m| m.keep.from != *user);
        self.custody.retain(|(_, from), _| from != user);
        self.receipts.retain(|(from, _)| from != user);
        Some(Removal { given_up })
    }

    pub(super) fn reset_key(
        &mut self,
        user: &UserId,
        secret: &Secret,
        now_ms: u64,
    ) -> Option<Removal> {
        let known = self.users.get_mut(user)?;
        (known.key, known.secret) = (None, Some(secret.clone()));
        let given_up = self.lose(|m| m.keep.to == *user, RelayRefusal::KeyChanged, now_ms);
        Some(Removal { given_up })
    }

    pub(super) fn set_quota(&mut self, user: &UserId, quota: Quota) -> bool {
        let known = self.users.get_mut(user);
        known.map(|known| known.quota = quota).is_some()
    }

    /// Returns the messages and bytes that are kept for a user, or for all.
    fn usage(&self, to: Option<&UserId>) -> (u64, u64) {
        let kept = self.queue.iter().filter(|m| to.is_none_or(|to| m.keep.to == *to));
        kept.fold((0, 0), |(messages, bytes), m| (messages + 1, bytes + size(&m.keep)))
    }

    /// Compares all that a store says.
    pub(super) fn check(&self, store: &Store) {
        let row = |(user, known): (&UserId, &User)| {
            let (messages, bytes) = self.usage(Some(user));
            let has_secret = known.secret.as_ref().map(|secret| secret.kind);
            let (user, key, quota) = (user.clone(), known.key, known.quota);
            UserRow { user, key, has_secret, quota, messages, bytes }
        };
        let users: Vec<_> = self.users.iter().map(row).collect();
        assert_eq!(store.users().expect("users"), users);
        // Nothing is left behind that does not show.
        let recipients: BTreeSet<_> = self.queue.iter().map(|m| &m.keep.to).collect();
        let [kept, usage, custody, receipts] =
            [self.queue.len(), recipients.len(), self.custody.len(), self.receipts.len()];
        let rows = [kept, kept, usage, custody, receipts].map(|rows| rows as u64);
        assert_eq!(bench::rows(store), rows);
        for (user, known) in &self.users {
            assert_eq!(store.secret(user).expect("secret"), known.secret);
            assert_eq!(store.key(user).expect("key"), known.key);
            assert_eq!(store.backlog(user).expect("backlog"), self.backlog(user));
            for after in 0..=self.places {
                let page = store.page(user, after).expect("page");
                assert_eq!(page, self.page(user, after), "{user} after {after}");
            }
        }
    }

    fn backlog(&self, user: &UserId) -> Backlog {
        let to_user = self.queue.iter().filter(|m| m.keep.to == *user);
        let kept: BTreeSet<_> = to_user.map(|m| m.keep.from.clone()).collect();
        let read = |(from, to): &(UserId, UserId)| {
            let (custody, _) = self.custody.get(&(to.clone(), from.clone()))?;
            let id = MessageId { epoch: custody.epoch, seq: custody.read };
            (from == user && id.seq > 0).then(|| (to.clone(), id))
        };
        Backlog {
            kept: kept.into_iter().collect(),
            read: self.receipts.iter().filter_map(read).collect(),
        }
    }

    fn page(&self, user: &UserId, after: u64) -> Page {
        let mut page = Page { kept: vec![], last: after, more: false };
        let mut lowest = BTreeMap::new();
        for Message { place, keep, .. } in self.queue.iter().filter(|m| m.keep.to == *user) {
            let Keep { from, id, envelope, body, .. } = keep.clone();
            let lowest = *lowest.entry((from.clone(), id.epoch.to_bits())).or_insert(id.seq);
            if *place > after {
                let back = id.seq - lowest;
                page.kept.push(Kept { from, id, back, envelope, body });
                page.last = *place;
            }
        }
        page
    }
}

fn size(keep: &Keep) -> u64 {
    (keep.envelope.len() + keep.body.len()) as u64
}
