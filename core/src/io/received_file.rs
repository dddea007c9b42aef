use crate::error::FileRefusal;
use crate::id::UserId;
use crate::route::Path;
use crate::wire::FileItem;

/// Holds what came of a file's transfer: the host hands it to
/// [`Transfers::received`](crate::files::Transfers::received).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedFile<'b> {
    /// The other side of the transfer, authenticated.
    pub from: UserId,
    /// How it came.
    pub path: Path,
    /// What it is.
    pub what: FileNews<'b>,
}

/// Says what came of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNews<'b> {
    /// An item from the other side.
    Item(FileItem<'b>),
    /// Something for the other side was not relayed by the server.
    Refused {
        /// The transfer.
        number: u64,
        /// Why.
        reason: FileRefusal,
    },
}
