//! What the fuzzer does to a server: it leads several clients and the server's host.

mod host;
mod shelf;
mod steps;

use arbitrary::{Result, Unstructured};

use host::Host;

/// Steps of one run at most.
const STEPS: usize = 200;

/// Lets clients say whatever they like, in records that are authentic or in any bytes, come and go,
/// stop reading and fall silent; lets the host answer late and wrongly; and lets time pass. After
/// every step the server's tables are sound and within their bounds, and all that it says makes
/// sense to whom it is said. When all have fallen silent it has forgotten them.
pub(crate) fn server(choices: &mut Unstructured<'_>) -> Result<()> {
    let mut host = Host::new(choices)?;
    for _ in 0..STEPS {
        if choices.is_empty() {
            break;
        }
        let step = host.step(choices);
        host.settle();
        host.check();
        if step.is_err() {
            break;
        }
    }
    host.outlive();
    Ok(())
}
