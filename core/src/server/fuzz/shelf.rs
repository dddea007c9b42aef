use alloc::collections::BTreeMap;
use std::vec::Vec;

use crate::delivery::{Answer, Custody};
use crate::id::{Epoch, MessageId, UserId};
use crate::io::{Backlog, Keep, Kept};

/// Messages on a page.
const PAGE: usize = 3;

/// Keeps messages, as the disk of a server's host does.
#[derive(Default)]
pub(super) struct Shelf {
    /// In the order of their places, each with its recipient.
    kept: Vec<(u64, UserId, Kept)>,
    places: u64,
    /// By recipient and sender.
    custody: BTreeMap<(UserId, UserId), Custody>,
    /// Who has seen what of a sender's.
    read: Vec<(UserId, UserId, MessageId)>,
}

impl Shelf {
    pub(super) fn keep(&mut self, keep: &Keep) -> Answer {
        let pair = (keep.to.clone(), keep.from.clone());
        let custody = self.custody.entry(pair).or_insert(Custody::new(keep.id.epoch));
        if let Err(answer) = custody.admit(keep.id.epoch, keep.id.seq, keep.back, keep.gap) {
            return answer;
        }
        self.places += 1;
        let Keep { from, to, id, envelope, body, .. } = keep.clone();
        self.kept.push((self.places, to, Kept { from, id, back: 0, envelope, body }));
        Answer::Stored { upto: id.seq }
    }

    pub(super) fn acked(&mut self, from: &UserId, to: &UserId, id: MessageId) {
        self.kept.retain(|(_, kept_to, kept)| {
            let is_covered = kept.id.epoch == id.epoch && kept.id.seq <= id.seq;
            !(kept_to == to && kept.from == *from && is_covered)
        });
        let pair = (to.clone(), from.clone());
        self.custody.entry(pair).or_insert(Custody::new(id.epoch)).on_ack(id.epoch, id.seq);
    }

    pub(super) fn read(&mut self, from: UserId, to: UserId, id: MessageId) {
        self.read.push((from, to, id));
    }

    pub(super) fn answers(&self, from: &UserId, to: &UserId, epoch: Epoch) -> Vec<Answer> {
        let known = self.custody.get(&(to.clone(), from.clone())).copied();
        known.unwrap_or(Custody::new(epoch)).answers(epoch).collect()
    }

    pub(super) fn backlog(&mut self, user: &UserId) -> Backlog {
        let own = self.kept.iter().filter(|(_, to, _)| to == user);
        let kept = own.map(|(_, _, kept)| kept.from.clone()).collect();
        let (told, others): (Vec<_>, _) =
            self.read.drain(..).partition(|(from, _, _)| from == user);
        self.read = others;
        Backlog { kept, read: told.into_iter().map(|(_, to, id)| (to, id)).collect() }
    }

    pub(super) fn page(&self, user: &UserId, after: u64) -> (Vec<Kept>, u64, bool) {
        let mut rest = self.kept.iter().filter(|(place, to, _)| to == user && *place > after);
        let mut last = after;
        let page = rest.by_ref().take(PAGE).map(|(place, _, kept)| {
            last = *place;
            kept.clone()
        });
        let page = page.collect();
        (page, last, rest.next().is_some())
    }
}
