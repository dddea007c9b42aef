use breeze_core::files::FileDetails;

/// Says what a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    /// A socket, a device and the like.
    Other,
}

/// Describes what a name in a folder stands for, without following it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct About {
    /// What it is.
    pub(super) kind: Kind,
    /// Bytes.
    pub(super) size: u64,
    /// What a transfer keeps of a file.
    pub(super) details: FileDetails,
    /// Whether no other name stands for the same file, as far as the system says.
    pub(super) is_alone: bool,
}
