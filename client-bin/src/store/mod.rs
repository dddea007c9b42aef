//! What a node must not forget: a redb database, `node.redb` in the home directory.
//!
//! A batch of [`Change`]s is one transaction, on disk when [`Store::apply`] returns. Every call
//! blocks for as long as the disk takes; nothing here knows the network or reads a clock.
//!
//! Schema, version 2. Times are milliseconds since 1970, an *entry* is a message of the history:
//!
//! | table           | key                      | value                                          |
//! |-----------------|--------------------------|------------------------------------------------|
//! | `meta`          | name                     | `u64`, see below                               |
//! | `entries`       | entry                    | sent by this user, other user, epoch, number, time sent, time arrived, sender's name (empty if sent), text |
//! | `conversations` | other user, entry        | nothing                                        |
//! | `received`      | sender, epoch, number    | entry                                          |
//! | `sent`          | recipient, epoch, number | entry                                          |
//! | `epochs`        | recipient                | the epoch of the next message                  |
//! | `numbers`       | recipient, epoch         | the last number given out; up to which number messages are stored, delivered, read |
//! | `outbox`        | recipient, entry         | bytes of the text                              |
//! | `failures`      | entry                    | reason                                         |
//! | `contacts`      | user                     | public key, verified, name                     |
//! | `found_keys`    | user                     | the public key that was seen since, and that nobody has accepted |
//!
//! `meta` holds `schema`, the version; `entries`, the last entry's number; and `outbox_bytes`, the
//! sum over `outbox`. Entries are numbered from 1 in the order in which they got here, whatever
//! the senders' clocks say, and their rows never change: how far a sent message has got follows
//! from `numbers` and `failures`. `outbox` holds what is neither delivered nor failed.
//!
//! A newer version is refused and stays as it is; an older one is brought up to date by the
//! migrations in `schema.rs`, in one transaction.

mod applied;
mod batch;
mod change;
mod contact;
mod delivery_state;
mod entry;
mod history_id;
mod numbering;
mod origin;
mod quota;
mod schema;
mod snapshot;
mod station;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod store;
mod store_error;
mod unsettled;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod timing_tests;

pub(crate) use applied::Applied;
pub(crate) use change::Change;
pub(crate) use contact::Contact;
pub(crate) use delivery_state::DeliveryState;
pub(crate) use entry::Entry;
pub(crate) use history_id::HistoryId;
pub(crate) use origin::Origin;
pub(crate) use store::Store;
pub(crate) use store_error::StoreError;
pub(crate) use unsettled::Unsettled;
