use core::fmt::Write;
use core::panic::PanicInfo;

use heapless::String;

/// Bytes of the report at most: a place in the sources and some words.
const REPORT: usize = 160;

unsafe extern "C" {
    /// Takes the report of a mistake in Breeze, a text of `len` bytes, and never returns: a device
    /// resets. The host of a library without `std` brings it.
    fn breeze_host_panic(report: *const u8, len: usize) -> !;
}

#[panic_handler]
fn on_panic(info: &PanicInfo<'_>) -> ! {
    let mut report = String::<REPORT>::new();
    // What does not fit is left out.
    let _ = match info.location() {
        Some(at) => write!(report, "{}:{}", at.file(), at.line()),
        None => write!(report, "somewhere"),
    };
    // SAFETY: the pointer leads to that many bytes, and stays valid since nothing comes back.
    unsafe { breeze_host_panic(report.as_ptr(), report.len()) }
}
