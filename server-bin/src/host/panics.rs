//! What a panic does.

use std::{panic, process};

/// Makes a panic, wherever it is, end the process once it has been reported: one in a single task or
/// thread must not leave a half-alive process behind.
pub fn end_the_process() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        report(what);
        process::abort();
    }));
}
