use std::path::PathBuf;

use clap::Args;

use super::user::DataArgs;

const BACKUP_HELP: &str = "\
The copy is of one moment, and may be made while the server runs. It holds accounts and kept
messages; the server's key is a file of its own, server.key, which needs a copy too: once, and
in a safe place. To restore both, see docs/OPERATIONS.md.

Example:
  breeze-server backup /backup/breeze-$(date +%F).redb";

/// Where to put a copy.
#[derive(Debug, Args)]
#[command(after_help = BACKUP_HELP)]
pub(crate) struct BackupArgs {
    /// The copy, which must not be there yet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
