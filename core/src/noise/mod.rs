//! The Noise handshake and the records after it.
//!
//! Every link, client to server and client to client alike, runs
//! `Noise_XX_25519_ChaChaPoly_BLAKE2s` (Noise rev 34) over the [`PROLOGUE`]: three messages, then
//! one cipher for each direction. Both sides learn and prove their static keys; who the other may
//! be is decided above, from [`Handshake::remote_key`], save that an initiator who knows whom it
//! dials gives nothing of itself away to anyone else.
//!
//! What goes through a server is sealed for its recipient as well, under a key that
//! `Noise_X_25519_ChaChaPoly_BLAKE2s` makes: one message, the envelope, and then the sealed bodies.
//!
//! Nothing in here panics on what a peer sends or on calls in the wrong order. Every key, chaining
//! key and result of a key exchange held here is wiped when it is dropped; working copies inside
//! the primitives, on the stack, are theirs. Randomness is the host's: it hands in the ephemeral
//! key.

#[cfg(feature = "fuzzing")]
mod agreement;
#[cfg(any(test, miri, not(feature = "ring")))]
mod cipher_portable;
// Miri runs no assembly.
#[cfg(all(feature = "ring", not(miri)))]
mod cipher_ring;
mod envelope;
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
mod fuzz;
mod handshake;
mod handshake_error;
mod identity;
mod open_error;
mod opening_key;
mod record_cipher;
mod seal_error;
#[cfg(any(test, miri, not(feature = "ring")))]
mod sealer_portable;
#[cfg(all(feature = "ring", not(miri)))]
mod sealer_ring;
mod sealing_key;
mod secret;
mod secrets;
mod suite;
mod transport;

#[cfg(test)]
mod tests;

pub use envelope::ENVELOPE;
pub(crate) use envelope::{Context, Purpose};
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
pub(crate) use fuzz::handshake;
pub use handshake::{Handshake, MAX_MESSAGE, MESSAGE_OVERHEADS, PROLOGUE};
pub use handshake_error::HandshakeError;
pub use identity::Identity;
pub use open_error::OpenError;
pub(crate) use opening_key::OpeningKey;
pub use record_cipher::RecordCipher;
pub use seal_error::SealError;
pub(crate) use sealing_key::SealingKey;
pub(crate) use secrets::Secrets;
pub use transport::{RECORDS_PER_KEY, Transport};
