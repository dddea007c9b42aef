use std::cell::RefCell;
use std::collections::BTreeMap;

use x25519_dalek::x25519 as compute;

/// Results that are remembered.
const KNOWN: usize = 10_000;

type Bytes = [u8; 32];

/// Computes what x25519 does, each result once: the keys of all runs are the same few, and most of a
/// run's time would go into them otherwise.
pub(crate) fn x25519(secret: Bytes, public: Bytes) -> Bytes {
    std::thread_local! {
        static RESULTS: RefCell<BTreeMap<(Bytes, Bytes), Bytes>> = const { RefCell::new(BTreeMap::new()) };
    }
    RESULTS.with_borrow_mut(|results| {
        if results.len() >= KNOWN {
            results.clear();
        }
        *results.entry((secret, public)).or_insert_with(|| compute(secret, public))
    })
}
