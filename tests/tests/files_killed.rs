//! A file arrives whole, and not much of it twice, whoever is killed meanwhile.

use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::process;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use breeze_tests::world::Rng;
use breeze_tests::{ClientOptions, Files, Home, Lan, ServerOptions, TestClient};
use serde_json::{Value, json};

/// Kills in a run that nobody asked more of.
const CYCLES: u64 = 6;
/// Bytes of the file for each of them: 1 GiB for a hundred.
const FOR_EACH: u64 = (1 << 30) / 100;
/// Bytes a second of the transfer, so that it lasts for as long as there are kills.
const RATE: u64 = 16 << 20;
/// From a start to the next kill, at most.
const PAUSE: Duration = Duration::from_millis(1500);

fn asked(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    (u64::from(now.subsec_nanos()) << 20) ^ u64::from(process::id())
}

/// Is a user over several runs of its client.
struct Person {
    options: ClientOptions,
    client: TestClient,
    /// The events of the runs that have ended.
    ended: Vec<Value>,
}

impl Person {
    fn start(options: ClientOptions) -> Self {
        let client = options.clone().start();
        client.ready();
        Self { options, client, ended: Vec::new() }
    }

    fn kill(&mut self) {
        self.client.kill();
        self.ended.extend(self.client.events().into_iter().map(|entry| entry.item));
        self.client = self.options.clone().start();
    }

    /// Tells whether its transfer has ended, in this run or before.
    fn end(&self) -> Option<Value> {
        let events = self.client.events().into_iter().map(|entry| entry.item);
        let mut events = self.ended.iter().cloned().chain(events);
        events.find(|event| event["event"] == "file_done" || event["event"] == "file_failed")
    }
}

/// A file that is on its way while its sender and its recipient are killed at random instants and started
/// again is what it was, and what left the sender's machine for it is less than 1.05 times its size.
///
/// The full count is 100 kills and 1 GiB:
///
/// ```sh
/// BREEZE_KILL_CYCLES=100 cargo test -p breeze-tests --test files_killed -- --nocapture
/// ```
#[test]
fn kills_cost_little_and_change_nothing() {
    let Some(lan) = Lan::new() else { return };
    let seed = asked("BREEZE_KILL_SEED").unwrap_or_else(fresh_seed);
    let cycles = asked("BREEZE_KILL_CYCLES").unwrap_or(CYCLES);
    let size = cycles * FOR_EACH;
    // Not `eprintln`, which is shown for failed tests only.
    let _ = writeln!(stderr(), "BREEZE_KILL_SEED={seed} BREEZE_KILL_CYCLES={cycles}, {size} bytes");
    let mut random = Rng::new(seed);
    let [house, left, right] = ["house", "left", "right"].map(|name| lan.host(name));
    let server = ServerOptions::new().on(&house).start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let file = outbox.file("film", usize::try_from(size).expect("a size"));
    let (alices, bobs) = (Home::new(), Home::new());
    let alice = ClientOptions::new("alice", &server).home(&alices).on(&left);
    let bob = ClientOptions::new("bob", &server).home(&bobs).on(&right);
    let bob = bob.argument("--auto-accept-from", "alice").argument("--download-dir", &inbox.text());
    let mut people = [Person::start(alice), Person::start(bob)];
    people[0].client.wait_path("bob", "direct");
    let before = left.sent_bytes();
    people[0].client.offer("bob", &file, Some(RATE), "1");
    people[0].client.wait_for("the offer", 0, |event| event["event"] == "file_offer");
    let mut kills = 0;
    for _ in 0..cycles {
        // The instants are what this is about; nothing is waited for.
        thread::sleep(random.up_to(PAUSE));
        if people.iter().any(|person| person.end().is_some()) {
            break;
        }
        people[random.below(2) as usize].kill();
        kills += 1;
    }
    for person in &people {
        if person.end().is_none() {
            person.client.wait_for("the end", 0, |event| {
                event["event"] == "file_done" || event["event"] == "file_failed"
            });
        }
    }
    let sent = left.sent_bytes() - before;
    let ends = people.each_ref().map(Person::end);
    let [Some(at_alice), Some(at_bob)] = ends else { panic!("one has not heard of the end") };
    assert_eq!((&at_alice["event"], &at_bob["event"]), (&json!("file_done"), &json!("file_done")));
    let _ = writeln!(
        stderr(),
        "{kills} kills; {sent} bytes left the sender for {size}: {:.4}",
        sent as f64 / size as f64
    );
    let path = at_bob["path"].as_str().expect("a path");
    assert!(fs::read(path).expect("the file") == fs::read(&file).expect("the file"));
    assert_eq!(inbox.names().len(), 1, "nothing is left beside it: {:?}", inbox.names());
    assert!(kills > cycles / 3, "it was over after {kills} kills");
    assert!(sent >= size && sent * 100 < size * 105, "{sent} bytes for {size}");
}
