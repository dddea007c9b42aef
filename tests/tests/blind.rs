//! The server is blind: what users write to each other is nowhere in what it keeps, in its memory,
//! or on the wire to it and back; nor are their secret keys.
//!
//! Every search is shown to be one that finds: by what the server must know, in the same place and
//! form, and by the same text in the memory of the clients.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use breeze_tests::{
    ClientOptions, Home, Needles, ProcessMemory, Tap, TestClient, TestServer, canary,
};
use serde_json::Value;

/// Names that are found where they are by no chance.
const SENDER: &str = "sender-with-a-long-name";
const RECIPIENT: &str = "recipient-with-a-long-name";
/// What each side sends first, in clear.
const PREAMBLE: [u8; 4] = *b"BRZ\x02";

/// Is what is looked for, and everybody who must not have it.
struct Scene {
    server: TestServer,
    tap: Tap,
    sender: TestClient,
    /// What the server must not know.
    secrets: Needles,
    /// What it must know: that the search finds it shows that it would find the secrets.
    known: Needles,
    /// The names of all that the server must know of each kind.
    in_memory: BTreeSet<String>,
    in_files: BTreeSet<String>,
}

impl Scene {
    /// Lets the sender and the recipient log in by way of the tap.
    #[track_caller]
    fn set() -> (Self, TestClient) {
        let server = TestServer::start();
        let tap = Tap::to(server.address());
        let names = [canary(), canary()].map(|name| name[..32].to_owned());
        let [sender, recipient] = [SENDER, RECIPIENT].map(|user| {
            let name = &names[usize::from(user == RECIPIENT)];
            let client = ClientOptions::new(user, &server).server(tap.address()).mesh("off");
            let client = client.name(name).start();
            client.ready();
            client
        });
        sender.wait_presence(RECIPIENT, true);
        recipient.wait_presence(SENDER, true);
        let (mut secrets, mut known) = (Needles::new(), Needles::new());
        for client in [&sender, &recipient] {
            let (hex, raw) = secret_key(client.home());
            secrets = secrets.with(&format!("{}: key", client.user()), raw);
            secrets = secrets.with(&format!("{}: key in hex", client.user()), &hex);
            secrets = secrets.with(&format!("{}: key in HEX", client.user()), hex.to_uppercase());
            known = known.with(client.user(), client.user());
        }
        let in_files = BTreeSet::from([SENDER, RECIPIENT].map(str::to_owned));
        for (name, who) in names.iter().zip(["sender's name", "recipient's name"]) {
            known = known.with(who, name);
        }
        let mut in_memory = in_files.clone();
        in_memory.insert("sender's name".to_owned());
        (Self { server, tap, sender, secrets, known, in_memory, in_files }, recipient)
    }

    /// Draws a text that only its sender and its recipient may know.
    fn draw(&mut self, name: &str) -> String {
        let text = canary();
        self.secrets = self.secrets.clone().with_pieces(name, &text);
        text
    }

    /// Checks that the server does not know what it must not, and knows what it must.
    #[track_caller]
    fn expect_blind(&self, when: &str) {
        let memory = ProcessMemory::of(self.server.process().pid());
        // Where it cannot be read that was said, and the rest still is to be checked.
        if let Some(search) = memory.search(&self.secrets) {
            assert!(search.bytes() > 1 << 20, "{when}: only {} bytes", search.bytes());
            assert_eq!(search.found(), &BTreeSet::new(), "{when}, in the server's memory");
            let known = memory.search(&self.known).expect("as before");
            let missing: Vec<_> = self.in_memory.difference(known.found()).collect();
            assert!(missing.is_empty(), "{when}, not found in the server's memory: {missing:?}");
        }
        assert_eq!(in_files(self.server.data(), &self.secrets), BTreeSet::new(), "{when}, on disk");
        let known = in_files(self.server.data(), &self.known);
        let missing: Vec<_> = self.in_files.difference(&known).collect();
        assert!(missing.is_empty(), "{when}, not found on disk: {missing:?}");
        for said in [self.server.process().output(), self.server.process().log()] {
            for line in said.entries() {
                assert!(self.secrets.found_in(line.item.as_bytes()).is_empty(), "{when}: {line:?}");
            }
        }
    }

    /// Checks that the search of a client's memory finds what it has in it.
    #[track_caller]
    fn expect_seeing(&self, client: &TestClient, texts: &[&str]) {
        let memory = ProcessMemory::of(client.process().pid());
        let Some(search) = memory.search(&self.secrets) else { return };
        for wanted in texts.iter().copied().chain([format!("{}: key", client.user()).as_str()]) {
            assert!(search.found().contains(wanted), "{}: no {wanted}", client.user());
        }
    }

    /// Returns how many messages the server keeps for the recipient.
    #[track_caller]
    fn kept(&self) -> u64 {
        let said = self.server.admin("user list --json").run().expect(0).stdout;
        let rows = said.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let row = rows.into_iter().find(|row: &Value| row["user"] == RECIPIENT);
        row.expect("the recipient")["messages"].as_u64().expect("a number")
    }
}

/// Reads a client's secret key, as it is written and as it is used.
#[track_caller]
fn secret_key(home: &Home) -> (String, Vec<u8>) {
    let text = fs::read_to_string(home.path().join("identity.key")).expect("a key");
    let hex = text.trim().to_owned();
    assert_eq!(hex.len(), 64, "{hex}");
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
    let raw = (0..64).step_by(2).map(digits).collect();
    (hex, raw)
}

/// Looks through all files of a directory.
#[track_caller]
fn in_files(dir: &Path, needles: &Needles) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut bytes = 0;
    for entry in fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        assert!(!kind.is_dir(), "there is more to look through: {}", entry.path().display());
        if kind.is_file() {
            let content = fs::read(entry.path()).expect("a file");
            bytes += content.len();
            found.extend(needles.found_in(&content));
        }
    }
    assert!(bytes > 10_000, "only {bytes} bytes");
    found
}

/// A text that is relayed between users who are online, and one that is kept for a user who is not,
/// before it is fetched and after, are seen by sender and recipient alone.
#[test]
fn nobody_between_sees_what_is_written() {
    let (mut scene, recipient) = Scene::set();
    let relayed = scene.draw("relayed");
    let reference = scene.sender.send(RECIPIENT, &relayed);
    assert_eq!(scene.sender.wait_state(&reference, "delivered")["path"], "relay");
    assert_eq!(recipient.wait_message(SENDER, &relayed)["path"], "relay");
    scene.expect_blind("after a message was relayed");
    scene.expect_seeing(&scene.sender, &["relayed"]);
    scene.expect_seeing(&recipient, &["relayed"]);

    let home = recipient.home().clone();
    recipient.quit();
    scene.sender.wait_presence(RECIPIENT, false);
    let kept = scene.draw("kept");
    let reference = scene.sender.send(RECIPIENT, &kept);
    scene.sender.wait_state(&reference, "stored");
    assert_eq!(scene.kept(), 1);
    scene.expect_blind("while a message is kept");
    scene.expect_seeing(&scene.sender, &["relayed", "kept"]);

    let recipient = ClientOptions::new(RECIPIENT, &scene.server).server(scene.tap.address());
    let recipient = recipient.home(&home).mesh("off").start();
    recipient.wait_message(SENDER, &kept);
    let delivered = scene.sender.wait_state(&reference, "delivered");
    assert_eq!(delivered["path"], "relay");
    assert_eq!(scene.kept(), 0);
    scene.expect_blind("after a kept message was fetched");
    scene.expect_seeing(&recipient, &["kept"]);

    // All of that went through the tap, and none of it in clear; not even who it was.
    let records = scene.tap.records();
    let [sent, fetched, fetched_later] = &records[..] else { panic!("{} links", records.len()) };
    assert!(sent[0].len() > relayed.len() + kept.len(), "{} bytes", sent[0].len());
    assert!(fetched[1].len() > relayed.len(), "{} bytes", fetched[1].len());
    assert!(fetched_later[1].len() > kept.len(), "{} bytes", fetched_later[1].len());
    for bytes in records.iter().flatten() {
        assert!(bytes.starts_with(&PREAMBLE), "{:x?}", &bytes[..bytes.len().min(8)]);
    }
    assert_eq!(scene.tap.search(&scene.secrets), BTreeSet::new(), "in the capture");
    assert_eq!(scene.tap.search(&scene.known), BTreeSet::new(), "in the capture");
    let beginning = Needles::new().with("preamble", PREAMBLE);
    assert_eq!(scene.tap.search(&beginning), BTreeSet::from(["preamble".to_owned()]));
}
