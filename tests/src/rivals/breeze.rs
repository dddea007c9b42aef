use std::path::Path;
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
        let (at_alice, at_bob) = (self.alice.mark(), self.bob.mark());
        let began = Instant::now();
        self.alice.line(&json!({"cmd": "file", "to": "bob", "path": from}).to_string());
        let offer = self.bob.wait_for("an offer", at_bob, |event| event["event"] == "file_offer");
        let hashing = began.elapsed();
        let transfer = &offer["transfer"];
        self.bob.line(&json!({"cmd": "accept", "transfer": transfer, "dir": to}).to_string());
        let ends = |event: &Value| {
            (event["event"] == "file_done" || event["event"] == "file_failed")
                && event["transfer"] == *transfer
        };
        let done = self.bob.wait_for("the end", at_bob, ends);
        let all = began.elapsed();
        assert_eq!(done["event"], "file_done", "{done}");
        self.alice.wait_for("the end", at_alice, ends);
        Took { all, hashing }
    }
}
