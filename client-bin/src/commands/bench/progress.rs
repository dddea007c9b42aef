use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_io::Timer;
use smol::future;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(100);
/// Back to the start of the line, and nothing on it.
const CLEAR: &str = "\r\x1b[K";

/// Says on a terminal what is going on; elsewhere, nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { shown: io::stderr().is_terminal() }
    }

    /// Waits for something, and says meanwhile how far it is.
    pub(super) async fn during<T>(
        self,
        what: &str,
        done: &AtomicUsize,
        goal: usize,
        work: impl Future<Output = T>,
    ) -> T {
        self.show(work, || format!("{what} {} of {goal}", done.load(Ordering::Relaxed))).await
    }

    /// Waits for as long as something is measured, and says so.
    pub(super) async fn measuring(self, what: &str, duration: Duration) {
        let wait = async {
            Timer::after(duration).await;
        };
        let begin = Instant::now();
        let whole = duration.as_secs();
        self.show(wait, || format!("{what}: {} of {whole} s", begin.elapsed().as_secs())).await;
    }

    async fn show<T>(self, work: impl Future<Output = T>, line: impl Fn() -> String) -> T {
        if !self.shown {
            return work.await;
        }
        let showing = async {
            loop {
                write(&line());
                Timer::after(EVERY).await;
            }
        };
        let outcome = future::or(work, showing).await;
        write("");
        outcome
    }
}

fn write(line: &str) {
    let mut out = io::stderr().lock();
    // Nobody misses it.
    let _ = write!(out, "{CLEAR}{line}").and_then(|()| out.flush());
}
