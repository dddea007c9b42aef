//! Deadlines: one table of them, and pauses that grow.

mod backoff;
mod timer_table;

pub(crate) use backoff::Backoff;
pub(crate) use timer_table::TimerTable;
