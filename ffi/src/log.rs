use core::ffi::{c_char, c_void};
use core::fmt::Write;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use heapless::String;
use log::{LevelFilter, Log, Metadata, Record};

use crate::breeze_result;
use crate::guard::guard;

/// How much is logged.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_log_level {
    /// Nothing.
    Off = 0,
    /// What is wrong.
    Error = 1,
    /// What may be wrong.
    Warn = 2,
    /// Sessions.
    Info = 3,
    /// Decisions, with addresses.
    Debug = 4,
    /// Every frame.
    Trace = 5,
}

/// Takes a line of the log: a breeze_log_level, and a text of `len` bytes without a NUL, which lives for
/// the call only. It may be called from every thread that is in a call, and must not call the library.
pub type breeze_log_function =
    Option<unsafe extern "C" fn(context: *mut c_void, level: u32, text: *const c_char, len: usize)>;

/// Bytes of a line at most; what does not fit is left out.
const LINE: usize = 256;

/// Where lines go.
struct Logger {
    function: AtomicPtr<()>,
    context: AtomicPtr<c_void>,
    level: AtomicU32,
}

static LOGGER: Logger = Logger {
    function: AtomicPtr::new(core::ptr::null_mut()),
    context: AtomicPtr::new(core::ptr::null_mut()),
    level: AtomicU32::new(0),
};

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() as u32 <= self.level.load(Ordering::Relaxed)
    }

    fn log(&self, record: &Record<'_>) {
        let function = self.function.load(Ordering::Acquire);
        if function.is_null() || !self.enabled(record.metadata()) {
            return;
        }
        let mut line = String::<LINE>::new();
        // What does not fit is left out.
        let _ = write!(line, "{}", record.args());
        let context = self.context.load(Ordering::Acquire);
        // SAFETY: only functions of this type are put there, and the host says that it may be called.
        unsafe {
            let function = core::mem::transmute::<
                *mut (),
                unsafe extern "C" fn(*mut c_void, u32, *const c_char, usize),
            >(function);
            function(context, record.level() as u32, line.as_ptr().cast(), line.len());
        }
    }

    fn flush(&self) {}
}

/// Says where the lines of the library's log go, and how many: a breeze_log_level. It is for the whole
/// process, and to be called once, before the first client is made. Without it nothing is logged.
///
/// # Safety
/// `function` may be called with `context` for as long as the process lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_log_to(
    function: breeze_log_function,
    context: *mut c_void,
    level: u32,
) -> breeze_result {
    guard(|| {
        let filter = match level {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            4 => LevelFilter::Debug,
            5 => LevelFilter::Trace,
            _ => return Err(breeze_result::BadValue),
        };
        let function = function.ok_or(breeze_result::NullPointer)?;
        LOGGER.context.store(context, Ordering::Release);
        LOGGER.level.store(level, Ordering::Relaxed);
        LOGGER.function.store(function as *mut (), Ordering::Release);
        install();
        log::set_max_level(filter);
        Ok(())
    })
}

#[cfg(target_has_atomic = "ptr")]
fn install() {
    // The second time it is there.
    let _ = log::set_logger(&LOGGER);
}

#[cfg(not(target_has_atomic = "ptr"))]
fn install() {
    // SAFETY: a core without such instructions runs nothing at the same time, and the host calls this
    // before anything else.
    let _ = unsafe { log::set_logger_racy(&LOGGER) };
}
