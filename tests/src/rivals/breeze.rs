use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{TestClient, TestServer};

/// Is a server, and two clients with a direct link.
pub struct Breeze {
    alice: TestClient,
    bob: TestClient,
    _server: TestServer,
}

/// Says how long a transfer took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// From the command to send, until the file is in its place at the recipient.
    pub all: Duration,
    /// The part of that before the offer: all of it is read and hashed.
    pub hashing: Duration,
}

/// Is a transfer that was accepted.
struct Transfer {
    id: Value,
    /// How many events there had been before it.
    at_alice: usize,
    at_bob: usize,
    began: Instant,
    hashing: Duration,
}

impl Breeze {
    /// Starts them.
    pub fn start() -> Self {
        let server = TestServer::start();
        let alice = TestClient::start("alice", &server);
        let bob = TestClient::start("bob", &server);
        alice.wait_for("a direct link", 0, |event| {
            event["event"] == "path" && event["user"] == "bob" && event["path"] == "direct"
        });
        Self { alice, bob, _server: server }
    }

    /// Has alice send a file or a folder, which bob puts into a folder.
    pub fn send(&self, from: &Path, to: &Path) -> Took {
        let transfer = self.begin(from, to);
        self.finish(&transfer)
    }

    /// Does the same while alice also writes to bob, and returns how long each message took to be shown.
    pub fn send_and_chat(&self, from: &Path, to: &Path, pause: Duration) -> Vec<Duration> {
        let transfer = self.begin(from, to);
        thread::scope(|scope| {
            let end = scope.spawn(|| self.finish(&transfer));
            self.chat(pause, |_| !end.is_finished())
        })
    }

    /// Has alice write to bob again and again, each time after a pause, and returns how long each message
    /// took to be shown. Before each, `goes_on` is asked with the number of messages before.
    pub fn chat(&self, pause: Duration, goes_on: impl Fn(usize) -> bool) -> Vec<Duration> {
        let mut latencies = Vec::new();
        while goes_on(latencies.len()) {
            let at_bob = self.bob.mark();
            let text = format!("message {}", latencies.len());
            let began = Instant::now();
            self.alice.send("bob", &text);
            let shown = self.bob.wait_entry("a message", at_bob, |event| {
                event["event"] == "message" && event["text"] == text
            });
            latencies.push(shown.since(began));
            thread::sleep(pause);
        }
        latencies
    }

    fn begin(&self, from: &Path, to: &Path) -> Transfer {
        let (at_alice, at_bob) = (self.alice.mark(), self.bob.mark());
        let began = Instant::now();
        self.alice.line(&json!({"cmd": "file", "to": "bob", "path": from}).to_string());
        let offer = self.bob.wait_for("an offer", at_bob, |event| event["event"] == "file_offer");
        let hashing = began.elapsed();
        let id = offer["transfer"].clone();
        self.bob.line(&json!({"cmd": "accept", "transfer": id, "dir": to}).to_string());
        Transfer { id, at_alice, at_bob, began, hashing }
    }

    fn finish(&self, transfer: &Transfer) -> Took {
        let ends = |event: &Value| {
            (event["event"] == "file_done" || event["event"] == "file_failed")
                && event["transfer"] == transfer.id
        };
        let done = self.bob.wait_for("the end", transfer.at_bob, ends);
        let all = transfer.began.elapsed();
        assert_eq!(done["event"], "file_done", "{done}");
        self.alice.wait_for("the end", transfer.at_alice, ends);
        Took { all, hashing: transfer.hashing }
    }
}
