use super::standing::Standing;
use crate::ndjson::Reference;

/// Is one transfer that a command follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// What the events about it are marked with, on this connection.
    pub(super) reference: Reference,
    /// What to call it, as it came; it may be other people's text.
    pub(super) name: String,
    /// The user on the other side; empty as long as that is unknown.
    pub(super) peer: String,
    /// This side sends it.
    pub(super) sends: bool,
    /// What the node calls it.
    pub(super) transfer: Option<String>,
    /// Its bytes, as far as is known.
    pub(super) size: Option<u64>,
    /// Bytes of the largest one that the server passes on, if it is larger.
    pub(super) limit: Option<u64>,
    /// It is on disk at the node, and goes on without this command.
    pub(super) kept: bool,
    pub(super) standing: Standing,
}

impl Item {
    /// Makes one of which nothing was heard yet.
    pub(super) fn new(number: u64, name: String, peer: String, sends: bool) -> Self {
        Self {
            reference: Reference::Number(number.into()),
            name,
            peer,
            sends,
            transfer: None,
            size: None,
            limit: None,
            kept: false,
            standing: Standing::Asked,
        }
    }

    /// Tells whether nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        match self.standing {
            Standing::Asked | Standing::Going { .. } => false,
            Standing::Done { .. } | Standing::Failed { .. } | Standing::Refused(_) => true,
        }
    }

    /// Tells whether the recipient has all of it.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.standing, Standing::Done { .. })
    }

    /// Returns what to call it to the node, in as many digits as will do.
    pub(super) fn id(&self) -> Option<&str> {
        self.transfer.as_deref().map(super::words::short_id)
    }
}
