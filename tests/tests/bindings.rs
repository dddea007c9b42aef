//! The node within programs in other languages, at a real server and beside a real `breeze up`.

use std::process::Command;

use breeze_tests::{
    Binaries, CProgram, Checks, ClientOptions, Foreign, Home, TestClient, TestServer, ffi_examples,
    has_program, may_have_program, python_chat,
};
use tempfile::TempDir;

/// The chat in C, compiled and under some watch.
fn c_chat(checks: Checks) -> CProgram {
    CProgram::compile("examples/c/chat.c", checks)
}

/// The chat in C#, compiled into a folder.
#[track_caller]
fn csharp_chat(folder: &TempDir) -> Command {
    let program = folder.path().join("Chat.exe");
    let output = Command::new("mcs")
        .arg("-warnaserror")
        .arg(format!("-out:{}", program.display()))
        .args(["Breeze.cs", "Chat.cs"].map(|source| ffi_examples().join("csharp").join(source)))
        .output()
        .expect("mcs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut command = Command::new("mono");
    command.arg(program).env("LD_LIBRARY_PATH", &Binaries::get().libraries);
    command
}

/// A message each way between a program and a `breeze up`, directly.
#[track_caller]
fn talks_with_the_cli(command: Command) {
    let server = TestServer::start();
    let home = Home::new();
    let alice = TestClient::start("alice", &server);
    let host = Foreign::start_chat(command, &server, ["host", "alice", "eager"], &home);
    alice.wait_path("host", "direct");
    host.line("你好 from there");
    assert_eq!(alice.wait_message("host", "你好 from there")["path"], "direct");
    let reference = alice.send("host", "你好 from here");
    alice.wait_state(&reference, "delivered");
    let heard = host.wait("你好 from here");
    assert!(heard.contains(r#""direct""#), "{heard}");
    let mark = alice.mark();
    host.end();
    alice.wait_for("the host is gone", mark, |event| {
        event["event"] == "presence" && event["user"] == "host" && event["online"] == false
    });
}

#[test]
fn c_talks_with_the_cli() {
    talks_with_the_cli(c_chat(Checks::None).command());
}

#[test]
fn c_is_clean_under_sanitizers() {
    talks_with_the_cli(c_chat(Checks::Sanitizers).command());
}

#[test]
fn python_talks_with_the_cli() {
    if has_program("python3", "--version") {
        talks_with_the_cli(python_chat());
    }
}

#[test]
fn csharp_talks_with_the_cli() {
    if has_program("mcs", "--version") && has_program("mono", "--version") {
        let folder = TempDir::with_prefix("breeze-").expect("a folder");
        talks_with_the_cli(csharp_chat(&folder));
    }
}

/// The C program has no direct links, so that the C# one reaches it by way of the server.
#[test]
fn csharp_talks_with_c_by_relay() {
    if !has_program("mcs", "--version") || !has_program("mono", "--version") {
        return;
    }
    let server = TestServer::start();
    let folder = TempDir::with_prefix("breeze-").expect("a folder");
    let homes = [Home::new(), Home::new()];
    let program = c_chat(Checks::None);
    let c = Foreign::start_chat(program.command(), &server, ["cc", "sharp", "off"], &homes[0]);
    let sharp =
        Foreign::start_chat(csharp_chat(&folder), &server, ["sharp", "cc", "eager"], &homes[1]);
    sharp.line("to C");
    let heard = c.wait("to C");
    assert!(heard.contains(r#""relay""#) && heard.contains(r#""from":"sharp""#), "{heard}");
    c.line("to C#");
    let heard = sharp.wait("to C#");
    assert!(heard.contains(r#""relay""#), "{heard}");
    sharp.end();
    c.end();
}

#[test]
fn the_python_module_passes_its_tests() {
    if !has_program("python3", "--version") {
        return;
    }
    let binaries = Binaries::get();
    let output = Command::new("python3")
        .args(["-m", "unittest", "-v"])
        .current_dir(ffi_examples().join("python"))
        .env("BREEZE_LIBRARY", binaries.libraries.join("libbreeze.so"))
        .env("BREEZE_SERVER", &binaries.server)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Ran 6 tests"), "{said}");
}

/// Programs on the library and the commands of the same home share a node.
#[test]
fn commands_attach_to_an_embedded_node() {
    let server = TestServer::start();
    let home = Home::new();
    let alice = TestClient::start("alice", &server);
    let chat = c_chat(Checks::None);
    let host = Foreign::start_chat(chat.command(), &server, ["host", "alice", "eager"], &home);
    alice.wait_presence("host", true);
    let sent = breeze_tests::Cli::breeze_at(&home).args(["send", "alice", "by the door"]).run();
    sent.expect(0);
    alice.wait_message("host", "by the door");
    // A second node on the same home is refused.
    let second = ClientOptions::new("host", &server).home(&home).start();
    second.wait_log(&["runs a node with home directory"]);
    host.end();
}

/// A chat whose node has ended by itself was told so for ever, as fast as it could ask.
#[test]
fn a_chat_ends_with_its_node() {
    let server = TestServer::start();
    let alice = TestClient::start("alice", &server);
    // The name is taken once she is there.
    alice.ready();
    let program = c_chat(Checks::None);
    let mut chats = vec![program.command()];
    chats.extend(has_program("python3", "--version").then(python_chat));
    for chat in chats {
        let home = Home::new();
        let host = Foreign::begin_chat(chat, &server, ["alice", "bob", "eager"], &home);
        host.wait("name_taken");
        host.ends();
    }
}

/// Runs the program that uses a node badly, and checks that it says how much it has tried.
#[track_caller]
fn misuse(checks: Checks) {
    let program = CProgram::compile("tests/c/node_misuse.c", checks);
    let server = TestServer::start();
    let home = Home::new();
    let mut command = program.command();
    command.arg(home.path()).arg(server.address().to_string());
    let output = command.output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}{errors}", output.status);
    assert!(said.contains("all of them refused or harmless"), "{said}");
}

#[test]
fn bad_use_of_a_node_ends_no_process() {
    misuse(Checks::None);
}

#[test]
fn bad_use_of_a_node_is_clean_under_sanitizers() {
    misuse(Checks::Sanitizers);
}

#[test]
fn bad_use_of_a_node_is_clean_under_valgrind() {
    if may_have_program("valgrind", "--version") {
        misuse(Checks::ValgrindMemory);
    }
}
