//! What can go wrong: a peer's fault, a caller's fault, and why a link ended are different types.

mod accept_error;
mod close_reason;
mod decode_error;
mod delivery_failure;
mod login_refusal;
mod send_error;
mod watch_error;

pub use accept_error::AcceptError;
pub use close_reason::CloseReason;
pub use decode_error::DecodeError;
pub use delivery_failure::{DeliveryFailure, RelayRefusal};
pub use login_refusal::LoginRefusal;
pub use send_error::SendError;
pub use watch_error::WatchError;
