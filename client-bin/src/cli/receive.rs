use std::path::PathBuf;

use breeze_core::id::UserId;
use clap::Args;

/// What a node does with files that others offer.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReceiveArgs {
    /// User whose files are accepted without asking, into the download folder. May be repeated
    #[arg(long, value_name = "USER")]
    pub(crate) auto_accept_from: Vec<UserId>,
    /// Folder for files that are accepted without naming one; the user's own for downloads, or
    /// 'breeze' in the user's home, unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) download_dir: Option<PathBuf>,
}
