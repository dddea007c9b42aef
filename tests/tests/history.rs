//! What a node has kept can be read again: from the node that runs, and from the disk when none does.

use breeze_tests::{Cli, ClientOptions, Home, TestClient, TestServer};
use serde_json::Value;

fn entries(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = Cli::breeze_at(home).args(arguments).args(["--json"]).run().expect(0);
    output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn texts(entries: &[Value]) -> Vec<&str> {
    entries.iter().filter_map(|entry| entry["text"].as_str()).collect()
}

/// Checks that all questions find what was said: three texts from alice, of which the last waits.
fn expect_kept(home: &Home) {
    let all = entries(home, &["history", "bob"]);
    assert_eq!(texts(&all), ["one", "Zwei", "三"]);
    let states: Vec<_> = all.iter().filter_map(|entry| entry["state"].as_str()).collect();
    assert_eq!(states, ["delivered", "delivered", "queued"]);
    assert!(all.iter().all(|entry| entry["from"] == "alice" && entry["to"] == "bob"));
    assert_eq!(texts(&entries(home, &["history", "bob", "--limit", "2"])), ["Zwei", "三"]);
    let second = all[1]["entry"].to_string();
    assert_eq!(texts(&entries(home, &["history", "bob", "--before", &second])), ["one"]);
    assert_eq!(texts(&entries(home, &["history", "carol"])), [""; 0]);
    assert_eq!(texts(&entries(home, &["search", "zwEI"])), ["Zwei"]);
    assert_eq!(texts(&entries(home, &["outbox"])), ["三"]);
    let shown = Cli::breeze_at(home).args(["history", "bob"]).run().expect(0).stdout;
    assert!(shown.contains("Zwei") && shown.contains("not delivered yet"), "{shown}");
}

/// History, search and outbox say the same with a node and without one, and after its death.
#[test]
fn what_was_kept_is_shown_with_a_node_and_without() {
    let mut server = TestServer::start();
    let mut alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    let home = alice.home().clone();
    alice.wait_presence("bob", true);
    let sent = alice.send_all("bob", &["one", "Zwei"]);
    alice.wait_delivered(&sent);
    bob.quit();
    alice.wait_presence("bob", false);
    // A server would keep it.
    server.kill();
    alice.wait_server("lost", 0);
    let waits = alice.send("bob", "三");
    alice.wait_state(&waits, "queued");
    expect_kept(&home);
    alice.kill();
    expect_kept(&home);
    let _alice = ClientOptions::new("alice", &server).home(&home).start();
    expect_kept(&home);
}

/// What somebody else wrote is kept at its recipient, under the sender's name.
#[test]
fn both_sides_keep_the_same_messages() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    alice.wait_presence("bob", true);
    let sent = alice.send_all("bob", &["a", "b", "c"]);
    alice.wait_delivered(&sent);
    let (at_alice, at_bob) =
        (entries(alice.home(), &["history", "bob"]), entries(bob.home(), &["history", "alice"]));
    assert_eq!(texts(&at_bob), ["a", "b", "c"]);
    let ids = |entries: &[Value]| entries.iter().map(|e| e["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&at_alice), ids(&at_bob));
    assert!(at_bob.iter().all(|entry| entry["from"] == "alice" && entry["state"].is_null()));
}

/// The outbox is shown whole and in order, however much is in it: by a node, which tells of it page
/// by page, as from the disk. (A node told of the last 512 KiB alone, and of those by recipient, and
/// `breeze outbox` showed no more.)
#[test]
fn a_large_outbox_is_shown_whole() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    server.kill();
    alice.wait_server("lost", 0);
    let mut texts: Vec<String> = (0..30).map(|n| format!("{n} {}", "x".repeat(60_000))).collect();
    texts.extend((30..300).map(|n| n.to_string()));
    for (number, text) in texts.iter().enumerate() {
        alice.send(["carol", "bob"][number % 2], text);
    }
    alice.wait_state(&texts.len().to_string(), "queued");
    let expect_all = || {
        let shown = entries(&home, &["outbox"]);
        let shown: Vec<_> = shown.iter().map(|e| e["text"].as_str().expect("a text")).collect();
        assert!(shown == texts, "{} of {}", shown.len(), texts.len());
    };
    expect_all();
    drop(alice);
    expect_all();
}
