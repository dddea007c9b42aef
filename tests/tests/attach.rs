//! One node, many commands: `breeze up` holds it, and others attach to its socket.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;

use breeze_tests::{
    Attached, Cli, ClientOptions, Home, PATIENCE, Process, TestClient, TestServer, wait_mesh,
};
use serde_json::Value;

/// Prepares the client with a home, a server and a user.
fn as_user(home: &Home, server: &TestServer, user: &str) -> Cli {
    Cli::breeze_at(home).args(["--server", &server.address().to_string(), "--user", user])
}

fn pair(server: &TestServer) -> (TestClient, TestClient) {
    let alice = TestClient::start("alice", server);
    let bob = TestClient::start("bob", server);
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

#[track_caller]
fn wait_output(process: &Process<String>, part: &str) {
    let found = process.output().wait_until(PATIENCE, |lines| {
        lines.iter().any(|line| line.item.contains(part)).then_some(())
    });
    found.unwrap_or_else(|| process.fail(&format!("it did not say {part:?}")));
}

/// Checks that the server has seen one session of a user so far.
#[track_caller]
fn expect_one_session(server: &TestServer, user: &str) {
    let lines = server.process().log().entries();
    let logins = lines.iter().filter(|line| line.item.contains(&format!("{user} is online")));
    assert_eq!(logins.count(), 1, "sessions of {user}");
}

fn is_message(event: &Value, text: &str) -> bool {
    event["event"] == "message" && event["text"] == text
}

/// Whatever commands run at a time, the server sees one session, and no command ends another.
#[test]
fn commands_share_one_session() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let home = alice.home();
    let chat = Cli::breeze_at(home).args(["chat", "bob"]).spawn();
    let sends = ["one", "two"].map(|text| Cli::breeze_at(home).args(["send", "bob", text]).spawn());
    let who = Cli::breeze_at(home).args(["who"]).run().expect(0);
    assert!(who.stdout.contains("bob") && who.stdout.contains("direct"), "{who:#?}");
    for mut send in sends {
        assert!(send.wait_exit().0.success());
    }
    bob.wait_message("alice", "one");
    bob.wait_message("alice", "two");
    wait_output(&chat, "direct link with bob");
    chat.write("three\n");
    bob.wait_message("alice", "three");
    bob.send("alice", "four");
    wait_output(&chat, "four");
    alice.wait_message("bob", "four");
    let mut chat = chat;
    chat.close_stdin();
    assert!(chat.wait_exit().0.success());
    expect_one_session(&server, "alice");
    assert!(!alice.events().iter().any(|event| event.item["code"] == "replaced"));
    alice.quit();
}

/// All who are attached see what happens, each message once.
#[test]
fn everybody_sees_the_same() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let both = [Attached::to(alice.home()), Attached::to(alice.home())];
    for attached in &both {
        attached.wait_for("the greeting", |event| event["event"] == "server");
    }
    bob.send("alice", "hello all");
    let carol = TestClient::start("carol", &server);
    carol.wait_path("alice", "direct");
    for attached in &both {
        attached.wait_for("the message", |event| is_message(event, "hello all"));
        attached.wait_for("carol", |event| event["user"] == "carol" && event["online"] == true);
        attached.wait_for("a link with carol", |event| {
            event["user"] == "carol" && event["path"] == "direct"
        });
        let count = attached.events().iter().filter(|event| is_message(event, "hello all")).count();
        assert_eq!(count, 1);
    }
    alice.wait_message("bob", "hello all");
}

/// Whoever attaches late is told first what is the case.
#[test]
fn a_latecomer_learns_the_present_state() {
    let server = TestServer::start();
    let (alice, _bob) = pair(&server);
    let attached = Attached::to(alice.home());
    attached.wait_for("the path", |event| event["event"] == "path" && event["user"] == "bob");
    let events = attached.events();
    assert_eq!(events[0], alice.ready());
    assert_eq!((&events[1]["event"], &events[1]["state"]), (&"server".into(), &"connected".into()));
    assert_eq!((&events[2]["user"], &events[2]["online"]), (&"bob".into(), &true.into()));
    assert_eq!(events[3], alice.wait_path("bob", "direct"));
}

/// What a command is called, and the answers to it, belong to whoever gave it.
#[test]
fn references_and_answers_are_private() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (one, other) = (Attached::to(alice.home()), Attached::to(alice.home()));
    other.wait_for("the greeting", |event| event["event"] == "server");
    one.send("bob", "hi", "mine");
    let delivered = one.wait_state("mine", "delivered");
    bob.wait_message("alice", "hi");
    one.send("nobody", "hi", "lost");
    one.wait_state("lost", "failed");
    one.line("no command");
    one.line(r#"{"cmd":"send","to":"alice","text":"to myself","ref":"self"}"#);
    one.line(r#"{"cmd":"who"}"#);
    one.wait_for("the answer", |event| event["event"] == "who");
    for code in ["unknown_user", "bad_command", "to_self"] {
        one.wait_for(code, |event| event["code"] == code);
    }
    // What comes later has come after all that.
    bob.send("alice", "the end");
    other.wait_for("the end", |event| is_message(event, "the end"));
    alice.wait_message("bob", "the end");
    let host: Vec<Value> = alice.events().into_iter().map(|event| event.item).collect();
    for events in [other.events(), host] {
        let has = |field: &str, value: &str| events.iter().any(|event| event[field] == value);
        assert!(events.iter().all(|event| event.get("ref").is_none()), "{events:#?}");
        assert!(!has("event", "who") && !has("code", "bad_command") && !has("code", "to_self"));
        assert!(has("code", "unknown_user") && has("state", "failed"));
        let same = |event: &&Value| event["id"] == delivered["id"] && event["event"] == "state";
        let states: Vec<&Value> = events.iter().filter(same).map(|event| &event["state"]).collect();
        assert_eq!(states, ["queued", "delivered"]);
    }
    let (two, three) = (Attached::to(alice.home()), Attached::to(alice.home()));
    two.send("bob", "two", "same");
    three.send("bob", "three", "same");
    let ids = [&two, &three].map(|attached| attached.wait_state("same", "delivered")["id"].clone());
    assert_ne!(ids[0], ids[1]);
}

/// The socket is its owner's alone, and goes with the node.
#[test]
fn the_socket_is_private_and_goes_with_the_node() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    let mode = fs::metadata(home.socket()).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    alice.quit();
    assert!(!home.socket().exists());
}

/// A node that was killed leaves a socket and a lock's file, and neither is in anybody's way.
#[test]
fn the_dead_are_no_obstacle() {
    let server = TestServer::start();
    let (mut alice, bob) = pair(&server);
    let home = alice.home().clone();
    alice.kill();
    bob.wait_presence("alice", false);
    assert!(home.socket().exists());
    Cli::breeze_at(&home).args(["send", "bob", "on my own"]).run().expect(0);
    bob.wait_message("alice", "on my own");
    let alice = ClientOptions::new("alice", &server).home(&home).start();
    alice.ready();
    Cli::breeze_at(&home).args(["send", "bob", "attached"]).run().expect(0);
    bob.wait_message("alice", "attached");
    assert_eq!(Attached::to(&home).wait_for("ready", |_| true), alice.ready());
    alice.quit();
}

/// A second node on the same home is refused at once, and told by whom it is taken.
#[test]
fn a_second_node_is_explained() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let second = Cli::breeze_at(alice.home()).args(["up"]).run().expect(1);
    let home = alice.home().path();
    let (pid, home) = (alice.process().pid().to_string(), home.display().to_string());
    second.expect_failure(&[&format!("process {pid}"), &home, "--home"]);
    // Nor does it remember what it was not let in with.
    let other = ["--user", "mallory", "--server", "nowhere", "up", "--json"];
    Cli::breeze_at(alice.home()).args(other).run().expect(1);
    Cli::breeze_at(alice.home()).args(["send", "bob", "still here"]).run().expect(0);
    bob.wait_message("alice", "still here");
    expect_one_session(&server, "alice");
}

/// Who does not read is dropped and told so; the others miss nothing.
#[test]
fn a_slow_reader_holds_up_nobody() {
    const COUNT: usize = 250;
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let slow = Attached::connect(alice.home());
    let other = Attached::to(alice.home());
    other.wait_for("the greeting", |event| event["event"] == "server");
    // Twice what the node holds for one reader.
    let texts: Vec<String> = (0..COUNT).map(|n| format!("{n}{}", "x".repeat(64_000))).collect();
    for some in texts.chunks(50) {
        let references = bob.send_all("alice", some);
        bob.wait_delivered(&references);
    }
    alice.expect_texts("bob", &texts);
    other.wait_for("the last text", |event| is_message(event, &texts[COUNT - 1]));
    let seen: Vec<Value> =
        other.events().into_iter().filter(|event| event["event"] == "message").collect();
    assert!(seen.iter().map(|event| event["text"].as_str()).eq(texts.iter().map(|t| Some(&**t))));
    let lines: Vec<String> = BufReader::new(slow).lines().map_while(Result::ok).collect();
    let last: Value = serde_json::from_str(lines.last().expect("a line")).expect("JSON");
    assert_eq!((&last["event"], &last["code"]), (&"error".into(), &"too_slow".into()));
    assert!(lines.len() < COUNT, "{} lines", lines.len());
    other.send("bob", "going on", "1");
    other.wait_state("1", "delivered");
}

/// A node without a server is attached to as well, and tells when it has logged in.
#[test]
fn attaching_does_not_wait_for_the_server() {
    let mut server = TestServer::start();
    server.kill();
    let alice = ClientOptions::new("alice", &server).start();
    alice.wait_server("lost", 0);
    let attached = Attached::to(alice.home());
    let first = attached.wait_for("the greeting", |_| true);
    assert_eq!((&first["event"], &first["state"]), (&"server".into(), &"lost".into()));
    server.restart();
    let ready = attached.wait_for("ready", |event| event["event"] == "ready");
    assert_eq!(ready, alice.ready());
}

/// What is sent while the server is away arrives when it is back.
#[test]
fn a_command_waits_for_the_server() {
    let mut server = TestServer::start();
    let [alice, bob] = ["alice", "bob"].map(|user| {
        let client = ClientOptions::new(user, &server).mesh("off").start();
        client.ready();
        client
    });
    alice.wait_presence("bob", true);
    let mark = alice.mark();
    server.kill();
    alice.wait_server("lost", mark);
    let mut send = Cli::breeze_at(alice.home()).args(["send", "bob", "later"]).spawn();
    let who = Cli::breeze_at(alice.home()).args(["who"]).run().expect(0);
    assert!(who.stdout.contains("bob"), "{who:#?}");
    server.restart();
    assert!(send.wait_exit().0.success());
    bob.expect_texts("alice", &["later"]);
}

/// Options that contradict the running node are errors, those that come too late are warned of.
#[test]
fn options_of_the_running_node_stay() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let pid = format!("process {}", alice.process().pid());
    for option in [["--user", "mallory"], ["--server", "elsewhere:1"]] {
        let refused = Cli::breeze_at(alice.home()).args(option).args(["who"]).run().expect(2);
        refused.expect_failure(&[option[0], option[1], &pid]);
    }
    let same = as_user(alice.home(), &server, "alice").args(["send", "bob", "1"]).run().expect(0);
    assert_eq!(same.stderr, "");
    let mesh = ["send", "bob", "2", "--mesh", "eager"];
    let late = Cli::breeze_at(alice.home()).args(mesh).run().expect(0);
    assert!(late.stderr.contains("--mesh") && late.stderr.contains(&pid), "{late:#?}");
    bob.expect_texts("alice", &["1", "2"]);
}

/// `quit` and the end of input end the one connection, after what it sent has its outcome.
#[test]
fn leaving_ends_one_connection_alone() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (quitter, ender) = (Attached::to(alice.home()), Attached::to(alice.home()));
    quitter.send("bob", "one", "1");
    quitter.line(r#"{"cmd":"quit"}"#);
    ender.send("bob", "two", "2");
    ender.line(r#"{"cmd":"who"}"#);
    ender.end_input();
    for (attached, reference) in [(&quitter, "1"), (&ender, "2")] {
        let events = attached.wait_closed();
        let delivered = |event: &&Value| event["ref"] == reference && event["state"] == "delivered";
        assert!(events.iter().any(|event| delivered(&event)), "{events:#?}");
    }
    assert!(ender.events().iter().any(|event| event["event"] == "who"));
    bob.wait_message("alice", "one");
    bob.wait_message("alice", "two");
    alice.quit();
}

/// Commands that find no node take turns, and a chat lets the others in.
#[test]
fn without_a_node_commands_do_not_replace_each_other() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    as_user(&home, &server, "alice").args(["send", "bob", "first"]).run().expect(0);
    let texts = ["a", "b", "c"];
    let sends = texts.map(|text| Cli::breeze_at(&home).args(["send", "bob", text]).spawn());
    for mut send in sends {
        assert!(send.wait_exit().0.success(), "{}", send.log().tail(5));
    }
    for text in texts {
        bob.wait_message("alice", text);
    }
    let chat = Cli::breeze_at(&home).args(["chat", "bob"]).spawn();
    wait_output(&chat, "you are alice");
    Cli::breeze_at(&home).args(["send", "bob", "beside the chat"]).run().expect(0);
    bob.wait_message("alice", "beside the chat");
    Cli::breeze_at(&home).args(["up"]).run().expect(1);
    bob.send("alice", "to both");
    wait_output(&chat, "to both");
}

/// Whoever is attached to a node that ends is told so in words.
#[test]
fn the_end_of_the_node_is_explained() {
    let server = TestServer::start();
    let (mut alice, _bob) = pair(&server);
    let mut chat = Cli::breeze_at(alice.home()).args(["chat", "bob"]).spawn();
    wait_output(&chat, "direct link with bob");
    let pid = alice.process().pid();
    alice.kill();
    let (status, _) = chat.wait_exit();
    assert_eq!(status.code(), Some(1));
    let words = chat.log().tail(5);
    assert!(words.contains("has ended") && words.contains(&pid.to_string()), "{words}");
}

/// A node that does not answer is named, and nobody waits for it for long.
#[test]
fn a_silent_node_is_named() {
    let server = TestServer::start();
    let (alice, _bob) = pair(&server);
    alice.freeze();
    let send = Cli::breeze_at(alice.home()).args(["send", "bob", "hello?"]).run().expect(1);
    send.expect_failure(&[&alice.process().pid().to_string(), "does not answer"]);
    alice.thaw();
    Cli::breeze_at(alice.home()).args(["send", "bob", "hello"]).run().expect(0);
}

/// A session that another machine took over ends the node, and with its reason all who use it.
#[test]
fn those_attached_learn_why_the_node_failed() {
    let server = TestServer::start();
    let (mut alice, _bob) = pair(&server);
    let attached = Attached::to(alice.home());
    attached.wait_for("the greeting", |event| event["event"] == "server");
    let home = alice.home().duplicate();
    let newer = ClientOptions::new("alice", &server).home(&home).start();
    newer.ready();
    assert_eq!(alice.wait_exit(), Some(1));
    let events = attached.wait_closed();
    assert_eq!(events.last().map(|event| &event["code"]), Some(&"replaced".into()));
}
