//! Milliseconds since start-up, counted by the SysTick interrupt.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use smoltcp::time::Instant;

static TICKS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    // Only this handler writes: no read-modify-write is needed.
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

pub(crate) struct Clock {
    last: u32,
    /// Milliseconds in the full turns of `TICKS` (one every 49 days).
    turns_ms: i64,
}

impl Clock {
    /// Starts SysTick at 1 kHz, for a core that runs at `core_hz`.
    pub(crate) fn start(mut syst: SYST, core_hz: u32) -> Self {
        syst.set_clock_source(SystClkSource::Core);
        syst.set_reload(core_hz / 1000 - 1);
        syst.clear_current();
        syst.enable_interrupt();
        syst.enable_counter();
        Self { last: 0, turns_ms: 0 }
    }

    /// The time since start-up. Call it at least once every 49 days.
    pub(crate) fn now(&mut self) -> Instant {
        let ticks = TICKS.load(Ordering::Relaxed);
        if ticks < self.last {
            self.turns_ms += 1 << 32;
        }
        self.last = ticks;
        Instant::from_millis(self.turns_ms + i64::from(ticks))
    }
}
