//! What `breeze file` makes of what a node tells: said here by one that is made up, so that each
//! end, and each moment, can be had at will.

use std::path::Path;

use breeze_tests::{Cli, CliOutput, FakeNode, Files, PATIENCE, Process};
use rustix::process::Signal;
use serde_json::{Value, json};

const ONE: &str = "3f9a00112233445a";

/// Prepares a command about files at the home of a node.
fn file(node: &FakeNode, words: &[&str]) -> Cli {
    Cli::breeze_at(node.home()).args(["file"]).args(words)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// Each transfer is called by the number of its command.
fn transfer(command: &Value) -> String {
    format!("{:016x}", 0x3f9a_0011_2233_4459 + command["ref"].as_u64().unwrap_or_default())
}

fn offer(command: &Value) -> Value {
    json!({"event": "file_offer", "transfer": transfer(command), "ref": command["ref"], "to": "bob",
           "name": "n", "kind": "file", "size": 1 << 20, "files": 1, "hash": "af"})
}

fn progress(command: &Value, state: &str) -> Value {
    json!({"event": "file_progress", "transfer": transfer(command), "to": "bob", "state": state,
           "bytes": 1 << 19, "size": 1 << 20, "rate": 1 << 18, "via": "direct"})
}

fn done(command: &Value, side: &str, path: &str) -> Value {
    json!({"event": "file_done", "transfer": transfer(command), side: "bob", "name": "a\u{1b}.txt",
           "path": path, "bytes": 1 << 20, "hash": "af", "seconds": 2.5, "via": "mixed"})
}

fn failed(command: &Value, reason: &str) -> Value {
    json!({"event": "file_failed", "transfer": transfer(command), "to": "bob", "name": "n",
           "reason": reason, "message": "words"})
}

fn error(command: &Value, message: &str) -> Value {
    json!({"event": "error", "code": "bad_name", "message": message, "ref": command["ref"]})
}

#[track_caller]
fn wait_words(process: &Process<String>, words: &str) {
    let found = process.log().wait_until(PATIENCE, |lines| {
        lines.iter().any(|line| line.item.contains(words)).then_some(())
    });
    found.unwrap_or_else(|| process.fail(&format!("it did not say {words:?}")));
}

#[track_caller]
fn expect_lines(output: &CliOutput, lines: &[&str]) {
    assert_eq!(output.stderr.lines().collect::<Vec<_>>(), lines, "{output:#?}");
}

#[test]
fn tells_in_lines_how_it_goes() {
    let node = FakeNode::start(|command| {
        let moving = progress(command, "moving");
        vec![offer(command), moving.clone(), moving, done(command, "to", "/x")]
    });
    let files = Files::new();
    let path = files.file("a.txt", 1);
    let output = file(&node, &["send", "bob", text(&path), "--limit", "1M"]).run().expect(0);
    assert_eq!(output.stdout, "");
    expect_lines(
        &output,
        &[
            "a.txt: offered, waits for bob to accept",
            "a.txt: 50 %, 512 KiB of 1 MiB, 256 KiB/s, direct, 2 s left",
            "a.txt: bob has it: 1 MiB in 2.5 s, partly through the server",
        ],
    );
    let command = node.wait_for("file");
    let wanted =
        json!({"cmd": "file", "to": "bob", "path": text(&path), "limit": 1 << 20, "ref": 1});
    assert_eq!(command, wanted);
}

#[test]
fn one_that_fails_holds_up_no_other_and_counts() {
    let node = FakeNode::start(|command| match command["ref"].as_u64() {
        Some(1) => vec![error(command, "'a' is no name")],
        Some(2) => vec![offer(command), failed(command, "rejected")],
        _ => vec![offer(command), done(command, "to", "/x")],
    });
    let files = Files::new();
    let paths = ["a", "b", "c"].map(|name| files.file(name, 1));
    let output = file(&node, &["send", "bob"]).args(&paths).run().expect(1);
    let output = output.expect_failure(&[
        "a: failed: 'a' is no name",
        "b: failed: bob does not want it",
        "bob has it",
    ]);
    assert!(output.stderr.ends_with("breeze: 2 of 3 are not done"), "{output:#?}");
}

#[test]
fn an_offer_is_enough_if_the_node_goes_on_with_it() {
    let node = FakeNode::start(|command| vec![offer(command)]);
    let files = Files::new();
    let path = files.file("a", 1);
    file(&node, &["send", "bob", text(&path), "--wait", "offered"]).run().expect(0);
    let late = file(&node, &["send", "bob", text(&path), "--timeout", "1"]).run().expect(1);
    late.expect_failure(&["not done within 1 s", "goes on in the node", "cancel 3f9a0011"]);
}

/// A signal ends the command, and the command alone.
#[test]
fn a_transfer_survives_its_command() {
    let node = FakeNode::start(|command| match &command["cmd"] {
        Value::String(name) if name == "file" => vec![offer(command), progress(command, "moving")],
        _ => Vec::new(),
    });
    let files = Files::new();
    let mut send = file(&node, &["send", "bob", text(&files.file("a", 1))]).spawn();
    wait_words(&send, "a: 50 %");
    send.signal(Signal::INT);
    assert_eq!(send.wait_exit().0.code(), Some(1));
    wait_words(&send, "a goes on in the node that runs");
    wait_words(&send, "'breeze file cancel 3f9a0011' ends it");
    assert_eq!(node.commands().len(), 1, "{:?}", node.commands());
}

#[test]
fn a_node_that_ends_is_told_of() {
    let node = FakeNode::start(|command| vec![offer(command), Value::Null]);
    let files = Files::new();
    let output = file(&node, &["send", "bob", text(&files.file("a", 1))]).run().expect(1);
    output.expect_failure(&["the node", "has ended; start it again"]);
}

#[test]
fn scripts_read_events_with_the_number_of_the_path() {
    let node = FakeNode::start(|command| {
        let other = json!({"event": "file_failed", "transfer": "00ff00ff00ff00ff", "to": "carol",
                           "name": "n", "reason": "cancelled", "message": "m"});
        vec![offer(command), other, done(command, "to", "/x")]
    });
    let files = Files::new();
    let paths = ["a", "b"].map(|name| files.file(name, 1));
    let output = file(&node, &["send", "bob", "--json"]).args(&paths).run().expect(0);
    assert_eq!(output.stderr, "");
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let events: Vec<Value> = output.stdout.lines().map(parse).collect();
    for number in [1, 2] {
        let own = events.iter().filter(|event| event["ref"] == number);
        let kinds: Vec<&str> = own.filter_map(|event| event["event"].as_str()).collect();
        assert_eq!(kinds, ["file_offer", "file_done"]);
    }
    assert_eq!(events.len(), 4, "{events:#?}");
}

#[test]
fn what_is_accepted_is_where_standard_output_says() {
    let node = FakeNode::start(|command| match command["cmd"].as_str() {
        Some("files") => {
            let entry = json!({"transfer": ONE, "from": "bob", "name": "a\u{1b}.txt",
                "kind": "file", "size": 1 << 20, "files": 1, "state": "offered", "bytes": 0,
                "since_ms": 1});
            vec![json!({"event": "files", "ref": command["ref"], "transfers": [entry]})]
        }
        _ => {
            let waiting = json!({"event": "file_progress", "transfer": ONE, "ref": command["ref"],
                "from": "bob", "state": "waiting", "bytes": 0, "size": 1 << 20, "rate": 0});
            match command["replace"] == true {
                true => vec![waiting],
                false => vec![waiting, done(command, "from", "/x/a.txt")],
            }
        }
    });
    let files = Files::new();
    let output = file(&node, &["accept", "3f9a", "--to", &files.text()]).run().expect(0);
    assert_eq!(output.stdout, "/x/a.txt");
    expect_lines(
        &output,
        &[
            "a.txt: waits for bob",
            "a.txt: 1 MiB in 2.5 s, partly through the server, is in /x/a.txt",
        ],
    );
    let command = node.wait_for("accept");
    assert_eq!((&command["transfer"], &command["dir"]), (&"3f9a".into(), &files.text().into()));
    assert_eq!(command["replace"], false);
    let output = file(&node, &["accept", "3f9a", "--replace", "--no-wait"]).run().expect(0);
    assert_eq!(output.stdout, "");
    let last = node.commands().pop().expect("a command");
    let here = std::env::current_dir().expect("a directory");
    assert_eq!((&last["dir"], &last["replace"]), (&text(&here).into(), &true.into()));
}

#[test]
fn what_cannot_be_is_refused_before_the_node_is_asked() {
    let node = FakeNode::start(|_| Vec::new());
    let files = Files::new();
    let (good, missing) = (files.file("a", 1), files.path().join("missing"));
    let output = file(&node, &["send", "bob", text(&good), text(&missing)]).run().expect(1);
    output.expect_failure(&["missing cannot be sent: No such file"]);
    let output = file(&node, &["accept", "3f9a", "--to", text(&good)]).run().expect(1);
    output.expect_failure(&["cannot be received into: it is no folder"]);
    file(&node, &["accept", "a.txt"]).run().expect(2).expect_failure(&["breeze file list"]);
    file(&node, &["send", "bob", text(&good), "--limit", "fast"]).run().expect(2);
    assert!(node.commands().is_empty(), "{:?}", node.commands());
}

#[test]
fn what_an_answer_says_is_passed_on() {
    let node = FakeNode::start(|command| match command["cmd"].as_str() {
        Some("reject") => vec![json!({"event": "file_failed", "transfer": ONE,
            "ref": command["ref"], "from": "bob", "name": "a\u{1b}.txt", "reason": "rejected",
            "message": "m"})],
        _ => vec![error(command, "no transfer begins with 3f9a")],
    });
    let output = file(&node, &["reject", "3f9a"]).run().expect(0);
    assert_eq!(output.stdout, "rejected a.txt from bob");
    for words in [&["cancel", "3f9a"][..], &["accept", "3f9a"], &["list"]] {
        file(&node, words).run().expect(1).expect_failure(&["no transfer begins with 3f9a"]);
    }
}
