//! Disks that are full, cannot be written, or have lost what was on them: said clearly, and nothing
//! that was promised is lost.
//!
//! The tests with disks of their own need root, to mount them, and skip loudly without.

use std::fs;
use std::path::Path;

use breeze_tests::{
    Cli, CliOutput, ClientOptions, Home, PATIENCE, Process, ServerOptions, SmallDisk, TestClient,
    TestServer,
};
use rustix::process::Signal;
use serde_json::Value;

/// Bytes of a small disk: more than a database takes at first, and not much more.
const SMALL: u64 = 16 << 20;
/// Bytes of a text that no free place in a database is left for soon.
const LARGE: usize = 20_000;

/// Prepares a server on a data directory.
fn server_on(data: &Path) -> Cli {
    Cli::server().args(["run", "--listen", "127.0.0.1:0", "--data"]).args([data])
}

/// Checks that a program ended because of a file or directory: in one line of words for people.
#[track_caller]
fn expect_refusal(output: CliOutput, words: &[&str]) {
    let output = output.expect(1).expect_failure(words);
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr.lines().count(), 1, "{output:#?}");
}

/// Starts a client that has no direct links, and waits until it has logged in.
#[track_caller]
fn relayed(user: &str, server: &TestServer) -> TestClient {
    let client = ClientOptions::new(user, server).mesh("off").start();
    client.ready();
    client
}

/// Returns the text with a number.
fn text(number: usize) -> String {
    format!("{number} {}", "x".repeat(LARGE))
}

/// Returns the number that each text begins with.
fn numbers(texts: &[String]) -> Vec<usize> {
    let number = |text: &String| text.split(' ').next().and_then(|word| word.parse().ok());
    texts.iter().map(|text| number(text).expect("a number")).collect()
}

/// Returns the references of the messages of which this was told.
fn in_state(client: &TestClient, state: &str) -> Vec<String> {
    let events = client.events().into_iter().map(|entry| entry.item);
    let fitting = events.filter(|event| event["event"] == "state" && event["state"] == state);
    fitting.filter_map(|event| event["ref"].as_str().map(str::to_owned)).collect()
}

/// Waits until a line of a log, among those from `mark` on, has these words.
#[track_caller]
fn wait_log<T: std::fmt::Display + Send + 'static>(process: &Process<T>, mark: usize, words: &str) {
    let found = process.log().wait_until(PATIENCE, |lines| {
        lines.iter().skip(mark).any(|line| line.item.contains(words)).then_some(())
    });
    found.unwrap_or_else(|| process.fail(&format!("no log line has {words:?}")));
}

/// Checks that a program has not panicked so far.
#[track_caller]
fn expect_no_panic<T: std::fmt::Display + Send + 'static>(process: &Process<T>) {
    for line in process.log().entries() {
        assert!(!line.item.contains("panicked"), "{}", line.item);
    }
}

/// Of a server whose disk is full, what it says is true: what it cannot keep it does not call
/// stored, and what it has called stored is there. Nothing is lost of what its senders have, and all
/// of it is kept and delivered once the disk has room again. Meanwhile the relay goes on, and users
/// who are known log in.
///
/// (After each such log-in, which changes nothing on the disk, the log said that the store worked
/// again.)
#[test]
fn a_server_with_a_full_disk_keeps_its_word() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let data = disk.path().join("data");
    // Every failure is told, and not the first one alone.
    let log = "info,breeze_server::service::clerk=debug";
    let mut server = ServerOptions::new().data(&data).log(log).start();
    let [alice, bob, dave, erin] =
        ["alice", "bob", "dave", "erin"].map(|user| relayed(user, &server));
    for user in ["bob", "dave", "erin"] {
        alice.wait_presence(user, true);
    }
    let [daves, erins] = [dave.home().clone(), erin.home().clone()];
    dave.quit();
    erin.quit();
    alice.wait_presence("dave", false);
    disk.fill();

    // What the database has room for in its file is stored, and then nothing more.
    let mark = server.process().log().len();
    let texts: Vec<String> = (1..=100).map(text).collect();
    let references = alice.send_all("dave", &texts);
    wait_log(server.process(), mark, "changes are lost");
    let mark = server.process().log().len();
    wait_log(server.process(), mark, "changes are lost");
    // Two who are online notice nothing of it.
    for number in 1..=3 {
        let text = format!("hello {number}");
        let reference = alice.send("bob", &text);
        assert_eq!(bob.wait_message("alice", &text)["path"], "relay");
        alice.wait_state(&reference, "delivered");
        let reference = bob.send("alice", &text);
        alice.wait_message("bob", &text);
        bob.wait_state(&reference, "delivered");
    }
    // All that was said of the others was said before.
    let stored = in_state(&alice, "stored");
    assert!(stored.len() < texts.len(), "the disk was not full");
    assert_eq!(stored, references[..stored.len()]);
    // Who is known comes in, and takes part. Who is not is asked to try later, and does.
    let erin = ClientOptions::new("erin", &server).home(&erins).mesh("off").start();
    erin.ready();
    let reference = erin.send("alice", "here I am");
    alice.wait_message("erin", "here I am");
    erin.wait_state(&reference, "delivered");
    let frank = ClientOptions::new("frank", &server).mesh("off").start();
    frank.wait_error("unavailable");
    let add = server.admin("user add gina").run();
    expect_refusal(add, &["server.redb", "No space left", "room on the disk"]);

    assert_eq!(in_state(&alice, "stored"), stored, "stored on a full disk");
    assert!(in_state(&alice, "failed").is_empty());
    let queued = Cli::breeze_at(alice.home()).args(["outbox"]).run().expect(0).stdout;
    assert_eq!(queued.matches("(not delivered yet)").count(), texts.len() - stored.len());
    assert_eq!(queued.matches("(at the server").count(), stored.len());

    let works = |line: &str| line.contains("the store works again");
    let log = server.process().log();
    assert!(!log.entries().iter().any(|line| works(&line.item)), "{}", log.tail(40));
    disk.free();
    wait_log(server.process(), 0, "the store works again");
    for reference in &references {
        alice.wait_state(reference, "stored");
    }
    frank.ready();
    server.code("user add gina");
    let dave = ClientOptions::new("dave", &server).home(&daves).mesh("off").start();
    dave.expect_texts("alice", &texts);
    alice.wait_delivered(&references);
    expect_no_panic(server.process());
    assert!(server.stop(Signal::TERM).0.success());
}

/// A user who comes while the server's disk is full gets what was kept, and at once what was not;
/// nothing comes twice, though the server cannot note what was delivered. A server that is killed
/// meanwhile starts again on the full disk.
#[test]
fn a_full_disk_is_no_reason_to_wait_for_who_is_there() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let data = disk.path().join("data");
    let log = "info,breeze_server::service::clerk=debug";
    let mut server = ServerOptions::new().data(&data).log(log).start();
    let [alice, dave] = ["alice", "dave"].map(|user| relayed(user, &server));
    alice.wait_presence("dave", true);
    let home = dave.home().clone();
    dave.quit();
    alice.wait_presence("dave", false);
    let texts: Vec<String> = (1..=100).map(text).collect();
    let mut references = alice.send_all("dave", &texts[..5]);
    for reference in &references {
        alice.wait_state(reference, "stored");
    }
    disk.fill();
    references.extend(alice.send_all("dave", &texts[5..]));
    wait_log(server.process(), 0, "changes are lost");
    let up = || ClientOptions::new("dave", &server).home(&home).mesh("off").start();
    let dave = up();
    dave.expect_texts("alice", &texts);
    alice.wait_delivered(&references);
    dave.quit();

    let marks = [alice.mark()];
    server.restart();
    alice.wait_server("connected", marks[0]);
    let dave = ClientOptions::new("dave", &server).home(&home).mesh("off").start();
    dave.ready();
    alice.wait_presence("dave", true);
    let last = alice.send("dave", "the last one");
    alice.wait_state(&last, "delivered");
    dave.expect_texts("alice", &["the last one"]);
    expect_no_panic(server.process());

    // What it could not note, it notes when the messages come again.
    disk.free();
    dave.quit();
    let dave = ClientOptions::new("dave", &server).home(&home).mesh("off").start();
    dave.ready();
    let fitting = Cli::breeze_at(&home).args(["history", "alice", "--json", "--limit", "1000"]);
    let history = fitting.run().expect(0).stdout;
    assert_eq!(history.lines().count(), texts.len() + 1, "each once");
}

/// A program that has nothing yet, and no room to begin, says so and leaves nothing half made:
/// with room it begins.
#[test]
fn nothing_begins_on_a_full_disk() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let data = disk.path().join("data");
    let home = disk.path().join("home");
    for dir in [&data, &home] {
        fs::create_dir(dir).expect("a directory");
    }
    disk.fill();
    expect_refusal(server_on(&data).run(), &["server.redb", "No space left", "room on the disk"]);
    let up = || {
        let up = Cli::breeze_at(&Home::at(&home)).args(["--server", "127.0.0.1:1"]);
        up.args(["--user", "alice", "send", "bob", "hi", "--timeout", "1"])
    };
    expect_refusal(up().run(), &["settings.toml", "No space left", "check"]);
    disk.free();
    let started = server_on(&data).spawn();
    let listens = |line: &str| line.contains("listening on");
    let found = started
        .output()
        .wait_until(PATIENCE, |lines| lines.iter().any(|line| listens(&line.item)).then_some(()));
    found.unwrap_or_else(|| started.fail("it does not listen"));
    up().run().expect_failure(&["cannot be reached", "is kept"]);
}

/// A backup for which there is no room fails, and leaves no file that could pass for one.
#[test]
fn a_backup_is_whole_or_not_there() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let server = TestServer::start();
    TestClient::start("alice", &server).quit();
    disk.fill();
    let file = disk.path().join("copy.redb");
    let backup = || server.admin("backup").args([&file]).run();
    expect_refusal(backup(), &["copy.redb", "No space left"]);
    let left = || fs::read_dir(disk.path()).expect("a directory").count();
    assert_eq!(left(), 1, "more than the filler");
    disk.free();
    backup().expect(0);
    assert_eq!(left(), 1, "more than the copy");
}

/// Waits until a client has ended because its disk is full, and checks that it said so.
#[track_caller]
fn expect_full(client: &mut TestClient) {
    let error = client.wait_error("store");
    let message = error["message"].as_str().unwrap_or_default();
    for words in ["node.redb", "No space left", "room on the disk"] {
        assert!(message.contains(words), "no {words:?} in {message:?}");
    }
    assert_eq!(client.wait_exit(), Some(1));
    expect_no_panic(client.process());
    let last = client.process().log().entries().pop().expect("a line").item;
    assert_eq!(last, format!("breeze: {message}"));
}

/// Returns the numbers of the messages that a command lists, in order.
#[track_caller]
fn listed(home: &Home, line: &str) -> Vec<usize> {
    let listed = Cli::breeze_at(home).args(line.split(' ')).run().expect(0).stdout;
    let entries = listed.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let texts: Vec<String> =
        entries.map(|entry| entry["text"].as_str().expect("a text").to_owned()).collect();
    numbers(&texts)
}

/// A client whose disk is full ends, and says why; every message that it had said was queued is in
/// its outbox, and arrives when the disk has room again.
#[test]
fn a_client_with_a_full_disk_keeps_its_word() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let home = Home::at(&disk.path().join("home"));
    let mut server = TestServer::start();
    let bob = relayed("bob", &server);
    let up =
        |server: &TestServer| ClientOptions::new("alice", server).home(&home).mesh("off").start();
    let mut alice = up(&server);
    alice.wait_presence("bob", true);
    // All of it is to wait in the outbox.
    server.kill();
    alice.wait_server("lost", 0);
    let texts: Vec<String> = (1..=150).map(text).collect();
    let mut references = alice.send_all("bob", &texts[..5]);
    alice.wait_state(&references[4], "queued");
    disk.fill();
    references.extend(alice.send_all("bob", &texts[5..]));
    expect_full(&mut alice);
    let queued = in_state(&alice, "queued");
    assert!(queued.len() < texts.len(), "the disk was not full");
    assert_eq!(queued, references[..queued.len()]);

    let send = || Cli::breeze_at(&home).args(["send", "bob", "hi", "--timeout", "1"]);
    let text = text(1);
    let large = Cli::breeze_at(&home).args(["send", "bob", "-"]).input(&text);
    expect_refusal(large.run(), &["node.redb", "No space left", "room on the disk"]);
    // What is there can be read all the same.
    let seen = listed(&home, "outbox --json");
    disk.free();
    let waiting = listed(&home, "outbox --json");
    assert_eq!(seen, waiting);
    assert!(waiting.len() >= queued.len(), "{} of {}", waiting.len(), queued.len());
    assert_eq!(waiting, Vec::from_iter(1..=waiting.len()));
    send().run().expect_failure(&["is kept"]);
    server.restart();
    let alice = up(&server);
    let expected: Vec<_> =
        texts[..waiting.len()].iter().map(String::as_str).chain(["hi"]).collect();
    bob.expect_texts("alice", &expected);
    drop(alice);
}

/// A recipient whose disk is full acknowledges nothing that it cannot keep: it ends, and has all of
/// it, once, when it is started with room again.
#[track_caller]
fn expect_nothing_lost_at_recipient(mesh: &str) {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let home = Home::at(&disk.path().join("home"));
    let server = TestServer::start();
    let up = || ClientOptions::new("bob", &server).home(&home).mesh(mesh).start();
    let alice = ClientOptions::new("alice", &server).mesh(mesh).start();
    let mut bob = up();
    let path = if mesh == "off" { "relay" } else { "direct" };
    alice.wait_path("bob", path);
    let texts: Vec<String> = (1..=150).map(text).collect();
    let mut references = alice.send_all("bob", &texts[..5]);
    alice.wait_delivered(&references);
    disk.fill();
    references.extend(alice.send_all("bob", &texts[5..]));
    expect_full(&mut bob);
    alice.wait_presence("bob", false);
    for reference in &references {
        alice.wait_for("it to be in other hands", 0, |event| {
            event["ref"] == reference.as_str()
                && (event["state"] == "stored" || event["state"] == "delivered")
        });
    }
    let delivered = in_state(&alice, "delivered").len();
    assert!(delivered < texts.len(), "the disk was not full");
    let shown = bob.texts_from("alice");
    assert!(shown.len() >= delivered, "{delivered} delivered, {} shown", shown.len());

    disk.free();
    let bob = up();
    alice.wait_delivered(&references);
    bob.wait_message("alice", &texts[texts.len() - 1]);
    let again = bob.texts_from("alice");
    let all = numbers(&[&shown[..], &again[..]].concat());
    assert!(all.windows(2).all(|two| two[0] < two[1]), "each shown once and in order: {all:?}");
    let history = listed(&home, "history alice --json --limit 1000");
    assert_eq!(history, Vec::from_iter(1..=texts.len()));
}

#[test]
fn a_recipient_with_a_full_disk_loses_nothing_by_the_relay() {
    expect_nothing_lost_at_recipient("off");
}

#[test]
fn a_recipient_with_a_full_disk_loses_nothing_direct() {
    expect_nothing_lost_at_recipient("eager");
}

/// What cannot be written is no place for a server: it says which directory, why, and what to do.
#[test]
fn a_server_refuses_a_read_only_directory() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let data = disk.path().join("data");
    let mut server = ServerOptions::new().data(&data).start();
    server.stop(Signal::TERM);
    disk.make_read_only();
    for dir in [data.clone(), disk.path().join("other")] {
        let words = ["as data directory", "Read-only file system", "--data DIR"];
        let path = dir.to_str().expect("a plain path").to_owned();
        expect_refusal(server_on(&dir).run(), &[&words[..], &[&path]].concat());
        let add = Cli::server().args(["user", "add", "bob", "--data"]).args([&dir]);
        expect_refusal(add.run(), &[&words[..], &[&path]].concat());
    }
}

/// Nor is it a place for a client.
#[test]
fn a_client_refuses_a_read_only_home() {
    let Some(disk) = SmallDisk::mount(SMALL) else { return };
    let home = Home::at(&disk.path().join("home"));
    let server = TestServer::start();
    ClientOptions::new("alice", &server).home(&home).start().ready();
    disk.make_read_only();
    for home in [home, Home::at(&disk.path().join("other"))] {
        for line in ["up --json", "send bob hi", "history bob", "chat bob", "id"] {
            let path = home.path().to_str().expect("a plain path").to_owned();
            let words = ["as home directory", "Read-only file system", "--home DIR", &path];
            expect_refusal(Cli::breeze_at(&home).args(line.split(' ')).run(), &words);
        }
    }
}

/// Damages that a file may have: its name, and what is then in place of the content.
fn damages(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let len = content.len();
    assert!(len > 4 * 4096, "{len}");
    // All but the ends: any block of it may be one that is not in use.
    let middle = 4096..len - 4096;
    let mut garbage = content.to_vec();
    garbage[middle.clone()].fill(0xa5);
    let mut zeros = content.to_vec();
    zeros[middle].fill(0);
    let mut head = content.to_vec();
    head[..4096].fill(0x5a);
    vec![
        ("garbage in the middle", garbage),
        ("zeros in the middle", zeros),
        ("garbage in the beginning", head),
        ("half of it", content[..len / 2].to_vec()),
        ("a few bytes of it", content[..100].to_vec()),
        ("nothing of it", Vec::new()),
    ]
}

/// A server whose store is damaged does not start, says which file it is and what to do, and leaves
/// the file to be examined. With the file as it was, it starts.
///
/// (Of a file that was cut short after a kill, the header was changed: the database notes a new
/// layout in it before it finds that it cannot repair the rest.)
#[test]
fn a_server_refuses_a_damaged_store() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    alice.quit();
    // After a kill the file has to be repaired, whether it is damaged or not.
    server.kill();
    let path = server.data().join("server.redb");
    let content = fs::read(&path).expect("a store");
    for (damage, damaged) in damages(&content) {
        println!("{damage}");
        fs::write(&path, &damaged).expect("written");
        let output = server_on(server.data()).run();
        expect_refusal(output, &["server.redb", "is damaged", "restore the file from a backup"]);
        assert!(fs::read(&path).expect("a file") == damaged, "{damage}: the file was changed");
    }
    fs::write(&path, &content).expect("written");
    server.restart();
}

/// So it is with the store of a client, for every command that opens it.
///
/// (An empty file was taken for none, and a new one begun: what had been said to be queued was gone,
/// and nobody heard of it.)
#[test]
fn a_client_refuses_a_damaged_store() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let bob = TestClient::start("bob", &server);
    alice.wait_presence("bob", true);
    let reference = alice.send("bob", "hello");
    alice.wait_state(&reference, "delivered");
    bob.quit();
    let home = alice.home().clone();
    drop(alice);
    let path = home.path().join("node.redb");
    let content = fs::read(&path).expect("a store");
    for (damage, damaged) in damages(&content) {
        for line in ["up --json", "send bob hi", "history bob", "outbox"] {
            println!("{damage}, {line}");
            fs::write(&path, &damaged).expect("written");
            let output = Cli::breeze_at(&home).args(line.split(' ')).run();
            expect_refusal(output, &["node.redb", "is damaged", "restore the file"]);
            assert!(fs::read(&path).expect("a file") == damaged, "{damage}: the file was changed");
        }
    }
    fs::write(&path, &content).expect("written");
    let history = Cli::breeze_at(&home).args(["history", "bob"]).run().expect(0).stdout;
    assert!(history.contains("hello"), "{history}");
}

/// So it is with every other file that a program depends on: it is named, and left as it is.
///
/// (What is no text passed for a file that cannot be read, and one was to check its permissions.)
#[test]
fn a_damaged_file_is_named() {
    let mut server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    let home = alice.home().clone();
    alice.quit();
    server.stop(Signal::TERM);
    let up = || Cli::breeze_at(&home).args(["up", "--json"]);
    let run = || server_on(server.data());
    let advice = ["restore it from a backup", "correct that entry", "correct or remove that line"];
    for (file, program, advice) in [
        (server.data().join("server.key"), &run as &dyn Fn() -> Cli, advice[0]),
        (home.path().join("identity.key"), &up, advice[0]),
        (home.path().join("settings.toml"), &up, advice[1]),
        (home.path().join("known_servers"), &up, advice[2]),
    ] {
        let content = fs::read(&file).expect("a file");
        let name = file.to_str().expect("a plain path");
        for damaged in [&b"\x00\xa5garbage\n"[..], &content[..content.len() / 2]] {
            fs::write(&file, damaged).expect("written");
            expect_refusal(program().run(), &[name, "is damaged", advice]);
            assert!(fs::read(&file).expect("a file") == damaged, "{name} was changed");
        }
        fs::write(&file, &content).expect("written");
    }
}
