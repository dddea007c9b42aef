use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use serde_json::{Value, json};

use crate::{Home, PATIENCE, Transcript};

/// Is a script that has attached to a running node by its socket.
pub struct Attached {
    stream: UnixStream,
    events: Transcript<Value>,
}

impl Attached {
    /// Attaches to the node of a home.
    #[track_caller]
    pub fn to(home: &Home) -> Self {
        let stream = Self::connect(home);
        let reader = BufReader::new(stream.try_clone().expect("a descriptor"));
        let events = Transcript::new();
        let written = events.clone();
        thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line);
                written.push(event.unwrap_or_else(|_| json!({ "unreadable": line })));
            }
            written.close();
        });
        Self { stream, events }
    }

    /// Connects with the socket of a home's node, and reads nothing.
    #[track_caller]
    pub fn connect(home: &Home) -> UnixStream {
        UnixStream::connect(home.socket()).expect("a node listens")
    }

    /// Writes one line.
    #[track_caller]
    pub fn line(&self, line: &str) {
        (&self.stream).write_all(format!("{line}\n").as_bytes()).expect("the node reads");
    }

    /// Sends a text; its events carry the reference.
    #[track_caller]
    pub fn send(&self, to: &str, text: &str, reference: &str) {
        self.line(&json!({"cmd": "send", "to": to, "text": text, "ref": reference}).to_string());
    }

    /// Says that nothing more will be written.
    pub fn end_input(&self) {
        self.stream.shutdown(Shutdown::Write).expect("an open connection");
    }

    /// Returns all events so far.
    pub fn events(&self) -> Vec<Value> {
        self.events.entries().into_iter().map(|entry| entry.item).collect()
    }

    /// Waits for an event.
    #[track_caller]
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = self.events.wait_until(PATIENCE, |events| {
            events.iter().map(|event| &event.item).find(|event| wanted(event)).cloned()
        });
        let tail = || self.events.tail(40);
        found.unwrap_or_else(|| panic!("attached: waited in vain for {what}\n{}", tail()))
    }

    /// Waits for a state of the message with this reference.
    #[track_caller]
    pub fn wait_state(&self, reference: &str, state: &str) -> Value {
        self.wait_for(&format!("state {state} of {reference}"), |event| {
            event["event"] == "state" && event["ref"] == reference && event["state"] == state
        })
    }

    /// Waits until the node has closed the connection, and returns all events.
    #[track_caller]
    pub fn wait_closed(&self) -> Vec<Value> {
        assert!(self.events.wait_closed(PATIENCE), "still open:\n{}", self.events.tail(40));
        self.events()
    }
}
