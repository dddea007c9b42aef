use breeze_core::files::{MAX_DEPTH, MAX_ENTRIES, MAX_LIST, NameError};

/// Says why the list at the beginning of a folder's stream is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListError {
    /// The offer announces more than anybody has to take.
    #[error("it is larger than {MAX_ENTRIES} entries or {MAX_LIST} bytes")]
    TooLarge,
    /// It is longer than the stream that it stands in.
    #[error("it is longer than the whole stream")]
    Longer,
    /// An entry cannot be decoded.
    #[error("entry {0} is none")]
    Entry(u32),
    /// An entry ends more folders than there are.
    #[error("entry {0} leads out of the folder")]
    Up(u32),
    /// There are too many folders within each other.
    #[error("entry {0} is more than {MAX_DEPTH} folders deep")]
    Depth(u32),
    /// A name is not one that a file may have.
    #[error("the name of entry {entry} is refused: {why}")]
    Name {
        /// Which entry.
        entry: u32,
        /// What is wrong with it.
        why: NameError,
    },
    /// A name comes twice in one folder, at least where upper and lower case are the same.
    #[error("the name of entry {0} is taken by another one")]
    Clash(u32),
    /// There are more or fewer entries than were offered.
    #[error("it has not the number of entries that was offered")]
    Count,
    /// The files are not as large as the stream.
    #[error("its files have not the size that was offered")]
    Size,
}
