//! Attacks on a live server, and what honest users notice of them.
//!
//! A [`Siege`] starts a real server, lets two honest users write to each other through it, and
//! attacks: by raw connections, or by sessions that speak the protocol and break its rules. Its
//! [`Report`] says how long the honest messages took before, during and after, whether newcomers got
//! in, what memory and files the server took, and what the attackers were told. The tests in
//! `tests/abuse.rs` check what must hold; the program `abuse` attacks in earnest and prints figures.
//!
//! Attackers call from an address of their own.

mod attack;
mod bound;
mod caller;
mod field;
mod honest;
mod resources;
mod siege;
mod strangers;
mod users;

pub use attack::Attack;
pub use bound::Bound;
pub use field::Tally;
pub use resources::Resources;
pub use siege::{Report, Siege};
