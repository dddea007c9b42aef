//! Who has written learns that it was read, and never before it was.

use breeze_tests::{Cli, TestClient, TestServer, wait_mesh};
use serde_json::{Value, json};

fn pair(server: &TestServer) -> (TestClient, TestClient) {
    let alice = TestClient::start("alice", server);
    let bob = TestClient::start("bob", server);
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

fn read(client: &TestClient, message: &Value) {
    let line = json!({"cmd": "read", "from": message["from"], "id": message["id"], "ref": "r"});
    client.line(&line.to_string());
}

/// The command covers the message and all before it, and the references are those of the sender.
#[test]
fn a_script_says_what_was_read() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let references = alice.send_all("bob", &["one", "two", "three"]);
    alice.wait_delivered(&references);
    bob.wait_message("alice", "three");
    read(&bob, &bob.wait_message("alice", "two"));
    let one = alice.wait_state(&references[0], "read");
    assert_eq!(one["to"], "bob");
    alice.wait_state(&references[1], "read");
    let third = |event: &Value| event["ref"] == references[2].as_str() && event["state"] == "read";
    assert!(!alice.events().iter().any(|event| third(&event.item)), "the third was not read");
    read(&bob, &bob.wait_message("alice", "three"));
    alice.wait_state(&references[2], "read");
}

/// What did not come cannot be read.
#[test]
fn an_unknown_message_is_an_error() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let reference = alice.send("bob", "one");
    alice.wait_state(&reference, "delivered");
    let mut message = bob.wait_message("alice", "one");
    message["id"] = message["id"].as_str().expect("an id").replace("-1", "-2").into();
    read(&bob, &message);
    assert_eq!(bob.wait_error("unknown_message")["ref"], "r");
}

/// A conversation that is shown to a person is read.
#[test]
fn chat_reads_what_its_partner_says() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let chat = Cli::breeze_at(bob.home()).args(["chat", "alice"]).spawn();
    chat.write("hello\n");
    alice.wait_message("bob", "hello");
    let reference = alice.send("bob", "hi");
    alice.wait_state(&reference, "read");
    let carol = TestClient::start("carol", &server);
    carol.wait_path("bob", "direct");
    let unread = carol.send("bob", "psst");
    carol.wait_state(&unread, "delivered");
    let reference = alice.send("bob", "and this");
    alice.wait_state(&reference, "read");
    let is_read = |event: &Value| event["event"] == "state" && event["state"] == "read";
    assert!(!carol.events().iter().any(|event| is_read(&event.item)), "carol is nobody's partner");
}
