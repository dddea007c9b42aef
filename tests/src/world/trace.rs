use std::fmt::{Arguments, Write};

use breeze_core::time::Instant;

/// Condenses everything that happens into one number, to compare two runs by.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    /// Prints every line as well; set by the environment variable `BREEZE_TRACE`.
    loud: bool,
    /// The lines, if they are recorded.
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            loud: std::env::var_os("BREEZE_TRACE").is_some(),
            lines: None,
        }
    }

    /// Adds a line.
    pub(super) fn note(&mut self, now: Instant, line: Arguments<'_>) {
        if self.loud || self.lines.is_some() {
            let line = format!("{:>9.3} {line}", now.as_millis() as f64 / 1000.0);
            if self.loud {
                eprintln!("{line}");
            }
            if let Some(lines) = &mut self.lines {
                lines.push(line);
            }
        }
        // Writing to a hash cannot fail.
        let _ = write!(self, "{now:?} {line}");
    }

    /// Records every line from now on.
    pub(super) fn record(&mut self) {
        self.lines.get_or_insert_default();
    }

    /// Takes out the lines that were recorded.
    pub(super) fn take(&mut self) -> Vec<String> {
        self.lines.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }
}

impl Write for Trace {
    /// FNV-1a.
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
