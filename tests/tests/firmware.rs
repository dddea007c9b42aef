//! The firmware in `firmware/`, on an emulated board, at a real server and beside a real `breeze up`.
//!
//! The board is on a network of its own, where 10.0.2.2 is this machine's loopback, and a port of
//! the loopback leads to the board.

use breeze_tests::{
    Board, BoardOptions, Cli, ClientOptions, Foreign, Home, TestClient, TestServer, free_port,
    has_program, python_chat,
};
use serde_json::Value;

const LAMP: &str = "lamp";

/// Says how a host is to be started that a board can dial.
fn reachable(user: &str, server: &TestServer) -> ClientOptions {
    let port = free_port();
    ClientOptions::new(user, server)
        .argument("--listen", &port.to_string())
        .argument("--advertise", &Board::address_of_host(port).to_string())
        // Whoever has no loopback address of its own dials none.
        .argument("--advertise", &format!("127.0.0.1:{port}"))
}

/// Says how a host is to be started that can dial and that nobody can.
fn unreachable(user: &str, server: &TestServer) -> ClientOptions {
    ClientOptions::new(user, server).argument("--advertise", &format!("127.0.0.1:{}", free_port()))
}

/// Has the board say a text back, on this path both ways.
#[track_caller]
fn expect_echo(client: &TestClient, path: &str, text: &str) {
    let reference = client.send(LAMP, &format!("echo {text}"));
    let delivered = client.wait_state(&reference, "delivered");
    let answer = client.wait_message(LAMP, text);
    assert_eq!((delivered["path"].as_str(), answer["path"].as_str()), (Some(path), Some(path)));
}

/// Asks the board something, and returns its answer, which starts so.
#[track_caller]
fn ask(client: &TestClient, question: &str, start: &str) -> String {
    let mark = client.mark();
    client.send(LAMP, question);
    let answer = client.wait_for(start, mark, |event| {
        let text = event["text"].as_str().unwrap_or_default();
        event["event"] == "message" && event["from"] == LAMP && text.starts_with(start)
    });
    answer["text"].as_str().expect("a text").to_owned()
}

/// It logs in, is shown by `who`, and has met the right server.
#[test]
fn the_board_shows_up_in_who() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    assert!(lamp.wait("connected to the server").contains(server.fingerprint()));
    let server_address = server.address().to_string();
    let home = Home::new();
    let who = Cli::breeze_at(&home)
        .args(["--server", &server_address, "--user", "alice", "who", "--json"])
        .run()
        .expect(0);
    let users = who.stdout.lines().find_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        value["users"].as_array().cloned()
    });
    let users = users.unwrap_or_else(|| panic!("no users in {who:#?}"));
    let found = users.iter().find(|user| user["user"] == LAMP).expect("the board is there");
    assert_eq!(found["online"].as_bool(), Some(true));
}

/// A host that comes later dials it, and what it is asked and answers goes direct.
#[test]
fn the_board_is_dialled_and_answers() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    lamp.wait("connected to the server");
    let alice = unreachable("alice", &server).start();
    let path = alice.wait_path(LAMP, "direct");
    assert_eq!(path["addr"], lamp.address().to_string());
    lamp.wait("dialled by ");
    expect_echo(&alice, "direct", "你好, lamp");
    let up = ask(&alice, "uptime", "up ");
    let seconds = up.strip_prefix("up ").and_then(|rest| rest.strip_suffix(" s"));
    assert!(seconds.is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{up}");
    ask(&alice, "hello?", "say: ");
    // There is always a socket that listens for one more.
    let bob = unreachable("bob", &server).start();
    bob.wait_path(LAMP, "direct");
    expect_echo(&bob, "direct", "hello");
    expect_echo(&alice, "direct", "still there?");
    println!("measured: {} in a conversation by one direct link", ask(&alice, "stats", "stack "));
}

/// A program in Python that embeds a node writes to it and is answered, with nothing between them.
#[test]
fn the_board_answers_python_directly() {
    if !has_program("python3", "--version") {
        return;
    }
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    lamp.wait("connected to the server");
    let home = Home::new();
    let python = Foreign::start_chat(python_chat(), &server, ["snake", LAMP, "eager"], &home);
    lamp.wait("path to snake: direct");
    python.wait(&format!(r#""addr": "{}""#, lamp.address()));
    let mark = python.mark();
    python.line("echo 你好 from Python");
    let answer = python.wait_after(mark, r#""text": "你好 from Python""#);
    assert!(answer.contains(r#""path": "direct""#), "{answer}");
    let delivered = python.wait_after(mark, r#""delivered""#);
    assert!(delivered.contains(r#""path": "direct""#), "{delivered}");
    python.end();
}

/// It dials a host that was there before it.
#[test]
fn the_board_dials_a_host() {
    let server = TestServer::start();
    let alice = reachable("alice", &server).start();
    alice.ready();
    let Some(lamp) = BoardOptions::new(LAMP, &server).unreachable().start() else { return };
    lamp.wait("dialling alice at ");
    lamp.wait("path to alice: direct");
    alice.wait_path(LAMP, "direct");
    expect_echo(&alice, "direct", "hello");
}

/// It answers by the way of the server where there is no other.
#[test]
fn the_board_answers_by_the_relay() {
    let server = TestServer::start();
    let Some(_lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let alice = ClientOptions::new("alice", &server).mesh("off").start();
    alice.wait_presence(LAMP, true);
    expect_echo(&alice, "relay", "hello");
    ask(&alice, "uptime", "up ");
    println!("measured: {} in a conversation by the relay", ask(&alice, "stats", "stack "));
}

/// Answers for which there is room though none of them is acknowledged come all, once and in order;
/// and a long one comes whole.
#[test]
fn the_board_keeps_the_order_of_many() {
    let server = TestServer::start();
    let Some(_lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    for (user, path) in [("alice", "direct"), ("bob", "relay")] {
        let client = match path {
            "direct" => unreachable(user, &server).start(),
            _ => ClientOptions::new(user, &server).mesh("off").start(),
        };
        client.wait_path(LAMP, path);
        let mut texts: Vec<String> = (0..20).map(|number| format!("{number}")).collect();
        let questions: Vec<String> = texts.iter().map(|text| format!("echo {text}")).collect();
        client.wait_delivered(&client.send_all(LAMP, &questions));
        client.expect_texts(LAMP, &texts);
        texts.push("微".repeat(170));
        expect_echo(&client, path, &texts[20]);
        client.expect_texts(LAMP, &texts);
    }
}

/// More users than it has places for write to it, one after the other, and are answered.
#[test]
fn the_board_makes_room_for_whoever_writes() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let clients = ["ann", "ben", "cai", "dan", "eva", "fay"]
        .map(|user| ClientOptions::new(user, &server).mesh("off").start());
    for client in &clients {
        client.wait_presence(LAMP, true);
        expect_echo(client, "relay", "hello");
    }
    lamp.wait("more users are online than are known");
}

/// More is asked at once than it has room to answer: each answer is delivered, in order, or said to
/// be lost.
#[test]
fn what_finds_no_room_is_said_to_be_lost() {
    const QUESTIONS: usize = 60;
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let alice = unreachable("alice", &server).start();
    alice.wait_path(LAMP, "direct");
    let texts: Vec<String> =
        (0..QUESTIONS).map(|n| format!("{n:03} {}", "x".repeat(500))).collect();
    let questions: Vec<String> = texts.iter().map(|text| format!("echo {text}")).collect();
    alice.wait_delivered(&alice.send_all(LAMP, &questions));
    let (delivered, lost) = lamp.wait_until("the fate of each answer", |lines| {
        let count = |part: &str| lines.iter().filter(|line| line.item.starts_with(part)).count();
        let counts = (count("answer to alice delivered"), count("answer to alice lost"));
        (counts.0 + counts.1 == QUESTIONS).then_some(counts)
    });
    println!("measured: {lost} of {QUESTIONS} long answers found no room");
    let from_lamp = |event: &Value| event["event"] == "message" && event["from"] == LAMP;
    alice.wait_until("the answers", |events| {
        (events.iter().filter(|event| from_lamp(&event.item)).count() == delivered).then_some(())
    });
    let answers = alice.texts_from(LAMP);
    let mut asked = texts.iter();
    assert!(answers.iter().all(|answer| asked.any(|text| text == answer)), "{answers:#?}");
}

/// A text of 700 bytes is taken in; one that is larger than it can hold fails, and those behind it
/// go on.
#[test]
fn what_is_too_large_for_the_board_fails() {
    let server = TestServer::start();
    let Some(_lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    for (user, path) in [("alice", "direct"), ("bob", "relay")] {
        let client = match path {
            "direct" => unreachable(user, &server).start(),
            _ => ClientOptions::new(user, &server).mesh("off").start(),
        };
        client.wait_path(LAMP, path);
        ask(&client, &"x".repeat(700), "say: ");
        let reference = client.send(LAMP, &"x".repeat(1100));
        assert_eq!(client.wait_state(&reference, "failed")["reason"], "too_large");
        expect_echo(&client, path, "after");
    }
}

/// A peer that dies and comes back is linked again, and answered.
#[test]
fn a_peer_that_comes_back_is_answered() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let options = reachable("alice", &server);
    let mut alice = options.clone().start();
    alice.wait_path(LAMP, "direct");
    expect_echo(&alice, "direct", "before");
    let mark = lamp.mark();
    alice.kill();
    lamp.wait_after(mark, "link with alice");
    let home = alice.home().clone();
    let alice = options.home(&home).start();
    alice.wait_path(LAMP, "direct");
    lamp.wait_after(mark, "path to alice: direct");
    expect_echo(&alice, "direct", "after");
}

/// Its cable is pulled without a word to anybody: what it is asked meanwhile is answered when the
/// cable is back.
#[test]
fn a_pulled_cable_loses_nothing() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let alice = unreachable("alice", &server).start();
    alice.wait_path(LAMP, "direct");
    expect_echo(&alice, "direct", "before");
    lamp.pull_cable();
    let (mark, reference) = (alice.mark(), alice.send(LAMP, "echo meanwhile"));
    // That the direct link is dead is noticed here; the way by the server is as dead.
    alice.wait_for("the end of the direct link", mark, |event| {
        event["event"] == "path" && event["user"] == LAMP && event["path"] != "direct"
    });
    lamp.put_cable_back();
    alice.wait_state(&reference, "delivered");
    alice.wait_message(LAMP, "meanwhile");
    alice.wait_path(LAMP, "direct");
    let reference = alice.send(LAMP, "echo after");
    alice.wait_state(&reference, "delivered");
    alice.expect_texts(LAMP, &["before", "meanwhile", "after"]);
}

/// Without a server it goes on with those it has a link to; and it logs in anew once there is one.
#[test]
fn the_board_outlives_its_server() {
    let mut server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    let alice = unreachable("alice", &server).start();
    let bob = ClientOptions::new("bob", &server).mesh("off").start();
    alice.wait_path(LAMP, "direct");
    bob.wait_presence(LAMP, true);
    expect_echo(&bob, "relay", "before");
    let mark = lamp.mark();
    server.kill();
    lamp.wait_after(mark, "disconnected");
    expect_echo(&alice, "direct", "without a server");
    server.restart();
    lamp.wait_after(mark, "connected to the server");
    bob.wait_path(LAMP, "relay");
    expect_echo(&bob, "relay", "after");
    expect_echo(&alice, "direct", "as before");
    println!("measured: {} after two log-ins", ask(&alice, "stats", "stack "));
}

/// A name that belongs to another key is refused to it, and it says so and stops.
#[test]
fn a_refused_board_stops() {
    let server = TestServer::start();
    let Some(lamp) = BoardOptions::new(LAMP, &server).start() else { return };
    lamp.wait("connected to the server");
    let Some(mut thief) = BoardOptions::new(LAMP, &server).start() else { return };
    thief.wait("login refused");
    assert_eq!(thief.wait_exit(), Some(1));
    // The one that has the name is not disturbed.
    let alice = unreachable("alice", &server).start();
    alice.wait_path(LAMP, "direct");
    expect_echo(&alice, "direct", "still here");
}
