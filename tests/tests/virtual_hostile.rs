//! Shows that whatever a stranger says closes that one link, with a reason, and touches nothing
//! else.

use std::time::Duration;

use breeze_core::error::{CloseReason, FileRefusal};
use breeze_core::id::{Epoch, Instance, MessageId, UserId};
use breeze_core::io::{Event, ServerEvent};
use breeze_core::limits::SESSION_QUEUE;
use breeze_core::noise::Identity;
use breeze_core::wire::{
    Ack, Chat, ChatBody, FileDetails, FileItem, FileKind, Login, Message, Offer, Relay, RelayItem,
    RelayedFile, Sealed, Setup,
};
use breeze_core::{Mesh, ServerConfig};
use breeze_tests::world::{HostId, Member, Puppet, Rng, Said, World};

const SECOND: Duration = Duration::from_secs(1);
const STRANGER: [u8; 32] = [0x99; 32];

fn office(world: &mut World) -> [HostId; 2] {
    let all = ["alice", "bob"].map(|name| world.join(Member::new(name)));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
    all
}

/// Checks that nobody else noticed anything.
fn is_well(world: &mut World, all: [HostId; 2]) {
    assert!(world.is_mesh(&all), "the mesh stands");
    let lost = |event: &Event| {
        matches!(event, Event::Disconnected { .. } | Event::LinkLost { was_up: true, .. })
    };
    for host in all {
        assert!(!world.view(host).events().any(|(_, event)| lost(event)));
    }
    world.send(all[0], all[1], "still here").expect("room");
    world.send(all[1], all[0], "me too").expect("room");
    world.run(SECOND);
    world.assert_all_delivered();
}

/// The reasons for which the server dropped links without a session.
fn dropped(world: &World) -> Vec<CloseReason> {
    let reason = |event: &ServerEvent| match event {
        ServerEvent::Dropped { reason } => Some(*reason),
        _ => None,
    };
    world.view(World::SERVER).server_events().filter_map(|(_, event)| reason(event)).collect()
}

fn user(name: &str) -> UserId {
    UserId::new(name).expect("a user id")
}

fn login(name: &str) -> Message<'static> {
    Message::Login(Login {
        user: user(name),
        name: Default::default(),
        instance: Instance::from_bits(1),
        keepalive_ms: 0,
        presence: false,
        endpoints: Default::default(),
        ticket: &[],
    })
}

/// A session of somebody whose every word the scenario chooses.
fn logged_in(world: &mut World, name: &str, secret: [u8; 32]) -> Puppet {
    let mut puppet = world.puppet(World::SERVER);
    world.shake_hands(&mut puppet, secret);
    world.say(&mut puppet, &login(name));
    puppet
}

fn setup(from: &str, to: &str) -> Message<'static> {
    Message::Setup(Setup {
        from: user(from),
        to: user(to),
        instance: Instance::from_bits(1),
        keepalive_ms: 15_000,
        idle_ms: 45_000,
    })
}

/// Whether the last thing that a puppet heard is this goodbye.
fn was_told(world: &mut World, puppet: &mut Puppet, reason: CloseReason) -> bool {
    world.run(SECOND / 10);
    let last = world.heard(puppet).pop();
    world.is_hung_up(puppet) && last.is_some_and(|said| said.message() == Message::Close(reason))
}

#[test]
fn noise_on_a_new_link_closes_it() {
    let mut world = World::new(1);
    let all = office(&mut world);
    let mut rng = Rng::new(1);
    for target in [World::SERVER, all[0]] {
        for round in 0..100 {
            let mut bytes: Vec<u8> = (0..rng.below(300)).map(|_| rng.bits() as u8).collect();
            if round % 3 > 0 {
                // Noise behind a sound preamble, and behind a sound length.
                bytes.splice(0..0, *b"BRZ\x02");
            }
            if round % 3 > 1 {
                bytes.splice(4..4, [0, 32]);
            }
            let puppet = world.puppet(target);
            world.say_bytes(&puppet, &bytes);
            world.run(SECOND * 6);
            assert!(world.is_hung_up(&puppet), "{target:?} {round}");
        }
    }
    is_well(&mut world, all);
}

#[test]
fn every_handshake_cut_short_times_out() {
    let mut world = World::new(2);
    let all = office(&mut world);
    for target in [World::SERVER, all[1]] {
        let silent = world.puppet(target);
        let short = world.puppet(target);
        world.say_bytes(&short, b"BR");
        let mut half = world.puppet(target);
        world.begin_handshake(&mut half, STRANGER);
        let mut mute = world.puppet(target);
        world.shake_hands(&mut mute, STRANGER);
        world.run(SECOND * 4);
        for puppet in [&silent, &short, &half, &mute] {
            assert!(!world.is_hung_up(puppet));
        }
        world.run(SECOND * 2);
        for puppet in [&silent, &short, &half, &mute] {
            assert!(world.is_hung_up(puppet));
        }
        assert!(was_told(&mut world, &mut mute, CloseReason::TimedOut));
    }
    is_well(&mut world, all);
}

#[test]
fn another_version_is_told_ours() {
    let mut world = World::new(3);
    let all = office(&mut world);
    for target in [World::SERVER, all[0]] {
        let puppet = world.puppet(target);
        world.say_bytes(&puppet, b"BRZ\x01");
        world.run(SECOND);
        assert_eq!(world.heard_bytes(&puppet), b"BRZ\x02");
        assert!(world.is_hung_up(&puppet));
    }
    assert_eq!(dropped(&world), [CloseReason::Version]);
    is_well(&mut world, all);
}

#[test]
fn a_dialler_that_meets_another_version_knows_it() {
    let mut world = World::new(4);
    let server = world.puppet_at(World::SERVER);
    let alice = world.join(Member::new("alice"));
    world.run(SECOND);
    world.say_bytes(&server, b"BRZ\x03");
    world.run(SECOND);
    let told = Event::Disconnected { reason: CloseReason::Version };
    assert!(world.view(alice).events().any(|(_, event)| *event == told));
}

#[test]
fn malformed_records_close_the_link_with_a_reason() {
    let too_large = [&[0xff, 0xff, 0xff, 0x0f][..], &[8; 40]].concat();
    let cases: [(&[u8], CloseReason); 5] = [
        (&[1, 99], CloseReason::Malformed),
        (&[0], CloseReason::Malformed),
        (&[0x81, 0x00, 12], CloseReason::Malformed),
        (&[2, 12, 12], CloseReason::Malformed),
        (&too_large, CloseReason::TooLarge),
    ];
    let mut world = World::new(5);
    let all = office(&mut world);
    for target in [World::SERVER, all[0]] {
        for (content, reason) in cases {
            let mut puppet = world.puppet(target);
            world.shake_hands(&mut puppet, STRANGER);
            world.say_record(&mut puppet, content);
            assert!(was_told(&mut world, &mut puppet, reason), "{content:02x?} at {target:?}");
        }
    }
    is_well(&mut world, all);
}

#[test]
fn records_that_are_not_authentic_close_the_link() {
    let mut world = World::new(6);
    let all = office(&mut world);
    for target in [World::SERVER, all[1]] {
        let mut puppet = world.puppet(target);
        world.shake_hands(&mut puppet, STRANGER);
        world.say(&mut puppet, &Message::Ping);
        assert_eq!(world.heard(&mut puppet).pop().expect("an answer").message(), Message::Pong);
        world.say_again(&puppet);
        world.run(SECOND / 10);
        assert!(world.is_hung_up(&puppet), "a replay");
        let mut puppet = world.puppet(target);
        world.shake_hands(&mut puppet, STRANGER);
        world.say_bytes(
            &puppet,
            &[0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
        );
        world.say_bytes(&puppet, &[0; 3]);
        world.run(SECOND / 10);
        assert!(world.is_hung_up(&puppet), "a forgery");
    }
    is_well(&mut world, all);
}

#[test]
fn messages_out_of_turn_close_the_link() {
    let mut world = World::new(7);
    let all = office(&mut world);
    let body = [0, 0, 0];
    let chat = Chat { epoch: Epoch::from_bits(1), seq: 1, back: 0, gap: 0, body: &body };
    let ack = Ack { epoch: Epoch::from_bits(1), upto: 0 };
    let early = [
        Message::Chat(chat),
        Message::Ack(ack),
        Message::PeersRequest { after: None },
        Message::LoginRefused(breeze_core::error::LoginRefusal::NameTaken),
    ];
    for message in &early {
        for target in [World::SERVER, all[0]] {
            let mut puppet = world.puppet(target);
            world.shake_hands(&mut puppet, STRANGER);
            world.say(&mut puppet, message);
            assert!(was_told(&mut world, &mut puppet, CloseReason::Unexpected), "{message:?}");
        }
    }
    // After a login, what belongs on a direct link; and a second login.
    for message in [&early[0], &login("mallory"), &setup("mallory", "alice")] {
        let mut puppet = logged_in(&mut world, "mallory", STRANGER);
        let said = world.heard(&mut puppet);
        assert!(matches!(said[0].message(), Message::Welcome(_)));
        world.say(&mut puppet, message);
        assert!(was_told(&mut world, &mut puppet, CloseReason::Unexpected), "{message:?}");
    }
    is_well(&mut world, all);
}

#[test]
fn a_stranger_who_dials_under_a_users_name_is_refused() {
    let mut world = World::new(8);
    let all = office(&mut world);
    let mut puppet = world.puppet(all[0]);
    world.shake_hands(&mut puppet, STRANGER);
    world.say(&mut puppet, &setup("bob", "alice"));
    assert!(was_told(&mut world, &mut puppet, CloseReason::WrongKey));
    let posed =
        |event: &Event| matches!(event, Event::Impostor { user, .. } if user.as_str() == "bob");
    assert!(world.view(all[0]).events().any(|(_, event)| posed(event)));
    let mut puppet = world.puppet(all[0]);
    world.shake_hands(&mut puppet, STRANGER);
    world.say(&mut puppet, &setup("bob", "carol"));
    assert!(was_told(&mut world, &mut puppet, CloseReason::Misrouted));
    is_well(&mut world, all);
}

#[test]
fn a_stranger_who_answers_at_a_users_address_is_refused() {
    let mut world = World::new(9);
    let bob = world.join(Member::new("bob"));
    world.run(SECOND);
    // Mallory is an honest member, but not bob.
    let mallory = world.join(Member::new("mallory"));
    world.run(SECOND);
    world.hijack(bob, mallory);
    let alice = world.join(Member::new("alice"));
    // Only alice dials: what bob's own dial would mend is left out.
    world.set_wall(alice, Some(breeze_tests::world::Barrier::Drop));
    world.run(SECOND * 3);
    let posed =
        |event: &Event| matches!(event, Event::Impostor { user, .. } if user.as_str() == "bob");
    assert!(world.view(alice).events().any(|(_, event)| posed(event)));
    assert!(world.is_relayed(alice, bob));
    world.send(alice, bob, "for bob only").expect("room");
    world.run(SECOND);
    assert_eq!(world.texts(bob), ["for bob only"]);
    assert!(world.texts(mallory).is_empty());
}

#[test]
fn a_dialler_waits_for_its_introduction_and_no_longer() {
    let mut world = World::new(10);
    let alice = world.join(Member::new("alice"));
    world.run(SECOND);
    let mut early = world.puppet(alice);
    world.shake_hands(&mut early, STRANGER);
    world.say(&mut early, &setup("mallory", "alice"));
    world.run(SECOND);
    assert!(world.heard(&mut early).is_empty() && !world.is_hung_up(&early), "it waits");
    // Now the server gets to know mallory, and introduces it.
    logged_in(&mut world, "mallory", STRANGER);
    world.run(SECOND);
    let said = world.heard(&mut early);
    assert!(matches!(said[0].message(), Message::SetupOk(_)), "it is let in");
    let mut never = world.puppet(alice);
    world.shake_hands(&mut never, [0x42; 32]);
    world.say(&mut never, &setup("nobody", "alice"));
    world.run(SECOND * 3);
    assert!(!world.is_hung_up(&never));
    world.run(SECOND * 2);
    assert!(was_told(&mut world, &mut never, CloseReason::NotIntroduced));
}

#[test]
fn strangers_take_no_more_than_their_share() {
    let mut world = World::new(11);
    let all = office(&mut world);
    let crowd: Vec<Puppet> = (0..60).map(|_| world.puppet(all[0])).collect();
    assert!(world.sockets(all[0]) <= 2 + 16, "the rest is refused");
    let carol = world.join(Member::new("carol"));
    assert!(world.run_until(SECOND * 10, |w| w.is_direct(all[0], carol)));
    world.run(SECOND * 10);
    assert!(crowd.iter().all(|puppet| world.is_hung_up(puppet)));
    assert!(world.is_mesh(&[all[0], all[1], carol]));
}

/// Whoever opened more connections than a server takes kept everybody else from logging in, for as
/// long as it liked: newcomers were turned away, not those who said nothing.
#[test]
fn silent_strangers_keep_no_newcomer_out() {
    let config = ServerConfig { max_sessions: 2, max_strangers: 4, ..Default::default() };
    let mut world = World::with_server(20, config);
    let all = office(&mut world);
    world.close(all[1]);
    world.run(SECOND);
    let puppets: Vec<_> = (0..9).map(|_| world.puppet(World::SERVER)).collect();
    let carol = world.join(Member::new("carol"));
    assert!(world.run_until(SECOND, |w| w.view(carol).is_connected), "she is let in at once");
    let hung_up = puppets.iter().filter(|puppet| world.is_hung_up(puppet)).count();
    assert_eq!(hung_up, 6, "the oldest made room");
    assert!(world.is_hung_up(&puppets[0]) && !world.is_hung_up(&puppets[8]));
    assert_eq!(dropped(&world), [CloseReason::TableFull; 6]);
    assert!(!world.view(all[0]).events().any(|(_, e)| matches!(e, Event::Disconnected { .. })));
}

/// Whoever had done a handshake, which takes no account, had the server hold 80 KB for it.
#[test]
fn a_stranger_may_not_begin_what_is_long() {
    let mut world = World::new(21);
    let all = office(&mut world);
    for (to, reason) in [(World::SERVER, CloseReason::TooLarge), (all[0], CloseReason::TooLarge)] {
        let mut puppet = world.puppet(to);
        world.shake_hands(&mut puppet, STRANGER);
        // A length of 513, and nothing of what follows.
        world.say_record(&mut puppet, &[0x81, 0x04]);
        assert!(was_told(&mut world, &mut puppet, reason), "{to:?}");
    }
    is_well(&mut world, all);
}

#[test]
fn impossible_numbers_and_bodies_harm_nobody() {
    let mut world = World::new(12);
    let alice = world.join(Member::new("alice"));
    let mut session = logged_in(&mut world, "mallory", STRANGER);
    world.run(SECOND);
    let good = postcard_body("fine");
    let epoch = Epoch::from_bits(77);
    for (seq, text) in [(1, None), (2, Some("fine"))] {
        world.account_for("mallory", alice, MessageId { epoch, seq }, text);
    }
    let relay = |world: &mut World, session: &mut Puppet, (seq, back), body: &[u8]| {
        let (envelope, body) = world.seal(("mallory", STRANGER), alice, epoch, seq, body);
        let sealed = Sealed { epoch, seq, back, gap: 0, envelope: &envelope, body: &body };
        let item = RelayItem::Sealed(sealed);
        world.say(session, &Message::Relay(Relay { peer: user("alice"), item }));
        world.run(SECOND);
    };
    let acked = |said: &Said, upto| {
        let ack = RelayItem::Ack(Ack { epoch, upto });
        matches!(said.message(), Message::Relay(relay) if relay.item == ack)
    };
    relay(&mut world, &mut session, (1, 0), b"\xff\xff");
    let heard = world.heard(&mut session);
    assert!(heard.iter().any(|said| acked(said, 1)), "or it would come again for ever");
    relay(&mut world, &mut session, (2, 1), &good);
    assert_eq!(world.texts(alice), ["fine"]);
    // A body that was changed on its way is none of the sender's, and is asked for again.
    let (envelope, mut body) = world.seal(("mallory", STRANGER), alice, epoch, 3, &good);
    body[1] ^= 1;
    let sealed = Sealed { epoch, seq: 3, back: 0, gap: 0, envelope: &envelope, body: &body };
    let item = RelayItem::Sealed(sealed);
    world.say(&mut session, &Message::Relay(Relay { peer: user("alice"), item }));
    world.run(SECOND);
    let asked = RelayItem::Unreadable { epoch };
    let is_asked =
        |said: &Said| matches!(said.message(), Message::Relay(relay) if relay.item == asked);
    assert!(world.heard(&mut session).iter().any(is_asked));
    assert_eq!(world.texts(alice), ["fine"]);
    // Numbers that cannot be are refused by the server.
    for (seq, back) in [(0, 0), (1, 1), (3, 9)] {
        let mut session = logged_in(&mut world, "mallory", STRANGER);
        world.run(SECOND);
        let sealed = Sealed { epoch, seq, back, gap: 0, envelope: &envelope, body: &body };
        let item = RelayItem::Sealed(sealed);
        world.say(&mut session, &Message::Relay(Relay { peer: user("alice"), item }));
        assert!(was_told(&mut world, &mut session, CloseReason::Malformed), "{seq} {back}");
    }
    logged_in(&mut world, "mallory", STRANGER);
    world.run(SECOND);
    // On a direct link it is the link's fault.
    let mut direct = world.puppet(alice);
    world.shake_hands(&mut direct, STRANGER);
    world.say(&mut direct, &setup("mallory", "alice"));
    world.run(SECOND / 10);
    world.heard(&mut direct);
    let chat = Chat { epoch, seq: 2, back: 5, gap: 0, body: &good };
    world.say(&mut direct, &Message::Chat(chat));
    assert!(was_told(&mut world, &mut direct, CloseReason::Malformed));
    assert_eq!(world.texts(alice), ["fine"]);
    assert!(world.view(alice).is_connected);
}

/// Sends a part of a file for bob to the server, number `count` of its epoch, and says why it is refused,
/// if it is.
fn send_part(
    world: &mut World,
    mallory: &mut Puppet,
    count: u64,
    size: u64,
) -> Option<FileRefusal> {
    let (number, epoch, body) = (1, Epoch::from_bits(1), &[7; PART as usize]);
    let file = RelayedFile { number, size, epoch, count, envelope: &[], body };
    let item = RelayItem::File(file);
    world.say(mallory, &Message::Relay(Relay { peer: user("bob"), item }));
    world.heard(mallory).iter().find_map(|said| match said.message() {
        Message::FileRefused { reason, .. } => Some(reason),
        _ => None,
    })
}

/// Bytes of such a part.
const PART: u64 = 8 * 1024;

#[test]
fn whoever_sends_more_of_files_than_the_server_relays_is_refused_the_rest() {
    const RATE: u64 = 64 * 1024;
    let config = ServerConfig { file_rate: RATE, max_file: 1 << 20, ..ServerConfig::default() };
    let mut world = World::with_server(9, config);
    let all = ["alice", "bob"].map(|name| world.join(Member::new(name).with_disk()));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
    let mut mallory = logged_in(&mut world, "mallory", STRANGER);
    // What was sent in time may come late, by three seconds.
    world.run(SECOND * 3);
    let (began, mut sent, mut refused) = (world.now(), 0, 0);
    while world.now() - began < SECOND * 10 {
        match send_part(&mut world, &mut mallory, sent, 1 << 20) {
            None => {}
            Some(FileRefusal::Busy) => refused += 1,
            Some(reason) => panic!("{reason:?}"),
        }
        sent += 1;
    }
    let took = (world.now() - began).as_millis() as u64;
    let most = RATE * (took + 3_000) / 1_000 / PART;
    let passed = sent - refused;
    assert!(sent > most * 2, "{sent} parts in {took} ms are no flood");
    assert!(passed <= most && passed > most * 9 / 10, "{passed} of {sent} parts, not {most}");
    // It is no more than that: who waits may go on, and all others are as they were.
    world.run(SECOND);
    assert_eq!(send_part(&mut world, &mut mallory, sent, 1 << 20), None);
    let longer = send_part(&mut world, &mut mallory, sent + 1, (1 << 20) + 1);
    assert_eq!(longer, Some(FileRefusal::TooLarge { max: 1 << 20 }));
    is_well(&mut world, all);
}

#[test]
fn files_for_one_who_does_not_read_leave_room_for_messages() {
    let config = ServerConfig { file_rate: 64 << 20, ..ServerConfig::default() };
    let mut world = World::with_server(10, config);
    world.set_capacity(16 * 1024);
    let relayed = |name: &str| Member::new(name).mesh(Mesh::Off).with_disk();
    let [alice, bob] = ["alice", "bob"].map(|name| world.join(relayed(name)));
    let mut mallory = logged_in(&mut world, "mallory", STRANGER);
    world.run(SECOND);
    world.set_reading(bob, false);
    let refusals: Vec<_> =
        (0..100).filter_map(|n| send_part(&mut world, &mut mallory, n, 1 << 20)).collect();
    assert!(refusals.iter().all(|reason| *reason == FileRefusal::Busy));
    let passed = (100 - refusals.len() as u64) * PART;
    // A quarter of the queue, and what was on its way already.
    let most = SESSION_QUEUE as u64 / 4 + 128 * 1024;
    assert!(passed <= most, "{passed} bytes");
    world.send(alice, bob, "there is room for this").expect("room");
    world.run(SECOND);
    world.set_reading(bob, true);
    world.run(SECOND * 5);
    assert_eq!(world.texts(bob), ["there is room for this"]);
    world.assert_all_delivered();
}

#[test]
fn items_of_files_are_taken_once_and_from_the_key_that_is_known() {
    let mut world = World::new(13);
    // Alice knows bob's key, which is not the one that seals in his name.
    let bobs = [0x55; 32];
    let known = Identity::from_secret(bobs).public();
    let contacts = Some([("bob".to_owned(), (known, true))].into());
    let member = Member { contacts, accepts_files: false, ..Member::new("alice").with_disk() };
    let alice = world.join(member);
    let (number, size, epoch, count) = (7, 1, Epoch::from_bits(78), 0);
    let kind = FileKind::File(FileDetails { modified: 0, executable: false });
    let offer = Offer { name: "film", kind, size, root: [1; 32] };
    let item = FileItem::Offer { number, offer };
    for (name, logs_in, seals, taken) in
        [("bob", bobs, STRANGER, 0), ("mallory", STRANGER, STRANGER, 1)]
    {
        let mut session = logged_in(&mut world, name, logs_in);
        let (envelope, body) = world.seal_file((name, seals), alice, epoch, count, &item);
        let file = RelayedFile { number, size, epoch, count, envelope: &envelope, body: &body };
        for _ in 0..2 {
            let item = RelayItem::File(file);
            world.say(&mut session, &Message::Relay(Relay { peer: user("alice"), item }));
            world.run(SECOND);
        }
        assert_eq!(world.offers(alice), taken, "of {name}");
    }
}

/// An encoded body: the name, the time and the text.
fn postcard_body(text: &str) -> Vec<u8> {
    let body = ChatBody { name: "", sent_ms: 0, text };
    let mut bytes = vec![0, 0, body.text.len() as u8];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}
