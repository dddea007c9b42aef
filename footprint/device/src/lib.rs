//! What the programs of a device share.
#![no_std]
#![forbid(unsafe_code)]

use core::hint::black_box;
use core::panic::PanicInfo;

use breeze_core::Client;

/// The client that is held to bounds: 4 peers; a link to each, to the server, and one for whoever
/// dials; and four messages of 512 bytes, of 10 blocks each with the longest name.
pub type Device = Client<4, 6, 40>;

/// Returns a value of which the compiler knows nothing.
pub fn any<T: Copy>(value: T) -> T {
    black_box(value)
}

/// Has every line of the log written, by the least of loggers.
#[cfg(all(not(feature = "quiet"), target_has_atomic = "ptr"))]
pub fn log_everything() {
    struct Logger;

    impl core::fmt::Write for Logger {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            black_box(text);
            Ok(())
        }
    }

    impl log::Log for Logger {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            let _ = core::fmt::write(&mut Logger, *record.args());
        }

        fn flush(&self) {}
    }

    log::set_max_level(any(log::LevelFilter::Trace));
    let _ = log::set_logger(&Logger);
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
