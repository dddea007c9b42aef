//! Shows that a server keeps what cannot be delivered yet, that nothing of it is lost or doubled
//! whoever comes and goes meanwhile, and that its word on it is true.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_core::error::DeliveryFailure;
use breeze_core::io::Event;
use breeze_tests::world::{AckMode, HostId, Member, World};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
/// A disk that is quick enough to be no matter, and slow enough for things to happen meanwhile.
const DISK: Duration = Duration::from_millis(20);

fn world(seed: u64) -> World {
    let mut world = World::new(seed);
    world.keep_messages(1000, DISK);
    world
}

fn pair(world: &mut World, mesh: Mesh) -> [HostId; 2] {
    let pair = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(mesh).patient()));
    assert!(world.run_until(SECOND * 5, |w| w.sees(pair[0], pair[1]) && w.sees(pair[1], pair[0])));
    pair
}

/// The last message of which a client was told that the server keeps it.
fn stored(world: &World, host: HostId) -> Option<u64> {
    let mut told = world.view(host).events().filter_map(|(_, event)| match event {
        Event::Stored { id, .. } => Some(id.seq),
        _ => None,
    });
    told.next_back()
}

fn read(world: &World, host: HostId) -> Option<u64> {
    let mut told = world.view(host).events().filter_map(|(_, event)| match event {
        Event::Read { id, .. } => Some(id.seq),
        _ => None,
    });
    told.next_back()
}

#[test]
fn messages_are_kept_for_a_user_that_is_away_and_the_sender_may_go() {
    for mesh in [Mesh::Eager, Mesh::OnDemand, Mesh::Off] {
        let mut world = world(1);
        let [alice, bob] = pair(&mut world, mesh);
        world.kill(bob);
        assert!(world.run_until(SECOND * 2, |w| !w.sees(alice, bob)));
        for n in 0..50 {
            world.send(alice, bob, &format!("a canary, number {n}")).expect("accepted");
        }
        assert!(world.run_until(SECOND * 5, |w| stored(w, alice) == Some(50)), "{mesh:?}");
        assert_eq!((world.kept_messages(), world.open_messages()), (50, 50));
        assert!(!world.is_on_the_shelf("canary"), "the server cannot read it");
        world.isolate(alice);
        world.run(HOUR);
        world.restart(bob);
        assert!(world.run_until(SECOND * 5, |w| w.texts(bob).len() == 50), "{mesh:?}");
        world.run(SECOND);
        assert_eq!(world.kept_messages(), 0, "bob has them");
        assert_eq!(world.open_messages(), 50, "which alice cannot know");
        world.heal();
        assert!(world.run_until(SECOND * 60, |w| w.open_messages() == 0), "{mesh:?}");
        world.assert_all_delivered();
    }
}

#[test]
fn a_thousand_messages_of_ten_senders_wait_for_a_login() {
    let mut world = World::new(2);
    world.keep_messages(2000, DISK);
    let bob = world.join(Member::new("bob").patient());
    let senders: Vec<_> =
        (0..10).map(|n| world.join(Member::new(&format!("sender{n}")).patient())).collect();
    world.run(SECOND * 5);
    world.kill(bob);
    world.run(SECOND * 2);
    for n in 0..100 {
        for &sender in &senders {
            world.send(sender, bob, &format!("{n}")).expect("accepted");
        }
        world.run(SECOND / 10);
    }
    assert!(world.run_until(SECOND * 20, |w| w.kept_messages() == 1000));
    for &sender in &senders[..5] {
        world.isolate(sender);
    }
    world.run(HOUR);
    world.restart(bob);
    assert!(world.run_until(SECOND * 10, |w| w.texts(bob).len() == 1000));
    world.heal();
    assert!(world.run_until(SECOND * 60, |w| w.open_messages() == 0));
    world.assert_all_delivered();
    assert_eq!(world.kept_messages(), 0);
}

#[test]
fn new_messages_flow_while_old_ones_are_fetched() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let mut world = World::new(3);
        world.keep_messages(2000, SECOND / 10);
        let [alice, bob] = pair(&mut world, mesh);
        let carol = world.join(Member::new("carol").mesh(mesh).patient());
        world.kill(bob);
        world.run(SECOND * 2);
        for n in 0..300 {
            world.send(alice, bob, &format!("old {n}")).expect("accepted");
        }
        assert!(world.run_until(SECOND * 60, |w| w.kept_messages() == 300));
        world.restart(bob);
        assert!(world.run_until(SECOND * 2, |w| w.sees(carol, bob) && w.sees(alice, bob)));
        for n in 0..20 {
            world.send(alice, bob, &format!("new {n}")).expect("accepted");
            let id = world.send(carol, bob, &format!("from carol {n}")).expect("accepted");
            // Whoever has nothing waiting is not held up by those who have.
            assert!(world.run_until(SECOND * 2, |w| w.outcome(id) == Some(Ok(()))), "{mesh:?} {n}");
        }
        assert!(world.run_until(SECOND * 6, |w| w.open_messages() == 0), "{mesh:?}");
        world.assert_all_delivered();
        assert!(mesh == Mesh::Off || world.run_until(SECOND * 5, |w| w.is_direct(alice, bob)));
    }
}

#[test]
fn what_was_not_committed_when_the_server_died_is_sent_again() {
    let mut world = World::new(4);
    world.keep_messages(1000, SECOND);
    let [alice, bob] = pair(&mut world, Mesh::Eager);
    world.kill(bob);
    world.run(SECOND * 3);
    for n in 0..10 {
        world.send(alice, bob, &format!("{n}")).expect("accepted");
    }
    world.run(SECOND / 2);
    world.kill(World::SERVER);
    assert_eq!((world.kept_messages(), stored(&world, alice)), (0, None));
    world.restart(World::SERVER);
    assert!(world.run_until(SECOND * 20, |w| stored(w, alice) == Some(10)));
    world.kill(World::SERVER);
    world.restart(World::SERVER);
    world.restart(bob);
    assert!(world.run_until(SECOND * 30, |w| w.open_messages() == 0));
    world.assert_all_delivered();
}

#[test]
fn a_recipient_that_dies_while_it_fetches_begins_again() {
    let mut world = world(5);
    let alice = world.join(Member::new("alice").patient());
    let ack = AckMode::After(SECOND / 2);
    let bob = world.join(Member::new("bob").patient().ack(ack));
    world.run(SECOND * 5);
    world.kill(bob);
    world.run(SECOND * 2);
    for n in 0..40 {
        world.send(alice, bob, &format!("{n}")).expect("accepted");
    }
    assert!(world.run_until(SECOND * 5, |w| w.kept_messages() == 40));
    world.isolate(alice);
    world.restart(bob);
    assert!(world.run_until(SECOND * 2, |w| w.texts(bob).len() == 40));
    world.kill(bob);
    world.run(SECOND * 5);
    assert_eq!(world.kept_messages(), 40, "nothing was acknowledged");
    world.restart(bob);
    assert!(world.run_until(SECOND * 5, |w| w.kept_messages() == 0));
    assert_eq!(world.texts(bob).len(), 40);
    world.heal();
    assert!(world.run_until(SECOND * 60, |w| w.open_messages() == 0));
}

#[test]
fn a_server_that_has_lost_what_it_kept_gets_it_again() {
    let mut world = world(6);
    let [alice, bob] = pair(&mut world, Mesh::Eager);
    world.kill(bob);
    world.run(SECOND * 2);
    for n in 0..300 {
        world.send(alice, bob, &format!("{n}")).expect("accepted");
    }
    assert!(world.run_until(SECOND * 20, |w| stored(w, alice) == Some(300)));
    world.kill(World::SERVER);
    world.lose_the_shelf();
    world.restart(World::SERVER);
    assert!(world.run_until(SECOND * 30, |w| w.kept_messages() == 300));
    world.restart(bob);
    assert!(world.run_until(SECOND * 20, |w| w.open_messages() == 0));
    world.assert_all_delivered();
}

#[test]
fn a_host_that_keeps_nothing_is_told_what_the_server_has_lost() {
    let mut world = world(7);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member::new("bob"));
    world.run(SECOND * 3);
    world.kill(bob);
    world.run(SECOND * 2);
    let id = world.send(alice, bob, "kept by nobody").expect("accepted");
    assert!(world.run_until(SECOND * 5, |w| stored(w, alice) == Some(1)));
    world.kill(World::SERVER);
    world.lose_the_shelf();
    world.restart(World::SERVER);
    let lost = Some(Err(DeliveryFailure::Lost));
    assert!(world.run_until(SECOND * 30, |w| w.outcome(id) == lost));
}

#[test]
fn messages_that_the_server_keeps_go_direct_when_it_is_gone() {
    let mut world = World::new(8);
    world.keep_messages(1000, SECOND * 2);
    let [alice, bob] = pair(&mut world, Mesh::Eager);
    world.kill(bob);
    world.run(SECOND * 3);
    for n in 0..5 {
        world.send(alice, bob, &format!("{n}")).expect("accepted");
    }
    assert!(world.run_until(SECOND * 10, |w| stored(w, alice) == Some(5)));
    world.restart(bob);
    // The direct link is there before the server's slow disk has said what it keeps.
    assert!(world.run_until(SECOND * 5, |w| w.wires_between(alice, bob) == 1));
    world.kill(World::SERVER);
    assert!(world.run_until(SECOND * 10, |w| w.open_messages() == 0));
    world.assert_all_delivered();
    world.restart(World::SERVER);
    assert!(world.run_until(SECOND * 60, |w| w.kept_messages() == 0));
    assert_eq!(world.texts(bob).len(), 5, "what comes twice is shown once");
}

#[test]
fn at_its_quota_the_server_refuses_and_later_messages_have_their_chance() {
    let mut world = World::new(9);
    world.keep_messages(10, DISK);
    let [alice, bob] = pair(&mut world, Mesh::Eager);
    world.kill(bob);
    world.run(SECOND * 2);
    let ids: Vec<_> =
        (0..14).map(|n| world.send(alice, bob, &format!("{n}")).expect("accepted")).collect();
    let quota = Some(Err(DeliveryFailure::Quota));
    assert!(world.run_until(SECOND * 10, |w| ids[10..].iter().all(|id| w.outcome(*id) == quota)));
    assert!(ids[..10].iter().all(|id| world.outcome(*id).is_none()));
    world.restart(bob);
    assert!(world.run_until(SECOND * 10, |w| w.open_messages() == 0));
    let id = world.send(alice, bob, "there is room again").expect("accepted");
    assert!(world.run_until(SECOND * 5, |w| w.outcome(id) == Some(Ok(()))));
    world.assert_all_settled();
}

#[test]
fn a_user_that_never_was_online_is_written_to() {
    let mut world = world(10);
    let bob = world.join(Member::new("bob").patient());
    world.run(SECOND);
    world.kill(bob);
    world.run(SECOND);
    let alice = world.join(Member::new("alice").patient());
    world.run(SECOND);
    world.send(alice, bob, "we have not met").expect("accepted");
    assert!(world.run_until(SECOND * 2, |w| stored(w, alice) == Some(1)));
    let nobody = world.send_to(alice, "nobody", "hello?").expect("accepted");
    let unknown = Some(Err(DeliveryFailure::UnknownUser));
    assert!(world.run_until(SECOND * 2, |w| w.outcome(nobody) == unknown));
    world.kill(alice);
    world.restart(bob);
    assert!(world.run_until(SECOND * 2, |w| w.texts(bob) == ["we have not met"]));
}

#[test]
fn what_was_seen_is_told_on_every_way_and_to_those_who_were_away() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let mut world = world(11);
        let [alice, bob] = pair(&mut world, mesh);
        let ids: Vec<_> =
            (0..3).map(|n| world.send(alice, bob, &format!("{n}")).expect("accepted")).collect();
        assert!(world.run_until(SECOND * 5, |w| w.open_messages() == 0));
        for id in &ids[..2] {
            world.mark_read(bob, alice, *id);
        }
        assert!(world.run_until(SECOND * 2, |w| read(w, alice) == Some(2)), "{mesh:?}");
        world.isolate(alice);
        assert!(world.run_until(SECOND * 120, |w| !w.sees(bob, alice)));
        world.mark_read(bob, alice, ids[2]);
        world.run(SECOND * 5);
        world.heal();
        assert!(world.run_until(SECOND * 90, |w| read(w, alice) == Some(3)), "{mesh:?}");
    }
}

#[test]
fn a_new_key_fails_what_was_meant_for_the_old_one() {
    for remembers in [false, true] {
        let mut world = world(12);
        let member = |name: &str| match remembers {
            true => Member::new(name).patient().remembers_keys(),
            false => Member::new(name).patient(),
        };
        let [alice, bob] = ["alice", "bob"].map(|name| world.join(member(name)));
        assert!(world.run_until(SECOND * 5, |w| w.is_direct(alice, bob)));
        world.kill(bob);
        world.run(SECOND * 2);
        let ids: Vec<_> =
            (0..5).map(|n| world.send(alice, bob, &format!("{n}")).expect("accepted")).collect();
        assert!(world.run_until(SECOND * 5, |w| stored(w, alice) == Some(5)));
        world.rekey(bob, [0x77; 32]);
        let changed = Some(Err(DeliveryFailure::KeyChanged));
        let fails = |w: &World| ids.iter().all(|id| w.outcome(*id) == changed);
        assert!(world.run_until(SECOND * 5, fails), "{remembers}");
        // Sealed for a key that nobody has any more: the server knows better.
        let stale = world.send(alice, bob, "for the old one").expect("accepted");
        assert!(world.run_until(SECOND * 5, |w| w.outcome(stale) == changed), "{remembers}");
        world.restart(bob);
        assert!(world.run_until(SECOND * 5, |w| w.is_direct(alice, bob)), "{remembers}");
        let again = world.send(alice, bob, "again").expect("accepted");
        assert!(world.run_until(SECOND * 5, |w| w.outcome(again) == Some(Ok(()))));
        assert_eq!(world.texts(bob), ["again"]);
        let told = world
            .view(alice)
            .events()
            .any(|(_, event)| matches!(event, Event::KeyChanged { blocked: false, .. }));
        assert_eq!(told, remembers);
    }
}

#[test]
fn a_verified_key_that_changes_blocks_until_it_is_accepted() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let mut world = world(13);
        let [alice, bob] = ["alice", "bob"]
            .map(|name| world.join(Member::new(name).patient().mesh(mesh).remembers_keys()));
        assert!(world.run_until(SECOND * 5, |w| w.sees(alice, bob) && w.sees(bob, alice)));
        world.verify(alice, bob);
        let id = world.send(alice, bob, "to the one I know").expect("accepted");
        assert!(world.run_until(SECOND * 5, |w| w.outcome(id) == Some(Ok(()))));
        world.kill(bob);
        world.rekey(bob, [0x78; 32]);
        world.restart(bob);
        let told = |w: &World| {
            w.view(alice)
                .events()
                .any(|(_, event)| matches!(event, Event::KeyChanged { blocked: true, .. }))
        };
        assert!(world.run_until(SECOND * 5, told), "{mesh:?}");
        let refused = world.send(alice, bob, "to whom?");
        assert_eq!(refused, Err(breeze_core::error::SendError::Blocked));
        world.run(SECOND * 30);
        assert_eq!(world.wires_between(alice, bob), 0, "nor is there a direct link");
        world.verify(alice, bob);
        let id = world.send(alice, bob, "to the new one").expect("accepted");
        assert!(world.run_until(SECOND * 5, |w| w.outcome(id) == Some(Ok(()))), "{mesh:?}");
        assert_eq!(world.texts(bob), ["to the new one"]);
    }
}

/// A message that waits under a key which its recipient does not remember is shown once the server
/// has said that the sender has that key now; and none is shown in a verified user's name.
#[test]
fn a_kept_message_under_a_new_key_waits_for_the_servers_word() {
    for verified in [false, true] {
        let mut world = world(14);
        let [alice, bob] =
            ["alice", "bob"].map(|name| world.join(Member::new(name).patient().remembers_keys()));
        assert!(world.run_until(SECOND * 5, |w| w.is_direct(alice, bob)));
        if verified {
            world.verify(bob, alice);
        }
        world.kill(bob);
        world.kill(alice);
        world.rekey(alice, [0x79; 32]);
        world.restart(alice);
        world.run(SECOND * 2);
        world.send(alice, bob, "with my new key").expect("accepted");
        assert!(world.run_until(SECOND * 2, |w| w.kept_messages() == 1));
        world.kill(alice);
        world.run(SECOND);
        world.restart(bob);
        let told = |w: &World, wanted: bool| {
            w.view(bob).events().any(|(_, event)| {
                matches!(event, Event::KeyChanged { blocked, .. } if *blocked == wanted)
            })
        };
        assert!(world.run_until(SECOND * 5, |w| told(w, verified)), "{verified}");
        world.run(SECOND * 5);
        let shown: &[&str] = if verified { &[] } else { &["with my new key"] };
        assert_eq!((world.texts(bob), world.kept_messages()), (shown.to_vec(), shown.len() ^ 1));
        if verified {
            world.verify(bob, alice);
            world.restart(bob);
            assert!(world.run_until(SECOND * 5, |w| w.texts(bob) == ["with my new key"]));
        }
    }
}

/// A server that makes up a message in the name of a user whose key is remembered shows nothing.
#[test]
fn a_message_under_a_strangers_key_is_refused_with_an_event() {
    let mut world = world(15);
    let [alice, bob] =
        ["alice", "bob"].map(|name| world.join(Member::new(name).patient().remembers_keys()));
    assert!(world.run_until(SECOND * 5, |w| w.is_direct(alice, bob)));
    world.kill(alice);
    world.kill(bob);
    world.forge("alice", [0x66; 32], bob, "sincerely, alice");
    world.restart(bob);
    let told = |w: &World| {
        w.view(bob).events().any(|(_, event)| matches!(event, Event::Impostor { addr: None, .. }))
    };
    assert!(world.run_until(SECOND * 5, told));
    world.run(SECOND * 30);
    assert!(world.texts(bob).is_empty());
}
