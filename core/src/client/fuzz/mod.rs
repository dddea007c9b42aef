//! What the fuzzer does to a client: it leads its server, its peers and its host.

#[cfg(feature = "files")]
mod files;
mod host;
mod steps;

use arbitrary::{Result, Unstructured};

use host::Host;

/// Steps of one run at most.
const STEPS: usize = 200;

/// Lets the server and the peers say whatever they like, in records that are authentic or in any
/// bytes, under the right keys or wrong ones; lets the host send, acknowledge, pin keys, and open
/// what it is asked to or not; and lets time pass. After every step the client's tables are sound,
/// each message that it took has one outcome at most, and all that it says makes sense to whom it is
/// said. When it is closed, nothing remains.
pub(crate) fn client(choices: &mut Unstructured<'_>) -> Result<()> {
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
