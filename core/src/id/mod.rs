//! Names for users, keys, links and messages, each a type of its own.

mod display_name;
mod endpoint;
mod epoch;
#[cfg(feature = "files")]
mod file_name;
mod fingerprint;
mod instance;
mod link_id;
mod message_id;
mod public_key;
mod ticket;
mod user_id;

pub use display_name::{DisplayName, DisplayNameError};
pub use endpoint::Endpoint;
pub use epoch::Epoch;
#[cfg(feature = "files")]
pub use file_name::{MAX_FILE_NAME, NameError, check_file_name};
pub use fingerprint::Fingerprint;
pub use instance::Instance;
pub use link_id::LinkId;
pub use message_id::MessageId;
pub use public_key::PublicKey;
pub use ticket::Ticket;
pub use user_id::{UserId, UserIdError};
