use super::DeliveryState;

/// Tells who wrote a message of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This user; so far has it got.
    Sent(DeliveryState),
    /// The other one, under this display name.
    Received {
        /// The name as it was at the time.
        name: String,
    },
}
