//! Shows that every table, queue and buffer has a limit, that whoever meets it is told, and that
//! one who reads slowly holds up nobody else.

use std::time::Duration;

use breeze_core::error::{DeliveryFailure, SendError};
use breeze_core::limits::MAX_TEXT;
use breeze_core::wire::Hello;
use breeze_core::{Mesh, Path};
use breeze_tests::world::{Fragments, HostId, Member, Size, World};

const SECOND: Duration = Duration::from_secs(1);

fn relayed_office(world: &mut World) -> [HostId; 3] {
    let all = ["alice", "bob", "carol"].map(|name| world.join(Member::new(name).mesh(Mesh::Off)));
    world.run(SECOND * 2);
    all
}

#[test]
fn the_longest_text_goes_on_both_paths_and_one_byte_more_on_none() {
    for fragments in [Fragments::Whole, Fragments::Random, Fragments::Bytes] {
        let mut world = World::new(1);
        world.set_fragments(fragments);
        let all = ["alice", "bob"].map(|name| world.join(Member::new(name)));
        let carol = world.join(Member::new("carol").mesh(Mesh::Off));
        world.run(SECOND * 2);
        let text = "微".repeat(MAX_TEXT / 3) + "!";
        assert_eq!(text.len(), MAX_TEXT);
        world.send(all[0], all[1], &text).expect("room");
        world.send(all[0], carol, &text).expect("room");
        world.run(SECOND * 5);
        let path = |host| world.view(host).messages().map(|(.., path)| path).collect::<Vec<_>>();
        assert_eq!((path(all[1]), path(carol)), (vec![Path::Direct], vec![Path::Relay]));
        world.assert_all_delivered();
        let more = text.clone() + "!";
        assert_eq!(world.send(all[0], all[1], &more), Err(SendError::TooLarge));
        assert_eq!(world.send(all[0], carol, &more), Err(SendError::TooLarge));
    }
}

#[test]
fn a_full_outbox_is_full_for_its_caller_and_empties() {
    let mut world = World::new(2);
    let [alice, bob, carol] = relayed_office(&mut world);
    world.set_reading(bob, false);
    let mut accepted = 0;
    while world.send(alice, bob, &format!("message {accepted}")).is_ok() {
        accepted += 1;
        assert!(accepted < 10_000, "bounded");
    }
    assert!(accepted > 500, "{accepted}");
    assert_eq!(world.send(alice, bob, "one more"), Err(SendError::Full));
    world.send(alice, carol, "there is room for others").expect("room");
    world.run(SECOND);
    assert_eq!(world.texts(carol), ["there is room for others"]);
    world.set_reading(bob, true);
    assert!(world.run_until(SECOND * 60, |w| w.open_messages() == 0));
    world.assert_all_delivered();
    world.send(alice, bob, "room again").expect("room");
}

#[test]
fn a_stalled_reader_holds_up_nobody_else() {
    for seed in 0..10 {
        let mut world = World::new(seed);
        world.set_capacity(16 * 1024);
        let [alice, bob, carol] = relayed_office(&mut world);
        world.set_reading(bob, false);
        let (mut to_bob, mut to_carol) = (0, 0);
        let text = "x".repeat(6_000);
        for _ in 0..200 {
            // Two senders fill what the server holds for bob.
            to_bob += usize::from(world.send(alice, bob, &text).is_ok());
            to_bob += usize::from(world.send(carol, bob, &text).is_ok());
            to_carol += usize::from(world.send(alice, carol, "quick").is_ok());
            world.run(SECOND / 10);
            assert_eq!(world.texts(carol).len(), to_carol, "seed {seed}: at once");
        }
        assert!(to_bob > 20);
        world.set_reading(bob, true);
        assert!(world.run_until(SECOND * 60, |w| w.open_messages() == 0), "seed {seed}");
        world.assert_all_delivered();
        assert_eq!(world.texts(bob).len(), to_bob);
    }
}

#[test]
fn a_recipient_whose_queue_is_full_gets_everything_once_it_reads() {
    let mut world = World::new(3);
    world.set_capacity(4 * 1024);
    let bob = world.join(Member::new("bob").mesh(Mesh::Off));
    let senders: Vec<_> =
        (0..12).map(|n| world.join(Member::new(&format!("user{n}")).mesh(Mesh::Off))).collect();
    world.run(SECOND * 2);
    world.set_reading(bob, false);
    // 12 times 84 kB in flight are more than the server's 1 MiB for one session, and then some.
    let text = "y".repeat(12_000);
    for _ in 0..10 {
        for &sender in &senders {
            let _ = world.send(sender, bob, &text);
        }
        world.run(SECOND);
    }
    let queued = world.open_messages();
    assert!(queued > 90, "{queued}");
    world.set_reading(bob, true);
    assert!(world.run_until(SECOND * 120, |w| w.open_messages() == 0));
    world.assert_all_delivered();
}

#[test]
fn a_stalled_reader_of_a_direct_link_gets_everything_too() {
    for seed in 0..10 {
        let mut world = World::new(seed);
        world.set_capacity(8 * 1024);
        let all = ["alice", "bob", "carol"].map(|name| world.join(Member::new(name)));
        assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
        world.set_reading(all[1], false);
        for n in 0..100 {
            let _ = world.send(all[0], all[1], &format!("{n} {}", "z".repeat(900)));
            world.send(all[0], all[2], &format!("{n}")).expect("room");
            world.run(SECOND / 5);
            assert_eq!(world.texts(all[2]).len(), n + 1, "seed {seed}");
        }
        world.set_reading(all[1], true);
        assert!(world.run_until(SECOND * 120, |w| w.open_messages() == 0), "seed {seed}");
        world.assert_all_delivered();
        assert!(world.run_until(SECOND * 90, |w| w.is_mesh(&all)), "seed {seed}");
    }
}

#[test]
fn a_small_device_gets_what_it_can_hold_and_the_rest_fails() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let mut world = World::new(4);
        let limits = Hello { max_record: 256, max_frame: 600, ..Hello::HOST };
        let device = Member {
            limits,
            size: Size::Device,
            send_buffer: 1024,
            ..Member::new("device").mesh(mesh)
        };
        let device = world.join(device);
        let alice = world.join(Member::new("alice"));
        world.run(SECOND * 3);
        let expected = if mesh == Mesh::Off { Path::Relay } else { Path::Direct };
        assert_eq!(world.path(alice, device), expected);
        let large = "L".repeat(700);
        let mut large_ones = Vec::new();
        let mut small_ones = Vec::new();
        for round in 0..6 {
            small_ones.push(world.send(alice, device, &format!("small {round}")).expect("room"));
            large_ones.push(world.send(alice, device, &large).expect("room"));
            large_ones.push(world.send(alice, device, &large).expect("room"));
            // On the way through the server, its seal takes room too.
            small_ones.push(world.send(alice, device, &"s".repeat(380)).expect("room"));
        }
        world.send(device, alice, "from a device").expect("room");
        world.run(SECOND * 2);
        for id in large_ones {
            let outcome = world.outcome(id);
            assert_eq!(outcome, Some(Err(DeliveryFailure::TooLarge)), "{mesh:?} {id}");
        }
        for id in small_ones {
            assert_eq!(world.outcome(id), Some(Ok(())), "{mesh:?} {id}");
        }
        assert_eq!(world.texts(device).len(), 12);
        assert_eq!(world.texts(alice), ["from a device"]);
        let too_much = "M".repeat(5_000);
        assert_eq!(world.send(device, alice, &too_much), Err(SendError::TooLarge));
    }
}

#[test]
fn a_full_peer_table_says_so_and_keeps_working() {
    let mut world = World::new(5);
    let device = world.join(Member::new("device").size(Size::Device));
    let all: Vec<_> = (0..8).map(|n| world.join(Member::new(&format!("user{n}")))).collect();
    world.run(SECOND * 5);
    let full = breeze_core::io::Event::PeerTableFull;
    assert!(world.view(device).events().any(|(_, event)| *event == full));
    let known: Vec<_> = all.iter().filter(|&&host| world.sees(device, host)).collect();
    assert_eq!(known.len(), 4);
    let stranger = all.iter().find(|&&host| !world.sees(device, host)).expect("four of them");
    assert_eq!(world.send(device, *stranger, "no room"), Err(SendError::TableFull));
    world.send(device, *known[0], "room").expect("room");
    // Somebody without a place in its table is heard once there is one.
    world.send(*stranger, device, "patience").expect("room");
    world.run(SECOND * 20);
    assert!(world.texts(device).is_empty());
    world.close(*known[1]);
    world.run(SECOND * 60);
    assert_eq!(world.texts(device), ["patience"]);
    world.assert_all_delivered();
}
