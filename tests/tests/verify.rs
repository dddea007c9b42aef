//! People compare keys: with a node that runs, and without one.

use breeze_tests::{Attached, Cli, Home, TestClient, TestServer, wait_mesh};
use serde_json::{Value, json};

fn pair(server: &TestServer) -> (TestClient, TestClient) {
    let alice = TestClient::start("alice", server);
    let bob = TestClient::start("bob", server);
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

/// Runs `verify` in a home, to its end.
fn verify(home: &Home, arguments: &[&str]) -> Cli {
    Cli::breeze_at(home).args(["verify"]).args(arguments)
}

/// Returns the indented lines: what two people read to each other.
fn safety_text(stdout: &str) -> Vec<&str> {
    stdout.lines().filter(|line| line.starts_with("  ")).collect()
}

/// Returns the fingerprint of a client's own key.
fn fingerprint(client: &TestClient) -> String {
    client.ready()["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

/// Both sides are shown the same text, in the same order, and it is that of their keys. Who is
/// verified is so for all commands, and stays so.
#[test]
fn both_sides_compare_the_same_text() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let mine = verify(alice.home(), &["bob", "--yes"]).run().expect(0);
    let theirs = verify(bob.home(), &["alice", "--yes"]).run().expect(0);
    let text = [("alice", &alice), ("bob", &bob)]
        .map(|(user, client)| format!("  {user:5}  {}", fingerprint(client)));
    assert_eq!(safety_text(&mine.stdout), text);
    assert_eq!(safety_text(&theirs.stdout), text);

    let who = Cli::breeze_at(alice.home()).args(["who", "--json"]).run().expect(0);
    let who: Value = serde_json::from_str(&who.stdout).expect("JSON");
    let entry = who["users"].as_array().and_then(|users| users.iter().find(|u| u["user"] == "bob"));
    assert_eq!(entry.map(|entry| &entry["verified"]), Some(&json!(true)), "{who}");

    // Once more, with and without a node, there is nothing to be asked.
    let home = alice.home().clone();
    for _ in 0..2 {
        let again = verify(&home, &["bob"]).run().expect(0);
        assert!(again.stdout.contains("bob is verified"), "{again:?}");
    }
    alice.quit();
    let again = verify(&home, &["bob"]).run().expect(0);
    assert_eq!(safety_text(&again.stdout), text);
    assert!(again.stdout.contains("bob is verified"), "{again:?}");
}

/// Without a node the store alone is asked, and remembers the answer.
#[test]
fn no_node_is_needed() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let home = alice.home().clone();
    let text = fingerprint(&bob);
    alice.quit();
    // Nobody is there to be asked.
    let unasked = verify(&home, &["bob"]).run().expect_failure(&["--yes"]);
    assert_eq!(unasked.code, Some(1));
    let verified = verify(&home, &["bob", "--yes"]).run().expect(0);
    assert!(verified.stdout.contains(&text), "{verified:?}");
    assert!(verify(&home, &["bob"]).run().expect(0).stdout.contains("bob is verified"));
}

/// Who was never met has no key that could be compared.
#[test]
fn an_unknown_contact_is_explained() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    let words = ["no key of 'nobody'", "exchange a message"];
    assert_eq!(verify(&home, &["nobody"]).run().expect_failure(&words).code, Some(1));
    alice.quit();
    assert_eq!(verify(&home, &["nobody", "--yes"]).run().expect_failure(&words).code, Some(1));
    verify(&home, &["alice"]).run().expect_failure(&["your own user"]);
    verify(&Home::new(), &["bob"]).run().expect_failure(&["--user"]);
}

/// Scripts ask and say the same by commands; answers go to the asker alone.
#[test]
fn scripts_verify_too() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let key = fingerprint(&bob);
    let one = Attached::to(alice.home());
    one.line(r#"{"cmd":"contact","user":"bob","ref":"look"}"#);
    let contact = one.wait_for("the contact", |event| event["event"] == "contact");
    let known = |reference: &str, verified| {
        json!({
            "event": "contact", "ref": reference, "user": "bob", "name": "bob",
            "fingerprint": key, "verified": verified
        })
    };
    assert_eq!(contact, known("look", false));
    let verify = |fingerprint: &str, reference: &str| {
        let command = json!({
            "cmd": "verify", "user": "bob", "fingerprint": fingerprint, "ref": reference
        });
        one.line(&command.to_string());
    };
    verify(&fingerprint(&alice), "wrong");
    let refused = one.wait_for("the refusal", |event| event["code"] == "wrong_fingerprint");
    assert_eq!(refused["ref"], "wrong");
    verify(&key, "right");
    let verified = one.wait_for("the answer", |event| event["ref"] == "right");
    assert_eq!(verified, known("right", true));
    one.line(r#"{"cmd":"contact","user":"carol","ref":"none"}"#);
    let unknown = one.wait_for("the error", |event| event["code"] == "unknown_contact");
    assert_eq!(unknown["ref"], "none");
    let reference = alice.send("bob", "hi");
    alice.wait_state(&reference, "delivered");
    assert!(!alice.events().iter().any(|event| event.item["event"] == "contact"));
}
