//! Moves bytes and time between sockets and one of the core's state machines.
//!
//! One thread runs everything that touches the state machine, so there are no locks: a task for
//! each connection, one for time, and whatever else the program needs. No connection waits for
//! another: each task does a bounded amount of work and goes to sleep on its own socket. That thread
//! waits for all of these sockets, and for the time, itself ([`block_on`]); signals and what else is
//! rare come by `async-io` and its thread.
//!
//! The client's program drives its own state machine with the same code.

mod accept;
mod clock;
mod connection;
#[cfg(test)]
mod connection_tests;
mod given_up;
mod hub;
mod machine;
mod reactor;
mod slots;
mod socket;
mod time;
#[cfg(test)]
mod toy;
mod within;

pub use accept::accept;
pub use clock::Clock;
pub use connection::Connection;
pub use given_up::given_up;
pub use hub::{Hub, SharedHub};
pub use machine::{Consumed, Machine};
pub use reactor::block_on;
pub use slots::Slots;
pub use time::keep_time;
pub use within::within;
