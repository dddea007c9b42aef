//! Hosts in C, on the sans-IO layer of `libbreeze`, at a real server and beside a real `breeze up`.

use std::io::Write;
use std::process::Command;

use breeze_tests::{CProgram, Checks, ClientOptions, Foreign, Home, TestClient, TestServer};

/// Starts the complete client in a folder of its own, and waits until it has logged in.
#[track_caller]
fn start(program: &CProgram, user: &str, home: &Home, server: &TestServer) -> Foreign {
    let mut command = program.command();
    let address = server.address();
    command.arg(home.path()).arg(user);
    command.arg(address.ip().to_string()).arg(address.port().to_string());
    let host = Foreign::start(user, command);
    host.wait("connected ");
    host
}

/// A message each way, on this path.
#[track_caller]
fn converse(host: &Foreign, name: &str, client: &TestClient, path: &str, text: &str) {
    let (user, mark) = (client.user(), host.mark());
    host.line(&format!("{user} {text} from C"));
    host.wait_after(mark, &format!("delivered {user} "));
    let heard = client.wait_message(name, &format!("{text} from C"));
    assert_eq!(heard["path"], path);
    let reference = client.send(name, &format!("{text} to C"));
    client.wait_state(&reference, "delivered");
    host.wait_after(mark, &format!("message {user} {path} {text} to C"));
}

/// Everything that it does, under some watch.
#[track_caller]
fn lives(checks: Checks) {
    let program = CProgram::compile("examples/c/client.c", checks);
    let mut server = TestServer::start();
    let home = Home::new();
    let alice = TestClient::start("alice", &server);

    // It dials whoever was there before it, and is dialled by whoever comes later.
    let carl = start(&program, "carl", &home, &server);
    carl.wait("dial alice");
    carl.wait("path alice direct");
    alice.wait_path("carl", "direct");
    converse(&carl, "carl", &alice, "direct", "dialled");
    let bob = TestClient::start("bob", &server);
    bob.wait_path("carl", "direct");
    converse(&carl, "carl", &bob, "direct", "listened");

    // Whoever has no direct links is reached by relay.
    let dora = ClientOptions::new("dora", &server).mesh("off").start();
    dora.ready();
    dora.wait_presence("carl", true);
    carl.wait("online dora");
    converse(&carl, "carl", &dora, "relay", "relayed");

    // Direct links outlive the server, and it comes back to a new one.
    let mark = carl.mark();
    server.kill();
    carl.wait_after(mark, "disconnected");
    converse(&carl, "carl", &alice, "direct", "without a server");
    server.restart();
    carl.wait_after(mark, "connected ");

    // A peer that dies is noticed, and its successor found.
    let mark = carl.mark();
    let home_of_alice = alice.home().clone();
    drop(alice);
    carl.wait_after(mark, "offline alice");
    let alice = ClientOptions::new("alice", &server).home(&home_of_alice).start();
    alice.ready();
    carl.wait_after(mark, "path alice direct");
    converse(&carl, "carl", &alice, "direct", "again");

    let mark = carl.mark();
    carl.line("nobody are you there?");
    carl.wait_after(mark, "failed nobody 1 no user of this name");
    carl.line("Nobody");
    carl.wait_after(mark, "error a line is USER TEXT");
    carl.line("Nobody hello");
    carl.wait_after(mark, "error a user name");
    let mark = alice.mark();
    carl.end();
    alice.wait_for("carl is gone", mark, |event| {
        event["event"] == "presence" && event["user"] == "carl" && event["online"] == false
    });

    // It is the same user at the next start, at the same server.
    let carl = start(&program, "carl", &home, &server);
    carl.wait("path alice direct");
    converse(&carl, "carl", &alice, "direct", "later");
    carl.end();
}

#[test]
fn a_posix_host_has_all_that_a_client_has() {
    lives(Checks::None);
}

#[test]
fn a_posix_host_is_clean_under_sanitizers() {
    lives(Checks::Sanitizers);
}

/// Files between two of them, each way, and one that is not taken.
#[track_caller]
fn transfers(checks: Checks) {
    let program = CProgram::compile("examples/c/client.c", checks);
    let server = TestServer::start();
    let homes = [Home::new(), Home::new()];
    let [carl, dave] = [0, 1].map(|n| start(&program, ["carl", "dave"][n], &homes[n], &server));
    carl.wait("path dave direct");
    dave.wait("path carl direct");
    let whole: Vec<u8> = (0..700_001_u32).map(|at| (at ^ (at >> 9)) as u8).collect();
    let files = [("film", &whole[..]), ("block", &whole[..262_144]), ("nothing", &[])];
    for (name, bytes) in files {
        let path = homes[0].path().join(name);
        std::fs::write(&path, bytes).expect("write");
        carl.line(&format!("+dave {}", path.display()));
        dave.wait(&format!("file taken carl {name}"));
        carl.wait(&format!("file ended dave {name} it is complete"));
        let taken = homes[1].path().join("files").join(name);
        assert!(std::fs::read(&taken).expect("read") == bytes, "{name}");
        dave.line(&format!("+carl {}", taken.display()));
        carl.wait(&format!("file taken dave {name}"));
        let back = homes[0].path().join("files").join(name);
        assert!(std::fs::read(back).expect("read") == bytes, "{name}");
    }
    // Nothing is replaced, and nothing stays of what was not taken.
    let mark = carl.mark();
    carl.line(&format!("+dave {}", homes[0].path().join("film").display()));
    carl.wait_after(mark, "file ended dave film the recipient does not want it");
    let parts = homes[1].path().join("parts");
    assert_eq!(std::fs::read_dir(parts).expect("a folder").count(), 0);
    let mark = carl.mark();
    carl.line("+dave /nowhere");
    carl.wait_after(mark, "error /nowhere is no file");
    carl.end();
    dave.end();
}

#[test]
fn posix_hosts_send_each_other_files() {
    transfers(Checks::None);
}

#[test]
fn posix_hosts_send_each_other_files_clean_under_sanitizers() {
    transfers(Checks::Sanitizers);
}

/// Runs the program that uses the ABI badly, and checks that it says how much it has tried.
#[track_caller]
fn misuse(checks: Checks) {
    let program = CProgram::compile("tests/c/misuse.c", checks);
    let output = program.command().output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}{errors}", output.status);
    assert!(said.contains("all of them refused"), "{said}");
}

#[test]
fn bad_use_ends_no_process() {
    misuse(Checks::None);
}

#[test]
fn bad_use_is_clean_under_sanitizers() {
    misuse(Checks::Sanitizers);
}

#[test]
fn bad_use_is_clean_under_valgrind() {
    let is_there = Command::new("valgrind").arg("--version").output().is_ok();
    if !is_there {
        // Not `eprintln`, which is shown for failed tests only.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no valgrind on this machine");
        return;
    }
    misuse(Checks::Valgrind);
}

/// Nothing else is to be seen of the library, whose own names could clash with those of its host.
#[test]
fn the_shared_library_shows_only_its_own_names() {
    let library = breeze_tests::Binaries::get().libraries.join("libbreeze.so");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output();
    let output = output.expect("binutils");
    assert!(output.status.success(), "{output:?}");
    let names = String::from_utf8(output.stdout).expect("text");
    let names: Vec<_> = names.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert!(names.contains(&"breeze_client_poll"), "{names:?}");
    let others: Vec<_> = names.iter().filter(|name| !name.starts_with("breeze_")).collect();
    assert!(others.is_empty(), "{others:?}");
}
