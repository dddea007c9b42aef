//! What the clients of a run have in common.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use breeze_core::id::{PublicKey, UserId};
use breeze_core::time::Instant;

/// Holds any record that the core makes, and the longest frame.
const BUFFER: usize = 128 * 1024;

/// Holds what the clients of a run share: names, a clock, and room to work in.
pub struct Shared {
    /// Sets the users of this run apart: those of an earlier one belong to other keys.
    run: u32,
    start: std::time::Instant,
    /// When that was, in milliseconds since 1970.
    start_ms: u64,
    /// The server's key: trusted on first use, and then demanded from all clients alike.
    pub server_key: Cell<Option<PublicKey>>,
    /// Who listens to each group: there are no groups in Breeze, so a sender goes through these.
    pub groups: RefCell<HashMap<u32, Vec<UserId>>>,
    /// Where records, payloads and texts are made.
    pub buffer: RefCell<Vec<u8>>,
    pub payload: RefCell<Vec<u8>>,
    pub text: RefCell<String>,
}

impl Shared {
    /// Starts the clock of a run, whose users no other run has had.
    pub fn new() -> Shared {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Shared {
            run: u32::from_le_bytes(random()),
            start: std::time::Instant::now(),
            start_ms: since_1970.as_millis() as u64,
            server_key: Cell::new(None),
            groups: RefCell::default(),
            buffer: RefCell::new(vec![0; BUFFER]),
            payload: RefCell::default(),
            text: RefCell::default(),
        }
    }

    /// Names the user that a client logs in as.
    pub fn user(&self, id: u32) -> UserId {
        UserId::new(&format!("peerbench-{:08x}-{id}", self.run)).expect("29 bytes at most, and no odd ones")
    }

    /// Tells the time as the core counts it.
    pub fn now(&self) -> Instant {
        Instant::from_millis(self.start.elapsed().as_millis() as u64)
    }

    /// Translates an instant of the core's into one of the benchmark's.
    pub fn at(&self, instant: Instant) -> std::time::Instant {
        self.start + Duration::from_millis(instant.as_millis())
    }

    /// Translates an instant of the core's into the time that people see.
    pub fn ms_since_1970(&self, instant: Instant) -> u64 {
        self.start_ms + instant.as_millis()
    }
}

/// Draws secret bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("Linux has random bytes");
    bytes
}
