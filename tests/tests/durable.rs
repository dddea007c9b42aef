//! What a client has said is queued arrives once and in order, whoever is killed meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::env;
use std::io::{Write, stderr};
use std::ops::RangeInclusive;
use std::process;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use breeze_tests::world::Rng;
use breeze_tests::{Cli, ClientOptions, Home, PATIENCE, TestClient, TestServer, wait_mesh};
use serde_json::{Value, json};

/// How long everything that was queued may take to arrive after many cycles of kills.
const SETTLING: Duration = Duration::from_secs(60);
/// Cycles of kills in a run that nobody asked more of.
const CYCLES: u64 = 10;
/// More messages than any history here has.
const ALL: &str = "1000000";

/// Is a user over several runs of its client, whose messages to each other user are numbered.
struct Person {
    options: ClientOptions,
    home: Home,
    client: Option<TestClient>,
    /// The events of each run that has ended.
    ended: Vec<Vec<Value>>,
}

impl Person {
    /// Starts a user's client and waits until it has logged in.
    #[track_caller]
    fn start(user: &str, server: &TestServer, mesh: &str) -> Self {
        let home = Home::new();
        let options = ClientOptions::new(user, server).home(&home).mesh(mesh);
        let mut person = Self { options, home, client: None, ended: Vec::new() };
        person.run().ready();
        person
    }

    /// Starts the client on its home.
    fn run(&mut self) -> &TestClient {
        self.client.insert(self.options.clone().start())
    }

    /// Returns the running client.
    #[track_caller]
    fn client(&self) -> &TestClient {
        self.client.as_ref().expect("a running client")
    }

    /// Sends a message that begins with its number; the number is its reference too.
    fn send_padded(&self, to: &str, number: u64, padding: usize) {
        let text = format!("{number} {}", ".".repeat(padding));
        let reference = number.to_string();
        let line = json!({"cmd": "send", "to": to, "text": text.trim_end(), "ref": reference});
        self.client().line(&line.to_string());
    }

    /// Sends messages that are their numbers.
    fn send(&self, to: &str, numbers: RangeInclusive<u64>) {
        for number in numbers {
            self.send_padded(to, number, 0);
        }
    }

    /// Waits until messages sent in this run have a state.
    #[track_caller]
    fn wait_all(&self, to: &str, numbers: RangeInclusive<u64>, state: &str) {
        for number in numbers {
            self.client().wait_for(&format!("{state} of {number} to {to}"), 0, |event| {
                is_state(event, state) && event["to"] == to && reference(event) == Some(number)
            });
        }
    }

    /// Sends messages that are their numbers and waits until all are queued.
    #[track_caller]
    fn queue(&self, to: &str, numbers: RangeInclusive<u64>) {
        self.send(to, numbers.clone());
        self.wait_all(to, numbers, "queued");
    }

    /// Kills the client with SIGKILL.
    #[track_caller]
    fn kill(&mut self) {
        self.client.as_mut().expect("a running client").kill();
        self.finish();
    }

    /// Asks the client to quit and checks that it ends well.
    #[track_caller]
    fn quit(&mut self) {
        let client = self.client.as_mut().expect("a running client");
        client.line(r#"{"cmd":"quit"}"#);
        assert_eq!(client.wait_exit(), Some(0), "{}", client.user());
        self.finish();
    }

    /// Keeps the events of a run that has ended.
    #[track_caller]
    fn finish(&mut self) {
        let client = self.client.take().expect("a client");
        assert!(client.process().output().wait_closed(PATIENCE), "its output is still open");
        let mut events: Vec<Value> = client.events().into_iter().map(|entry| entry.item).collect();
        // A kill may have cut the last line.
        events.pop_if(|last| last.get("unreadable").is_some());
        let unreadable = events.iter().find(|event| event.get("unreadable").is_some());
        assert!(unreadable.is_none(), "{}: {unreadable:?}", client.user());
        self.ended.push(events);
    }

    /// Returns the events of all runs, the present one last.
    fn runs(&self) -> Vec<Vec<Value>> {
        let present = self.client.iter().map(TestClient::events);
        let present = present.map(|events| events.into_iter().map(|entry| entry.item).collect());
        self.ended.iter().cloned().chain(present).collect()
    }

    /// Returns the messages to a user that any run said to be queued: numbers and ids.
    #[track_caller]
    fn queued(&self, to: &str) -> BTreeMap<u64, String> {
        let mut queued = BTreeMap::new();
        for event in self.runs().iter().flatten() {
            if !is_state(event, "queued") || event["to"] != to {
                continue;
            }
            if let Some(number) = reference(event) {
                let before = queued.insert(number, id(event));
                assert!(before.is_none_or(|before| before == id(event)), "two ids: {event}");
            }
        }
        queued
    }

    /// Returns the messages of a user that any run has shown, in the order of the events.
    fn shown(&self, from: &str) -> Vec<(u64, String)> {
        let runs = self.runs();
        let messages = runs.iter().flatten().filter(|event| event["event"] == "message");
        messages.filter(|event| event["from"] == from).map(numbered).collect()
    }

    /// Returns the messages from one user to another in the history of this one with `with`.
    #[track_caller]
    fn history(&self, with: &str, from: &str, to: &str) -> Vec<(u64, String)> {
        let arguments = ["history", with, "--json", "--limit", ALL];
        let output = Cli::breeze_at(&self.home).args(arguments).run().expect(0);
        let entries: Vec<Value> = output
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect();
        let wanted = |entry: &&Value| entry["from"] == from && entry["to"] == to;
        entries.iter().filter(wanted).map(numbered).collect()
    }

    /// Checks what the events of all its runs must never do: show a message twice, take a state
    /// back, or give a message up.
    #[track_caller]
    fn expect_true_events(&self, user: &str) {
        let mut shown = HashSet::new();
        for (run, events) in self.runs().iter().enumerate() {
            expect_forward_states(user, events);
            for event in events {
                let key = || (event["from"].to_string(), id(event));
                let again = event["event"] == "message" && !shown.insert(key());
                assert!(!again, "{user} shows a message again in run {run}: {event}");
                assert!(!is_state(event, "failed"), "{user} gave up in run {run}: {event}");
            }
        }
    }
}

/// Checks that no message's state goes back, nor changes after a final one, within one run.
#[track_caller]
fn expect_forward_states(user: &str, events: &[Value]) {
    let mut last: HashMap<(String, String), &str> = HashMap::new();
    for event in events.iter().filter(|event| event["event"] == "state") {
        let now = event["state"].as_str().unwrap_or_default();
        let rank = |state: &str| match state {
            "queued" => 0,
            "stored" => 1,
            "delivered" | "failed" => 2,
            _ => panic!("{user}: an unknown state: {event}"),
        };
        let before = last.insert((event["to"].to_string(), id(event)), now);
        let forward = before.is_none_or(|before| rank(before) < 2 && rank(before) <= rank(now));
        assert!(forward, "{user}: {before:?}, and then {event}");
    }
}

fn is_state(event: &Value, state: &str) -> bool {
    event["event"] == "state" && event["state"] == state
}

fn reference(event: &Value) -> Option<u64> {
    event["ref"].as_str()?.parse().ok()
}

#[track_caller]
fn id(event: &Value) -> String {
    event["id"].as_str().unwrap_or_else(|| panic!("no id in {event}")).to_owned()
}

/// Returns the number with which a message's text begins, and its id.
#[track_caller]
fn numbered(message: &Value) -> (u64, String) {
    let word = message["text"].as_str().and_then(|text| text.split_whitespace().next());
    let number = word.and_then(|word| word.parse().ok());
    (number.unwrap_or_else(|| panic!("no number in {message}")), id(message))
}

fn numbers(messages: &[(u64, String)]) -> Vec<u64> {
    messages.iter().map(|(number, _)| *number).collect()
}

fn texts(numbers: RangeInclusive<u64>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

/// A queued message that had nowhere to go when its sender was killed arrives once the sender is
/// started again.
#[test]
fn a_queued_message_survives_its_sender() {
    let mut server = TestServer::start();
    let mut alice = Person::start("alice", &server, "off");
    let bob = Person::start("bob", &server, "off");
    alice.client().wait_presence("bob", true);
    let mark = bob.client().mark();
    server.kill();
    alice.client().wait_server("lost", 0);
    alice.queue("bob", 1..=3);
    alice.kill();
    server.restart();
    bob.client().wait_server("connected", mark);
    assert!(bob.client().texts_from("alice").is_empty());
    alice.run();
    bob.client().expect_texts("alice", &texts(1..=3));
    alice.client().ready();
    alice.queue("bob", 4..=4);
    alice.wait_all("bob", 4..=4, "delivered");
    bob.client().expect_texts("alice", &texts(1..=4));
    assert_eq!(bob.history("alice", "alice", "bob"), Vec::from_iter(alice.queued("bob")));
    alice.expect_true_events("alice");
}

/// A sender that is killed as soon as it has said queued, time and again, has each message delivered
/// once, whether or not it was on its way already.
#[test]
fn a_sender_killed_at_once_loses_nothing() {
    let server = TestServer::start();
    let mut alice = Person::start("alice", &server, "eager");
    let bob = Person::start("bob", &server, "eager");
    for round in 1..=10 {
        if round % 2 == 0 {
            alice.client().wait_path("bob", "direct");
        }
        alice.queue("bob", round..=round);
        alice.kill();
        alice.run().ready();
    }
    alice.queue("bob", 11..=11);
    alice.wait_all("bob", 11..=11, "delivered");
    bob.client().expect_texts("alice", &texts(1..=11));
    assert_eq!(bob.history("alice", "alice", "bob"), Vec::from_iter(alice.queued("bob")));
    alice.expect_true_events("alice");
    bob.expect_true_events("bob");
}

/// Messages to a registered user who is away wait while sender and server end and start again, and
/// arrive in order, once, when the user comes.
#[test]
fn messages_wait_for_an_absent_user() {
    let mut server = TestServer::start();
    let mut bob = Person::start("bob", &server, "eager");
    let mut alice = Person::start("alice", &server, "eager");
    bob.quit();
    alice.client().wait_presence("bob", false);
    alice.queue("bob", 1..=3);

    alice.quit();
    alice.run().ready();
    alice.queue("bob", 4..=6);

    alice.kill();
    server.restart();
    alice.run().ready();
    alice.queue("bob", 7..=9);

    let mark = alice.client().mark();
    server.restart();
    alice.client().wait_server("connected", mark);
    alice.queue("bob", 10..=12);

    bob.run().expect_texts("alice", &texts(1..=12));
    alice.wait_all("bob", 7..=12, "delivered");
    // What has been shown is not shown again.
    bob.kill();
    bob.run().ready();
    alice.queue("bob", 13..=13);
    alice.wait_all("bob", 13..=13, "delivered");
    bob.client().expect_texts("alice", &["13"]);
    let queued = Vec::from_iter(alice.queued("bob"));
    assert_eq!(numbers(&queued), Vec::from_iter(1..=13));
    assert_eq!(bob.history("alice", "alice", "bob"), queued);
    assert_eq!(alice.history("bob", "alice", "bob"), queued);
    alice.expect_true_events("alice");
    bob.expect_true_events("bob");
}

/// A recipient that is killed and started again in the middle of a stream has every message in its
/// history once and in order, and shows none twice.
#[track_caller]
fn expect_stream_outlives_recipient(mesh: &str) {
    const COUNT: u64 = 200;
    const BURST: u64 = 25;
    let server = TestServer::start();
    let alice = Person::start("alice", &server, mesh);
    let mut bob = Person::start("bob", &server, mesh);
    if mesh == "eager" {
        wait_mesh(&[alice.client(), bob.client()]);
    }
    for first in (1..=COUNT).step_by(BURST as usize) {
        let middle = first + BURST * 3 / 5;
        alice.send("bob", first..=middle);
        // Sent to this run, so shown by it, with more of them behind it.
        bob.client().wait_message("alice", &first.to_string());
        bob.kill();
        alice.send("bob", middle + 1..=first + BURST - 1);
        bob.run();
    }
    alice.wait_all("bob", 1..=COUNT, "delivered");

    let queued = Vec::from_iter(alice.queued("bob"));
    assert_eq!(numbers(&queued), Vec::from_iter(1..=COUNT));
    assert_eq!(bob.history("alice", "alice", "bob"), queued, "while a node is up");
    bob.quit();
    assert_eq!(bob.history("alice", "alice", "bob"), queued, "while none is");
    assert_eq!(alice.history("bob", "alice", "bob"), queued, "the sender's own");
    let shown = bob.shown("alice");
    assert!(shown.is_sorted() && shown.iter().all(|one| queued.contains(one)), "{shown:?}");
    alice.expect_true_events("alice");
    bob.expect_true_events("bob");
}

/// A recipient killed in the middle of a stream on a direct link has it once and in order.
#[test]
fn a_stream_outlives_its_recipient_direct() {
    expect_stream_outlives_recipient("eager");
}

/// A recipient killed in the middle of a stream on the relay has it once and in order.
#[test]
fn a_stream_outlives_its_recipient_by_the_relay() {
    expect_stream_outlives_recipient("off");
}

/// The events of one process say queued first and delivered last of each message, and nothing after
/// that, though the recipient and the server go and come meanwhile.
#[test]
fn states_never_go_backwards() {
    let mut server = TestServer::start();
    let alice = Person::start("alice", &server, "eager");
    let mut bob = Person::start("bob", &server, "eager");
    wait_mesh(&[alice.client(), bob.client()]);
    alice.send("bob", 1..=20);
    bob.kill();
    alice.send("bob", 21..=40);
    bob.run();
    alice.send("bob", 41..=60);
    server.restart();
    alice.send("bob", 61..=80);
    bob.kill();
    server.restart();
    bob.run().ready();
    alice.send("bob", 81..=100);
    alice.wait_all("bob", 1..=100, "delivered");
    // A resend makes no second receipt: all is quiet after a last round trip.
    bob.kill();
    bob.run().ready();
    alice.send("bob", 101..=101);
    alice.wait_all("bob", 101..=101, "delivered");

    alice.expect_true_events("alice");
    let events = alice.runs().concat();
    for number in 1..=101 {
        let own = events.iter().filter(|event| reference(event) == Some(number));
        let states: Vec<&str> = own.filter_map(|event| event["state"].as_str()).collect();
        assert_eq!(states.first(), Some(&"queued"), "{number}: {states:?}");
        assert_eq!(states.last(), Some(&"delivered"), "{number}: {states:?}");
    }
}

/// Is what the kills are done to.
struct Crowd {
    server: TestServer,
    people: Vec<Person>,
    /// The last number sent, by sender and recipient.
    sent: [[u64; NAMES.len()]; NAMES.len()],
    rng: Rng,
}

const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];

impl Crowd {
    /// Starts everybody; one takes no direct links, so that direct and relayed traffic mix.
    #[track_caller]
    fn start(rng: Rng) -> Self {
        let server = TestServer::start();
        let mesh = |name: &str| if name == "dave" { "off" } else { "eager" };
        let people: Vec<Person> =
            NAMES.iter().map(|name| Person::start(name, &server, mesh(name))).collect();
        for (one, other) in pairs() {
            people[one].client().wait_presence(NAMES[other], true);
        }
        Self { server, people, sent: Default::default(), rng }
    }

    fn index(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    /// Lets one user send a message to another, unless its client is not running.
    fn send(&mut self, from: usize, to: usize) {
        if self.people[from].client.is_none() {
            return;
        }
        let padding = if self.rng.below(10) == 0 { 3000 } else { 100 };
        let padding = self.rng.below(padding) as usize;
        self.sent[from][to] += 1;
        self.people[from].send_padded(NAMES[to], self.sent[from][to], padding);
    }

    /// Lets those who run send to anybody for a while: single messages, and bursts.
    fn traffic(&mut self, length: Duration) {
        let end = Instant::now() + length;
        while Instant::now() < end {
            let from = self.index(NAMES.len());
            let to = (from + 1 + self.index(NAMES.len() - 1)) % NAMES.len();
            let count = if self.rng.below(5) == 0 { self.rng.below(15) } else { 1 };
            for _ in 0..count {
                self.send(from, to);
            }
            // The pace of the traffic, and no wait for anything.
            thread::sleep(self.rng.up_to(Duration::from_millis(20)));
        }
    }

    /// Kills a client, several, the server or all that at a random instant, and starts them again.
    #[track_caller]
    fn cycle(&mut self) {
        let length = self.rng.up_to(Duration::from_millis(600));
        self.traffic(length);
        let (clients, server) = match self.rng.below(8) {
            0..=3 => (1, false),
            4 => (2 + self.rng.below(3), false),
            5 | 6 => (0, true),
            _ => (1 + self.rng.below(4), true),
        };
        thread::sleep(Duration::from_micros(self.rng.below(15_000)));
        let server_first = self.rng.below(2) == 0;
        if server && server_first {
            self.server.kill();
        }
        let first = self.index(NAMES.len());
        let victims: Vec<usize> =
            (0..clients as usize).map(|step| (first + step) % NAMES.len()).collect();
        for &victim in &victims {
            self.people[victim].kill();
        }
        if server && !server_first {
            self.server.kill();
        }
        let length = self.rng.up_to(Duration::from_millis(400));
        self.traffic(length);
        let server_first = self.rng.below(2) == 0;
        if server && server_first {
            self.server.restart();
        }
        for victim in victims {
            // The next kill may well come before it has logged in.
            self.people[victim].run();
        }
        if server && !server_first {
            let length = self.rng.up_to(Duration::from_millis(200));
            self.traffic(length);
            self.server.restart();
        }
    }

    /// Sends a last message from everybody to everybody and waits until these are delivered, and so,
    /// in order, all before them.
    #[track_caller]
    fn settle(&mut self) {
        for person in &self.people {
            person.client().ready();
        }
        for (from, to) in pairs() {
            self.send(from, to);
        }
        let deadline = Instant::now() + SETTLING;
        for (from, to) in pairs() {
            let process = self.people[from].client().process();
            let left = deadline.saturating_duration_since(Instant::now());
            let found = process.output().wait_until(left, |events| {
                let last = events.iter().rev().map(|event| &event.item).find(|event| {
                    is_state(event, "delivered")
                        && event["to"] == NAMES[to]
                        && reference(event) == Some(self.sent[from][to])
                });
                last.map(|_| ())
            });
            if found.is_none() {
                process.fail(&format!("not everything to {} is delivered", NAMES[to]));
            }
        }
    }

    /// Compares what one user's client said is queued with another's history; returns how much.
    #[track_caller]
    fn compare(&self, from: usize, to: usize) -> usize {
        let (sender, recipient) = (NAMES[from], NAMES[to]);
        let queued = self.people[from].queued(recipient);
        let history = self.people[to].history(sender, sender, recipient);
        let heard: BTreeMap<u64, String> = history.iter().cloned().collect();
        let lost: Vec<_> = queued.keys().filter(|number| !heard.contains_key(number)).collect();
        assert!(lost.is_empty(), "{sender} to {recipient}, lost: {lost:?}");
        // Also those that were never said to be queued: each once at most, and in order.
        let disorder = history.windows(2).find(|two| two[0].0 >= two[1].0);
        assert!(disorder.is_none(), "{sender} to {recipient}, twice or out of order: {disorder:?}");
        let other = queued.iter().find(|(number, id)| heard.get(number) != Some(id));
        assert!(other.is_none(), "{sender} to {recipient}, under another id: {other:?}");
        let shown = self.people[to].shown(sender);
        let disorder = shown.windows(2).find(|two| two[0].0 >= two[1].0);
        assert!(disorder.is_none(), "{recipient} shows {sender}'s out of order: {disorder:?}");
        let unknown = shown.iter().find(|(number, id)| heard.get(number) != Some(id));
        assert!(unknown.is_none(), "{recipient} shows what its history lacks: {unknown:?}");
        queued.len()
    }
}

/// Returns every user with every other.
fn pairs() -> impl Iterator<Item = (usize, usize)> {
    let users = 0..NAMES.len();
    users
        .clone()
        .flat_map(move |one| users.clone().map(move |other| (one, other)))
        .filter(|(one, other)| one != other)
}

/// Reads a number from the environment.
fn asked(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no whole number: {value:?}")))
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (u64::from(now.subsec_nanos()) << 20) ^ u64::from(process::id())
}

/// Of everything that four clients said is queued, under steady traffic and while clients and server
/// are killed at random instants and started again, nothing is lost, doubled or out of order.
///
/// The full count is 200 cycles:
///
/// ```sh
/// BREEZE_KILL_CYCLES=200 cargo test -p breeze-tests --test durable kill_cycles -- --nocapture
/// ```
///
/// `BREEZE_KILL_SEED` draws the same kills and the same pauses again; what the processes were doing
/// at those instants is the machine's choice, so a failure may need several runs of its seed.
#[test]
fn kill_cycles() {
    let seed = asked("BREEZE_KILL_SEED").unwrap_or_else(fresh_seed);
    let cycles = asked("BREEZE_KILL_CYCLES").unwrap_or(CYCLES);
    // Not `eprintln`, which is shown for failed tests only.
    let _ = writeln!(stderr(), "kill_cycles: BREEZE_KILL_SEED={seed} BREEZE_KILL_CYCLES={cycles}");
    let mut crowd = Crowd::start(Rng::new(seed));
    for _ in 0..cycles {
        crowd.cycle();
    }
    crowd.settle();
    for person in &mut crowd.people {
        person.quit();
    }
    let queued: usize = pairs().map(|(from, to)| crowd.compare(from, to)).sum();
    for (person, name) in crowd.people.iter().zip(NAMES) {
        person.expect_true_events(name);
    }
    let sent: u64 = crowd.sent.iter().flatten().sum();
    let _ = writeln!(stderr(), "kill_cycles: {sent} sent, {queued} queued, all of them once");
    assert!(queued as u64 > sent / 2, "too few of {sent} were queued to show anything: {queued}");
}
