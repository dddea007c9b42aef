//! Shows that a server which breaks the rules, or whose messages cross with the client's, confuses
//! no client.

use std::time::Duration;

use breeze_core::error::{CloseReason, RelayRefusal};
use breeze_core::id::{DisplayName, Endpoint, Epoch, Instance, PublicKey, UserId};
use breeze_core::io::Event;
use breeze_core::wire::{
    Entries, EntriesWriter, Introduction, Message, PeerEntry, Relay, RelayItem, Sealed, Welcome,
};
use breeze_tests::world::{HostId, Member, Puppet, Said, World};

const SECOND: Duration = Duration::from_secs(1);

/// A client in the hands of a puppet that plays its server, logged in.
fn session(world: &mut World) -> (Puppet, HostId) {
    session_of(world, Member::new("alice"))
}

fn session_of(world: &mut World, member: Member) -> (Puppet, HostId) {
    let (mut server, alice) = greeting_of(world, member);
    world.say(&mut server, &welcome(15_000, 45_000));
    let said = world.heard(&mut server);
    assert_eq!(said.last().expect("it asks").message(), Message::PeersRequest { after: None });
    (server, alice)
}

/// The same, before the login is answered.
fn greeting(world: &mut World) -> (Puppet, HostId) {
    greeting_of(world, Member::new("alice"))
}

fn greeting_of(world: &mut World, member: Member) -> (Puppet, HostId) {
    let mut server = world.puppet_at(World::SERVER);
    let alice = world.join(member);
    world.run(SECOND / 10);
    world.shake_hands_as_listener(&mut server, [3; 32]);
    let said = world.heard(&mut server);
    assert!(matches!(said[..], [ref login] if matches!(login.message(), Message::Login(_))));
    (server, alice)
}

fn welcome(keepalive_ms: u32, idle_ms: u32) -> Message<'static> {
    let observed = Endpoint::new("10.0.0.2:7733".parse().expect("an address"));
    Message::Welcome(Welcome { observed, keepalive_ms, idle_ms })
}

fn entry(name: &str) -> PeerEntry {
    let key = PublicKey::from_bytes([8; 32]);
    let instance = Instance::from_bits(1);
    PeerEntry {
        user: UserId::new(name).expect("a user id"),
        name: DisplayName::default(),
        online: Some(Introduction { key, instance, endpoints: Default::default() }),
    }
}

fn page<'b>(names: &[&str], buf: &'b mut [u8]) -> Entries<'b> {
    let mut writer = EntriesWriter::new(buf);
    assert!(names.iter().all(|name| writer.push(&entry(name))));
    writer.finish()
}

fn ended(world: &World, host: HostId, reason: CloseReason) -> bool {
    world.view(host).events().any(|(_, event)| *event == Event::Disconnected { reason })
}

#[test]
fn changes_dropped_while_a_page_is_awaited_begin_the_list_anew() {
    let mut world = World::new(1);
    let (mut server, alice) = session(&mut world);
    let mut buf = [0; 1024];
    let entries = page(&["bob"], &mut buf);
    world.say(&mut server, &Message::PeersReply { entries, more: true });
    let after = Some(UserId::new("bob").expect("a user id"));
    assert_eq!(world.heard(&mut server)[0].message(), Message::PeersRequest { after });
    let none = Entries::new(&[]);
    world.say(&mut server, &Message::Presence { entries: none, resync: true });
    assert!(world.heard(&mut server).is_empty(), "one request is open at a time");
    let entries = page(&["carol"], &mut buf);
    world.say(&mut server, &Message::PeersReply { entries, more: false });
    let again = Message::PeersRequest { after: None };
    assert_eq!(world.heard(&mut server)[0].message(), again);
    assert!(world.view(alice).peer("bob").online, "not on the page, but perhaps on the list");
    let entries = page(&["carol"], &mut buf);
    world.say(&mut server, &Message::PeersReply { entries, more: false });
    assert!(!world.view(alice).peer("bob").online && world.view(alice).peer("carol").online);
    assert!(world.view(alice).is_connected);
}

/// The server looks a recipient up, who logs in meanwhile: the news overtakes the refusal. A message
/// that waited for the next news of the recipient would wait for ever.
#[test]
fn a_refusal_overtaken_by_the_recipients_login_is_tried_again() {
    let mut world = World::new(9);
    let (mut server, alice) = session_of(&mut world, Member::new("alice").patient());
    let none = Entries::new(&[]);
    world.say(&mut server, &Message::PeersReply { entries: none, more: false });
    let id = world.send_to(alice, "bob", "hi").expect("accepted");
    world.run(SECOND / 10);
    let user = UserId::new("bob").expect("a user id");
    let asks = Message::KeyRequest { user: user.clone() };
    assert!(world.heard(&mut server).iter().any(|said| said.message() == asks));
    let key = Some(PublicKey::from_bytes([8; 32]));
    world.say(&mut server, &Message::KeyReply { user, key });
    let is_relayed = |said: &Said| {
        matches!(said.message(), Message::Relay(Relay { item: RelayItem::Sealed(sealed), .. })
            if sealed.id() == id)
    };
    assert!(world.heard(&mut server).iter().any(is_relayed));
    let mut buf = [0; 1024];
    let entries = page(&["bob"], &mut buf);
    world.say(&mut server, &Message::Presence { entries, resync: false });
    let peer = UserId::new("bob").expect("a user id");
    let (epoch, seq) = (id.epoch, id.seq);
    let reason = RelayRefusal::Offline;
    world.say(&mut server, &Message::Refused { peer, epoch, seq, reason });
    world.run(SECOND / 2);
    assert!(world.heard(&mut server).iter().any(is_relayed), "it goes out again");
}

/// Nobody answers which key a recipient has: the message waits for that, and not for ever.
#[test]
fn a_key_that_is_not_told_is_asked_for_again() {
    let mut world = World::new(10);
    let (mut server, alice) = session_of(&mut world, Member::new("alice").patient());
    let none = Entries::new(&[]);
    world.say(&mut server, &Message::PeersReply { entries: none, more: false });
    world.send_to(alice, "bob", "hi").expect("accepted");
    let asks = Message::KeyRequest { user: UserId::new("bob").expect("a user id") };
    for _ in 0..3 {
        world.run(SECOND * 5);
        let heard = world.heard(&mut server);
        assert_eq!(heard.iter().filter(|said| said.message() == asks).count(), 1);
    }
}

#[test]
fn a_list_that_does_not_come_ends_the_session() {
    let mut world = World::new(2);
    let (_server, alice) = session(&mut world);
    world.run(SECOND * 4);
    assert!(world.view(alice).is_connected);
    world.run(SECOND * 2);
    assert!(ended(&world, alice, CloseReason::TimedOut));
}

#[test]
fn intervals_that_make_no_sense_are_refused() {
    for (keepalive_ms, idle_ms) in
        [(0, 45_000), (99, 45_000), (15_000, 15_000), (15_000, 0), (15_000, 86_400_001)]
    {
        let mut world = World::new(3);
        let (mut server, alice) = greeting(&mut world);
        world.say(&mut server, &welcome(keepalive_ms, idle_ms));
        assert!(ended(&world, alice, CloseReason::Malformed), "{keepalive_ms} {idle_ms}");
    }
}

#[test]
fn messages_out_of_turn_end_the_session() {
    let mut buf = [0; 1024];
    let entries = page(&["bob"], &mut buf);
    let cases = [
        (Message::PeersReply { entries: Entries::new(&[]), more: true }, CloseReason::Malformed),
        (Message::PeersRequest { after: None }, CloseReason::Unexpected),
        (welcome(15_000, 45_000), CloseReason::Unexpected),
    ];
    for (message, reason) in cases {
        let mut world = World::new(4);
        let (mut server, alice) = session(&mut world);
        world.say(&mut server, &message);
        assert!(ended(&world, alice, reason), "{message:?}");
    }
    // A page that nobody asked for.
    let mut world = World::new(5);
    let (mut server, alice) = session(&mut world);
    for _ in 0..2 {
        world.say(&mut server, &Message::PeersReply { entries, more: false });
    }
    assert!(ended(&world, alice, CloseReason::Unexpected));
}

#[test]
fn what_is_said_of_oneself_means_nothing() {
    let mut world = World::new(6);
    let (mut server, alice) = session(&mut world);
    let mut buf = [0; 1024];
    let entries = page(&["alice"], &mut buf);
    world.say(&mut server, &Message::PeersReply { entries, more: false });
    let (epoch, body) = (Epoch::from_bits(1), &[0, 0, 0]);
    let sealed = Sealed { epoch, seq: 1, back: 0, gap: 0, envelope: &[], body };
    let peer = UserId::new("alice").expect("a user id");
    world.say(&mut server, &Message::Relay(Relay { peer, item: RelayItem::Sealed(sealed) }));
    assert!(world.view(alice).peers.is_empty() && world.texts(alice).is_empty());
    assert!(world.view(alice).is_connected && world.heard(&mut server).is_empty());
}
