//! Moves bytes and time between sockets and one of the core's state machines.
//!
//! One thread runs everything that touches the state machine, so there are no locks: one task for
//! time and all connections ([`drive`]), and whatever else the program needs. No connection waits for
//! another: each does a bounded amount of work when it has its turn, which its socket or the state
//! machine gives it. That thread waits for all of these sockets, and for the time, itself
//! ([`block_on`]); signals and what else is rare come by `async-io` and its thread.
//!
//! The client's program drives its own state machine with the same code.

mod accept;
mod clock;
mod connection;
#[cfg(test)]
mod connection_tests;
mod connections;
mod drive;
mod given_up;
mod hub;
mod machine;
mod reactor;
mod serving;
mod slots;
mod socket;
#[cfg(test)]
mod toy;
mod turns;
mod within;

pub use accept::accept;
pub use clock::Clock;
pub use drive::drive;
pub use given_up::given_up;
pub use hub::{Hub, SharedHub};
pub use machine::{Consumed, Machine};
pub use reactor::block_on;
pub use slots::Slots;
pub use within::within;
