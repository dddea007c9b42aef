use serde::{Deserialize, Serialize};

/// Says what is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileKind {
    /// One file.
    File,
    /// A folder with all that is in it.
    Folder,
}
