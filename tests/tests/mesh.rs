//! Clients find each other and connect directly.

use std::net::TcpStream;

use breeze_tests::{
    ClientOptions, SocketTable, TestClient, TestServer, expect_direct_chat, wait_mesh,
    wait_single_links,
};

/// Three clients that log in one after the other end up in a full mesh, each pair with one link.
#[test]
fn three_clients_form_a_full_mesh() {
    let server = TestServer::start();
    let [alice, bob, carol] =
        ["alice", "bob", "carol"].map(|user| TestClient::start(user, &server));
    let all = [&alice, &bob, &carol];
    wait_mesh(&all);
    wait_single_links(&all);
    expect_direct_chat(&all, "once");
    // Nothing has been torn down and built again meanwhile.
    wait_single_links(&all);
}

/// Clients whose logins the server answers at the same instant all dial each other, and yet each
/// pair keeps one link and loses no message.
#[test]
fn logins_at_the_same_instant_leave_one_link_for_each_pair() {
    let server = TestServer::start();
    server.freeze();
    let clients =
        ["ann", "ben", "cai", "dan", "eva"].map(|user| ClientOptions::new(user, &server).start());
    for client in &clients {
        SocketTable::poll("a connection to the server", || {
            let connections = client.sockets().connections;
            connections.iter().any(|connection| connection.remote == server.address())
        });
    }
    server.thaw();
    let all: Vec<&TestClient> = clients.iter().collect();
    wait_mesh(&all);
    expect_direct_chat(&all, "amid the settling");
    wait_single_links(&all);
    expect_direct_chat(&all, "at rest");
    wait_single_links(&all);
}

/// Messages sent while both sides' links are still being settled arrive once and in order.
#[test]
fn a_conversation_during_glare_loses_nothing() {
    let server = TestServer::start();
    server.freeze();
    let [alice, bob] = ["alice", "bob"].map(|user| ClientOptions::new(user, &server).start());
    server.thaw();
    alice.wait_presence("bob", true);
    bob.wait_presence("alice", true);
    let texts: Vec<String> = (0..100).map(|number| format!("message {number}")).collect();
    let sent = [alice.send_all("bob", &texts), bob.send_all("alice", &texts)];
    alice.wait_delivered(&sent[0]);
    bob.wait_delivered(&sent[1]);
    alice.expect_texts("bob", &texts);
    bob.expect_texts("alice", &texts);
    wait_mesh(&[&alice, &bob]);
    wait_single_links(&[&alice, &bob]);
}

/// A client listens on the very address and port of its connection to the server.
#[test]
fn a_client_listens_where_it_dialled_from() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let ready = alice.ready();
    assert_eq!(ready["user"], "alice");
    assert_eq!(ready["server"], server.address().to_string());
    let local = alice.local();
    let sockets = alice.sockets();
    assert!(
        sockets.connections.iter().any(|connection| {
            connection.local == local && connection.remote == server.address()
        }),
        "{sockets:?}"
    );
    assert!(
        sockets.listening.iter().any(|address| {
            address.port() == local.port()
                && (address.ip() == local.ip() || address.ip().is_unspecified())
        }),
        "{sockets:?}"
    );
    TcpStream::connect(local).expect("it accepts connections there");
}

/// Another port can be chosen to listen on.
#[test]
fn a_client_listens_on_the_port_it_was_given() {
    let server = TestServer::start();
    let port = breeze_tests::free_port();
    let alice =
        ClientOptions::new("alice", &server).argument("--listen", &port.to_string()).start();
    alice.ready();
    let bob = TestClient::start("bob", &server);
    wait_mesh(&[&alice, &bob]);
    let sockets = alice.sockets();
    assert!(sockets.listening.iter().any(|address| address.port() == port), "{sockets:?}");
}

/// Clients that connect on demand have no link until they have something to say.
#[test]
fn on_demand_dials_with_the_first_message() {
    let server = TestServer::start();
    let start = |user| {
        let client = ClientOptions::new(user, &server).mesh("on-demand").start();
        client.ready();
        client
    };
    let [alice, bob] = ["alice", "bob"].map(start);
    alice.wait_presence("bob", true);
    assert!(alice.sockets().links_to(&bob.sockets()).is_empty());
    alice.send("bob", "hello");
    bob.wait_message("alice", "hello");
    wait_mesh(&[&alice, &bob]);
    wait_single_links(&[&alice, &bob]);
    expect_direct_chat(&[&alice, &bob], "now direct");
}

/// A client that leaves and returns is in the mesh again, under its new address.
#[test]
fn a_client_that_returns_joins_again() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    wait_mesh(&[&alice, &bob]);
    let home = bob.home().clone();
    bob.quit();
    alice.wait_presence("bob", false);
    alice.wait_path("bob", "none");
    let bob = ClientOptions::new("bob", &server).home(&home).start();
    bob.ready();
    alice.wait_presence("bob", true);
    wait_mesh(&[&alice, &bob]);
    expect_direct_chat(&[&alice, &bob], "again");
}

/// Who wants to hear of known users only hears of nobody else, learns to know whoever writes, and
/// remembers that.
#[test]
fn strangers_are_unknown_until_somebody_writes() {
    let server = TestServer::start();
    let [bob, carol] = ["bob", "carol"].map(|user| TestClient::start(user, &server));
    let options = ClientOptions::new("alice", &server).argument("--presence", "known");
    let alice = options.clone().start();
    alice.ready();
    bob.wait_presence("alice", true);
    bob.send("alice", "hello");
    alice.wait_message("bob", "hello");
    alice.wait_path("bob", "direct");
    carol.quit();
    let home = alice.home().clone();
    alice.quit();
    bob.wait_presence("alice", false);

    let alice = options.home(&home).start();
    alice.wait_presence("bob", true);
    alice.wait_path("bob", "direct");
    let events = alice.events();
    let about: Vec<_> = events.iter().filter_map(|entry| entry.item["user"].as_str()).collect();
    assert!(!about.contains(&"carol"), "{about:?}");
}
