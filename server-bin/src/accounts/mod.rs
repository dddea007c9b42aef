//! Which key owns which user name: a redb database, `accounts.redb` in the data directory.
//!
//! Schema, version 1:
//!
//! | table   | key                       | value                     |
//! |---------|---------------------------|---------------------------|
//! | `meta`  | `schema`                  | the version, `u64`        |
//! | `users` | user name, UTF-8          | public key, 32 bytes      |
//! | `keys`  | public key, 32 bytes      | user name, UTF-8          |
//!
//! `users` and `keys` mirror each other and change in one transaction. A server refuses a version
//! newer than its own and changes no entry of it.

mod registration;
mod store;
mod store_error;

pub(crate) use registration::Registration;
pub(crate) use store::Accounts;
pub(crate) use store_error::StoreError;
