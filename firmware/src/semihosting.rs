//! Arm semihosting: the command line, a console and the exit status, all served by QEMU.
//!
//! Without QEMU or a debugger that serves semihosting, the trap below is a hard fault.

use core::arch::asm;
use core::fmt;
use core::str;

const SYS_WRITE0: u32 = 0x04;
const SYS_GET_CMDLINE: u32 = 0x15;
const SYS_EXIT_EXTENDED: u32 = 0x20;
const APPLICATION_EXIT: u32 = 0x2_0026;

/// # Safety
///
/// `argument` must be what `operation` takes, and memory that it points to must be valid for what
/// the operation does with it.
unsafe fn call(operation: u32, argument: *const u32) -> u32 {
    let result;
    // SAFETY: the caller vouches for the argument; the trap changes r0 and pointed-to memory only.
    unsafe {
        asm!(
            "bkpt #0xab",
            inout("r0") operation => result,
            in("r1") argument,
            options(nostack, preserves_flags),
        );
    }
    result
}

/// Reads the command line into `buf`; empty if there is none or it does not fit.
pub(crate) fn command_line(buf: &mut [u8]) -> &str {
    let mut block = [buf.as_mut_ptr() as u32, buf.len() as u32];
    // SAFETY: the block holds a writable buffer and its length; the operation writes within it,
    // and its second word, hence the mutable block.
    let failed = unsafe { call(SYS_GET_CMDLINE, block.as_mut_ptr()) } != 0;
    let len = block[1] as usize;
    if failed || len > buf.len() {
        return "";
    }
    let text = buf[..len].split(|&byte| byte == 0).next().unwrap_or_default();
    str::from_utf8(text).unwrap_or_default()
}

/// Ends QEMU with `status`.
pub(crate) fn exit(status: u32) -> ! {
    let block = [APPLICATION_EXIT, status];
    // SAFETY: the operation reads these two words.
    unsafe { call(SYS_EXIT_EXTENDED, block.as_ptr()) };
    // A debugger may go on after an exit.
    loop {
        cortex_m::asm::wfi();
    }
}

/// QEMU's semihosting console.
pub(crate) struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The operation takes a terminated string: pass it on in pieces that have room for that.
        const PIECE: usize = 63;
        for piece in text.as_bytes().chunks(PIECE) {
            let mut buf = [0u8; PIECE + 1];
            buf[..piece.len()].copy_from_slice(piece);
            // SAFETY: the operation reads up to the zero that ends `buf`.
            unsafe { call(SYS_WRITE0, buf.as_ptr().cast()) };
        }
        Ok(())
    }
}
