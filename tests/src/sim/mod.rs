//! A simulator: scenarios drawn from a seed, run in a [`World`](crate::world::World) whose every step
//! is held against what has to be true, and cut down to what matters when one fails.
//!
//! A [`Scenario`] is a list of steps: messages, and what goes wrong. [`run`] carries it out, mends
//! everything at its end, and looks at what is left. [`shrink`] leaves out steps for as long as the
//! run fails. [`Scale`] measures what one of many clients costs.

mod action;
mod faults;
mod members;
mod report;
mod run;
mod scale;
mod scenario;
mod shrink;
mod watch;

pub use action::Action;
pub use faults::Faults;
pub use report::{Failure, Report};
pub use run::{record, run};
pub use scale::{Costs, LIST, Scale};
pub use scenario::{Scenario, Step};
pub use shrink::shrink;
