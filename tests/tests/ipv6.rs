//! Everything is the same over IPv4 and IPv6, and addresses are plain.

use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use breeze_tests::{
    ClientOptions, ServerOptions, TestClient, TestServer, expect_direct_chat, skip, wait_mesh,
    wait_single_links,
};
use serde_json::Value;

fn has_ipv6() -> bool {
    let has = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !has {
        skip("needs IPv6 on the loopback interface");
    }
    has
}

/// Checks every address that a client has told of.
#[track_caller]
fn expect_plain_addresses(client: &TestClient, ipv4: bool) {
    let fields = ["server", "local", "addr"];
    let events = client.events();
    let texts =
        events.iter().flat_map(|event| fields.map(|field| event.item[field].as_str())).flatten();
    let mut count = 0;
    for text in texts {
        let address: SocketAddr = text.parse().expect("an address");
        assert_eq!(address.is_ipv4(), ipv4, "{text}");
        assert_eq!(address.to_string(), text);
        count += 1;
    }
    assert!(count >= 3, "two of `ready` and one of a path, not {count}");
}

#[track_caller]
fn expect_everything_works(server: &TestServer, address: SocketAddr) {
    let start = |user| {
        let client = ClientOptions::new(user, server).server(address).start();
        client.ready();
        client
    };
    let [alice, bob] = ["alice", "bob"].map(start);
    let pair = [&alice, &bob];
    wait_mesh(&pair);
    wait_single_links(&pair);
    expect_direct_chat(&pair, "direct");
    let carol = ClientOptions::new("carol", server).server(address).mesh("off").start();
    carol.ready();
    carol.wait_presence("bob", true);
    carol.send("bob", "relayed");
    assert_eq!(bob.wait_message("carol", "relayed")["path"], "relay");
    for client in pair {
        expect_plain_addresses(client, address.is_ipv4());
        let direct = client.wait_for("a direct path", 0, |event: &Value| event["path"] == "direct");
        assert!(direct["addr"].is_string(), "{direct}");
    }
}

/// Over IPv6 alone clients log in, dial each other and use the relay.
#[test]
fn ipv6_loopback_works() {
    if !has_ipv6() {
        return;
    }
    let server = ServerOptions::new().listen("[::1]:0").start();
    expect_everything_works(&server, server.address());
}

/// A server on the unspecified IPv6 address, which is the default, takes IPv4 too and shows
/// its clients' addresses as what they are.
#[test]
fn a_dual_stack_server_shows_plain_addresses() {
    if !has_ipv6() {
        return;
    }
    let server = ServerOptions::new().listen("[::]:0").start();
    expect_everything_works(&server, server.address());
}

/// A server that listens on two addresses introduces their clients to each other.
#[test]
fn two_listeners_are_one_server() {
    if !has_ipv6() {
        return;
    }
    let server = ServerOptions::new().listen("127.0.0.1:0").listen("[::1]:0").start();
    let [ipv4, ipv6] = server.addresses() else { panic!("{:?}", server.addresses()) };
    let alice = ClientOptions::new("alice", &server).server(*ipv4).start();
    let bob = ClientOptions::new("bob", &server).server(*ipv6).start();
    assert_eq!(alice.local().is_ipv4(), ipv4.is_ipv4());
    assert_eq!(bob.local().is_ipv4(), ipv6.is_ipv4());
    alice.wait_presence("bob", true);
    bob.wait_presence("alice", true);
    // Whether they reach each other directly depends on what else the machine's interfaces offer.
    let references = alice.send_all("bob", &["one", "two"]);
    alice.wait_delivered(&references);
    bob.expect_texts("alice", &["one", "two"]);
}
