//! The server around its state machine: listeners, the accounts, signals.

mod administration;
mod answers;
mod lookup;
mod run;
mod server_machine;
mod signals;
mod verifier;

pub(crate) use run::run;
