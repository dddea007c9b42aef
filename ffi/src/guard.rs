//! The boundary that no panic passes.

use crate::breeze_result;

/// Does the work of a function and says what became of it.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), breeze_result>) -> breeze_result {
    match caught(body) {
        Ok(()) => breeze_result::Ok,
        Err(result) => result,
    }
}

#[cfg(any(feature = "std", test))]
fn caught(body: impl FnOnce() -> Result<(), breeze_result>) -> Result<(), breeze_result> {
    // What a panic may have left half done is a client, which takes no more calls then.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body))
        .unwrap_or(Err(breeze_result::Panicked))
}

/// Without unwinding a panic ends in `breeze_host_panic`.
#[cfg(not(any(feature = "std", test)))]
fn caught(body: impl FnOnce() -> Result<(), breeze_result>) -> Result<(), breeze_result> {
    body()
}
