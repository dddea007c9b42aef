use std::path::Path;

use breeze_server::test_disk::TestDisk;

use super::quota::Quota;
use super::store::CACHE;
use super::{Store, StoreError};

/// Opens the store on a disk in memory; an empty disk gets one.
pub(super) fn open(disk: &TestDisk, quota: Quota) -> Result<Store, StoreError> {
    let path = Path::new("test");
    let db = disk.open(CACHE).map_err(|fault| StoreError::new(path, fault))?;
    Store::on_database(db, path, quota)
}
