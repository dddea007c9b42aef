use std::collections::{BTreeMap, BTreeSet};

use breeze_core::error::RelayRefusal;
use breeze_core::id::{Epoch, MessageId, PublicKey, UserId};
use breeze_core::io::{Backlog, Keep, Kept};
use breeze_core::{Answer, Custody};

/// Messages on a page.
const PAGE: usize = 16;

/// Is the disk of a world's server: what it keeps for users that are away.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    /// By the order of arrival.
    kept: BTreeMap<u64, (UserId, Kept)>,
    /// By recipient and sender.
    custody: BTreeMap<(UserId, UserId), Custody>,
    /// What was seen while its sender was away, by sender and recipient.
    read: BTreeMap<(UserId, UserId), MessageId>,
    places: u64,
}

impl Shelf {
    pub(super) fn keep(&mut self, keep: &Keep, key: Option<&PublicKey>, quota: usize) -> Answer {
        match key {
            None => return Answer::Refused(RelayRefusal::UnknownUser),
            Some(key) if !keep.is_for(key) => return Answer::Refused(RelayRefusal::KeyChanged),
            Some(_) => {}
        }
        let pair = (keep.to.clone(), keep.from.clone());
        let known = self.custody.get(&pair).copied();
        let mut custody = known.unwrap_or(Custody::new(keep.id.epoch));
        let before = custody;
        if let Err(answer) = custody.admit(keep.id.epoch, keep.id.seq, keep.back, keep.gap) {
            self.custody.insert(pair, custody);
            return answer;
        }
        let held = self.kept.values().filter(|(to, _)| *to == keep.to).count();
        if held >= quota {
            self.custody.insert(pair, before);
            return Answer::Refused(RelayRefusal::Quota);
        }
        self.custody.insert(pair, custody);
        self.places += 1;
        let Keep { from, to, id, envelope, body, .. } = keep.clone();
        self.kept.insert(self.places, (to, Kept { from, id, back: 0, envelope, body }));
        Answer::Stored { upto: keep.id.seq }
    }

    pub(super) fn acked(&mut self, from: &UserId, to: &UserId, id: MessageId) {
        self.kept.retain(|_, (kept_to, kept)| {
            let covered = kept.id.epoch == id.epoch && kept.id.seq <= id.seq;
            !(kept_to == to && kept.from == *from && covered)
        });
        let pair = (to.clone(), from.clone());
        self.custody.entry(pair).or_insert(Custody::new(id.epoch)).on_ack(id.epoch, id.seq);
    }

    pub(super) fn read(&mut self, from: UserId, to: UserId, id: MessageId) {
        self.read.insert((from, to), id);
    }

    pub(super) fn answers(&self, from: &UserId, to: &UserId, epoch: Epoch) -> Vec<Answer> {
        let known = self.custody.get(&(to.clone(), from.clone())).copied();
        known.unwrap_or(Custody::new(epoch)).answers(epoch).collect()
    }

    pub(super) fn backlog(&mut self, user: &UserId) -> Backlog {
        let own = self.kept.values().filter(|(to, _)| to == user);
        let senders: BTreeSet<UserId> = own.map(|(_, kept)| kept.from.clone()).collect();
        let (told, others) =
            std::mem::take(&mut self.read).into_iter().partition(|((from, _), _)| from == user);
        self.read = others;
        let told: BTreeMap<(UserId, UserId), MessageId> = told;
        let read = told.into_iter().map(|((_, to), id)| (to, id)).collect();
        Backlog { kept: senders.into_iter().collect(), read }
    }

    pub(super) fn page(&self, user: &UserId, after: u64) -> (Vec<Kept>, u64, bool) {
        let own = || self.kept.iter().filter(|(_, (to, _))| to == user);
        let first = |wanted: &Kept| {
            let alike = |kept: &Kept| kept.from == wanted.from && kept.id.epoch == wanted.id.epoch;
            own().find(|(_, (_, kept))| alike(kept)).map_or(wanted.id.seq, |(_, (_, k))| k.id.seq)
        };
        let mut rest = own().filter(|(place, _)| **place > after);
        let mut last = after;
        let page = rest
            .by_ref()
            .take(PAGE)
            .map(|(place, (_, kept))| {
                last = *place;
                Kept { back: kept.id.seq - first(kept), ..kept.clone() }
            })
            .collect();
        (page, last, rest.next().is_some())
    }

    /// Gives up what is kept for a user: whose it was, and up to which number.
    pub(super) fn give_up(
        &mut self,
        user: &UserId,
        reason: RelayRefusal,
    ) -> Vec<(UserId, Epoch, u64)> {
        let mut lost = BTreeMap::new();
        self.kept.retain(|_, (to, kept)| {
            if to == user {
                lost.insert(kept.from.clone(), kept.id);
            }
            to != user
        });
        for (from, id) in &lost {
            if let Some(custody) = self.custody.get_mut(&(user.clone(), from.clone())) {
                custody.on_lost(id.seq, reason);
            }
        }
        lost.into_iter().map(|(from, id)| (from, id.epoch, id.seq)).collect()
    }

    /// Forgets everything that was kept.
    pub(super) fn lose_everything(&mut self) {
        *self = Self { places: self.places, ..Self::default() };
    }

    /// The messages that are kept: for whom, and which.
    pub(super) fn list(&self) -> Vec<(&str, MessageId)> {
        self.kept.values().map(|(to, kept)| (to.as_str(), kept.id)).collect()
    }

    /// Tells whether a message is kept.
    pub(super) fn has(&self, id: MessageId) -> bool {
        self.kept.values().any(|(_, kept)| kept.id == id)
    }

    /// Tells whether a text is found in anything that is kept.
    pub(super) fn contains(&self, text: &[u8]) -> bool {
        let found = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        self.kept.values().any(|(_, kept)| found(&kept.body) || found(&kept.envelope))
    }
}
