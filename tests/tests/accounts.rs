//! Accounts as the administrator sees them: on a server that runs, and on one that does not.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use breeze_tests::{Cli, CliOutput, ClientOptions, ServerOptions, TestClient, TestServer};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Prepares a command on a server's data.
fn admin(data: &Path, line: &str) -> Cli {
    Cli::server().args(line.split_whitespace()).args(["--data".as_ref(), data.as_os_str()])
}

/// Runs a command on a server's data.
#[track_caller]
fn run(data: &Path, line: &str) -> CliOutput {
    admin(data, line).run()
}

/// Lists the users.
#[track_caller]
fn list(data: &Path) -> Vec<Value> {
    let output = run(data, "user list --json").expect(0);
    output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[track_caller]
fn names(data: &Path) -> Vec<String> {
    list(data).iter().map(|user| user["user"].as_str().expect("a name").to_owned()).collect()
}

/// Returns the code in a command's output, and checks the command that it tells people to type.
#[track_caller]
fn code(output: &CliOutput, user: &str) -> String {
    let line = output.stdout.lines().find(|line| line.contains(" login --code "));
    let line = line.unwrap_or_else(|| panic!("no command in {output:#?}")).trim();
    let code = line
        .strip_prefix(&format!("breeze --server HOST --user {user} login --code "))
        .unwrap_or_else(|| panic!("another command: {line}"));
    let groups: Vec<_> = code.split('-').collect();
    assert_eq!(groups.len(), 6, "{code}");
    for group in groups {
        let crockford =
            |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() && !"ILOU".contains(c);
        assert!(group.len() == 4 && group.chars().all(crockford), "{code}");
    }
    assert!(output.stdout.lines().any(|line| line.trim() == code), "{output:#?}");
    code.to_owned()
}

/// Does everything there is to do with accounts, on whatever answers.
fn keep_accounts(data: &Path, runs: bool) {
    let online = if runs { json!(false) } else { Value::Null };
    let first = code(&run(data, "user add bob").expect(0), "bob");
    let again = run(data, "user add bob").expect(1);
    assert!(again.stderr.contains("'bob' already") && again.stderr.contains("reset-key"));
    run(data, "user add al").expect(0);
    let password = admin(data, "user add carol --password-stdin").input("correct horse\n").run();
    let password = password.expect(0);
    assert!(
        password.stdout.contains("breeze --server HOST --user carol login --password-stdin"),
        "{password:#?}"
    );
    assert!(!password.stdout.contains("horse"), "{password:#?}");
    assert_eq!(names(data), ["al", "bob", "carol"]);
    assert_eq!(list(data)[2]["secret"], "password");

    let second = code(&run(data, "user reset-key bob").expect(0), "bob");
    assert_ne!(first, second);
    admin(data, "user reset-key bob --password-stdin").input("tr0ub4dor\n").run().expect(0);
    assert_eq!(list(data)[1]["secret"], "password");

    for (options, shown) in [
        ("", "bob: default\n"),
        ("--messages 500 --bytes 10M", "bob: 500 messages, 10 MiB\n"),
        ("", "bob: 500 messages, 10 MiB\n"),
        ("--messages default", "bob: default number, 10 MiB\n"),
        ("--messages 7 --bytes default", "bob: 7 messages, default size\n"),
    ] {
        let output = run(data, &format!("user quota bob {options}")).expect(0);
        assert_eq!(output.stdout, shown.trim_end(), "{options}");
    }
    assert_eq!(
        list(data)[1],
        json!({
            "user": "bob", "fingerprint": null, "secret": "password", "online": online,
            "messages": 0, "bytes": 0, "quota_messages": 7, "quota_bytes": null
        })
    );

    run(data, "user remove al").expect(0);
    for line in ["user remove al", "user reset-key al", "user quota al", "user quota al --bytes 1"]
    {
        let output = run(data, line).expect(1);
        assert!(output.stderr.contains("no user 'al'"), "{line}: {output:#?}");
        assert_eq!(output.stdout, "", "{line}");
    }
    assert_eq!(names(data), ["bob", "carol"]);
    let table = run(data, "user list").expect(0).stdout;
    assert_eq!(table.contains("ONLINE"), runs, "{table}");
    assert!(table.contains("not enrolled (password open)"), "{table}");
    for user in ["bob", "carol"] {
        run(data, &format!("user remove {user}")).expect(0);
    }
    assert!(run(data, "user list").expect(0).stdout.contains("there are no users"));
}

#[test]
fn accounts_are_kept_while_the_server_runs() {
    let server = TestServer::start();
    keep_accounts(server.data(), true);
}

#[test]
fn accounts_are_kept_while_the_server_is_stopped() {
    let mut server = TestServer::start();
    server.stop(Signal::TERM);
    keep_accounts(server.data(), false);
    server.restart();
    TestClient::start("alice", &server);
}

/// What one does on a stopped server is there when it runs, and the other way round.
#[test]
fn both_ways_lead_to_the_same_accounts() {
    let mut server = TestServer::start();
    run(server.data(), "user add bob").expect(0);
    server.stop(Signal::TERM);
    assert_eq!(names(server.data()), ["bob"]);
    run(server.data(), "user add carol").expect(0);
    server.restart();
    assert_eq!(names(server.data()), ["bob", "carol"]);
}

/// The first users may come before the first run.
#[test]
fn users_may_be_there_before_the_server() {
    let dir = TempDir::new().expect("a temporary directory");
    let data = dir.path().join("data");
    let missing = run(&data, "user list").expect(1);
    assert!(missing.stderr.contains("does not exist"), "{missing:#?}");
    assert!(!data.exists(), "created by looking");
    let added = run(&data, "user add bob").expect(0);
    assert!(added.stderr.contains("is new"), "{added:#?}");
    let mode = fs::metadata(&data).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert_eq!(names(&data), ["bob"]);
}

/// The list tells who has a session, and which key.
#[test]
fn the_list_tells_who_is_online() {
    let mut server = TestServer::start();
    run(server.data(), "user add bob").expect(0);
    let alice = TestClient::start("alice", &server);
    let fingerprint = alice.ready()["fingerprint"].clone();
    let row = |user: &str, fingerprint: Value, secret: Value, online: Value| {
        json!({
            "user": user, "fingerprint": fingerprint, "secret": secret, "online": online,
            "messages": 0, "bytes": 0, "quota_messages": null, "quota_bytes": null
        })
    };
    let alice_row = |online| row("alice", fingerprint.clone(), Value::Null, online);
    let bob_row = |online| row("bob", Value::Null, json!("code"), online);
    assert_eq!(list(server.data()), [alice_row(json!(true)), bob_row(json!(false))]);
    // The fields have an order, too: people read the lines.
    let lines = run(server.data(), "user list --json").expect(0).stdout;
    let bob_line = r#"{"user":"bob","fingerprint":null,"secret":"code","online":false,"messages":0,"bytes":0,"quota_messages":null,"quota_bytes":null}"#;
    assert_eq!(lines.lines().nth(1), Some(bob_line));
    alice.quit();
    server.stop(Signal::TERM);
    assert_eq!(list(server.data()), [alice_row(Value::Null), bob_row(Value::Null)]);
}

/// Removing a user ends its session, and frees the name for nobody else's key.
#[test]
fn a_removed_user_is_out_at_once() {
    let mut server = TestServer::start();
    let mut alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    bob.wait_presence("alice", true);
    server.restart_with(|options| options.registration("closed"));
    bob.wait_presence("alice", true);
    let mark = bob.mark();
    run(server.data(), "user remove alice").expect(0);
    bob.wait_for("alice to go", mark, |event| {
        event["event"] == "presence" && event["user"] == "alice" && event["online"] == false
    });
    alice.wait_error("registration_closed");
    assert_eq!(alice.wait_exit(), Some(1));
    assert_eq!(names(server.data()), ["bob"]);
}

/// Whose key is forgotten needs the new code, and nobody else gets the name without it.
#[test]
fn a_user_without_its_key_is_out_until_it_shows_the_code() {
    let server = TestServer::start();
    let mut alice = TestClient::start("alice", &server);
    run(server.data(), "user reset-key alice").expect(0);
    alice.wait_error("code_required");
    assert_eq!(alice.wait_exit(), Some(1));
    let mut other = ClientOptions::new("alice", &server).start();
    other.wait_error("code_required");
    assert_eq!(other.wait_exit(), Some(1));
}

/// The socket is its owner's only, goes with the server, and one that a dead server left is
/// replaced.
#[test]
fn the_socket_is_private_and_never_in_the_way() {
    let mut server = TestServer::start();
    let socket = server.data().join("admin.sock");
    let metadata = fs::metadata(&socket).expect("a socket");
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);

    server.kill();
    assert!(socket.exists(), "nobody removes what a killed server leaves");
    run(server.data(), "user add bob").expect(0);
    server.restart();
    assert_eq!(list(server.data())[0]["online"], false);
    server.stop(Signal::TERM);
    assert!(!socket.exists());
    assert_eq!(list(server.data())[0]["online"], Value::Null);
}

/// A second server on the same data changes nothing for the first.
#[test]
fn a_second_server_leaves_the_socket_alone() {
    let server = TestServer::start();
    let data = server.data().as_os_str();
    let second = Cli::server().args(["run", "--listen", "127.0.0.1:0", "--data"]).args([data]);
    second.run().expect_failure(&["another breeze-server", "--data"]);
    run(server.data(), "user add bob").expect(0);
    assert_eq!(list(server.data())[0]["online"], false);
}

/// Commands meet a server that is starting or stopping, and neither is in the other's way.
#[test]
fn commands_and_servers_that_start_wait_for_each_other() {
    let mut server = TestServer::start();
    let data = server.data().to_owned();
    for round in 0..5 {
        let user = format!("u{round}");
        let mut while_it_stops = admin(&data, &format!("user add {user}")).spawn();
        server.stop(Signal::TERM);
        // It may have stopped between the request and its answer: then that is said.
        let added = while_it_stops.wait_exit().0.success();
        let said = while_it_stops.log().entries();
        let is_told = said.iter().any(|line| line.item.contains("before it answered"));
        assert!(added || is_told, "{said:?}");

        let mut while_it_starts = admin(&data, "user list").spawn();
        server.restart();
        assert!(while_it_starts.wait_exit().0.success());
        assert!(!added || names(&data).contains(&user));
    }
}

/// A password that is none changes nothing.
#[test]
fn passwords_have_a_length_and_are_text() {
    let server = TestServer::start();
    for (input, words) in [
        ("short\n", "has 5 bytes and needs 8"),
        ("", "has 0 bytes"),
        ("two lines\nof it\n", "more than one line"),
        (&"x".repeat(129), "may have 128 bytes"),
    ] {
        let add = admin(server.data(), "user add bob --password-stdin").input(input);
        add.run().expect(1).expect_failure(&[words]);
    }
    assert!(names(server.data()).is_empty());
    let longest = format!("{}\r\n", "x".repeat(128));
    admin(server.data(), "user add bob --password-stdin").input(&longest).run().expect(0);
}

/// Names and sizes are checked before anything is opened.
#[test]
fn wrong_usage_has_status_two() {
    let dir = TempDir::new().expect("a temporary directory");
    let data = dir.path().join("data");
    for (line, words) in [
        ("user add Bob", "lower-case letters"),
        ("user add", "NAME"),
        ("user quota bob --bytes 1X", "neither a size"),
        ("backup", "FILE"),
    ] {
        let output = run(&data, line).expect(2);
        assert!(output.stderr.contains(words), "{line}: {output:#?}");
    }
    assert!(!data.exists());
    let bare = Cli::server().args(["user"]).run().expect(2);
    assert!(bare.stderr.contains("reset-key"), "{bare:#?}");
    let help = Cli::server().args(["user", "--help"]).run().expect(0);
    for words in ["add", "list", "remove", "reset-key", "quota", "Examples:"] {
        assert!(help.stdout.contains(words), "{help:#?}");
    }
}

/// A backup of a server that runs is a store of its own, and never takes the place of a file.
#[test]
fn a_backup_is_restored_by_copying_it() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    run(server.data(), "user add bob").expect(0);
    run(server.data(), "user quota bob --messages 5").expect(0);
    let dir = TempDir::new().expect("a temporary directory");
    let file = dir.path().join("copy.redb");
    let backup = || admin(server.data(), "backup").args([file.as_os_str()]);
    let output = backup().run().expect(0);
    for words in ["copy.redb", "iB)", "server.key"] {
        assert!(output.stdout.contains(words), "no {words} in {output:#?}");
    }
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let content = fs::read(&file).expect("a copy");
    let again = backup().run().expect(1);
    assert!(again.stderr.contains("copy.redb"), "{again:#?}");
    assert!(fs::read(&file).expect("a copy") == content, "overwritten");
    // A user who comes later is not in it.
    run(server.data(), "user add carol").expect(0);

    let restored = dir.path().join("restored");
    fs::create_dir(&restored).expect("a directory");
    fs::copy(&file, restored.join("server.redb")).expect("a copy");
    fs::copy(server.data().join("server.key"), restored.join("server.key")).expect("a copy");
    let offline = |mut user: Value| {
        user["online"] = Value::Null;
        user
    };
    let mut expected: Vec<_> = list(server.data()).into_iter().map(offline).collect();
    expected.pop();
    assert_eq!(list(&restored), expected);

    // On the stopped server it is the same.
    let mut server = ServerOptions::new().start();
    let address = server.address();
    server.stop(Signal::TERM);
    for name in ["server.redb", "server.key"] {
        fs::copy(restored.join(name), server.data().join(name)).expect("a copy");
    }
    server.restart();
    let home = alice.home().clone();
    drop(alice);
    let alice = ClientOptions::new("alice", &server).home(&home).server(address).start();
    alice.ready();
    let file = dir.path().join("second.redb");
    server.stop(Signal::TERM);
    admin(server.data(), "backup").args([file.as_os_str()]).run().expect(0);
    assert!(file.exists());
}

/// A path that the server cannot write is an error that names it, and leaves nothing.
#[test]
fn a_backup_that_fails_says_where() {
    let server = TestServer::start();
    let file = server.data().join("none/copy.redb");
    let output = admin(server.data(), "backup").args([file.as_os_str()]).run().expect(1);
    assert!(output.stderr.contains("none/copy.redb"), "{output:#?}");
    run(server.data(), "user list").expect(0);
}
