use super::stage::{Stage, tell};
use crate::commands::server_process::ServerProcess;
use crate::error::Error;
use crate::ndjson::{Event, MessageState, PathKind, Reference, ServerState};

/// The server as it is.
const NO_OPTIONS: [&str; 0] = [];

/// Plays the whole piece.
pub(super) fn play() -> Result<(), Error> {
    let home = tempfile::Builder::new().prefix("breeze-demo-").tempdir()?;
    scene("A server starts")?;
    let mut server = ServerProcess::start(&home.path().join("server"), NO_OPTIONS)?;
    tell(&format!("  listening on {}, key fingerprint {}", server.addr, server.fingerprint))?;

    let mut stage = Stage::new(home, server.addr);
    log_in_and_mesh(&mut stage)?;
    chat_directly(&mut stage)?;
    lose_the_cable(&mut stage)?;
    say_goodbye(&mut stage)?;
    lose_the_server(&mut stage, &mut server)?;
    tell("\nAll of this has just happened, between five processes on this machine:")?;
    tell("nothing was lost, nothing came twice. `breeze --help` shows how to go on.")
}

fn log_in_and_mesh(stage: &mut Stage) -> Result<(), Error> {
    scene("Three clients log in, and listen where their server connection begins")?;
    for (who, name) in [("alice", "Alice 爱丽丝"), ("bob", "Bob"), ("carol", "Carol")] {
        stage.enter(who, name)?;
    }
    let ready = |event: &Event<'_>| matches!(event, Event::Ready { .. });
    let all = [("alice", &ready as _), ("bob", &ready as _), ("carol", &ready as _)];
    stage.wait("three log-ins", all)?;

    scene("The server introduces them, and they dial each other: a full mesh")?;
    stage.plug_cables_in();
    let (to_alice, to_bob, to_carol) = (direct("alice"), direct("bob"), direct("carol"));
    let took = stage.wait(
        "a direct link between any two clients",
        [
            ("alice", &to_bob as _),
            ("alice", &to_carol as _),
            ("bob", &to_alice as _),
            ("bob", &to_carol as _),
            ("carol", &to_alice as _),
            ("carol", &to_bob as _),
        ],
    )?;
    tell(&format!("  three direct links after {} ms", took.as_millis()))
}

fn chat_directly(stage: &mut Stage) -> Result<(), Error> {
    scene("Alice and Bob chat, past the server")?;
    converse(stage, "alice", "bob", "你好，微风！", PathKind::Direct)?;
    converse(stage, "bob", "alice", "Hello, Breeze!", PathKind::Direct)
}

fn lose_the_cable(stage: &mut Stage) -> Result<(), Error> {
    scene("The cable between the clients is pulled: bytes vanish, nobody is told")?;
    stage.pull_cables();
    converse(stage, "alice", "bob", "Can you still hear me?", PathKind::Relay)?;
    tell("  unanswered, the link was asked for a sign of life; the server took over")?;

    scene("The cable is put back")?;
    stage.put_cables_back();
    let (to_alice, to_bob) = (direct("alice"), direct("bob"));
    let took =
        stage.wait("a direct link again", [("alice", &to_bob as _), ("bob", &to_alice as _)])?;
    tell(&format!("  direct again after {} ms", took.as_millis()))?;
    converse(stage, "bob", "alice", "Better than ever.", PathKind::Direct)
}

fn say_goodbye(stage: &mut Stage) -> Result<(), Error> {
    scene("Carol leaves, and everybody is told")?;
    stage.leave("carol")?;
    let gone = |event: &Event<'_>| matches!(event, Event::Presence { user, online: false, .. } if user.as_str() == "carol");
    stage.wait("news of Carol's leaving", [("alice", &gone as _), ("bob", &gone as _)])?;
    let words = "Wait, your umbrella!";
    let reference = stage.write("alice", "carol", words)?;
    let stored = |event: &Event<'_>| {
        matches!(event, Event::State { state: MessageState::Stored, .. })
            && has_reference(event, &reference)
    };
    stage.wait("the keeping of a message to somebody offline", [("alice", &stored as _)])?;
    tell("  carol is offline: the server keeps the message, sealed, on its disk")?;

    scene("Carol comes back")?;
    stage.enter("carol", "Carol")?;
    let arrived = |event: &Event<'_>| matches!(event, Event::Message { text, .. } if text == words);
    let delivered = |event: &Event<'_>| {
        matches!(event, Event::State { state: MessageState::Delivered, .. })
            && has_reference(event, &reference)
    };
    let all = [("carol", &arrived as _), ("alice", &delivered as _)];
    stage.wait("the delivery of the message that waited", all)?;
    Ok(())
}

fn lose_the_server(stage: &mut Stage, server: &mut ServerProcess) -> Result<(), Error> {
    scene("The server is killed; direct links do not need it")?;
    server.kill()?;
    let lost = |event: &Event<'_>| matches!(event, Event::Server { state: ServerState::Lost, .. });
    stage.wait("the loss of the server", [("alice", &lost as _), ("bob", &lost as _)])?;
    converse(stage, "alice", "bob", "The server is gone.", PathKind::Direct)?;
    converse(stage, "bob", "alice", "Did it say where?", PathKind::Direct)
}

/// Lets one write to another, and sees that it arrives and is acknowledged on the expected path.
fn converse(
    stage: &mut Stage,
    from: &'static str,
    to: &'static str,
    words: &str,
    way: PathKind,
) -> Result<(), Error> {
    let reference = stage.write(from, to, words)?;
    let arrived = |event: &Event<'_>| {
        matches!(event, Event::Message { from: sender, text, path, .. }
            if sender.as_str() == from && text == words && *path == way)
    };
    let delivered = |event: &Event<'_>| {
        matches!(event, Event::State { state: MessageState::Delivered, path, .. }
            if *path == Some(way))
            && has_reference(event, &reference)
    };
    let what = format!("the delivery of '{words}' to {to}");
    let took = stage.wait(&what, [(to, &arrived as _), (from, &delivered as _)])?;
    tell(&format!("  there and back in {} ms", took.as_millis()))
}

fn direct(peer: &'static str) -> impl Fn(&Event<'_>) -> bool {
    move |event| matches!(event, Event::Path { user, path: PathKind::Direct, .. } if user.as_str() == peer)
}

fn has_reference(event: &Event<'_>, wanted: &str) -> bool {
    matches!(event, Event::State { reference: Some(Reference::Text(text)), .. } if text == wanted)
}

fn scene(title: &str) -> Result<(), Error> {
    tell(&format!("\n── {title}"))
}
