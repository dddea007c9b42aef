//! What a server must not forget: accounts, and messages for users that are not there, in a redb
//! database, `server.redb` in the data directory.
//!
//! A batch of [`Change`]s is one transaction, on disk when [`Store::apply`] returns. Every call
//! blocks for as long as the disk takes; nothing here knows the network or reads a clock. Which
//! message is kept, and what its sender is told, is decided by the core's
//! [`Custody`](breeze_core::Custody).
//!
//! Schema, version 2. Times are milliseconds since 1970:
//!
//! | table      | key                              | value                                      |
//! |------------|----------------------------------|--------------------------------------------|
//! | `meta`     | name                             | `u64`, see below                           |
//! | `users`    | user                             | public key or none, was enrolled once, largest frame of the last login or 0, quota (messages or none, bytes or none) |
//! | `keys`     | public key                       | user                                       |
//! | `secrets`  | user                             | kind (0 code, 1 password), hash            |
//! | `queue`    | recipient, place                 | sender, epoch, number, envelope, body, time kept |
//! | `index`    | recipient, sender, epoch, number | place                                      |
//! | `usage`    | recipient                        | messages and bytes in its queue            |
//! | `custody`  | recipient, sender                | epoch, epoch before or none, acknowledged, read, lost, reason, last, time touched |
//! | `receipts` | sender, recipient                | nothing                                    |
//!
//! `meta` holds `schema`, the version; `messages` and `bytes`, the sums over `usage`; and `places`,
//! the last place. Places are numbered from 1 in the order in which messages came, whoever they are
//! for, and none is used twice. `users` and `keys` mirror each other, as do `queue` and `index`.
//! Bytes are those of envelopes and bodies. `receipts` names the pairs of which the sender is still
//! to be told what `custody` knows as read.
//!
//! Version 1 was a file `accounts.redb` with `meta`, `keys`, and the public keys of `users`. It is
//! renamed, and brought up to date by the migrations in `schema.rs`, in one transaction. A newer
//! version is refused and stays as it is.

mod account;
mod accounts;
mod admin;
mod backup;
mod batch;
mod change;
mod custody_row;
mod dir_lock;
mod given_up;
mod keeping;
mod limits;
mod losses;
mod medium;
mod outcome;
mod page;
mod quota;
mod registration;
mod removal;
mod schema;
mod secret;
mod secret_kind;
mod snapshot;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod store;
mod store_error;
mod usage;
mod user_row;

pub(crate) use change::Change;
pub(crate) use given_up::GivenUp;
pub(crate) use limits::Limits;
pub(crate) use outcome::Outcome;
pub(crate) use page::Page;
pub(crate) use quota::Quota;
pub(crate) use registration::Registration;
pub(crate) use removal::Removal;
pub(crate) use secret::Secret;
pub(crate) use secret_kind::SecretKind;
pub(crate) use store::Store;
pub(crate) use store_error::StoreError;
pub(crate) use user_row::UserRow;

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod backup_tests;
#[cfg(test)]
pub(crate) mod bench;
#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod disk_full_tests;
#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod keeping_tests;
#[cfg(test)]
mod loss_tests;
#[cfg(test)]
mod model;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod timing_tests;
