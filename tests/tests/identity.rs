//! A name is a key: whoever is not who they say is refused, and told what happened and what to do.

use breeze_tests::{
    ClientOptions, Home, ServerOptions, TestClient, TestServer, expect_direct_chat, wait_mesh,
};
use serde_json::Value;

/// Waits for a refusal, checks that it is told in words and ends the client, and returns the words.
#[track_caller]
fn expect_refusal(client: &mut TestClient, code: &str) -> String {
    let error = client.wait_error(code);
    assert_eq!(client.wait_exit(), Some(1));
    let ready = |event: &Value| event["event"] == "ready";
    assert!(!client.events().iter().any(|event| ready(&event.item)), "{code}: it was let in");
    error["message"].as_str().filter(|words| words.len() > 20).expect("words").to_owned()
}

/// A user name that belongs to another key is refused, and its owner notices nothing.
#[test]
fn a_taken_name_is_refused() {
    let server = TestServer::start();
    let [alice, bob] = ["alice", "bob"].map(|user| TestClient::start(user, &server));
    wait_mesh(&[&alice, &bob]);
    let mut mallory = ClientOptions::new("alice", &server).start();
    let words = expect_refusal(&mut mallory, "name_taken");
    assert!(words.contains("alice"), "{words}");
    expect_direct_chat(&[&alice, &bob], "undisturbed");
}

/// A name stays its owner's while the owner is away and when the server has been restarted.
#[test]
fn a_name_stays_taken() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    alice.quit();
    server.restart();
    let mut mallory = ClientOptions::new("alice", &server).start();
    expect_refusal(&mut mallory, "name_taken");
    ClientOptions::new("alice", &server).home(&home).start().ready();
}

/// A key that is registered under one name is refused under another, and told the way out.
#[test]
fn a_key_has_one_name() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    alice.quit();
    let mut other = ClientOptions::new("alicia", &server).home(&home).start();
    let words = expect_refusal(&mut other, "key_has_other_name");
    assert!(words.contains("--home") || words.contains("--user"), "{words}");
    ClientOptions::new("alice", &server).home(&home).start().ready();
}

/// A server whose key has changed is refused loudly, with both what is wrong and what to do.
#[test]
fn a_changed_server_key_is_refused() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    assert_eq!(alice.ready()["server_fingerprint"].as_str(), Some(server.fingerprint()));
    let home = alice.home().clone();
    alice.quit();
    let old = server.fingerprint().to_owned();
    server.restart_as_another();
    assert_ne!(server.fingerprint(), old);
    let mut alice = ClientOptions::new("alice", &server).home(&home).start();
    let words = expect_refusal(&mut alice, "server_key_changed");
    assert!(words.contains(server.fingerprint()), "the new key is not named: {words}");
    // Somebody new has nothing to compare with.
    ClientOptions::new("bob", &server).home(&Home::new()).start().ready();
}

/// A client that runs while its server is replaced by one with another key does not log in there,
/// and keeps its direct conversations to the end.
#[test]
fn a_server_key_that_changes_meanwhile_is_refused() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    server.restart_as_another();
    alice.wait_error("server_key_changed");
    let connected = |event: &Value| event["event"] == "server" && event["state"] == "connected";
    let times = alice.events().iter().filter(|event| connected(&event.item)).count();
    assert!(times <= 1, "it logged in to the other server");
}

/// A server keeps its key over restarts, so that nobody is alarmed.
#[test]
fn a_server_keeps_its_key() {
    let mut server = TestServer::start();
    let fingerprint = server.fingerprint().to_owned();
    let alice = TestClient::start("alice", &server);
    let mark = alice.mark();
    server.restart();
    assert_eq!(server.fingerprint(), fingerprint);
    alice.wait_server("connected", mark);
}

/// A newer session of the same user replaces the older one, which is told why and stays away.
#[test]
fn the_newer_session_replaces_the_older() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let mut older = TestClient::start("alice", &server);
    wait_mesh(&[&older, &bob]);
    let home = older.home().duplicate();
    let newer = ClientOptions::new("alice", &server).home(&home).start();
    newer.ready();
    let words = older.wait_error("replaced");
    assert!(words["message"].as_str().is_some_and(|words| words.len() > 20), "{words}");
    assert_eq!(older.wait_exit(), Some(1));
    wait_mesh(&[&newer, &bob]);
    expect_direct_chat(&[&newer, &bob], "with the newer");
    assert!(!newer.events().iter().any(|event| event.item["code"] == "replaced"));
}

/// A server that registers nobody refuses new users, and lets in whom it knows.
#[test]
fn a_closed_server_refuses_new_users() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    alice.quit();
    server.restart_with(|options| options.registration("closed"));
    let mut bob = ClientOptions::new("bob", &server).start();
    expect_refusal(&mut bob, "registration_closed");
    ClientOptions::new("alice", &server).home(&home).start().ready();
}

/// A server that registers by invitation refuses those without one.
#[test]
fn an_inviting_server_refuses_the_uninvited() {
    let server = ServerOptions::new().registration("invite").start();
    let mut alice = ClientOptions::new("alice", &server).start();
    expect_refusal(&mut alice, "invite_required");
}
