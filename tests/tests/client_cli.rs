//! The client as a person at a terminal sees it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use breeze_tests::{
    Cli, ClientOptions, Home, PATIENCE, Process, TestClient, TestServer, free_port,
};
use serde_json::Value;

/// Prepares the client with a home, a server and a user.
fn as_user(home: &Home, server: &TestServer, user: &str) -> Cli {
    Cli::breeze_at(home).args(["--server", &server.address().to_string(), "--user", user])
}

#[track_caller]
fn wait_output(process: &Process<String>, part: &str) {
    let found = process.output().wait_until(PATIENCE, |lines| {
        lines.iter().any(|line| line.item.contains(part)).then_some(())
    });
    found.unwrap_or_else(|| process.fail(&format!("it did not say {part:?}")));
}

/// Returns the fingerprint in a text: eight groups of four hexadecimal digits.
fn fingerprint(text: &str) -> Option<&str> {
    text.split_whitespace().find(|word| {
        let groups: Vec<&str> = word.split('-').collect();
        let hexadecimal =
            |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_hexdigit());
        groups.len() == 8 && groups.iter().all(hexadecimal)
    })
}

/// The identity is made at first use and stays the same; another home is somebody else.
#[test]
fn id_is_stable() {
    let home = Home::new();
    let id = |home: &Home| {
        let output = Cli::breeze_at(home).args(["id"]).run().expect(0);
        let found = fingerprint(&output.stdout).map(str::to_owned);
        found.unwrap_or_else(|| panic!("no fingerprint in {output:?}"))
    };
    let first = id(&home);
    assert_eq!(id(&home), first);
    assert_ne!(id(&Home::new()), first);
}

/// Nobody but its owner can read or enter a home.
#[test]
fn a_home_is_private() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().path();
    expect_private(&home);
    let home = alice.home().clone();
    alice.quit();
    expect_private(&home.path());
}

#[track_caller]
fn expect_private(path: &Path) {
    let metadata = fs::symlink_metadata(path).expect("it exists");
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    if metadata.is_dir() {
        assert_eq!(mode, 0o700, "{}", path.display());
        for entry in fs::read_dir(path).expect("a directory") {
            expect_private(&entry.expect("an entry").path());
        }
    }
}

/// Server, user and display name need not be given again.
#[test]
fn settings_are_remembered() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    as_user(&home, &server, "alice")
        .args(["--name", "爱丽丝", "send", "bob", "first"])
        .run()
        .expect(0);
    Cli::breeze_at(&home).args(["send", "bob", "second"]).run().expect(0);
    let second = bob.wait_message("alice", "second");
    assert_eq!(second["name"], "爱丽丝");
}

/// `send` ends well once the message is delivered, be it an argument or standard input.
#[test]
fn send_delivers() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    as_user(&home, &server, "alice").args(["send", "bob", "你好"]).run().expect(0);
    bob.wait_message("alice", "你好");
    let long = "两行\nand more ".repeat(1000);
    Cli::breeze_at(&home).args(["send", "bob", "-"]).input(&long).run().expect(0);
    bob.wait_until("the long text", |events| {
        let mut texts = events.iter().filter_map(|event| event.item["text"].as_str());
        texts.any(|text| text.trim_end() == long.trim_end()).then_some(())
    });
}

/// `send` fails in words when nobody can have the message.
#[test]
fn send_fails_in_words() {
    let server = TestServer::start();
    let home = Home::new();
    as_user(&home, &server, "alice")
        .args(["send", "nobody", "hello?"])
        .run()
        .expect_failure(&["nobody"]);
    Cli::breeze_at(&home)
        .args(["send", "bob", "-"])
        .input(&"x".repeat(64 * 1024 + 1))
        .run()
        .expect_failure(&["64 KiB"]);
}

/// `who` shows who is online, to people and to scripts.
#[test]
fn who_shows_who_is_online() {
    let server = TestServer::start();
    let bob = ClientOptions::new("bob", &server).name("鲍勃").start();
    bob.ready();
    let home = Home::new();
    let output = as_user(&home, &server, "alice").args(["who", "--json"]).run().expect(0);
    let users = output.stdout.lines().find_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        value["users"].as_array().cloned()
    });
    let users = users.unwrap_or_else(|| panic!("no users in {output:#?}"));
    let bob = users.iter().find(|user| user["user"] == "bob").expect("bob is there");
    assert_eq!((bob["online"].as_bool(), bob["name"].as_str()), (Some(true), Some("鲍勃")));
    let output = Cli::breeze_at(&home).args(["who"]).run().expect(0);
    assert!(output.stdout.contains("bob") && output.stdout.contains("鲍勃"), "{output:#?}");
}

/// In `chat` each line is a message, what the other says is shown, and the end of input ends it.
#[test]
fn chat_is_a_conversation() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    let mut chat = as_user(&home, &server, "alice").args(["chat", "bob"]).spawn();
    chat.write("你好\n");
    bob.wait_message("alice", "你好");
    let reference = bob.send("alice", "再见 and good luck");
    bob.wait_state(&reference, "delivered");
    wait_output(&chat, "再见 and good luck");
    chat.write("bye\n");
    chat.close_stdin();
    assert!(chat.wait_exit().0.success());
    // The end of input cuts off nothing that was said.
    bob.expect_texts("alice", &["你好", "bye"]);
}

/// A whole conversation can be piped in.
#[test]
fn chat_takes_a_pipe() {
    let server = TestServer::start();
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    as_user(&home, &server, "alice")
        .args(["chat", "bob"])
        .input("one\ntwo\nthree\n")
        .run()
        .expect(0);
    bob.expect_texts("alice", &["one", "two", "three"]);
}

/// The end of standard input means quit, and so does the command.
#[test]
fn up_ends_with_its_input() {
    let server = TestServer::start();
    let mut alice = TestClient::start("alice", &server);
    alice.close_stdin();
    assert_eq!(alice.wait_exit(), Some(0));
    TestClient::start("bob", &server).quit();
    // Also before there is a server to talk to.
    let mut stopped = TestServer::start();
    stopped.kill();
    let mut carol = ClientOptions::new("carol", &stopped).start();
    carol.close_stdin();
    assert_eq!(carol.wait_exit(), Some(0));
}

/// The environment can ask for the log too.
#[test]
fn the_environment_asks_for_the_log() {
    let server = TestServer::start();
    let home = Home::new();
    let quiet = as_user(&home, &server, "alice").args(["up", "--json"]).run().expect(0);
    assert_eq!(quiet.stderr, "");
    let talkative = as_user(&home, &server, "alice").env("RUST_LOG", "info").args(["up", "--json"]);
    let talkative = talkative.spawn();
    wait_output(&talkative, "\"ready\"");
    assert!(!talkative.log().is_empty());
}

/// The client explains itself.
#[test]
fn help_names_every_command() {
    let top = Cli::breeze().args(["--help"]).run().expect(0);
    for word in [
        "up", "chat", "send", "file", "who", "verify", "login", "id", "demo", "--home", "--server",
        "--user",
    ] {
        assert!(top.stdout.contains(word), "no {word} in {top:#?}");
    }
    for command in ["up", "chat", "send", "file", "who", "verify", "login", "id", "demo"] {
        Cli::breeze().args([command, "--help"]).run().expect(0);
    }
    for command in ["send", "list", "accept", "reject", "cancel"] {
        Cli::breeze().args(["file", command, "--help"]).run().expect(0);
    }
    Cli::breeze().args(["--version"]).run().expect(0);
}

/// What cannot be is refused at once, with status 2 and words.
#[test]
fn bad_options_are_refused() {
    for arguments in [
        ["up", "--fly"],
        ["up", "--mesh=perhaps"],
        ["up", "--listen=port"],
        ["--user=No User!", "id"],
        ["--user=", "id"],
        ["fly", "away"],
    ] {
        let output = Cli::breeze_at(&Home::new()).args(arguments).run().expect(2);
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let long = "n".repeat(65);
    Cli::breeze_at(&Home::new()).args(["--name", &long, "id"]).run().expect(2);
}

/// A first use without a user or a server says which option is missing.
#[test]
fn a_first_use_says_what_is_missing() {
    let address = format!("127.0.0.1:{}", free_port());
    Cli::breeze_at(&Home::new())
        .args(["--server", &address, "up"])
        .run()
        .expect_failure(&["--user"]);
    Cli::breeze_at(&Home::new())
        .args(["--user", "alice", "up"])
        .run()
        .expect_failure(&["--server"]);
}

/// A server's name works as well as its address.
#[test]
fn a_server_is_found_by_name() {
    let server = TestServer::start();
    let name = format!("localhost:{}", server.address().port());
    let bob = TestClient::start("bob", &server);
    let home = Home::new();
    let send = Cli::breeze_at(&home).args(["--server", &name, "--user", "alice"]);
    send.args(["send", "bob", "by name"]).run().expect(0);
    bob.wait_message("alice", "by name");
}
