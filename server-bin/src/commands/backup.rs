use std::path;

use super::{ask, print};
use crate::admin::{Done, Request};
use crate::cli::BackupArgs;
use crate::data_dir::{DataDir, KEY_FILE};
use crate::error::Error;
use crate::host::size::show_size;

/// Copies accounts and kept messages to a new file.
pub(crate) fn backup(args: BackupArgs) -> Result<(), Error> {
    // The server that writes it has another working directory than this process.
    let path = path::absolute(&args.file)
        .map_err(|source| Error::BackupPath { path: args.file.clone(), source })?;
    if path.to_str().is_none() {
        return Err(Error::NotText { path });
    }
    let data = DataDir::find(args.data.data)?;
    match ask(&data, Request::Backup { path: path.clone() })? {
        Done::Backup { bytes } => print(&format!(
            "accounts and kept messages are copied to {} ({}); the server's key is not in it, keep \
             a copy of {} too\n",
            path.display(),
            show_size(bytes),
            data.path().join(KEY_FILE).display(),
        )),
        Done::Added | Done::Removed { .. } | Done::Users(_) | Done::Quota { .. } => {
            Err(Error::OtherVersion)
        }
    }
}
