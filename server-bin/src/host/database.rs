//! redb databases that are whole or absent at any moment, checked when opened, and brought up to
//! date by migrations.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Database, ReadableDatabase, StorageBackend, TableDefinition, TableError, WriteTransaction,
};

use super::{DatabaseFault, platform, private_file};

/// Holds the version, among whatever else a program keeps there.
pub const META: TableDefinition<'static, &str, u64> = TableDefinition::new("meta");
/// Bytes at the beginning of a file in which redb writes before it knows whether it can repair it.
const HEADER: u64 = 320;
/// Names the version in [`META`].
const SCHEMA: &str = "schema";

/// Brings a database from one version to the next, within a transaction.
pub type Migration = fn(&WriteTransaction) -> Result<(), redb::Error>;

/// Opens the database at `path`, which must exist, with a cache of so many bytes.
///
/// The whole file is checked: one that was damaged is refused here rather than trusted, and left as
/// it was, for whoever wants to save something of it. No other process may open it meanwhile.
pub fn open(path: &Path, cache: usize) -> Result<Database, DatabaseFault> {
    let file = File::options().read(true).write(true).open(path)?;
    // To redb it would be a new one. Those that `create` puts in place are never empty.
    if file.metadata()?.len() == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty").into());
    }
    // A database that is opened anew after the disk failed must not be judged by what was meant to
    // be written.
    platform::forget_cached(&file);
    let mut header = Vec::new();
    (&file).take(HEADER).read_to_end(&mut header)?;
    let opened = on_backend(FileBackend::new(file)?, cache);
    if let Err(DatabaseFault::Damaged(_)) = opened {
        // Nothing depends on it: the file is refused either way.
        let _ = restore(path, &header);
    }
    opened
}

/// Takes back what was written in the header of a file, if anything was.
fn restore(path: &Path, header: &[u8]) -> io::Result<()> {
    let mut present = vec![0; header.len()];
    File::open(path)?.read_exact(&mut present)?;
    if present == header {
        return Ok(());
    }
    let mut file = File::options().write(true).open(path)?;
    file.write_all(header)?;
    file.sync_all()
}

/// Opens a database that lies anywhere, as [`open`] does; one without content is begun.
pub fn on_backend(backend: impl StorageBackend, cache: usize) -> Result<Database, DatabaseFault> {
    Ok(Database::builder()
        .set_cache_size(cache)
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)?)
}

/// Puts a database that `fill` has filled in place, durably and all or nothing: one that redb
/// began to create and could not finish would pass for a damaged file.
///
/// An existing file stays as it is, and gives `AlreadyExists`.
pub fn create(
    path: &Path,
    cache: usize,
    fill: impl FnOnce(&Database) -> Result<(), redb::Error>,
) -> Result<(), DatabaseFault> {
    let draft = private_file::draft(path)?;
    let db = on_backend(FileBackend::new(draft.as_file().try_clone()?)?, cache)?;
    fill(&db)?;
    db.close()?;
    Ok(private_file::publish(draft, path)?)
}

/// Brings a database up to date, in one transaction, and returns the version that it has now.
///
/// Each migration leads from the version that is its index to the next one. A version above their
/// number is of a newer program, and nothing was touched.
pub fn migrate(db: &Database, migrations: &[Migration]) -> Result<u64, redb::Error> {
    let known = migrations.len() as u64;
    let found = match version(db)? {
        Some(0) => return Err(redb::Error::Corrupted("there never was a schema 0".into())),
        Some(found) => found,
        None => 0,
    };
    if found >= known {
        return Ok(found);
    }
    let write = db.begin_write()?;
    for (_, migrate) in (0..).zip(migrations).filter(|(from, _)| *from >= found) {
        migrate(&write)?;
    }
    write.open_table(META)?.insert(SCHEMA, known)?;
    write.commit()?;
    Ok(known)
}

/// Returns the version of a database; none if it was never [migrated](migrate).
pub fn version(db: &Database) -> Result<Option<u64>, redb::Error> {
    match db.begin_read()?.open_table(META) {
        Ok(meta) => Ok(meta.get(SCHEMA)?.map(|version| version.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
