use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{ClientOptions, Entry, Home, PATIENCE, Process, SocketTable, TestServer};

/// Is a running `breeze up --json`.
pub struct TestClient {
    user: String,
    home: Home,
    process: Process<Value>,
    references: AtomicU64,
}

impl TestClient {
    /// Starts a client of `server` and waits until it has logged in.
    #[track_caller]
    pub fn start(user: &str, server: &TestServer) -> Self {
        let client = ClientOptions::new(user, server).start();
        client.ready();
        client
    }

    pub(crate) fn with(options: ClientOptions) -> Self {
        let process = Process::spawn(&options.user, options.command(), |line| {
            serde_json::from_str(&line).unwrap_or_else(|_| json!({ "unreadable": line }))
        });
        Self { user: options.user, home: options.home, process, references: AtomicU64::new(1) }
    }

    /// Returns its user id.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Returns its home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Returns its process.
    pub fn process(&self) -> &Process<Value> {
        &self.process
    }

    /// Returns its TCP sockets at this moment.
    pub fn sockets(&self) -> SocketTable {
        SocketTable::of_process(self.process.pid())
    }

    /// Waits for its first login and returns the event.
    #[track_caller]
    pub fn ready(&self) -> Value {
        self.wait_for("ready", 0, |event| event["event"] == "ready")
    }

    /// Returns the local address of its server connection, on which it listens too.
    #[track_caller]
    pub fn local(&self) -> SocketAddr {
        let ready = self.ready();
        let local = ready["local"].as_str().and_then(|text| text.parse().ok());
        local.unwrap_or_else(|| self.process.fail(&format!("no local address in {ready}")))
    }

    /// Writes one line to its standard input.
    pub fn line(&self, line: &str) {
        self.process.write(format!("{line}\n"));
    }

    /// Sends a text and returns the reference that its events will carry.
    pub fn send(&self, to: &str, text: &str) -> String {
        let reference = self.references.fetch_add(1, Ordering::Relaxed).to_string();
        self.line(&json!({"cmd": "send", "to": to, "text": text, "ref": reference}).to_string());
        reference
    }

    /// Sends several texts at once and returns their references.
    pub fn send_all<S: AsRef<str>>(&self, to: &str, texts: &[S]) -> Vec<String> {
        texts.iter().map(|text| self.send(to, text.as_ref())).collect()
    }

    /// Returns the number of events so far, to wait only for later ones.
    pub fn mark(&self) -> usize {
        self.process.output().len()
    }

    /// Returns all events so far.
    pub fn events(&self) -> Vec<Entry<Value>> {
        self.process.output().entries()
    }

    /// Waits until `look`, which sees all events so far, finds what it wants.
    #[track_caller]
    pub fn wait_until<R>(
        &self,
        what: &str,
        mut look: impl FnMut(&[Entry<Value>]) -> Option<R>,
    ) -> R {
        let mut unreadable = false;
        let found = self.process.output().wait_until(PATIENCE, |events| {
            unreadable = events.iter().any(|event| event.item.get("unreadable").is_some());
            if unreadable { Some(None) } else { look(events).map(Some) }
        });
        match found.flatten() {
            Some(found) => found,
            None if unreadable => self.process.fail("a line of output is not JSON"),
            None => self.process.fail(&format!("waited in vain for: {what}")),
        }
    }

    /// Waits for an event among those from `mark` on.
    #[track_caller]
    pub fn wait_for(&self, what: &str, mark: usize, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_entry(what, mark, wanted).item
    }

    /// Waits for an event among those from `mark` on and returns it with its time.
    #[track_caller]
    pub fn wait_entry(
        &self,
        what: &str,
        mark: usize,
        wanted: impl Fn(&Value) -> bool,
    ) -> Entry<Value> {
        self.wait_until(what, |events| {
            events.iter().skip(mark).find(|event| wanted(&event.item)).cloned()
        })
    }

    /// Waits until the last path to a user is this one, and returns the event.
    #[track_caller]
    pub fn wait_path(&self, user: &str, path: &str) -> Value {
        self.wait_last("path", &format!("path {path} to {user}"), user, |event| {
            event["path"] == path
        })
    }

    /// Waits until a user is last reported to be online, or not, and returns the event.
    #[track_caller]
    pub fn wait_presence(&self, user: &str, online: bool) -> Value {
        self.wait_last("presence", &format!("presence {online} of {user}"), user, |event| {
            event["online"] == online
        })
    }

    /// Waits for a state of the message with this reference.
    #[track_caller]
    pub fn wait_state(&self, reference: &str, state: &str) -> Value {
        self.wait_for(&format!("state {state} of {reference}"), 0, |event| {
            event["event"] == "state" && event["ref"] == reference && event["state"] == state
        })
    }

    /// Waits until all messages with these references are delivered.
    #[track_caller]
    pub fn wait_delivered(&self, references: &[String]) {
        self.wait_until(&format!("delivery of {} messages", references.len()), |events| {
            let delivered: HashSet<_> = events
                .iter()
                .filter(|event| event.item["state"] == "delivered")
                .filter_map(|event| event.item["ref"].as_str())
                .collect();
            references.iter().all(|one| delivered.contains(one.as_str())).then_some(())
        });
    }

    /// Waits until each message with one of these references is delivered, has failed or was
    /// refused, and returns of each whether it was delivered.
    #[track_caller]
    pub fn wait_verdicts(&self, references: &[String]) -> Vec<bool> {
        self.wait_until(&format!("verdicts on {} messages", references.len()), |events| {
            let mut verdicts = HashMap::new();
            for event in events.iter().map(|event| &event.item) {
                let delivered = event["state"] == "delivered";
                let settled = delivered || event["state"] == "failed" || event["event"] == "error";
                if let (true, Some(reference)) = (settled, event["ref"].as_str()) {
                    verdicts.insert(reference, delivered);
                }
            }
            references.iter().map(|one| verdicts.get(one.as_str()).copied()).collect()
        })
    }

    /// Waits for a message with this text and returns the event.
    #[track_caller]
    pub fn wait_message(&self, from: &str, text: &str) -> Value {
        self.wait_for("a message", 0, |event| {
            event["event"] == "message" && event["from"] == from && event["text"] == text
        })
    }

    /// Waits for an error and returns the event.
    #[track_caller]
    pub fn wait_error(&self, code: &str) -> Value {
        self.wait_for(&format!("error {code}"), 0, |event| {
            event["event"] == "error" && event["code"] == code
        })
    }

    /// Waits for a state of the server connection among the events from `mark` on.
    #[track_caller]
    pub fn wait_server(&self, state: &str, mark: usize) {
        self.wait_for(&format!("server {state}"), mark, |event| {
            event["event"] == "server" && event["state"] == state
        });
    }

    /// Waits until as many messages of a user have arrived as there are `texts`, and checks that
    /// these are they, each once and in order.
    #[track_caller]
    pub fn expect_texts<S: AsRef<str>>(&self, from: &str, texts: &[S]) {
        let count = texts.len();
        let arrived = self.wait_until(&format!("{count} messages of {from}"), |events| {
            let arrived = texts_of(events, from).count();
            (arrived >= count).then(|| texts_of(events, from).map(str::to_owned).collect())
        });
        let arrived: Vec<String> = arrived;
        let wanted: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        if arrived != wanted {
            let first = arrived.iter().zip(&wanted).position(|(arrived, wanted)| arrived != wanted);
            self.process.fail(&format!(
                "{} messages of {from}, {count} were sent; the first that differs: {first:?}",
                arrived.len()
            ));
        }
    }

    /// Returns the texts that have arrived from a user.
    pub fn texts_from(&self, from: &str) -> Vec<String> {
        texts_of(&self.events(), from).map(str::to_owned).collect()
    }

    /// Waits for a line of the log that has all these parts, and returns it.
    #[track_caller]
    pub fn wait_log(&self, parts: &[&str]) -> String {
        let fits = |line: &str| parts.iter().all(|part| line.contains(part));
        let found = self.process.log().wait_until(PATIENCE, |lines| {
            lines.iter().map(|line| &line.item).find(|line| fits(line)).cloned()
        });
        found.unwrap_or_else(|| self.process.fail(&format!("no log line has {parts:?}")))
    }

    /// Freezes it: its connections stay open and it says nothing more.
    pub fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to quit and checks that it ends well.
    #[track_caller]
    pub fn quit(mut self) {
        self.line(r#"{"cmd":"quit"}"#);
        let (status, _) = self.process.wait_exit();
        assert!(status.success(), "{}: quit ended with {status}", self.user);
    }

    /// Ends its standard input.
    pub fn close_stdin(&mut self) {
        self.process.close_stdin();
    }

    /// Waits until it has ended by itself and returns its exit code.
    #[track_caller]
    pub fn wait_exit(&mut self) -> Option<i32> {
        self.process.wait_exit().0.code()
    }

    /// Waits until the last event of a kind about a user is as wanted.
    #[track_caller]
    fn wait_last(
        &self,
        kind: &str,
        what: &str,
        user: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        self.wait_until(what, |events| {
            let about = |event: &&Value| event["event"] == kind && event["user"] == user;
            let last = events.iter().rev().map(|event| &event.item).find(about)?;
            wanted(last).then(|| last.clone())
        })
    }
}

fn texts_of<'a>(events: &'a [Entry<Value>], from: &'a str) -> impl Iterator<Item = &'a str> {
    events
        .iter()
        .filter(move |event| event.item["event"] == "message" && event.item["from"] == from)
        .map(|event| event.item["text"].as_str().unwrap_or_default())
}
