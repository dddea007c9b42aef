//! The server as those see it who run it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use breeze_tests::{
    Cli, ClientOptions, PATIENCE, ServerOptions, TestClient, TestServer, wait_mesh,
};
use rustix::process::Signal;

/// On SIGTERM and on SIGINT the server tells its clients, also with one that does not read, and
/// ends well.
#[test]
fn a_signal_stops_it_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = TestServer::start();
        let [alice, frozen] = ["alice", "frozen"].map(|user| TestClient::start(user, &server));
        wait_mesh(&[&alice, &frozen]);
        frozen.freeze();
        let mark = alice.mark();
        let (status, time) = server.stop(signal);
        println!("measured: stopped after {time:?}");
        assert!(status.success(), "{status}");
        alice.wait_server("lost", mark);
        alice.wait_log(&["server is stopping"]);
    }
}

/// A server that is stopped and started again is the same to its clients.
#[test]
fn a_clean_restart_is_noticed_by_nobody_for_long() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let mark = alice.mark();
    server.stop(Signal::TERM);
    server.restart();
    alice.wait_server("connected", mark);
}

/// A port that is in use is an error that names the address.
#[test]
fn a_port_in_use_is_an_error() {
    let server = TestServer::start();
    let data = tempfile::tempdir().expect("a directory");
    let address = server.address().to_string();
    let run = Cli::server().args(["run", "--listen", &address, "--data"]).args([data.path()]);
    run.run().expect_failure(&[&address]);
    // The first one is not disturbed.
    TestClient::start("alice", &server);
}

/// Two servers on one data directory are one too many.
#[test]
fn a_data_directory_in_use_is_an_error() {
    let data = tempfile::tempdir().expect("a directory");
    let path = data.path().to_str().expect("a plain path");
    let run = || Cli::server().args(["run", "--listen", "127.0.0.1:0", "--data", path]);
    let first = run().spawn();
    first
        .output()
        .wait_until(PATIENCE, |lines| {
            lines.iter().any(|line| line.item.contains("listening on")).then_some(())
        })
        .unwrap_or_else(|| first.fail("it does not listen"));
    run().run().expect_failure(&[path]);
}

/// The server explains itself.
#[test]
fn help_names_every_option() {
    let top = Cli::server().args(["--help"]).run().expect(0);
    assert!(top.stdout.contains("run"), "{top:?}");
    let run = Cli::server().args(["run", "--help"]).run().expect(0);
    for option in
        ["--listen", "--data", "--registration", "--keepalive", "--idle", "--max-sessions", "7733"]
    {
        assert!(run.stdout.contains(option), "no {option} in {run:#?}");
    }
    Cli::server().args(["--version"]).run().expect(0);
    let bare = Cli::server().run();
    assert!(format!("{}{}", bare.stdout, bare.stderr).contains("run"), "{bare:?}");
}

/// Options that do not exist or make no sense end it with status 2 and a word about them.
#[test]
fn bad_options_are_refused() {
    for options in [
        ["--fly", "high"],
        ["--listen", "nowhere"],
        ["--registration", "perhaps"],
        ["--idle", "banana"],
        ["--keepalive", "soon"],
        ["--max-sessions", "many"],
    ] {
        let output = Cli::server().args(["run"]).args(options).run().expect(2);
        assert!(output.stderr.contains(options[0]), "{output:#?}");
    }
}

/// A full server turns clients away with its reason, and takes them once there is room.
#[test]
fn a_full_server_says_so() {
    let server = ServerOptions::new().argument("--max-sessions", "1").start();
    let alice = TestClient::start("alice", &server);
    let bob = ClientOptions::new("bob", &server).start();
    bob.wait_error("server_full");
    alice.quit();
    bob.ready();
}

/// Bytes that are no handshake end their own connection and nothing else.
#[test]
fn noise_from_strangers_disturbs_nobody() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let mut strangers = Vec::new();
    for bytes in [&b"GET / HTTP/1.1\r\nHost: breeze\r\n\r\n"[..], &[0xff; 4096], &[0; 4096]] {
        for target in [server.address(), alice.local()] {
            let mut stranger = TcpStream::connect(target).expect("a connection");
            stranger.set_read_timeout(Some(PATIENCE)).expect("a limit");
            // It may be closed before all is written.
            let _ = stranger.write_all(bytes);
            strangers.push(stranger);
        }
    }
    let bob = TestClient::start("bob", &server);
    wait_mesh(&[&alice, &bob]);
    for mut stranger in strangers {
        if let Err(error) = stranger.read_to_end(&mut Vec::new()) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
    }
}
