//! The firmware for QEMU's `lm3s6965evb`: its options are the semihosting command line, and what
//! happens is said on the semihosting console.

#![no_std]
#![no_main]

mod clock;
mod enet;
mod lm3s6965;
mod semihosting;

use core::fmt::Write;
use core::panic::PanicInfo;

use breeze_firmware::{Memory, Node, Options, Random};
use cortex_m_rt::{ExceptionFrame, entry, exception};

use crate::lm3s6965::Lm3s6965;
use crate::semihosting::{Console, exit};

/// Exit statuses, told apart by whoever runs QEMU.
const STOPPED: u32 = 1;
const BAD_OPTIONS: u32 = 2;
const PANICKED: u32 = 3;
const FAULTED: u32 = 4;

/// Bytes of the longest command line: two secrets, and everything else.
const LINE: usize = 1024;

#[entry]
fn main() -> ! {
    // `entry` makes these exclusive references to statics.
    static mut FRAMES: enet::Buffers = enet::Buffers::new();
    static mut MEMORY: Memory = Memory::new();
    static mut WORDS: [u8; LINE] = [0; LINE];

    let options = match Options::parse(semihosting::command_line(WORDS)) {
        Ok(options) => options,
        Err(bad) => {
            let _ = writeln!(Console, "{bad}");
            exit(BAD_OPTIONS);
        }
    };
    let mut board = Lm3s6965::new(FRAMES);
    let mut random = Random::new(options.seed);
    let mut client = Node::client(&mut board, &options, &mut random);
    let mut node = Node::new(&mut board, &mut client, MEMORY, &options, random);
    let _ = writeln!(Console, "listening on {}", options.listen);
    node.run();
    let _ = writeln!(Console, "stopped");
    exit(STOPPED)
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    let _ = writeln!(Console, "hard fault at {:#010x}", frame.pc());
    exit(FAULTED)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console, "{info}");
    exit(PANICKED)
}
