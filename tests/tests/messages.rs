//! Messages arrive once, in order, by the path that both ends name.

use breeze_tests::{ClientOptions, Home, TestClient, TestServer, wait_mesh};
use serde_json::json;

/// Bytes of the longest text.
const MAX_TEXT: usize = 64 * 1024;
/// Messages that a scenario sends before it waits: fewer than may be on their way to one recipient.
const BURST: usize = 100;

fn relayed(user: &str, server: &TestServer) -> TestClient {
    let client = ClientOptions::new(user, server).mesh("off").start();
    client.ready();
    client
}

fn direct_pair(server: &TestServer) -> (TestClient, TestClient) {
    let alice = TestClient::start("alice", server);
    let bob = TestClient::start("bob", server);
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

fn relayed_pair(server: &TestServer) -> (TestClient, TestClient) {
    let alice = relayed("alice", server);
    let bob = relayed("bob", server);
    alice.wait_presence("bob", true);
    bob.wait_presence("alice", true);
    (alice, bob)
}

/// Checks what both ends are told about one message.
#[track_caller]
fn expect_both_ends_agree(alice: &TestClient, bob: &TestClient, text: &str, path: &str) {
    let reference = alice.send("bob", text);
    let queued = alice.wait_state(&reference, "queued");
    let message = bob.wait_message("alice", text);
    let delivered = alice.wait_state(&reference, "delivered");
    assert_eq!(delivered["to"], "bob");
    assert_eq!(delivered["path"], path);
    assert_eq!(message["path"], path);
    assert!(message["id"].as_str().is_some_and(|id| !id.is_empty()), "{message}");
    assert_eq!(message["id"], queued["id"]);
    assert_eq!(message["id"], delivered["id"]);
    assert!(message["sent_ms"].as_u64().is_some_and(|ms| ms > 1_700_000_000_000), "{message}");
}

/// Where there is a direct link messages take it, and both ends say so.
#[test]
fn a_message_goes_direct() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    expect_both_ends_agree(&alice, &bob, "hello", "direct");
    expect_both_ends_agree(&alice, &bob, "hello again", "direct");
}

/// Clients that want no direct links use the relay from the first message on, and both ends say so.
#[test]
fn a_message_goes_by_the_relay() {
    let server = TestServer::start();
    let (alice, bob) = relayed_pair(&server);
    expect_both_ends_agree(&alice, &bob, "hello", "relay");
    expect_both_ends_agree(&alice, &bob, "hello again", "relay");
    assert!(alice.sockets().links_to(&bob.sockets()).is_empty());
}

/// One side that wants no direct links is enough for the relay.
#[test]
fn one_side_without_direct_links_means_the_relay() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let bob = relayed("bob", &server);
    alice.wait_presence("bob", true);
    expect_both_ends_agree(&alice, &bob, "hello", "relay");
}

/// Chinese names and texts arrive as they were written, direct and by the relay.
#[test]
fn chinese_arrives() {
    let server = TestServer::start();
    let alice = ClientOptions::new("alice", &server).name("爱丽丝").start();
    let bob = ClientOptions::new("bob", &server).name("鲍勃 🍃").start();
    let carol = ClientOptions::new("carol", &server).name("卡罗尔").mesh("off").start();
    for client in [&alice, &bob, &carol] {
        client.ready();
    }
    wait_mesh(&[&alice, &bob]);
    assert_eq!(alice.wait_presence("bob", true)["name"], "鲍勃 🍃");
    let text = "微风,你好!\n第二行 \u{1f343} \"引号\"";
    alice.send("bob", text);
    let message = bob.wait_message("alice", text);
    assert_eq!((&message["name"], &message["path"]), (&json!("爱丽丝"), &json!("direct")));
    alice.wait_presence("carol", true);
    carol.send("alice", text);
    let message = alice.wait_message("carol", text);
    assert_eq!((&message["name"], &message["path"]), (&json!("卡罗尔"), &json!("relay")));
}

/// A text of 64 KiB arrives whole, and one byte more is refused with its reason.
#[track_caller]
fn expect_limit_on_text(alice: &TestClient, bob: &TestClient) {
    // Three bytes each and one over, so that it cannot be cut at just any place.
    let mut longest = "风".repeat(MAX_TEXT / 3);
    longest.push_str(&"x".repeat(MAX_TEXT - longest.len()));
    let reference = alice.send("bob", &longest);
    alice.wait_state(&reference, "delivered");
    bob.expect_texts("alice", &[&longest]);

    longest.push('x');
    let reference = alice.send("bob", &longest);
    assert_eq!(alice.wait_error("too_large")["ref"], reference);

    let reference = alice.send("bob", "short");
    alice.wait_state(&reference, "delivered");
    longest.pop();
    bob.expect_texts("alice", &[longest.as_str(), "short"]);
}

/// The limit on texts holds on a direct link.
#[test]
fn the_longest_text_goes_direct() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    expect_limit_on_text(&alice, &bob);
}

/// The limit on texts holds on the relay.
#[test]
fn the_longest_text_goes_by_the_relay() {
    let server = TestServer::start();
    let (alice, bob) = relayed_pair(&server);
    expect_limit_on_text(&alice, &bob);
}

/// Bursts in both directions at once arrive once and in order.
#[track_caller]
fn expect_bursts_in_order(alice: &TestClient, bob: &TestClient) {
    let texts: Vec<String> = (0..5 * BURST).map(|number| format!("number {number}")).collect();
    for burst in texts.chunks(BURST) {
        let to_bob = alice.send_all("bob", burst);
        let to_alice = bob.send_all("alice", burst);
        alice.wait_delivered(&to_bob);
        bob.wait_delivered(&to_alice);
    }
    bob.expect_texts("alice", &texts);
    alice.expect_texts("bob", &texts);
}

/// Five hundred messages each way stay in order on a direct link.
#[test]
fn bursts_stay_in_order_direct() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    expect_bursts_in_order(&alice, &bob);
}

/// Five hundred messages each way stay in order on the relay.
#[test]
fn bursts_stay_in_order_by_the_relay() {
    let server = TestServer::start();
    let (alice, bob) = relayed_pair(&server);
    expect_bursts_in_order(&alice, &bob);
}

/// More messages at once than may wait are delivered or refused, each one, and none is dropped.
#[test]
fn a_flood_is_delivered_or_refused() {
    let server = TestServer::start();
    let (alice, bob) = relayed_pair(&server);
    let texts: Vec<String> = (0..600).map(|number| format!("number {number}")).collect();
    let references = alice.send_all("bob", &texts);
    let delivered = alice.wait_verdicts(&references);
    let arriving: Vec<&String> = texts
        .iter()
        .zip(delivered)
        .filter_map(|(text, delivered)| delivered.then_some(text))
        .collect();
    assert!(!arriving.is_empty());
    bob.expect_texts("alice", &arriving);
}

/// Lines that are no commands get an error each, and nothing else happens.
#[test]
fn a_bad_line_gets_an_error() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    let bad = [
        "not JSON at all",
        "[]",
        r#"{"cmd":"fly"}"#,
        r#"{"to":"bob","text":"no command"}"#,
        r#"{"cmd":"send","to":"bob"}"#,
        r#"{"cmd":"send","to":7,"text":"no user"}"#,
        r#"{"cmd":"send","to":"No User!","text":"no user id"}"#,
        r#"{"cmd":"send","to":"bob","text":"cut o"#,
    ];
    for line in bad {
        alice.line(line);
    }
    let errors = alice.wait_until("an error for each bad line", |events| {
        let errors: Vec<_> =
            events.iter().filter(|event| event.item["event"] == "error").cloned().collect();
        (errors.len() >= bad.len()).then_some(errors)
    });
    for error in errors {
        let told = |field: &str| error.item[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(told("code") && told("message"), "{}", error.item);
    }
    let reference = alice.send("bob", "all is well");
    alice.wait_state(&reference, "delivered");
    bob.expect_texts("alice", &["all is well"]);
    let count = alice.events().iter().filter(|event| event.item["event"] == "error").count();
    assert_eq!(count, bad.len());
}

/// Fields that a client does not know are ignored.
#[test]
fn unknown_fields_are_ignored() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    alice.line(r#"{"cmd":"send","to":"bob","text":"hi","ref":"x","colour":"blue","n":[1,2]}"#);
    bob.wait_message("alice", "hi");
    alice.wait_state("x", "delivered");
}

/// A user whom nobody has ever registered is an error that carries the reference.
#[test]
fn an_unknown_user_is_an_error() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let reference = alice.send("nobody", "hello?");
    assert_eq!(alice.wait_error("unknown_user")["ref"], reference);
}

/// A message to a registered user who is away is kept, and neither fails nor gets lost.
#[test]
fn a_message_waits_for_an_offline_recipient() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    let home: Home = bob.home().clone();
    bob.quit();
    alice.wait_presence("bob", false);
    let early = alice.send("bob", "too early");
    alice.wait_state(&early, "queued");
    let bob = ClientOptions::new("bob", &server).home(&home).start();
    bob.ready();
    alice.wait_delivered(&[early]);
    let references = alice.send_all("bob", &["one", "two", "three"]);
    alice.wait_delivered(&references);
    bob.expect_texts("alice", &["too early", "one", "two", "three"]);
}

/// The table of users lists everybody with presence and path.
#[test]
fn who_lists_everybody() {
    let server = TestServer::start();
    let (alice, _bob) = direct_pair(&server);
    let carol = ClientOptions::new("carol", &server).name("卡罗尔").mesh("off").start();
    carol.ready();
    alice.wait_presence("carol", true);
    alice.line(r#"{"cmd":"who"}"#);
    let who = alice.wait_for("who", 0, |event| event["event"] == "who");
    let find = |user: &str| {
        let users = who["users"].as_array().expect("a list");
        users.iter().find(|one| one["user"] == user).cloned().unwrap_or_default()
    };
    assert_eq!(find("bob")["online"], true);
    assert_eq!(find("bob")["path"], "direct");
    assert_eq!(find("carol")["online"], true);
    assert_eq!(find("carol")["name"], "卡罗尔");
    assert_eq!(find("carol")["path"], "relay");
}

/// The log says in words which way each message went.
#[test]
fn the_log_tells_the_way() {
    let server = TestServer::start();
    let (alice, bob) = direct_pair(&server);
    let _carol = relayed("carol", &server);
    alice.wait_presence("carol", true);
    let direct = alice.send("bob", "direct");
    let relayed = alice.send("carol", "by relay");
    alice.wait_state(&direct, "delivered");
    alice.wait_state(&relayed, "delivered");
    // Whichever of the two dialled wrote it down.
    let dialled = |client: &TestClient| {
        let lines = client.process().log().entries();
        lines.iter().any(|line| line.item.contains("dialling"))
    };
    assert!(dialled(&alice) || dialled(&bob));
    alice.wait_log(&["direct link", "up", "bob"]);
    alice.wait_log(&["bob", "sent direct"]);
    alice.wait_log(&["carol", "sent by relay"]);
    bob.quit();
    alice.wait_log(&["direct link", "removed", "bob"]);
}
