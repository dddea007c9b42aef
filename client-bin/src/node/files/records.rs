use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use breeze_server::host::private_dir;

use super::key::Key;
use super::record::{Record, VERSION};

/// The longest record that is read: names have 255 bytes at most, and paths some thousands.
const MAX_RECORD: u64 = 64 * 1024;

/// Keeps the records of transfers, and the hashes of what is sent, in a folder of the home directory.
#[derive(Clone, Debug)]
pub(in crate::node) struct Records {
    dir: PathBuf,
}

impl Records {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// The system's.
    pub(in crate::node) fn open(dir: &Path) -> io::Result<Self> {
        let dir = private_dir::open(Some(dir.to_owned()), "breeze", "transfers");
        Ok(Self { dir: dir.map_err(io::Error::other)? })
    }

    /// Reads all records. What cannot be read is left alone, and said.
    pub(in crate::node) fn load(&self) -> io::Result<Vec<Record>> {
        let mut records = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match read(&path) {
                Ok(record) => records.push(record),
                Err(error) => {
                    log::warn!(
                        "the record {} of a transfer is left alone: {error}",
                        path.display()
                    );
                }
            }
        }
        records.sort_by_key(Record::key);
        Ok(records)
    }

    /// Writes a record, durably.
    pub(super) fn save(&self, record: &Record) -> io::Result<()> {
        let path = self.path(&record.key(), "json");
        let fresh = self.path(&record.key(), "new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(&self.dir)?.sync_all()?;
        if record.is_over() { remove(&self.tree(&record.key())) } else { Ok(()) }
    }

    /// Forgets a transfer.
    pub(super) fn remove(&self, key: &Key) -> io::Result<()> {
        ["json", "tree"].iter().try_for_each(|ending| remove(&self.path(key, ending)))
    }

    /// Returns where the hashes of a stream that is sent are.
    pub(super) fn tree(&self, key: &Key) -> PathBuf {
        self.path(key, "tree")
    }

    fn path(&self, key: &Key, ending: &str) -> PathBuf {
        let way = if key.is_outgoing { "to" } else { "from" };
        self.dir.join(format!("{key}.{way}.{}.{ending}", key.peer))
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn read(path: &Path) -> io::Result<Record> {
    if fs::metadata(path)?.len() > MAX_RECORD {
        return Err(io::Error::other("it is too long"));
    }
    let record: Record = serde_json::from_slice(&fs::read(path)?)?;
    match record.version {
        VERSION => Ok(record),
        other => Err(io::Error::other(format!("it is of version {other}"))),
    }
}
