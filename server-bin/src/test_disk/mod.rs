//! What a disk can do to a database, for the tests of both programs: it fills up, it breaks, it
//! loses what nobody has waited for. Only tests are built with it.

mod op;
mod random;
mod recording;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod test_disk;

pub use op::Op;
pub use recording::Recording;
pub use test_disk::TestDisk;
