//! What a server must not forget: a redb database, `server.redb` in the data directory.

mod account;
mod accounts;
mod admin;
mod batch;
mod change;
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
