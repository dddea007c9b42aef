//! Users who are away: what many have written to them arrives when they come, whoever is gone by
//! then, and what cannot be kept is said to have failed.

use breeze_core::io::Event;
use breeze_tests::{Cli, ClientOptions, Device, Home, ServerOptions, TestClient, TestServer};
use serde_json::Value;

/// How many write to one user, and how many messages each.
const SENDERS: usize = 10;
const EACH: usize = 100;

/// Prepares a client that has no direct links.
fn relayed(user: &str, server: &TestServer) -> ClientOptions {
    ClientOptions::new(user, server).mesh("off")
}

/// Lets a user register and go again; returns its home.
#[track_caller]
fn registered(user: &str, server: &TestServer) -> Home {
    let client = relayed(user, server).start();
    client.ready();
    let home = client.home().clone();
    client.quit();
    home
}

/// Returns what a command lists.
#[track_caller]
fn listed(home: &Home, line: &str) -> Vec<Value> {
    let output = Cli::breeze_at(home).args(line.split(' ')).args(["--json"]).run().expect(0);
    output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn texts(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["text"].as_str().expect("a text")).collect()
}

/// Returns what a sender writes.
fn written(sender: &str) -> Vec<String> {
    (1..=EACH).map(|number| format!("{sender} {number}")).collect()
}

/// Checks that everything a sender wrote to bob is said to be delivered, and nothing waits.
#[track_caller]
fn expect_settled(home: &Home, sender: &str) {
    assert_eq!(listed(home, "outbox"), [] as [Value; 0], "{sender}");
    let history = listed(home, "history bob --limit 1000");
    assert_eq!(texts(&history), written(sender));
    for entry in &history {
        assert_eq!(entry["state"], "delivered", "{entry}");
    }
}

/// Ten write a hundred messages each to a user who is away, and half of them are gone when it comes:
/// all of it arrives, each sender's in order and once. Those who stayed hear of it at once, and the
/// others when they start again.
#[test]
fn a_thousand_messages_wait_for_one_user() {
    let server = TestServer::start();
    let bobs = registered("bob", &server);
    let names: Vec<String> = (0..SENDERS).map(|number| format!("sender{number}")).collect();
    let senders: Vec<TestClient> =
        names.iter().map(|name| relayed(name, &server).start()).collect();
    let sent: Vec<Vec<String>> =
        senders.iter().zip(&names).map(|(s, name)| s.send_all("bob", &written(name))).collect();
    for (sender, references) in senders.iter().zip(&sent) {
        for reference in references {
            sender.wait_state(reference, "stored");
        }
    }
    let homes: Vec<Home> = senders.iter().map(|sender| sender.home().clone()).collect();
    let mut staying = Vec::new();
    for (number, sender) in senders.into_iter().enumerate() {
        match number % 4 {
            0 => sender.quit(),
            // Killed, and not asked.
            2 => drop(sender),
            _ => staying.push(sender),
        }
    }
    assert_eq!(staying.len(), SENDERS / 2);

    let bob = relayed("bob", &server).home(&bobs).start();
    for name in &names {
        bob.expect_texts(name, &written(name));
    }
    for sender in &staying {
        let number: usize = sender.user()["sender".len()..].parse().expect("a number");
        sender.wait_delivered(&sent[number]);
    }
    for (name, home) in names.iter().zip(&homes) {
        if staying.iter().any(|sender| sender.user() == name) {
            continue;
        }
        let sender = relayed(name, &server).home(home).start();
        for number in 1..=EACH {
            sender.wait_for("its delivery", 0, |event| {
                let ends = |id: &str| id.ends_with(&format!("-{number}"));
                event["state"] == "delivered" && event["id"].as_str().is_some_and(ends)
            });
        }
        staying.push(sender);
    }
    // With their nodes and without.
    for sender in staying {
        let home = sender.home().clone();
        expect_settled(&home, sender.user());
        sender.quit();
    }
    for (name, home) in names.iter().zip(&homes) {
        expect_settled(home, name);
        let history = listed(&bobs, &format!("history {name} --limit 1000"));
        assert_eq!(texts(&history), written(name), "once and in order");
    }
    // The last word: it is not given out again.
    bob.quit();
    let bob = relayed("bob", &server).home(&bobs).start();
    let last = relayed("sender0", &server).home(&homes[0]).start();
    last.wait_presence("bob", true);
    let reference = last.send("bob", "the last one");
    last.wait_state(&reference, "delivered");
    bob.wait_message("sender0", "the last one");
    let again = bob.events().into_iter().filter(|event| event.item["event"] == "message").count();
    assert_eq!(again, 1);
}

/// What is said to be stored needs nobody but the server's disk: the sender is killed at once and
/// never comes back, the server is killed too, and all of it arrives.
#[test]
fn what_is_stored_outlives_everybody() {
    let mut server = TestServer::start();
    let home = registered("bob", &server);
    let mut alice = relayed("alice", &server).start();
    let references = alice.send_all("bob", &written("alice"));
    // The last one that was told before the kill is the last one that must be there.
    alice.wait_state(&references[EACH / 2], "stored");
    alice.kill();
    server.kill();
    assert!(alice.process().output().wait_closed(breeze_tests::PATIENCE));
    let events = alice.events();
    let stored = events.iter().filter(|event| event.item["state"] == "stored").count();
    assert!(stored > EACH / 2, "{stored}");

    server.restart();
    let bob = relayed("bob", &server).home(&home).start();
    bob.wait_message("alice", &written("alice")[stored - 1]);
    // Perhaps more, of which the sender was not told any more; in order in any case.
    let arrived = bob.texts_from("alice");
    assert_eq!(arrived, written("alice")[..arrived.len()]);
    // After one more kill they are not given out again.
    bob.quit();
    server.restart();
    let bob = relayed("bob", &server).home(&home).start();
    bob.ready();
    let kept = listed(&home, "history alice --limit 1000");
    assert_eq!(texts(&kept), written("alice")[..kept.len()]);
    assert!(kept.len() >= stored);
}

/// What is more than the server keeps for a user fails, and its sender is told why: in words by
/// `send`, and by name to scripts. There is room again once the user has come.
#[test]
fn more_than_the_quota_fails() {
    let server = ServerOptions::new().argument("--queue-messages", "5").start();
    let bobs = registered("bob", &server);
    let alice = relayed("alice", &server).start();
    let references = alice.send_all("bob", &["1", "2", "3", "4", "5", "6"]);
    for reference in &references[..5] {
        alice.wait_state(reference, "stored");
    }
    let failed = alice.wait_state(&references[5], "failed");
    assert_eq!((&failed["reason"], &failed["to"]), (&"quota".into(), &"bob".into()));
    let words = ["not sent", "keeps as much for bob as it may", "when bob has been online"];
    let send = |text: &str| Cli::breeze_at(alice.home()).args(["send", "bob", text]).run();
    let output = send("7").expect(1).expect_failure(&words);
    assert_eq!(output.stdout, "");
    let history = listed(alice.home(), "history bob");
    let states: Vec<_> = history.iter().map(|entry| entry["state"].as_str()).collect();
    assert_eq!(states[..5], [Some("stored"); 5]);
    assert_eq!(states[5..], [Some("failed"); 2]);
    assert_eq!(history[5]["reason"], "quota");
    assert_eq!(listed(alice.home(), "outbox").len(), 5);

    // So it is without a node that runs already.
    let home = registered("carol", &server);
    let output = Cli::breeze_at(&home).args(["send", "bob", "8"]).run();
    output.expect(1).expect_failure(&words);

    let bob = relayed("bob", &server).home(&bobs).start();
    alice.wait_presence("bob", true);
    bob.expect_texts("alice", &["1", "2", "3", "4", "5"]);
    alice.wait_delivered(&references[..5]);
    bob.quit();
    alice.wait_presence("bob", false);
    send("9").expect(0);
    // A user's own bound goes before that of the rest.
    server.admin("user quota bob --messages 2").run().expect(0);
    send("10").expect(0);
    send("11").expect(1).expect_failure(&words);
    let bob = relayed("bob", &server).home(&bobs).start();
    bob.expect_texts("alice", &["9", "10"]);
    assert!(bob.texts_from("carol").is_empty());
}

/// The history is in order of arrival, whatever the clock of a sender says: here of one that has
/// none, and takes all that it says for 1970.
///
/// With a clock of the own device that is wrong, or goes back, it is the same; there the store's own
/// `history_is_in_order_of_arrival_whatever_the_clocks_say` turns the clock.
#[test]
fn a_clock_that_says_1970_changes_no_order() {
    let server = TestServer::start();
    let bob = relayed("bob", &server).start();
    bob.ready();
    let mut alice = Device::log_in(server.address(), "alice", [7; 32], "").expect("a login");
    let mut send = |text: &str| {
        let id = alice.send("bob", text);
        alice.wait("its delivery", |event| {
            matches!(event, Event::Delivered { id: delivered, .. } if *delivered == id)
                .then_some(())
        });
    };
    send("one");
    let two = bob.send("alice", "two");
    bob.wait_state(&two, "queued");
    send("three");
    let four = bob.send("alice", "four");
    bob.wait_state(&four, "queued");
    send("five");
    let history = listed(bob.home(), "history alice");
    assert_eq!(texts(&history), ["one", "two", "three", "four", "five"]);
    let from_alice = history.iter().filter(|entry| entry["from"] == "alice");
    assert!(from_alice.into_iter().all(|entry| entry["sent_ms"] == 0), "{history:?}");
    assert!(history[1]["sent_ms"].as_u64().is_some_and(|ms| ms > 1_700_000_000_000));
}
