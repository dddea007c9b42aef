//! `breeze login` lets the server know a key, once.

use breeze_tests::{Cli, Home, TestClient, TestServer, free_port};

/// Prepares `login` in a home, at a server.
fn login(home: &Home, server: &str) -> Cli {
    Cli::breeze_at(home).args(["--server", server, "--user", "alice", "login"])
}

/// It says who this is now, and whom it has talked to; afterwards the key is enough.
#[test]
fn says_who_is_logged_in() {
    let server = TestServer::start();
    let address = server.address().to_string();
    let home = Home::new();
    let login = login(&home, &address).args(["--code", "-"]).input("1234-5678\n").run().expect(0);
    let id = Cli::breeze_at(&home).args(["id"]).run().expect(0);
    let own = id.stdout.lines().find_map(|line| line.strip_prefix("fingerprint  "));
    let own = own.expect("a fingerprint");
    for part in [&format!("logged in as alice at {address}"), own, "server's key  "] {
        assert!(login.stdout.contains(part), "{part}: {login:?}");
    }
    assert_eq!(login.stderr, "");
    Cli::breeze_at(&home).args(["who"]).run().expect(0);
}

/// Another user with the same name is told why not, and what to do.
#[test]
fn a_refusal_is_explained() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let output = login(&Home::new(), &server.address().to_string())
        .args(["--password-stdin"])
        .input("secret\n")
        .run()
        .expect_failure(&["alice", "--user NAME"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
    alice.quit();
}

/// Where a node runs, it is logged in already, or has to end first.
#[test]
fn a_running_node_is_in_the_way() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let pid = alice.process().pid().to_string();
    let output = login(alice.home(), &server.address().to_string())
        .args(["--code", "1"])
        .run()
        .expect_failure(&["not logged in", &pid, "end it"]);
    assert_eq!(output.code, Some(1));
}

/// What cannot be a code is refused before anything is sent.
#[test]
fn a_bad_code_is_refused_at_once() {
    let server = format!("127.0.0.1:{}", free_port());
    let login = || login(&Home::new(), &server);
    login().run().expect(2).expect_failure(&["--code CODE"]);
    login().args(["--code", "-"]).run().expect(2).expect_failure(&["it is empty"]);
    login()
        .args(["--password-stdin"])
        .input(&"x".repeat(129))
        .run()
        .expect(2)
        .expect_failure(&["more than 128 bytes"]);
    login().args(["--code", "1", "--password-stdin"]).run().expect(2);
}
