use std::path::Path;

use redb::{Database, ReadTransaction, ReadableTable, WriteTransaction};

use super::StoreError;
use super::medium::CACHE;
use super::schema;
use crate::host::database::{self, META};

/// Writes all that there was when `read` began to a new database.
pub(super) fn write(read: &ReadTransaction, to: &Path) -> Result<(), StoreError> {
    // Said before the work; the end of it says so too.
    if to.try_exists().map_err(|error| StoreError::new(to, error))? {
        return Err(StoreError::BackupExists { path: to.to_owned() });
    }
    let copy = |db: &Database| {
        let write = db.begin_write()?;
        copy_tables(read, &write)?;
        Ok(write.commit()?)
    };
    match database::create(to, CACHE, copy) {
        Ok(()) => Ok(()),
        Err(fault) if fault.is_existing_file() => {
            Err(StoreError::BackupExists { path: to.to_owned() })
        }
        Err(fault) => Err(StoreError::new(to, fault)),
    }
}

fn copy_tables(read: &ReadTransaction, write: &WriteTransaction) -> Result<(), redb::Error> {
    macro_rules! copy {
        ($($table:expr)*) => {$({
            let mut table = write.open_table($table)?;
            for row in read.open_table($table)?.iter()? {
                let (key, value) = row?;
                table.insert(key.value(), value.value())?;
            }
        })*};
    }
    copy!(META schema::USERS schema::KEYS schema::SECRETS schema::QUEUE schema::INDEX);
    copy!(schema::USAGE schema::CUSTODY schema::RECEIPTS);
    Ok(())
}
