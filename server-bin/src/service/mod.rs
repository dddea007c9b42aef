//! The server around its state machine: listeners, the store, signals.
//!
//! What the state machine wants of the store is put in one [queue](requests), in the order in which
//! it comes, and answered in that order, many requests in one go and one commit.

#[cfg(test)]
mod account_tests;
mod administration;
mod clerk;
#[cfg(test)]
mod clerk_tests;
mod pipeline;
mod ration;
mod reply;
mod request;
mod requests;
mod run;
mod server_machine;
#[cfg(test)]
mod server_machine_tests;
mod signals;
mod verifier;

pub(crate) use run::run;
