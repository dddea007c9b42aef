//! Files and folders from one client to another: whole or not at all, whatever breaks in between.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use breeze_tests::{
    Cli, ClientOptions, Files, Home, PATIENCE, Process, ServerOptions, SmallDisk, TestClient,
    TestServer, expect_content, wait_mesh,
};
use serde_json::{Value, json};

/// Bytes of a file that takes a moment and no more.
const SMALL: usize = 2_000_003;
/// Bytes of a file that takes seconds at [`SLOW`].
const LARGE: usize = 64 << 20;
/// Bytes a second, so that a transfer is under way for long enough to break it.
const SLOW: u64 = 16 << 20;
/// Bytes a second of a transfer that is not to end before something else does.
const SLOWEST: u64 = 64 << 10;

/// Prepares the client with a home, a server and a user.
fn as_user(home: &Home, server: &TestServer, user: &str) -> Cli {
    Cli::breeze_at(home).args(["--server", &server.address().to_string(), "--user", user])
}

/// Starts a client, with a home that may exist, and waits until it has logged in.
#[track_caller]
fn start(user: &str, server: &TestServer, home: &Home, options: &[(&str, &str)]) -> TestClient {
    let mut client = ClientOptions::new(user, server).home(home);
    for (option, value) in options {
        client = client.argument(option, value);
    }
    let client = client.start();
    client.ready();
    client
}

/// Starts alice, and bob who takes what she offers into `inbox`, and waits for their link.
#[track_caller]
fn trusting(server: &TestServer, inbox: &Path) -> (TestClient, TestClient) {
    let inbox = inbox.to_str().expect("a path that is text");
    let alice = TestClient::start("alice", server);
    let options = [("--auto-accept-from", "alice"), ("--download-dir", inbox)];
    let bob = start("bob", server, &Home::new(), &options);
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

/// Starts two clients that have nothing to do with each other yet, and waits for their link.
#[track_caller]
fn pair(server: &TestServer) -> (TestClient, TestClient) {
    let (alice, bob) = (TestClient::start("alice", server), TestClient::start("bob", server));
    wait_mesh(&[&alice, &bob]);
    (alice, bob)
}

/// Starts two clients without a direct link, of whom bob takes what alice offers into `inbox`.
#[track_caller]
fn relayed(server: &TestServer, inbox: &Files) -> (TestClient, TestClient) {
    let alice = start("alice", server, &Home::new(), &[("--mesh", "off")]);
    let trust = [("--auto-accept-from", "alice"), ("--download-dir", &inbox.text())];
    let bob =
        start("bob", server, &Home::new(), &[[("--mesh", "off")].as_slice(), &trust].concat());
    alice.wait_path("bob", "relay");
    (alice, bob)
}

#[track_caller]
fn id(event: &Value) -> &str {
    event["transfer"].as_str().unwrap_or_else(|| panic!("no transfer in {event}"))
}

fn is_halfway(event: &Value) -> bool {
    let (bytes, size) = (event["bytes"].as_u64(), event["size"].as_u64());
    event["state"] == "moving" && bytes > size.map(|size| size / 4) && bytes < size
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// Waits until a line of a program's standard error has these words.
#[track_caller]
fn wait_words(process: &Process<String>, words: &str) {
    let found = process.log().wait_until(PATIENCE, |lines| {
        lines.iter().any(|line| line.item.contains(words)).then_some(())
    });
    found.unwrap_or_else(|| process.fail(&format!("it did not say {words:?}")));
}

#[test]
fn a_script_offers_and_another_accepts() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (outbox, inbox) = (Files::new(), Files::new());
    alice.offer("bob", &outbox.file("你好 a.bin", SMALL), None, "1");
    let own = alice.wait_for("the own offer", 0, |event| event["event"] == "file_offer");
    assert_eq!((&own["ref"], &own["to"]), (&"1".into(), &"bob".into()));
    let offer = bob.wait_offer("alice", "你好 a.bin");
    for field in ["transfer", "hash", "size", "kind", "files"] {
        assert_eq!(offer[field], own[field], "{field}");
    }
    assert_eq!((&offer["size"], &offer["kind"]), (&SMALL.into(), &"file".into()));
    assert!(inbox.names().is_empty(), "nothing comes before it is accepted");
    bob.accept(&id(&offer)[..6], inbox.path());
    let done = bob.wait_file_done(id(&offer));
    let path = inbox.path().join("你好 a.bin");
    assert_eq!(done["path"], path.to_str().expect("text"));
    assert_eq!((&done["via"], &done["from"]), (&"direct".into(), &"alice".into()));
    assert_eq!((&done["bytes"], &done["hash"]), (&SMALL.into(), &own["hash"]));
    expect_content(&path, "你好 a.bin", SMALL);
    assert_eq!(alice.wait_file_done("1")["to"], "bob");
    assert_eq!(inbox.names(), set(["你好 a.bin"]));
    assert_eq!(alice.files()[0]["state"], "done");
}

#[test]
fn a_folder_arrives_with_all_that_is_in_it() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, bob) = trusting(&server, inbox.path());
    outbox.file("photos/a.jpg", 100_000);
    outbox.file("photos/2026/july/b.jpg", SMALL);
    outbox.file("photos/empty.txt", 0);
    fs::create_dir(outbox.path().join("photos/nothing")).expect("a folder");
    alice.offer("bob", &outbox.path().join("photos"), None, "1");
    let offer = bob.wait_offer("alice", "photos");
    assert_eq!((&offer["kind"], &offer["files"]), (&"folder".into(), &6.into()));
    let done = bob.wait_file_done(id(&offer));
    let photos = inbox.path().join("photos");
    assert_eq!(done["path"], photos.to_str().expect("text"));
    expect_content(&photos.join("a.jpg"), "photos/a.jpg", 100_000);
    expect_content(&photos.join("2026/july/b.jpg"), "photos/2026/july/b.jpg", SMALL);
    expect_content(&photos.join("empty.txt"), "photos/empty.txt", 0);
    assert!(photos.join("nothing").is_dir());
    assert_eq!(inbox.names(), set(["photos"]));
}

#[test]
fn what_is_rejected_never_comes() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let outbox = Files::new();
    alice.offer("bob", &outbox.file("a", SMALL), None, "1");
    let offer = bob.wait_offer("alice", "a");
    bob.line(&json!({"cmd": "reject", "transfer": id(&offer), "ref": "no"}).to_string());
    assert_eq!(bob.wait_file_failed("no")["reason"], "rejected");
    assert_eq!(alice.wait_file_failed("1")["reason"], "rejected");
    bob.accept(id(&offer), outbox.path());
    bob.wait_error("not_offered");
}

#[test]
fn either_side_cancels() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (outbox, inbox) = (Files::new(), Files::new());
    for (name, who, other) in [("a", &alice, &bob), ("b", &bob, &alice)] {
        alice.offer("bob", &outbox.file(name, SMALL), Some(SLOWEST), name);
        let offer = bob.wait_offer("alice", name);
        bob.accept(id(&offer), inbox.path());
        for client in [&alice, &bob] {
            client.wait_file(id(&offer), "moving", 0, |event| event["state"] == "moving");
        }
        who.line(&json!({"cmd": "cancel", "transfer": id(&offer)}).to_string());
        for client in [who, other] {
            assert_eq!(client.wait_file_failed(id(&offer))["reason"], "cancelled");
        }
    }
    assert_eq!(inbox.names(), set([]), "nothing of it is left");
}

#[test]
fn errors_name_what_is_wrong() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let outbox = Files::new();
    outbox.file("x/y/con.txt", 1);
    let folder = outbox.path().join("x");
    for (path, code) in [
        (outbox.file("a:b", 1), "bad_name"),
        (folder, "bad_name"),
        (outbox.path().join("missing"), "unreadable"),
        ("relative".into(), "bad_path"),
    ] {
        let mark = alice.mark();
        alice.offer("bob", &path, None, "bad");
        let error = alice.wait_for(code, mark, |event| event["event"] == "error");
        assert_eq!((&error["code"], &error["ref"]), (&code.into(), &"bad".into()), "{error}");
    }
    let message = alice.wait_error("bad_name")["message"].to_string();
    assert!(message.contains("a:b"), "{message}");
    for command in ["accept", "reject", "cancel"] {
        let mark = bob.mark();
        bob.line(&json!({"cmd": command, "transfer": "00ff"}).to_string());
        bob.wait_for("unknown", mark, |event| event["code"] == "unknown_transfer");
    }
    assert!(
        bob.files().is_empty() && !bob.events().iter().any(|e| e.item["event"] == "file_offer")
    );
}

#[test]
fn a_file_that_exists_stays() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, bob) = trusting(&server, inbox.path());
    fs::write(inbox.path().join("a.txt"), "mine").expect("room");
    alice.offer("bob", &outbox.file("a.txt", SMALL), None, "1");
    let done = bob.wait_file_done(id(&bob.wait_offer("alice", "a.txt")));
    let path = Path::new(done["path"].as_str().expect("a path"));
    assert_eq!(path.parent(), Some(inbox.path()));
    assert_ne!(path, inbox.path().join("a.txt"));
    expect_content(path, "a.txt", SMALL);
    assert_eq!(fs::read(inbox.path().join("a.txt")).expect("a file"), b"mine");
    assert_eq!(inbox.names().len(), 2);
    alice.wait_file_done("1");
}

#[test]
fn what_is_to_be_replaced_is() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (outbox, inbox) = (Files::new(), Files::new());
    fs::write(inbox.path().join("a.txt"), "mine").expect("room");
    alice.offer("bob", &outbox.file("a.txt", SMALL), None, "1");
    let offer = bob.wait_offer("alice", "a.txt");
    let command =
        json!({"cmd": "accept", "transfer": id(&offer), "dir": inbox.text(), "replace": true});
    bob.line(&command.to_string());
    bob.wait_file_done(id(&offer));
    expect_content(&inbox.path().join("a.txt"), "a.txt", SMALL);
    assert_eq!(inbox.names(), set(["a.txt"]));
}

/// Whoever dies in the middle goes on where it was, and what arrives is what was sent.
#[test]
fn a_sender_that_is_killed_goes_on() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (mut alice, bob) = trusting(&server, inbox.path());
    alice.offer("bob", &outbox.file("large", LARGE), Some(SLOW), "1");
    let offer = bob.wait_offer("alice", "large");
    bob.wait_file(id(&offer), "halfway", 0, is_halfway);
    let mark = bob.mark();
    alice.kill();
    assert!(!inbox.names().contains("large"), "what has the name is whole");
    let alice = start("alice", &server, alice.home(), &[]);
    let again = bob.wait_file(id(&offer), "going on", mark, |event| event["state"] == "moving");
    assert!(again["bytes"].as_u64() > Some(LARGE as u64 / 4), "from the beginning: {again}");
    bob.wait_file_done(id(&offer));
    alice.wait_file_done(id(&offer));
    expect_content(&inbox.path().join("large"), "large", LARGE);
    assert_eq!(inbox.names(), set(["large"]));
}

#[test]
fn a_recipient_that_is_killed_goes_on() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, mut bob) = trusting(&server, inbox.path());
    alice.offer("bob", &outbox.file("large", LARGE), Some(SLOW), "1");
    let offer = bob.wait_offer("alice", "large");
    bob.wait_file(id(&offer), "halfway", 0, is_halfway);
    bob.kill();
    assert!(!inbox.names().contains("large"), "what has the name is whole");
    // It was accepted: nobody has to trust alice any more.
    let bob = start("bob", &server, bob.home(), &[]);
    bob.wait_file_done(id(&offer));
    assert_eq!(alice.wait_file_done("1")["to"], "bob");
    expect_content(&inbox.path().join("large"), "large", LARGE);
    assert_eq!(inbox.names(), set(["large"]));
    assert_eq!(bob.files()[0]["state"], "done");
}

#[test]
fn the_server_passes_on_what_cannot_go_direct() {
    let server = ServerOptions::new()
        .argument("--relay-file-rate", "4M")
        .argument("--relay-file-max", "256M")
        .start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, bob) = relayed(&server, &inbox);
    alice.offer("bob", &outbox.file("a", SMALL), None, "1");
    let done = bob.wait_file_done(id(&bob.wait_offer("alice", "a")));
    assert_eq!(done["via"], "relay");
    assert_eq!(alice.wait_file_done("1")["via"], "relay");
    expect_content(&inbox.path().join("a"), "a", SMALL);
}

/// What is too large for the server waits for a direct link, and says so; what is not goes on.
#[test]
fn the_server_passes_on_no_more_than_it_may() {
    let server = ServerOptions::new()
        .argument("--relay-file-rate", "4M")
        .argument("--relay-file-max", "1M")
        .start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, bob) = relayed(&server, &inbox);
    let path = outbox.file("large", SMALL);
    let send = Cli::breeze_at(alice.home()).args(["file", "send", "bob"]).args([&path]).spawn();
    wait_words(&send, "larger than what the server passes on");
    alice.offer("bob", &outbox.file("small", 500_000), None, "1");
    bob.wait_file_done(id(&bob.wait_offer("alice", "small")));
    assert_eq!(alice.wait_file_done("1")["via"], "relay");
    let waits = alice.files().into_iter().find(|entry| entry["name"] == "large").expect("kept");
    assert_eq!(
        (&waits["state"], &waits["reason"]),
        (&"waiting".into(), &"too_large_for_relay".into())
    );
    assert!(!inbox.names().contains("large"));
}

#[test]
fn a_full_disk_holds_a_transfer_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(24 << 20) else { return };
    let server = TestServer::start();
    let outbox = Files::new();
    let (alice, bob) = trusting(&server, disk.path());
    let filler = disk.path().join("mine");
    fs::write(&filler, vec![1; 16 << 20]).expect("room");
    alice.offer("bob", &outbox.file("a", 16 << 20), None, "1");
    let offer = bob.wait_offer("alice", "a");
    let held = bob.wait_file(id(&offer), "held", 0, |event| event["state"] == "held");
    assert_eq!(held["reason"], "disk_full");
    assert!(!disk.path().join("a").exists(), "what has the name is whole");
    assert_eq!(fs::metadata(&filler).expect("a file").len(), 16 << 20);
    fs::remove_file(&filler).expect("a file");
    bob.wait_file_done(id(&offer));
    alice.wait_file_done("1");
    expect_content(&disk.path().join("a"), "a", 16 << 20);
}

#[test]
fn people_send_and_accept_at_the_command_line() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let (outbox, inbox) = (Files::new(), Files::new());
    let path = outbox.file("a.txt", SMALL);
    let mut send = Cli::breeze_at(alice.home()).args(["file", "send", "bob"]).args([&path]).spawn();
    wait_words(&send, "a.txt: offered, waits for bob to accept");
    let offer = bob.wait_offer("alice", "a.txt");
    let list = Cli::breeze_at(bob.home()).args(["file", "list"]).run().expect(0).stdout;
    for word in [&id(&offer)[..8], "from alice", "offered", "1.9 MiB", "a.txt"] {
        assert!(list.contains(word), "no {word:?} in {list}");
    }
    let accept = Cli::breeze_at(bob.home())
        .args(["file", "accept", &id(&offer)[..8], "--to", &inbox.text()])
        .run()
        .expect(0);
    assert_eq!(Path::new(accept.stdout.trim_end()), inbox.path().join("a.txt"));
    assert!(send.wait_exit().0.success());
    wait_words(&send, "bob has it: 1.9 MiB in");
    expect_content(&inbox.path().join("a.txt"), "a.txt", SMALL);
    let list = Cli::breeze_at(alice.home()).args(["file", "list", "--json"]).run().expect(0).stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["transfers"][0]["state"], "done");
}

#[test]
fn the_command_line_says_why_nothing_was_sent() {
    let server = TestServer::start();
    let (alice, bob) = pair(&server);
    let outbox = Files::new();
    let at = |home: &Home, words: &[&str]| Cli::breeze_at(home).args(["file"]).args(words);
    let bad = outbox.file("a:b", 1);
    at(alice.home(), &["send", "bob", bad.to_str().expect("text")])
        .run()
        .expect(1)
        .expect_failure(&["a:b", "':'"]);
    let good = outbox.file("good", SMALL);
    let mut send = at(alice.home(), &["send", "bob", good.to_str().expect("text")]).spawn();
    let offer = bob.wait_offer("alice", "good");
    let reject = at(bob.home(), &["reject", id(&offer)]).run().expect(0);
    assert_eq!(reject.stdout, "rejected good from alice");
    assert_eq!(send.wait_exit().0.code(), Some(1));
    wait_words(&send, "bob does not want it");
    at(bob.home(), &["cancel", "00ff"]).run().expect(1).expect_failure(&["00ff"]);
    let late = at(alice.home(), &["send", "bob", good.to_str().expect("text"), "--timeout", "1"]);
    late.run().expect(1).expect_failure(&["not done within 1 s", "breeze file cancel"]);
}

/// A command that finds no node runs one, to the end of its transfers.
#[test]
fn a_command_runs_a_node_as_long_as_it_takes() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let trust = [("--auto-accept-from", "alice"), ("--download-dir", &inbox.text())];
    let bob = start("bob", &server, &Home::new(), &trust);
    let paths = [outbox.file("a", SMALL), outbox.file("b", 0)];
    let send = as_user(&Home::new(), &server, "alice")
        .args(["file", "send", "bob", "--json"])
        .args(&paths)
        .run()
        .expect(0);
    let events: Vec<Value> =
        send.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for number in [1, 2] {
        let own = events.iter().filter(|event| event["ref"] == number);
        let kinds: Vec<&Value> = own.map(|event| &event["event"]).collect();
        assert!(kinds.contains(&&"file_offer".into()) && kinds.contains(&&"file_done".into()));
    }
    expect_content(&inbox.path().join("a"), "a", SMALL);
    expect_content(&inbox.path().join("b"), "b", 0);
    bob.quit();
}

/// Once the node has the offer, the command that made it is not needed, nor the other side.
#[test]
fn an_offer_waits_for_whoever_is_away() {
    let server = TestServer::start();
    let (outbox, inbox) = (Files::new(), Files::new());
    let (alice, bob) = pair(&server);
    let home = bob.home().clone();
    bob.quit();
    alice.wait_presence("bob", false);
    let path = outbox.file("a", SMALL);
    let send = ["file", "send", "bob", path.to_str().expect("text"), "--wait", "offered"];
    Cli::breeze_at(alice.home()).args(send).run().expect(0);
    let waits = alice.files().remove(0);
    assert_eq!((&waits["state"], &waits["to"]), (&"waiting".into(), &"bob".into()));
    let trust = [("--auto-accept-from", "alice"), ("--download-dir", &inbox.text())];
    let bob = start("bob", &server, &home, &trust);
    bob.wait_file_done(id(&waits));
    expect_content(&inbox.path().join("a"), "a", SMALL);
}
