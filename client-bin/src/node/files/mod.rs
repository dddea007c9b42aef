//! Files: what the node makes of the core's transfers, its disk, and those who have a seat.
//!
//! Everything that blocks is done by tasks of their own, one for each stream: the machine asks and is
//! told. What has to outlive the node is a [`Record`] for each transfer.

mod commands;
mod key;
mod meter;
mod received;
mod receiving;
mod record;
mod records;
mod sending;
mod state;
mod telling;
#[cfg(test)]
mod tests;
mod transfer;
mod work;

pub(super) use records::Records;
pub(super) use state::Files;
pub(super) use work::do_jobs;
