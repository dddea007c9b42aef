//! What can go wrong: a peer's fault, a caller's fault, and why a link ended are different types.

mod accept_error;
mod close_reason;
mod decode_error;
mod delivery_failure;
#[cfg(feature = "files")]
mod file_end;
#[cfg(feature = "files")]
mod file_refusal;
mod login_refusal;
mod send_error;
#[cfg(feature = "files")]
mod transfer_error;
mod watch_error;

pub use accept_error::AcceptError;
pub use close_reason::CloseReason;
pub use decode_error::DecodeError;
pub use delivery_failure::{DeliveryFailure, RelayRefusal};
#[cfg(feature = "files")]
pub use file_end::FileEnd;
#[cfg(feature = "files")]
pub use file_refusal::FileRefusal;
pub use login_refusal::LoginRefusal;
pub use send_error::SendError;
#[cfg(feature = "files")]
pub use transfer_error::TransferError;
pub use watch_error::WatchError;
