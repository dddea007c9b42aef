use super::seat_id::SeatId;
use crate::ndjson::Reference;

/// Says who gave a command, and what it is called there.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) seat: SeatId,
    pub(super) reference: Option<Reference>,
}
