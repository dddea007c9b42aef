//! Keys that are enrolled with a code or a password, as the server sees them.

use std::path::Path;

use breeze_core::error::{DeliveryFailure, LoginRefusal};
use breeze_core::id::PublicKey;
use breeze_core::io::Event;
use breeze_core::noise::Identity;
use breeze_tests::{Cli, Device, ServerOptions, TestServer};
use serde_json::{Value, json};

const ONE: [u8; 32] = [1; 32];
const TWO: [u8; 32] = [2; 32];

/// Runs a command on a server's data, and returns what it says.
#[track_caller]
fn admin(data: &Path, line: &str, input: &str) -> String {
    let cli =
        Cli::server().args(line.split_whitespace()).args(["--data".as_ref(), data.as_os_str()]);
    cli.input(input).run().expect(0).stdout
}

/// Runs a command that gives out a code, and returns the code.
#[track_caller]
fn code(server: &TestServer, line: &str) -> String {
    let said = admin(server.data(), line, "");
    let code = said.split_whitespace().last().unwrap_or_default();
    assert_eq!(code.len(), 29, "{said}");
    code.to_owned()
}

#[track_caller]
fn log_in(
    server: &TestServer,
    user: &str,
    key: [u8; 32],
    ticket: &str,
) -> Result<Device, LoginRefusal> {
    Device::log_in(server.address(), user, key, ticket)
}

#[track_caller]
fn expect_refusal(outcome: Result<Device, LoginRefusal>, refusal: LoginRefusal) {
    assert_eq!(outcome.err(), Some(refusal));
}

/// Returns what the server tells of a user.
#[track_caller]
fn row(server: &TestServer, user: &str) -> Option<Value> {
    let said = admin(server.data(), "user list --json", "");
    let rows = said.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    rows.into_iter().find(|row: &Value| row["user"] == user)
}

fn fingerprint(key: [u8; 32]) -> String {
    let key: PublicKey = Identity::from_secret(key).public();
    key.fingerprint().to_string()
}

/// A code is good for one key, once; from then on the key is enough.
#[test]
fn a_code_enrols_one_key() {
    for policy in ["open", "invite"] {
        let server = ServerOptions::new().registration(policy).start();
        let code = code(&server, "user add bob");
        expect_refusal(log_in(&server, "bob", ONE, ""), LoginRefusal::CodeRequired);
        expect_refusal(log_in(&server, "bob", ONE, "0000-0000"), LoginRefusal::WrongCode);
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o");
        let device = log_in(&server, "bob", ONE, &typed).expect("the code is right");
        let bob = row(&server, "bob").expect("bob");
        assert_eq!(bob["fingerprint"], fingerprint(ONE));
        assert_eq!((&bob["secret"], &bob["online"]), (&Value::Null, &json!(true)));
        drop(device);

        expect_refusal(log_in(&server, "bob", TWO, &code), LoginRefusal::WrongCode);
        expect_refusal(log_in(&server, "bob", TWO, ""), LoginRefusal::NameTaken);
        for ticket in ["", &code, "some other"] {
            log_in(&server, "bob", ONE, ticket).expect("the key is enrolled");
        }
    }
}

/// A password enrols one key after the other; the last one has the name.
#[test]
fn a_password_enrols_each_new_key() {
    let server = TestServer::start();
    admin(server.data(), "user add bob --password-stdin", "tr0ub4dor\n");
    let first = log_in(&server, "bob", ONE, "tr0ub4dor").expect("the password is right");
    let second = log_in(&server, "bob", TWO, "tr0ub4dor").expect("the password is right");
    first.wait_end();
    assert_eq!(row(&server, "bob").expect("bob")["fingerprint"], fingerprint(TWO));
    expect_refusal(log_in(&server, "bob", ONE, ""), LoginRefusal::NameTaken);
    expect_refusal(log_in(&server, "bob", ONE, "Tr0ub4dor"), LoginRefusal::WrongCode);
    assert_eq!(row(&server, "bob").expect("bob")["online"], true);
    drop(second);
}

/// A ticket registers nobody, whatever the server thinks of strangers.
#[test]
fn a_ticket_for_nobody_is_wrong() {
    let server = TestServer::start();
    expect_refusal(log_in(&server, "bob", ONE, "tr0ub4dor"), LoginRefusal::WrongCode);
    assert_eq!(row(&server, "bob"), None);
    let alice = log_in(&server, "alice", ONE, "").expect("anybody may register");
    // She has no secret that one could guess.
    expect_refusal(log_in(&server, "alice", TWO, "tr0ub4dor"), LoginRefusal::WrongCode);
    // Nor does a code make a second user of her key.
    let code = code(&server, "user add bob");
    expect_refusal(log_in(&server, "bob", ONE, &code), LoginRefusal::KeyHasOtherName);
    log_in(&server, "bob", TWO, &code).expect("the code is still good");
    drop(alice);
}

/// Whose key is forgotten is out at once, and comes back with the new code and a new key.
#[test]
fn a_forgotten_key_is_replaced_with_a_code() {
    let server = TestServer::start();
    let bob = log_in(&server, "bob", ONE, "").expect("anybody may register");
    let lost = code(&server, "user reset-key bob");
    bob.wait_end();
    let code = code(&server, "user reset-key bob");
    expect_refusal(log_in(&server, "bob", ONE, ""), LoginRefusal::CodeRequired);
    expect_refusal(log_in(&server, "bob", TWO, &lost), LoginRefusal::WrongCode);
    log_in(&server, "bob", TWO, &code).expect("the code is right");
    assert_eq!(row(&server, "bob").expect("bob")["fingerprint"], fingerprint(TWO));
}

/// A closed server takes nobody new, whoever has reserved the name; who was there comes back.
#[test]
fn a_closed_server_takes_nobody_new() {
    let mut server = ServerOptions::new().registration("invite").start();
    let first = code(&server, "user add alice");
    drop(log_in(&server, "alice", ONE, &first).expect("the code is right"));
    server.restart_with(|options| options.registration("closed"));
    let bobs = code(&server, "user add bob");
    expect_refusal(log_in(&server, "bob", TWO, &bobs), LoginRefusal::RegistrationClosed);
    expect_refusal(log_in(&server, "carol", TWO, ""), LoginRefusal::RegistrationClosed);
    let again = code(&server, "user reset-key alice");
    log_in(&server, "alice", ONE, &again).expect("alice is no new user");
    server.restart_with(|options| options.registration("invite"));
    log_in(&server, "bob", TWO, &bobs).expect("the code was not used up");
}

/// A removed user's name is free, and its code is worth nothing.
#[test]
fn a_removed_user_has_no_code() {
    let server = TestServer::start();
    let code = code(&server, "user add bob");
    admin(server.data(), "user remove bob", "");
    expect_refusal(log_in(&server, "bob", ONE, &code), LoginRefusal::WrongCode);
    let bob = log_in(&server, "bob", TWO, "").expect("anybody may register");
    admin(server.data(), "user remove bob", "");
    bob.wait_end();
    assert_eq!(row(&server, "bob"), None);
}

/// Whoever has sent to a user who is removed hears at once that this does not arrive.
#[test]
fn senders_hear_that_a_user_is_removed() {
    let server = TestServer::start();
    drop(log_in(&server, "bob", TWO, "").expect("anybody may register"));
    let mut alice = log_in(&server, "alice", ONE, "").expect("anybody may register");
    let id = alice.send("bob", "are you there?");
    alice.wait("the message to be kept", |event| {
        matches!(event, Event::Stored { id: stored, .. } if *stored == id).then_some(())
    });
    let kept = row(&server, "bob").expect("bob");
    assert_eq!(kept["messages"], 1);
    assert!(kept["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{kept}");
    let said = admin(server.data(), "user remove bob", "");
    assert!(said.contains("of one conversation"), "{said}");
    alice.wait("the message to fail", |event| {
        matches!(event, Event::Failed { id: failed, reason: DeliveryFailure::UnknownUser, .. }
            if *failed == id)
        .then_some(())
    });
}
