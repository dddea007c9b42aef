use std::collections::{HashMap, VecDeque};

use breeze_core::id::MessageId;

use super::asker::Asker;
use crate::ndjson::MessageState;

/// Delivered messages whose references are remembered in case they are read.
const MAX_DELIVERED: usize = 4096;

/// Remembers who sent which message, for as long as there may be news of it.
///
/// Messages that are not delivered are in the store's outbox too, so that its quota bounds them.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    messages: HashMap<MessageId, Sent>,
    /// Those that are neither kept by the server nor settled.
    queued: usize,
    /// Those that are delivered, oldest first; some may have been read since.
    delivered: VecDeque<MessageId>,
}

#[derive(Debug)]
struct Sent {
    /// Who sent it in this run.
    asker: Option<Asker>,
    queued: bool,
}

/// Says whom news of a message matter to.
#[derive(Debug, Default)]
pub(super) struct Matter {
    /// Who sent it in this run, if that is still known.
    pub(super) asker: Option<Asker>,
    /// It is the outcome of the command: the message is in other hands than this node's, or failed.
    pub(super) is_outcome: bool,
}

impl Ledger {
    /// Takes in a message that is on disk here, and nowhere else.
    pub(super) fn enter(&mut self, id: MessageId, asker: Option<Asker>) {
        self.messages.insert(id, Sent { asker, queued: true });
        self.queued += 1;
    }

    /// Takes in how far a message has got, and returns whom to tell.
    pub(super) fn advance(&mut self, id: MessageId, state: MessageState) -> Matter {
        let Some(sent) = self.messages.get_mut(&id) else { return Matter::default() };
        let is_outcome = sent.queued && state != MessageState::Queued;
        sent.queued &= !is_outcome;
        self.queued -= usize::from(is_outcome);
        let matter = Matter { asker: sent.asker.clone(), is_outcome };
        // Without a reference, who sent it matters for the outcome only.
        let has_reference = sent.asker.as_ref().is_some_and(|asker| asker.reference.is_some());
        match state {
            MessageState::Queued => {}
            MessageState::Stored | MessageState::Delivered if !has_reference => {
                self.messages.remove(&id);
            }
            MessageState::Stored => {}
            MessageState::Delivered => {
                self.delivered.push_back(id);
                if self.delivered.len() > MAX_DELIVERED
                    && let Some(oldest) = self.delivered.pop_front()
                {
                    self.messages.remove(&oldest);
                }
            }
            MessageState::Read | MessageState::Failed => {
                self.messages.remove(&id);
            }
        }
        matter
    }

    /// Tells whether messages are neither kept by the server nor settled.
    pub(super) fn has_queued(&self) -> bool {
        self.queued > 0
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::Epoch;

    use super::super::seat_id::SeatId;
    use super::*;
    use crate::ndjson::Reference;

    fn id(seq: u64) -> MessageId {
        MessageId { epoch: Epoch::from_bits(1), seq }
    }

    fn asker(reference: Option<&str>) -> Option<Asker> {
        let reference = reference.map(|text| Reference::Text(text.into()));
        Some(Asker { seat: SeatId(1), reference })
    }

    #[test]
    fn a_command_has_its_outcome_once_and_its_reference_to_the_end() {
        use MessageState::{Delivered, Failed, Read, Stored};

        for (way, outcome) in [
            (&[Stored, Delivered, Read][..], Stored),
            (&[Delivered, Read], Delivered),
            (&[Read], Read),
            (&[Stored, Failed], Stored),
            (&[Failed], Failed),
        ] {
            let mut ledger = Ledger::default();
            ledger.enter(id(1), asker(Some("r")));
            for state in way {
                assert!(ledger.has_queued() == (*state == outcome), "{state:?}");
                let matter = ledger.advance(id(1), *state);
                assert_eq!(matter.is_outcome, *state == outcome, "{way:?}");
                assert!(matter.asker.is_some_and(|asker| asker.reference.is_some()), "{way:?}");
            }
            assert!(ledger.messages.is_empty(), "{way:?}");
        }
    }

    #[test]
    fn what_nobody_calls_by_a_reference_is_forgotten_with_its_outcome() {
        for sender in [None, asker(None)] {
            let mut ledger = Ledger::default();
            ledger.enter(id(1), sender.clone());
            let matter = ledger.advance(id(1), MessageState::Stored);
            assert_eq!((matter.asker.is_some(), matter.is_outcome), (sender.is_some(), true));
            assert!(ledger.messages.is_empty() && !ledger.has_queued());
            let matter = ledger.advance(id(1), MessageState::Delivered);
            assert!(matter.asker.is_none() && !matter.is_outcome);
        }
    }

    #[test]
    fn delivered_messages_are_remembered_up_to_a_number() {
        let mut ledger = Ledger::default();
        let last = 2 * MAX_DELIVERED as u64;
        for seq in 1..=last {
            ledger.enter(id(seq), asker(Some("r")));
            ledger.advance(id(seq), MessageState::Delivered);
        }
        assert_eq!((ledger.messages.len(), ledger.delivered.len()), (MAX_DELIVERED, MAX_DELIVERED));
        assert!(ledger.advance(id(1), MessageState::Read).asker.is_none());
        assert!(ledger.advance(id(last), MessageState::Read).asker.is_some());
        assert!(!ledger.has_queued());
    }
}
