//! Keys of users: remembered, changed, compared; and receipts of reading.

use breeze_core::Path;
use breeze_core::error::SendError;
use breeze_core::id::{DisplayName, MessageId, PublicKey};
use breeze_core::io::Event as CoreEvent;

use super::bench::{Bench, NOW, from_bob, user};
use super::booking::Booking;
use super::seat_queue::Manner;
use crate::ndjson::{Command, Reference};
use crate::store::Contact;

const OLD: PublicKey = PublicKey::from_bytes([1; 32]);
const NEW: PublicKey = PublicKey::from_bytes([2; 32]);

fn text(key: PublicKey) -> String {
    key.fingerprint().to_string()
}

fn reference() -> Option<Reference> {
    Some(Reference::Text("r".into()))
}

fn verify(key: PublicKey) -> Command {
    Command::Verify { user: user("bob"), fingerprint: text(key), reference: reference() }
}

fn contact() -> Command {
    Command::Contact { user: user("bob"), reference: reference() }
}

fn found(key: PublicKey) -> CoreEvent {
    CoreEvent::KeyFound { user: user("bob"), key }
}

fn changed(blocked: bool) -> CoreEvent {
    CoreEvent::KeyChanged { user: user("bob"), pinned: OLD, found: NEW, blocked }
}

fn known(bench: &Bench) -> Option<Contact> {
    bench.store.contact(&user("bob")).expect("contact")
}

fn contact_line(key: PublicKey, new: Option<PublicKey>, verified: bool) -> String {
    let new = new.map(|key| format!(r#""new":"{}","#, text(key))).unwrap_or_default();
    format!(
        r#""contact","ref":"r","user":"bob","name":"Bob","fingerprint":"{}",{new}"verified":{verified}}}"#,
        text(key)
    )
}

/// A bench on which bob's key is known.
fn met() -> Bench {
    let mut bench = Bench::new();
    let name = DisplayName::new("Bob").expect("name");
    bench.core(CoreEvent::Met { user: user("bob") });
    bench.core(found(OLD));
    bench.core(CoreEvent::Presence { user: user("bob"), name, online: true });
    bench.write();
    bench.events();
    bench
}

/// A bench on which bob is verified.
fn verified() -> Bench {
    let mut bench = met();
    bench.command(verify(OLD));
    bench.write();
    assert_eq!(bench.events(), [contact_line(OLD, None, true)]);
    bench
}

#[test]
fn a_key_is_remembered_when_it_is_first_seen() {
    let mut bench = Bench::new();
    bench.command(contact());
    bench.write();
    let told = bench.events();
    assert!(told[0].contains(r#""code":"unknown_contact""#), "{told:?}");
    assert!(told[0].contains(r#""ref":"r""#) && told.len() == 1, "{told:?}");
    let mut bench = met();
    assert_eq!(known(&bench), Some(Contact::met(OLD, "Bob")));
    let guest = bench.machine.seat(Manner::Guest).expect("seat");
    bench.events_at(guest);
    bench.command(contact());
    bench.write();
    assert_eq!(bench.events(), [contact_line(OLD, None, false)]);
    assert!(bench.events_at(guest).is_empty(), "answers go to the asker");
    assert!(bench.machine.is_settled());
}

#[test]
fn a_contact_is_verified_by_the_fingerprint_that_it_has() {
    let mut bench = met();
    bench.command(verify(NEW));
    bench.write();
    let told = bench.events();
    assert!(told[0].contains(r#""code":"wrong_fingerprint""#), "{told:?}");
    assert!(!known(&bench).expect("known").verified);
    bench.command(verify(OLD));
    assert!(bench.events().is_empty(), "it is not on disk yet");
    bench.write();
    assert_eq!(bench.events(), [contact_line(OLD, None, true)]);
    assert!(known(&bench).expect("known").verified);
    bench.machine.client.timeout(NOW);
    let list = bench.machine.roster.list(&bench.machine.contacts);
    assert!(list.iter().any(|entry| entry.user == user("bob") && entry.verified));
    assert!(bench.machine.is_settled());
}

#[test]
fn after_a_change_what_was_written_for_the_old_key_fails() {
    for blocked in [false, true] {
        let mut bench = if blocked { verified() } else { met() };
        // A core that takes nothing: the first message waits, the second is not even on disk.
        bench.machine.client.close(NOW);
        bench.send("bob", "one", "1");
        bench.write();
        bench.send("bob", "two", "2");
        bench.events();
        bench.core(changed(blocked));
        assert!(bench.events().is_empty(), "nothing is on disk yet");
        bench.write();
        let told = bench.events();
        let has = |index: usize, parts: &[&str]| {
            let all = parts.iter().all(|part| told[index].contains(part));
            assert!(all, "{index}: {told:#?}");
        };
        assert_eq!(told.len(), 4, "{told:#?}");
        has(0, &[r#""id":"E-2","ref":"2""#, "queued"]);
        let (old, new) = (text(OLD), text(NEW));
        let warning = format!(
            r#""key_changed","user":"bob","old":"{old}","new":"{new}","blocked":{blocked}}}"#
        );
        has(1, &[&warning]);
        for (index, seq) in [(2, 1), (3, 2)] {
            let id = format!(r#""id":"E-{seq}","ref":"{seq}""#);
            has(index, &[&id, r#""failed","reason":"key_changed""#]);
        }
        assert!(bench.store.unsettled().expect("unsettled").is_empty());
        assert!(bench.machine.waiting.recipients().is_empty());
        let (key, found) = if blocked { (OLD, Some(NEW)) } else { (NEW, None) };
        let contact = known(&bench).expect("known");
        assert_eq!((contact.key, contact.found, contact.verified), (key, found, blocked));
        // What is written from now on is for whom the contact says.
        bench.send("bob", "three", "3");
        bench.write();
        let told = bench.events();
        let expected = if blocked { r#""code":"blocked""# } else { r#""state":"queued""# };
        assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
    }
}

#[test]
fn nothing_is_sent_to_a_changed_verified_key_until_people_accept_it() {
    let mut bench = verified();
    bench.core(changed(true));
    bench.write();
    bench.events();
    bench.send("bob", "one", "1");
    bench.write();
    let told = bench.events();
    assert!(told[0].contains("breeze verify bob --accept"), "{told:?}");
    assert!(bench.store.unsettled().expect("unsettled").is_empty());
    // Whoever attaches later is warned too.
    let guest = bench.machine.seat(Manner::Guest).expect("seat");
    let told_to_guest = bench.events_at(guest);
    let warned = |line: &String| line.starts_with(r#""key_changed","user":"bob""#);
    assert_eq!(told_to_guest.iter().filter(|line| warned(line)).count(), 1, "{told_to_guest:?}");
    bench.command(contact());
    bench.command(verify(OLD));
    bench.write();
    let told = bench.events();
    // Refusals need no disk.
    assert!(told[0].contains(r#""code":"wrong_fingerprint""#), "{told:?}");
    assert_eq!(told[1], contact_line(OLD, Some(NEW), true));
    bench.command(verify(NEW));
    bench.write();
    assert_eq!(bench.events(), [contact_line(NEW, None, true)]);
    bench.sent("bob", "two", "2");
    let contact = known(&bench).expect("known");
    assert_eq!((contact.key, contact.found, contact.verified), (NEW, None, true));
}

#[test]
fn what_a_run_found_is_remembered_by_the_next() {
    let mut bench = verified();
    bench.core(changed(true));
    bench.write();
    let mut bench = bench.restart();
    bench.command(contact());
    bench.write();
    assert_eq!(bench.events(), [contact_line(OLD, Some(NEW), true)]);
    // The user is back with the old key after all.
    let one = bench.sent("bob", "one", "1");
    bench.core(CoreEvent::Delivered { to: user("bob"), id: one, path: Path::Relay });
    bench.command(contact());
    bench.write();
    assert_eq!(bench.events().last(), Some(&contact_line(OLD, None, true)));
}

#[test]
fn recalled_messages_are_not_sent_to_another_key() {
    let mut bench = met();
    let one = bench.sent("bob", "one", "1");
    bench.core(CoreEvent::Stored { to: user("bob"), id: one });
    bench.write();
    bench.events();
    let mut bench = Bench::on_forgetful_core(bench);
    bench.core(CoreEvent::Recall { to: user("bob"), id: one });
    bench.core(changed(false));
    bench.write();
    let told = bench.events();
    assert!(told[0].contains("key_changed"), "{told:?}");
    assert!(told[1].contains(r#""failed","reason":"key_changed""#), "{told:?}");
    // Nothing of them is in the core.
    let other = MessageId { seq: 9, ..one };
    let bob = user("bob");
    assert_eq!(bench.machine.client.send_numbered(NOW, &bob, other, "", 0), Ok(()));
    let again = bench.machine.client.send_numbered(NOW, &bob, other, "", 0);
    assert_eq!(again, Err(SendError::OutOfOrder));
}

#[test]
fn only_what_has_come_can_have_been_read() {
    let mut bench = Bench::new();
    let read = |seq, from: &str| Command::Read {
        from: user(from),
        id: from_bob(seq),
        reference: reference(),
    };
    bench.machine.book(Booking::Keep {
        from: user("bob"),
        id: from_bob(1),
        name: "Bob".into(),
        text: "hi".into(),
        sent_ms: 0,
        path: Path::Direct,
    });
    // In order: the message counts though it was not on disk when the command came.
    bench.command(read(1, "bob"));
    bench.command(read(2, "bob"));
    bench.command(read(1, "eve"));
    bench.write();
    let told = bench.events();
    assert!(told[0].starts_with(r#""message""#), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    for line in &told[1..] {
        assert!(line.contains(r#""code":"unknown_message""#), "{line}");
        assert!(line.contains(r#""ref":"r""#), "{line}");
    }
    assert!(bench.machine.is_settled());
    assert_eq!(bench.machine.desk.queue(bench.seat).map(|queue| queue.outstanding), Some(0));
}
