//! The LM3S6965: its clocks, and what the firmware needs of a board.

use core::fmt::{self, Write};
use core::ptr;

use breeze_firmware::Board;
use cortex_m::Peripherals;
use cortex_m::interrupt;
use cortex_m::peripheral::NVIC;
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use crate::clock::Clock;
use crate::enet::{Buffers, Enet, Interrupt};
use crate::semihosting::Console;

const CORE_HZ: u32 = 50_000_000;

pub(crate) struct Lm3s6965 {
    clock: Clock,
    enet: Enet,
}

impl Lm3s6965 {
    /// Starts the clocks and the MAC.
    ///
    /// # Panics
    ///
    /// The second time.
    pub(crate) fn new(frames: &'static mut Buffers) -> Self {
        let peripherals = Peripherals::take().expect("one board");
        start_clocks();
        let clock = Clock::start(peripherals.SYST, CORE_HZ);
        // SAFETY: the MAC's clock runs, and `take` above succeeds only once.
        let enet = unsafe { Enet::new(frames) };
        Self { clock, enet }
    }
}

impl Board for Lm3s6965 {
    type Net = Enet;

    fn mac_address(&self) -> EthernetAddress {
        self.enet.address()
    }

    fn net(&mut self) -> &mut Enet {
        &mut self.enet
    }

    fn now(&mut self) -> Instant {
        self.clock.now()
    }

    fn idle(&mut self) {
        // With interrupts held off, a pending one still ends `wfi` but runs no handler: a frame
        // that arrives after the check is not slept through, and the MAC needs no handler.
        interrupt::free(|_| {
            NVIC::unpend(Interrupt);
            // SAFETY: masked again before handlers can run.
            unsafe { NVIC::unmask(Interrupt) };
            if !self.enet.frame_waits() {
                cortex_m::asm::wfi();
            }
            NVIC::mask(Interrupt);
        });
    }

    fn say(&mut self, line: fmt::Arguments<'_>) {
        let _ = writeln!(Console, "{line}");
    }

    fn stack(&self) -> (usize, usize) {
        deepest_stack()
    }
}

/// Runs the core from the PLL, 200 MHz / 4, and lets the Ethernet controller and its PHY be
/// clocked.
fn start_clocks() {
    const RAW_STATUS: *mut u32 = ptr::with_exposed_provenance_mut(0x400f_e050);
    const RUN_MODE: *mut u32 = ptr::with_exposed_provenance_mut(0x400f_e060);
    const CLOCK_GATES_2: *mut u32 = ptr::with_exposed_provenance_mut(0x400f_e108);

    const PLL_LOCKED: u32 = 1 << 6;
    const MAIN_OSCILLATOR_OFF: u32 = 1 << 0;
    const SOURCE_MASK: u32 = 0b11 << 4; // 0: the main oscillator
    const CRYSTAL_MASK: u32 = 0b1111 << 6;
    const CRYSTAL_8_MHZ: u32 = 0xe << 6;
    const BYPASS_PLL: u32 = 1 << 11;
    const PLL_OFF: u32 = 1 << 13;
    const DIVIDE: u32 = 1 << 22;
    const DIVISOR_MASK: u32 = 0b1111 << 23;
    const DIVISOR_4: u32 = 3 << 23;

    const ETHERNET_PHY: u32 = 1 << 30;
    const ETHERNET_MAC: u32 = 1 << 28;

    // SAFETY: registers of the system control block, which nothing else uses.
    unsafe {
        let mut mode = RUN_MODE.read_volatile() | BYPASS_PLL;
        mode &= !(DIVIDE | MAIN_OSCILLATOR_OFF);
        RUN_MODE.write_volatile(mode);

        mode &= !(SOURCE_MASK | CRYSTAL_MASK | PLL_OFF | DIVISOR_MASK);
        mode |= CRYSTAL_8_MHZ | DIVISOR_4 | DIVIDE;
        RUN_MODE.write_volatile(mode);

        // Half a millisecond at most, by the data sheet. If it never locks, the core stays on the
        // crystal and time runs slow, which the host's own time limits catch.
        for _ in 0..100_000 {
            if RAW_STATUS.read_volatile() & PLL_LOCKED != 0 {
                RUN_MODE.write_volatile(mode & !BYPASS_PLL);
                break;
            }
        }

        CLOCK_GATES_2.write_volatile(CLOCK_GATES_2.read_volatile() | ETHERNET_MAC | ETHERNET_PHY);
        CLOCK_GATES_2.read_volatile(); // the controller can be used some cycles later
    }
}

/// Returns how many bytes of stack have been in use at once, from the paint that start-up left, and
/// how many there are.
fn deepest_stack() -> (usize, usize) {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (bottom, top) = (&raw const _stack_end, &raw const _stack_start);
    let mut word = bottom;
    // SAFETY: the linker script puts both in RAM, word-aligned and in this order; what lies below
    // the stack pointer is read volatile, as nothing there belongs to a live value.
    unsafe {
        while word < top && word.read_volatile() == cortex_m_rt::STACK_PAINT_VALUE {
            word = word.add(1);
        }
    }
    (top.addr() - word.addr(), top.addr() - bottom.addr())
}
