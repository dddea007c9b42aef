use crate::error::CloseReason;
use crate::id::UserId;
use crate::wire::FileItem;

/// Takes items on their way into records.
pub(crate) trait Sink {
    /// Returns how many bytes of a stream one item holds at most.
    fn chunk(&self) -> usize;

    /// Writes an item that is not `Data`, of a stream of `size` bytes.
    fn item(&mut self, to: &UserId, size: u64, item: &FileItem<'_>)
    -> Result<Written, CloseReason>;

    /// Writes a `Data` item, whose bytes `fill` puts in their place; it is given without them.
    fn data(
        &mut self,
        to: &UserId,
        size: u64,
        head: &FileItem<'_>,
        len: usize,
        fill: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Written, CloseReason>;
}

/// Says what became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Whole,
    /// There is no room now.
    Full,
    /// The other side takes nothing that long.
    TooLarge,
}
