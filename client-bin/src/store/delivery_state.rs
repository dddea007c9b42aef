/// Tells how far a sent message has got, as far as is durably known.
///
/// It moves down this list only, and `Read` and `Failed` are final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryState {
    /// Durable here.
    Queued,
    /// Durable at the server.
    Stored,
    /// Durable at the recipient.
    Delivered,
    /// A person has seen it.
    Read,
    /// It was given up, for this reason.
    Failed(String),
}
