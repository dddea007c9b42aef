use super::item::Item;
use super::standing::Standing;
use crate::ndjson::{Event, FileState, Reference, ServerState};

/// Follows some transfers by what the node tells of them.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) items: Vec<Item>,
    /// There is a session with the server.
    pub(super) connected: bool,
}

/// Says whom an event concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The item with this index.
    One(usize),
    /// Each, in how it waits.
    All,
    /// None of them.
    None,
}

impl Watch {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self { items, connected: true }
    }

    /// Takes note of an event, if it is about one of these transfers.
    pub(super) fn note(&mut self, event: &Event<'_>) -> Change {
        match event {
            Event::Server { state, .. } => {
                self.connected = *state == ServerState::Connected;
                return Change::All;
            }
            Event::Error { reference, message, .. } => {
                let Some(at) = self.marked(reference.as_ref()) else { return Change::None };
                self.items[at].standing = Standing::Refused(message.to_string());
                return Change::One(at);
            }
            _ => {}
        }
        let Some((transfer, reference)) = names(event) else { return Change::None };
        let Some(at) = self.find(transfer, reference) else { return Change::None };
        let item = &mut self.items[at];
        item.transfer.get_or_insert_with(|| transfer.to_owned());
        item.take(event);
        Change::One(at)
    }

    /// Finds an item by what the node calls it, or by the mark of the command that began it.
    fn find(&self, transfer: &str, reference: Option<&Reference>) -> Option<usize> {
        let is_it = |item: &Item| item.transfer.as_deref() == Some(transfer);
        self.items.iter().position(is_it).or_else(|| self.marked(reference))
    }

    fn marked(&self, reference: Option<&Reference>) -> Option<usize> {
        let reference = reference?;
        self.items.iter().position(|item| item.reference == *reference && !item.is_over())
    }
}

impl Item {
    /// Takes note of an event about it.
    fn take(&mut self, event: &Event<'_>) {
        let (Event::FileOffer { from, to, .. }
        | Event::FileProgress { from, to, .. }
        | Event::FileDone { from, to, .. }
        | Event::FileFailed { from, to, .. }) = event
        else {
            return;
        };
        if let Some(peer) = from.as_ref().or(to.as_ref()) {
            self.peer = peer.to_string();
        }
        match event {
            Event::FileOffer { size, .. } => {
                self.size = Some(*size);
                self.kept = true;
                self.standing = Standing::Going {
                    state: FileState::Waiting,
                    bytes: 0,
                    rate: 0,
                    via: None,
                    reason: None,
                };
            }
            Event::FileProgress { state, bytes, size, rate, via, reason, limit, .. } => {
                self.size = Some(*size);
                // What is accepted is on disk, and so is what is more than read.
                self.kept |= *state != FileState::Hashing;
                self.standing = Standing::Going {
                    state: *state,
                    bytes: *bytes,
                    rate: *rate,
                    via: *via,
                    reason: reason.as_deref().map(str::to_owned),
                };
                self.limit = *limit;
            }
            Event::FileDone { name, path, bytes, seconds, via, .. } => {
                name.as_ref().clone_into(&mut self.name);
                let path = path.to_string();
                self.standing = Standing::Done { path, bytes: *bytes, ms: seconds.ms, via: *via };
            }
            Event::FileFailed { reason, message, .. } => {
                let (reason, message) = (reason.to_string(), message.to_string());
                self.standing = Standing::Failed { reason, message };
            }
            _ => {}
        }
    }
}

/// Returns what an event about a transfer calls it, and with what it is marked.
fn names<'e>(event: &'e Event<'_>) -> Option<(&'e str, Option<&'e Reference>)> {
    match event {
        Event::FileOffer { transfer, reference, .. }
        | Event::FileProgress { transfer, reference, .. }
        | Event::FileDone { transfer, reference, .. }
        | Event::FileFailed { transfer, reference, .. } => Some((transfer, reference.as_ref())),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use breeze_core::id::UserId;

    use super::*;
    use crate::ndjson::{FileKind, PathKind, Seconds, Via};

    pub(in crate::commands::file) const ONE: &str = "3f9a00112233445a";
    pub(in crate::commands::file) const TWO: &str = "77e0aa112233445b";

    fn mark(number: u64) -> Option<Reference> {
        Some(Reference::Number(number.into()))
    }

    fn bob() -> Option<UserId> {
        UserId::new("bob").ok()
    }

    pub(in crate::commands::file) fn two() -> Watch {
        let item = |number, name: &str| Item::new(number, name.into(), "bob".into(), true);
        Watch::new(vec![item(1, "a.txt"), item(2, "b.txt")])
    }

    pub(in crate::commands::file) fn progress(
        transfer: &'static str,
        number: Option<u64>,
        state: FileState,
        reason: Option<&'static str>,
    ) -> Event<'static> {
        Event::FileProgress {
            transfer: transfer.into(),
            reference: number.and_then(mark),
            from: None,
            to: bob(),
            state,
            bytes: 3 << 20,
            size: 10 << 20,
            rate: 1 << 20,
            via: (state == FileState::Moving).then_some(PathKind::Direct),
            reason: reason.map(Into::into),
            limit: (reason == Some("too_large_for_relay")).then_some(5 << 20),
        }
    }

    pub(in crate::commands::file) fn offer(
        transfer: &'static str,
        number: Option<u64>,
    ) -> Event<'static> {
        Event::FileOffer {
            transfer: transfer.into(),
            reference: number.and_then(mark),
            from: None,
            to: bob(),
            name: "a.txt".into(),
            kind: FileKind::File,
            size: 10 << 20,
            files: 1,
            hash: "af".into(),
        }
    }

    pub(in crate::commands::file) fn done(transfer: &'static str) -> Event<'static> {
        Event::FileDone {
            transfer: transfer.into(),
            reference: None,
            from: None,
            to: bob(),
            name: "a.txt".into(),
            path: "/x/a.txt".into(),
            bytes: 10 << 20,
            hash: "af".into(),
            seconds: Seconds { ms: 9_870 },
            via: Via::Direct,
        }
    }

    pub(in crate::commands::file) fn failed(
        transfer: &'static str,
        reason: &'static str,
    ) -> Event<'static> {
        Event::FileFailed {
            transfer: transfer.into(),
            reference: None,
            from: None,
            to: bob(),
            name: "a.txt".into(),
            reason: reason.into(),
            message: "words of the node".into(),
        }
    }

    pub(in crate::commands::file) fn refused(number: u64) -> Event<'static> {
        let (code, message) = ("bad_name".into(), "'x:y' cannot be a name".into());
        Event::Error { code, message, reference: mark(number) }
    }

    /// The mark tells which is which; later events need none.
    #[test]
    fn each_event_finds_its_transfer() {
        let mut watch = two();
        let hashing = |transfer, number| progress(transfer, number, FileState::Hashing, None);
        assert_eq!(watch.note(&hashing(TWO, Some(2))), Change::One(1));
        assert!(!watch.items[1].kept);
        assert_eq!(watch.note(&offer(ONE, Some(1))), Change::One(0));
        assert!(watch.items[0].kept);
        assert_eq!(watch.items[0].transfer.as_deref(), Some(ONE));
        assert_eq!(watch.note(&offer(TWO, None)), Change::One(1));
        assert_eq!(watch.note(&progress(TWO, None, FileState::Moving, None)), Change::One(1));
        assert_eq!(watch.note(&done(TWO)), Change::One(1));
        assert!(watch.items[1].is_done() && !watch.items[0].is_over());
        assert_eq!(watch.note(&failed(ONE, "rejected")), Change::One(0));
        assert!(watch.items[0].is_over() && !watch.items[0].is_done());
    }

    #[test]
    fn what_others_do_is_passed_over() {
        let mut watch = two();
        for event in [
            offer("00ff00ff00ff00ff", None),
            offer("00ff00ff00ff00ff", Some(3)),
            refused(3),
            Event::Error { code: "c".into(), message: "m".into(), reference: None },
            Event::Who { users: Vec::new() },
        ] {
            assert_eq!(watch.note(&event), Change::None, "{event:?}");
        }
        assert_eq!(watch.items, two().items);
    }

    #[test]
    fn what_the_node_refuses_is_over() {
        let mut watch = two();
        assert_eq!(watch.note(&refused(2)), Change::One(1));
        assert!(watch.items[1].is_over() && !watch.items[1].kept && !watch.items[0].is_over());
    }
}
