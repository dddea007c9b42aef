//! Links, clients and servers die, and conversations go on.

use breeze_tests::{
    ClientOptions, SocketTable, TestClient, TestServer, expect_direct_chat, skip, wait_mesh,
    wait_single_links,
};

/// When the server is killed direct chats go on, and clients return to it by themselves.
#[test]
fn direct_chats_outlive_the_server() {
    let mut server = TestServer::start();
    let [alice, bob] = ["alice", "bob"].map(|user| TestClient::start(user, &server));
    let pair = [&alice, &bob];
    wait_mesh(&pair);
    let marks = pair.map(TestClient::mark);
    server.kill();
    for (client, mark) in pair.iter().zip(marks) {
        client.wait_server("lost", mark);
    }
    expect_direct_chat(&pair, "without a server");

    let marks = pair.map(TestClient::mark);
    server.restart();
    for (client, mark) in pair.iter().zip(marks) {
        client.wait_server("connected", mark);
    }
    expect_direct_chat(&pair, "with a server again");
    wait_single_links(&pair);
    // The server knows them again: it introduces a newcomer, and relays.
    let carol = TestClient::start("carol", &server);
    wait_mesh(&[&alice, &bob, &carol]);
    let dora = ClientOptions::new("dora", &server).mesh("off").start();
    dora.ready();
    dora.wait_presence("alice", true);
    dora.send("alice", "by the new server");
    assert_eq!(alice.wait_message("dora", "by the new server")["path"], "relay");
}

/// A conversation on the relay resumes when the server has been killed and is back, and loses
/// nothing.
#[test]
fn a_relayed_conversation_survives_a_restart() {
    let mut server = TestServer::start();
    let [alice, bob] = ["alice", "bob"].map(|user| {
        let client = ClientOptions::new(user, &server).mesh("off").start();
        client.ready();
        client
    });
    alice.wait_presence("bob", true);
    bob.wait_presence("alice", true);
    let texts: Vec<String> = (0..100).map(|number| format!("number {number}")).collect();
    let first = alice.send_all("bob", &texts[..50]);
    alice.wait_delivered(&first[..10]);
    server.kill();
    let second = alice.send_all("bob", &texts[50..]);
    server.restart();
    alice.wait_delivered(&first);
    alice.wait_delivered(&second);
    bob.expect_texts("alice", &texts);
}

/// A client that is started before its server logs in once the server is there.
#[test]
fn a_client_waits_for_its_server() {
    let mut server = TestServer::start();
    server.kill();
    let alice = ClientOptions::new("alice", &server).start();
    alice.wait_log(&[&server.address().to_string()]);
    server.restart();
    alice.ready();
}

/// A direct link that is reset in mid conversation loses no message and comes back.
#[test]
fn a_reset_link_loses_nothing() {
    let server = TestServer::start();
    let [alice, bob] = ["alice", "bob"].map(|user| TestClient::start(user, &server));
    let pair = [&alice, &bob];
    wait_mesh(&pair);
    wait_single_links(&pair);
    let texts: Vec<String> = (0..100).map(|number| format!("number {number}")).collect();
    let mut sent = [Vec::new(), Vec::new()];
    for burst in texts.chunks(25) {
        let (before, after) = burst.split_at(12);
        sent[0].extend(alice.send_all("bob", before));
        sent[1].extend(bob.send_all("alice", before));
        let links = || alice.sockets().links_to(&bob.sockets());
        SocketTable::poll("a direct link", || !links().is_empty());
        // It may be one of two for a moment, or gone again.
        let reset = links().iter().filter(|link| link.reset()).count();
        if reset == 0 && !links().is_empty() {
            return skip("needs root and `ss -K`, to reset connections");
        }
        sent[0].extend(alice.send_all("bob", after));
        sent[1].extend(bob.send_all("alice", after));
    }
    alice.wait_delivered(&sent[0]);
    bob.wait_delivered(&sent[1]);
    bob.expect_texts("alice", &texts);
    alice.expect_texts("bob", &texts);
    alice.wait_log(&["direct link", "removed", "bob"]);
    wait_mesh(&pair);
    wait_single_links(&pair);
    expect_direct_chat(&pair, "after the resets");
}

/// When a client is killed, the others are told that it is offline and lose their links to it.
#[test]
fn a_killed_client_goes_offline() {
    let server = TestServer::start();
    let [alice, mut bob, carol] =
        ["alice", "bob", "carol"].map(|user| TestClient::start(user, &server));
    wait_mesh(&[&alice, &bob, &carol]);
    bob.kill();
    for client in [&alice, &carol] {
        client.wait_presence("bob", false);
        client.wait_path("bob", "none");
    }
    expect_direct_chat(&[&alice, &carol], "the others");
    let bob = ClientOptions::new("bob", &server).home(bob.home()).start();
    bob.ready();
    wait_mesh(&[&alice, &bob, &carol]);
    expect_direct_chat(&[&alice, &bob, &carol], "all again");
}

/// Messages to a client that is killed and started again arrive once it is back, or are said to
/// have failed; none arrives twice and none out of order.
#[test]
fn a_killed_recipient_returns_to_an_orderly_conversation() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let mut bob = TestClient::start("bob", &server);
    wait_mesh(&[&alice, &bob]);
    let before = alice.send_all("bob", &["one", "two"]);
    alice.wait_delivered(&before);
    bob.kill();
    let texts = ["three", "four", "five", "six"];
    let mut references = alice.send_all("bob", &texts[..2]);
    alice.wait_presence("bob", false);
    let bob = ClientOptions::new("bob", &server).home(bob.home()).start();
    bob.ready();
    alice.wait_presence("bob", true);
    references.extend(alice.send_all("bob", &texts[2..]));
    let delivered = alice.wait_verdicts(&references);
    assert_eq!(delivered[2..], [true, true]);
    let heard: Vec<&str> = texts
        .into_iter()
        .zip(delivered)
        .filter_map(|(text, delivered)| delivered.then_some(text))
        .collect();
    bob.expect_texts("alice", &heard);
}

/// A sender that is killed and started again is heard, though its numbering starts anew.
#[test]
fn a_killed_sender_is_heard_again() {
    let server = TestServer::start();
    let mut alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    wait_mesh(&[&alice, &bob]);
    alice.wait_delivered(&alice.send_all("bob", &["one", "two"]));
    alice.kill();
    bob.wait_presence("alice", false);
    let alice = ClientOptions::new("alice", &server).home(alice.home()).start();
    alice.ready();
    alice.wait_presence("bob", true);
    alice.wait_delivered(&alice.send_all("bob", &["three", "four"]));
    bob.expect_texts("alice", &["one", "two", "three", "four"]);
}
