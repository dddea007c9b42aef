//! What the server keeps for a recipient who is away: said by its sender's client, and true.

use breeze_tests::{Cli, ClientOptions, Home, TestClient, TestServer};
use serde_json::Value;

/// Starts alice and bob, and lets bob go again.
#[track_caller]
fn alone(server: &TestServer) -> (TestClient, Home) {
    let alice = TestClient::start("alice", server);
    let bob = TestClient::start("bob", server);
    alice.wait_presence("bob", true);
    let home = bob.home().clone();
    bob.quit();
    alice.wait_presence("bob", false);
    (alice, home)
}

/// Returns what was told of the message with a reference, in order.
fn states(client: &TestClient, reference: &str) -> Vec<String> {
    let events = client.events().into_iter().map(|event| event.item);
    let ours = events.filter(|event| event["event"] == "state" && event["ref"] == reference);
    ours.map(|event| event["state"].as_str().unwrap_or_default().to_owned()).collect()
}

fn is_state(event: &Value, state: &str, number: u64) -> bool {
    let ours = event["id"].as_str().is_some_and(|id| id.ends_with(&format!("-{number}")));
    event["event"] == "state" && event["state"] == state && ours
}

/// The sender may end once a message is stored. Its next run sends nothing twice, and hears of all
/// that became of it.
#[test]
fn a_stored_message_needs_its_sender_no_more() {
    let server = TestServer::start();
    let (alice, bob) = alone(&server);
    for reference in alice.send_all("bob", &["one", "two", "three"]) {
        alice.wait_state(&reference, "stored");
    }
    let home = alice.home().clone();
    alice.quit();
    let bob = ClientOptions::new("bob", &server).home(&bob).start();
    bob.expect_texts("alice", &["one", "two", "three"]);
    let home_of_bob = bob.home().clone();
    bob.quit();

    let alice = ClientOptions::new("alice", &server).home(&home).start();
    for number in 1..=3 {
        alice.wait_for("its delivery", 0, |event| is_state(event, "delivered", number));
    }
    let four = alice.send("bob", "four");
    alice.wait_state(&four, "stored");
    let bob = ClientOptions::new("bob", &server).home(&home_of_bob).start();
    bob.expect_texts("alice", &["four"]);
    let message = bob.wait_message("alice", "four");
    bob.line(&format!(r#"{{"cmd":"read","from":"alice","id":{}}}"#, message["id"]));
    alice.wait_state(&four, "read");
    assert_eq!(states(&alice, &four), ["queued", "stored", "delivered", "read"]);
    for number in 1..=3 {
        alice.wait_for("its reading", 0, |event| is_state(event, "read", number));
    }
}

/// `send` ends well once the server has the message, unless it is to wait for more.
#[test]
fn send_succeeds_once_the_server_has_it() {
    let server = TestServer::start();
    let (alice, bob) = alone(&server);
    let home = alice.home().clone();
    alice.quit();
    let send = |arguments: &[&str]| Cli::breeze_at(&home).args(["send", "bob"]).args(arguments);
    send(&["one"]).run().expect(0);
    send(&["two", "--wait", "delivered", "--timeout", "1"])
        .run()
        .expect_failure(&["bob has not come within 1 s", "the server keeps the message"]);
    let outbox = Cli::breeze_at(&home).args(["outbox"]).run().expect(0).stdout;
    assert_eq!(outbox.matches("at the server").count(), 2, "{outbox}");
    let bob = ClientOptions::new("bob", &server).home(&bob).start();
    bob.expect_texts("alice", &["one", "two"]);
}

/// A server that has lost what it kept is given all of it again: nothing is lost or comes twice, and
/// no state that was told is taken back.
#[test]
fn a_server_that_forgets_is_given_all_again() {
    const COUNT: usize = 300;
    let mut server = TestServer::start();
    let (alice, bob) = alone(&server);
    let mark = alice.mark();
    let before = server.back_up();
    alice.wait_server("connected", mark);
    let texts: Vec<String> = (1..=COUNT + 10).map(|number| number.to_string()).collect();
    let kept = alice.send_all("bob", &texts[..COUNT]);
    for reference in &kept {
        alice.wait_state(reference, "stored");
    }
    let mark = alice.mark();
    server.restore(&before);
    alice.wait_server("connected", mark);
    for reference in alice.send_all("bob", &texts[COUNT..]) {
        alice.wait_state(&reference, "stored");
    }
    alice.wait_log(&["are sent again"]);
    let bob = ClientOptions::new("bob", &server).home(&bob).start();
    bob.expect_texts("alice", &texts);
    alice.wait_delivered(&kept);
    for reference in &kept {
        assert_eq!(states(&alice, reference), ["queued", "stored", "delivered"]);
    }
}
