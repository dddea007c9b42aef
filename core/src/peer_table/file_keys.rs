use crate::id::Epoch;
use crate::noise::{OpeningKey, SealingKey};

/// Holds what seals and opens a user's files that go through the server.
#[derive(Default)]
pub(crate) struct FileKeys {
    /// What seals items to the user, what it is called, and how many it has sealed.
    pub sealing: Option<(SealingKey, Epoch, u64)>,
    /// The user may lack the envelope of that.
    pub envelope_due: bool,
    /// What opens items from the user, and how many it has seen: older ones come a second time.
    pub opening: Option<(OpeningKey, u64)>,
}
