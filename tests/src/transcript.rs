use std::fmt::{Display, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a scenario waits for something that must happen: far longer than it takes, so that a
/// slow machine fails nothing.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of an entry that a failure shows: long texts say nothing more.
const SHOWN_BYTES: usize = 300;

/// Is one thing a process said, and when.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// When it arrived.
    pub at: Instant,
    /// What arrived.
    pub item: T,
}

impl<T> Entry<T> {
    /// Returns how long after `start` it arrived.
    pub fn since(&self, start: Instant) -> Duration {
        self.at.saturating_duration_since(start)
    }
}

/// Collects everything a process says on one stream and wakes those who wait for it.
pub struct Transcript<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    started: Instant,
}

struct State<T> {
    entries: Vec<Entry<T>>,
    closed: bool,
}

impl<T> Transcript<T> {
    /// Creates an empty transcript.
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State { entries: Vec::new(), closed: false }),
                changed: Condvar::new(),
                started: Instant::now(),
            }),
        }
    }

    /// Adds what has just arrived.
    pub fn push(&self, item: T) {
        self.lock().entries.push(Entry { at: Instant::now(), item });
        self.shared.changed.notify_all();
    }

    /// Notes that nothing more will arrive.
    pub fn close(&self) {
        self.lock().closed = true;
        self.shared.changed.notify_all();
    }

    /// Tells whether nothing more will arrive.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Returns the number of entries so far.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Tells whether nothing has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a copy of the entries so far.
    pub fn entries(&self) -> Vec<Entry<T>>
    where
        T: Clone,
    {
        self.lock().entries.clone()
    }

    /// Looks at all entries whenever one has arrived, until `look` finds what it wants; returns
    /// nothing when the time is up or the stream has ended without it.
    pub fn wait_until<R>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&[Entry<T>]) -> Option<R>,
    ) -> Option<R> {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&state.entries) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.closed || left.is_zero() {
                return None;
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits until the stream has ended and tells whether it has.
    pub fn wait_closed(&self, limit: Duration) -> bool {
        let timed_out = self
            .shared
            .changed
            .wait_timeout_while(self.lock(), limit, |state| !state.closed)
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .timed_out();
        !timed_out
    }

    /// Returns the last entries as lines for a person, with seconds since the start.
    pub fn tail(&self, count: usize) -> String
    where
        T: Display,
    {
        let state = self.lock();
        let skipped = state.entries.len().saturating_sub(count);
        let mut lines = String::new();
        if skipped > 0 {
            let _ = writeln!(lines, "  ({skipped} earlier)");
        }
        for entry in &state.entries[skipped..] {
            let seconds = (entry.at - self.shared.started).as_secs_f64();
            let _ = writeln!(lines, "  {seconds:8.3} {}", shortened(entry.item.to_string()));
        }
        lines
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A failed look is a failed test; what it looked at is still worth printing.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Transcript<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Transcript<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

fn shortened(mut line: String) -> String {
    if line.len() > SHOWN_BYTES {
        let total = line.len();
        let end = (0..=SHOWN_BYTES).rfind(|&end| line.is_char_boundary(end));
        line.truncate(end.unwrap_or_default());
        let _ = write!(line, "… ({total} bytes)");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_with_the_entry_or_the_end() {
        let transcript = Transcript::new();
        let writer = transcript.clone();
        let thread = std::thread::spawn(move || {
            writer.push(1);
            writer.push(2);
            writer.close();
        });
        let sum = |entries: &[Entry<i32>]| entries.iter().map(|entry| entry.item).sum::<i32>();
        assert_eq!(
            transcript.wait_until(PATIENCE, |all| (sum(all) == 3).then_some("both")),
            Some("both")
        );
        assert!(transcript.wait_closed(PATIENCE));
        assert_eq!(transcript.wait_until(PATIENCE, |all| (sum(all) == 4).then_some(())), None);
        thread.join().unwrap();
    }

    #[test]
    fn tail_is_short() {
        let transcript = Transcript::new();
        transcript.push("first".to_owned());
        transcript.push("微".repeat(SHOWN_BYTES));
        let tail = transcript.tail(1);
        assert!(tail.starts_with("  (1 earlier)"), "{tail}");
        assert!(tail.len() < SHOWN_BYTES + 60, "{tail}");
    }
}
