//! `breeze login` lets the server know a key, once; from then on the key is enough.

use breeze_tests::{
    Cli, CliOutput, ClientOptions, Home, ServerOptions, TestClient, TestServer, free_port,
};

/// What is said of a code or password that does not fit.
const WRONG: [&str; 3] = ["refuses 'alice'", "code or password is wrong", "ask whoever runs"];

/// Prepares `login` in a home, at a server.
fn login(home: &Home, server: &str) -> Cli {
    Cli::breeze_at(home).args(["--server", server, "--user", "alice", "login"])
}

/// Runs `login` in a home with a code.
fn with_code(home: &Home, server: &TestServer, code: &str) -> CliOutput {
    login(home, &server.address().to_string()).args(["--code", code]).run()
}

/// Runs `login` in a home with a password.
fn with_password(home: &Home, server: &TestServer, password: &str) -> CliOutput {
    let login = login(home, &server.address().to_string()).args(["--password-stdin"]);
    login.input(&format!("{password}\n")).run()
}

/// Starts a node in a home.
fn up(home: &Home, server: &TestServer) -> TestClient {
    ClientOptions::new("alice", server).home(home).start()
}

/// Checks that a command was refused in these words, and said nothing else.
#[track_caller]
fn expect_refusal(output: CliOutput, words: &[&str]) {
    let output = output.expect(1).expect_failure(words);
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr.lines().count(), 1, "{output:#?}");
}

/// Checks that a node ends because the server refuses it, with this code and in these words.
#[track_caller]
fn expect_end(mut node: TestClient, code: &str, words: &[&str]) {
    let error = node.wait_error(code);
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    for word in words {
        assert!(message.contains(word), "no {word:?} in {message:?}");
    }
    assert_eq!(node.wait_exit(), Some(1));
    // The same on standard error, last.
    let last = node.process().log().entries().pop().expect("a line").item;
    assert_eq!(last, format!("breeze: {message}"));
}

/// A server where one needs an invitation, and a code for alice.
#[track_caller]
fn invited() -> (TestServer, String) {
    let server = ServerOptions::new().registration("invite").start();
    let code = server.code("user add alice");
    (server, code)
}

/// It says who this is now, and whom it has talked to; afterwards the key is enough.
#[test]
fn says_who_is_logged_in() {
    let (server, code) = invited();
    let address = server.address().to_string();
    let home = Home::new();
    let input = format!("{code}\n");
    let login = login(&home, &address).args(["--code", "-"]).input(&input).run().expect(0);
    let id = Cli::breeze_at(&home).args(["id"]).run().expect(0);
    let own = id.stdout.lines().find_map(|line| line.strip_prefix("fingerprint  "));
    let own = own.expect("a fingerprint");
    let servers = format!("server's key  {}", server.fingerprint());
    for part in [&format!("logged in as alice at {address}"), own, &servers] {
        assert!(login.stdout.contains(part), "{part}: {login:?}");
    }
    assert_eq!(login.stderr, "");
    Cli::breeze_at(&home).args(["who"]).run().expect(0);
    up(&home, &server).ready();
}

/// Without a code one is told how to show it; who shows no right one is told what to do, and who
/// was not invited at all, too.
#[test]
fn a_refusal_is_explained() {
    let (server, code) = invited();
    let home = Home::new();
    expect_end(up(&home, &server), "code_required", &["breeze login --code CODE"]);
    expect_refusal(with_code(&home, &server, "0000-0000-0000"), &WRONG);
    expect_refusal(with_password(&home, &server, "correct horse"), &WRONG);
    let stranger = ClientOptions::new("mallory", &server).start();
    expect_end(stranger, "invite_required", &["ask whoever runs the server to add this user"]);
    // None of it has used the code up.
    with_code(&home, &server, &code).expect(0);
    let other = up(&Home::new(), &server);
    expect_end(other, "name_taken", &["--user NAME", "--home DIR"]);
}

/// A code lets one home in, and no other one after it; the first is not disturbed.
#[test]
fn a_code_is_good_for_one_home() {
    let (server, code) = invited();
    let [home, other] = [Home::new(), Home::new()];
    with_code(&home, &server, &code).expect(0);
    let alice = up(&home, &server);
    alice.ready();
    expect_refusal(with_code(&other, &server, &code), &WRONG);
    expect_end(up(&other, &server), "name_taken", &["--user NAME"]);
    // Nor is it good again when nobody is there.
    alice.quit();
    expect_refusal(with_code(&other, &server, &code), &WRONG);
    up(&home, &server).ready();
}

/// Guesses are slowed down, and whoever guesses is told to wait; the right key is not kept waiting.
#[test]
fn guesses_are_slowed_down() {
    let (server, code) = invited();
    let home = Home::new();
    with_code(&home, &server, &code).expect(0);
    let guesser = Home::new();
    let said = |_| with_code(&guesser, &server, "1234-5678").expect(1).stderr;
    let slowed = (0..10).map(said).find(|said| !said.contains(WRONG[1]));
    let slowed = slowed.expect("a bound on guesses");
    assert!(slowed.contains("too many log-ins have failed"), "{slowed}");
    assert!(slowed.contains("wait a little"), "{slowed}");
    up(&home, &server).ready();
}

/// `user reset-key` ends the session of a stolen or lost home at once. That home is refused from
/// then on, and another one comes in with the new code, under which alice is reached.
#[test]
fn a_new_code_takes_the_place_of_a_key() {
    let (server, code) = invited();
    server.admin("user add bob --password-stdin").input("correct horse\n").run().expect(0);
    let [home, other, bobs] = [Home::new(), Home::new(), Home::new()];
    with_code(&home, &server, &code).expect(0);
    let alice = up(&home, &server);
    let bob = Cli::breeze_at(&bobs).args(["--server", &server.address().to_string()]);
    let bob = bob.args(["--user", "bob", "login", "--password-stdin"]);
    bob.input("correct horse\n").run().expect(0);
    let bob = ClientOptions::new("bob", &server).home(&bobs).start();
    bob.wait_path("alice", "direct");
    let before = bob.send("alice", "before");
    bob.wait_state(&before, "delivered");

    let new = server.code("user reset-key alice");
    expect_end(alice, "code_required", &["'alice'", "breeze login --code CODE"]);
    bob.wait_presence("alice", false);
    expect_end(up(&home, &server), "code_required", &["breeze login --code CODE"]);
    expect_refusal(with_code(&other, &server, &code), &WRONG);
    with_code(&other, &server, &new).expect(0);
    expect_end(up(&home, &server), "name_taken", &["--home DIR"]);

    let alice = up(&other, &server);
    let fingerprint = alice.ready()["fingerprint"].clone();
    let changed = bob.wait_for("the change", 0, |event| event["event"] == "key_changed");
    assert_eq!(changed["new"], fingerprint);
    let after = bob.send("alice", "after");
    bob.wait_state(&after, "delivered");
    alice.expect_texts("bob", &["after"]);
}

/// What is kept for a key that is reset fails at its senders, at those who are there at once and at
/// the others when they come; none of it reaches the new key.
#[test]
fn what_was_kept_for_an_old_key_fails() {
    let server = TestServer::start();
    let (home, other) = (Home::new(), Home::new());
    let alice = up(&home, &server);
    let [bob, carol] = ["bob", "carol"].map(|user| {
        let sender = TestClient::start(user, &server);
        sender.wait_presence("alice", true);
        sender
    });
    alice.quit();
    for sender in [&bob, &carol] {
        sender.wait_presence("alice", false);
        for reference in sender.send_all("alice", &["one", "two"]) {
            sender.wait_state(&reference, "stored");
        }
    }
    let carols = carol.home().clone();
    carol.quit();

    let new = server.code("user reset-key alice");
    for number in 1..=2 {
        let failed = bob.wait_state(&number.to_string(), "failed");
        assert_eq!(failed["reason"], "key_changed");
    }
    let carol = ClientOptions::new("carol", &server).home(&carols).start();
    for number in 1..=2 {
        let failed = carol.wait_for("a failure", 0, |event| {
            let ends = |id: &str| id.ends_with(&format!("-{number}"));
            event["state"] == "failed" && event["id"].as_str().is_some_and(ends)
        });
        assert_eq!((&failed["reason"], &failed["to"]), (&"key_changed".into(), &"alice".into()));
    }
    with_code(&other, &server, &new).expect(0);
    let alice = up(&other, &server);
    for sender in [&bob, &carol] {
        // Until then a message is meant for the old key.
        sender.wait_for("the change", 0, |event| event["event"] == "key_changed");
        let three = sender.send("alice", "three");
        sender.wait_state(&three, "delivered");
        alice.expect_texts(sender.user(), &["three"]);
        let outbox = Cli::breeze_at(sender.home()).args(["outbox"]).run().expect(0);
        assert_eq!(outbox.stdout, "");
    }
}

/// A password lets one home in after the other: the last one has the name, the one before is out at
/// once, and is told why. (It was told of "the same key", and to end the other session, which would
/// have been of no use: the name belongs to the other key.)
#[test]
fn a_password_is_good_for_each_new_home() {
    let server = ServerOptions::new().registration("invite").start();
    let add = server.admin("user add alice --password-stdin");
    add.input("correct horse battery\n").run().expect(0);
    let [first, second] = [Home::new(), Home::new()];
    expect_refusal(with_password(&first, &server, "incorrect horse"), &WRONG);
    let said = with_password(&first, &server, "correct horse battery").expect(0);
    assert!(said.stdout.contains("logged in as alice"), "{said:#?}");
    let alice = up(&first, &server);
    alice.ready();

    with_password(&second, &server, "correct horse battery").expect(0);
    expect_end(alice, "replaced", &["logged in elsewhere", "password", "breeze login"]);
    up(&second, &server).ready();
    expect_end(up(&first, &server), "name_taken", &["--home DIR"]);
    // The password still is good: this is how one moves back.
    with_password(&first, &server, "correct horse battery").expect(0);
    up(&first, &server).ready();
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
