//! Shows that messages change their path when links break, fall silent or cannot be made, and that
//! each still arrives once and in order.

use std::time::Duration;

use breeze_core::error::CloseReason;
use breeze_core::io::Event;
use breeze_core::{Mesh, Path};
use breeze_tests::world::{AckMode, Barrier, HostId, Member, World};

const SECOND: Duration = Duration::from_secs(1);

fn pair(world: &mut World) -> [HostId; 2] {
    let pair = ["alice", "bob"].map(|name| world.join(Member::new(name)));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&pair)));
    pair
}

/// Sends a text and returns how long it took to arrive.
fn time_to_arrive(world: &mut World, from: HostId, to: HostId, text: &str) -> Duration {
    let sent = world.now();
    world.send(from, to, text).expect("room");
    assert!(world.run_until(SECOND * 100, |w| w.texts(to).contains(&text)), "{text} arrives");
    world.now() - sent
}

#[test]
fn a_reset_in_the_middle_of_a_conversation_loses_nothing() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        let [alice, bob] = pair(&mut world);
        for round in 0..200 {
            world.send(alice, bob, &format!("a{round}")).expect("room");
            world.send(bob, alice, &format!("b{round}")).expect("room");
            if round % 20 == 10 {
                world.cut(alice, bob);
            }
            world.run(Duration::from_millis(4 + seed % 30 * 4));
        }
        assert!(world.run_until(SECOND * 10, |w| w.open_messages() == 0), "seed {seed}");
        world.assert_all_delivered();
        let relayed = world.view(bob).messages().any(|(.., path)| path == Path::Relay);
        let direct = world.view(bob).messages().any(|(.., path)| path == Path::Direct);
        assert!(relayed && direct, "seed {seed}: both paths were used");
        assert!(world.run_until(SECOND * 10, |w| w.is_mesh(&[alice, bob])), "seed {seed}");
    }
}

#[test]
fn a_silent_link_gives_way_to_the_relay_within_two_seconds() {
    for seed in 0..50 {
        let mut world = World::new(seed);
        let [alice, bob] = pair(&mut world);
        for round in 0..20 {
            world.send(alice, bob, &format!("before {round}")).expect("room");
            world.send(bob, alice, &format!("before {round}")).expect("room");
            world.run(Duration::from_millis(10));
        }
        world.silence(alice, bob);
        let took = time_to_arrive(&mut world, alice, bob, "into the silence");
        assert!(took < SECOND * 2, "seed {seed}: it took {took:?}");
        // The other side learns of it by what arrives through the server.
        assert!(world.run_until(SECOND * 2, |w| w.is_relayed(alice, bob)), "seed {seed}");
        assert!(world.run_until(SECOND, |w| w.open_messages() == 0), "seed {seed}");
        let took = time_to_arrive(&mut world, bob, alice, "back");
        assert!(took < SECOND / 5, "seed {seed}: by relay at once, not after {took:?}");
        world.heal();
        assert!(world.run_until(SECOND * 90, |w| w.is_mesh(&[alice, bob])), "seed {seed}");
        let took = time_to_arrive(&mut world, bob, alice, "healed");
        assert!(took < SECOND / 5, "seed {seed}: {took:?}");
        let last = world.view(alice).messages().last().map(|(.., path)| path);
        assert_eq!(last, Some(Path::Direct));
        world.run(SECOND);
        world.assert_all_delivered();
    }
}

/// A client whose host had come to another network found that out at the idle limit, 45 s later, and
/// one whose host had been without a network for long waited up to 10 s more when it had one again.
#[test]
fn a_client_that_is_told_of_other_addresses_looks_after_its_links_at_once() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        let [alice, bob] = pair(&mut world);
        let carol = world.join(Member::new("carol"));
        assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&[alice, bob, carol])));
        // Nothing is wrong: nothing is given up.
        world.tell_moved(alice);
        world.run(SECOND * 3);
        assert!(world.is_mesh(&[alice, bob, carol]) && world.has_session(alice), "seed {seed}");

        world.isolate(alice);
        world.tell_moved(alice);
        world.run(Duration::from_millis(2_100));
        assert_eq!(world.path(alice, bob), Path::None, "seed {seed}: no link is left");
        world.run(SECOND * (60 + seed as u32));
        world.heal();
        world.tell_moved(alice);
        let soon = Duration::from_millis(200);
        assert!(world.run_until(soon, |w| w.has_session(alice)), "seed {seed}: dialled at once");
        assert!(world.run_until(SECOND, |w| w.is_mesh(&[alice, bob, carol])), "seed {seed}");
    }
}

#[test]
fn an_idle_link_that_falls_silent_is_given_up_at_the_idle_limit() {
    let mut world = World::new(1);
    let [alice, bob] = pair(&mut world);
    world.run(SECOND * 60);
    world.silence(alice, bob);
    world.run(SECOND * 29);
    assert!(world.is_direct(alice, bob), "nobody had anything to say");
    world.run(SECOND * 16);
    assert!(world.is_relayed(alice, bob));
    let idle = |event: &Event| matches!(event, Event::LinkLost { reason: CloseReason::Idle, .. });
    assert!(world.view(alice).events().any(|(_, event)| idle(event)));
}

#[test]
fn a_firewalled_listener_gets_its_messages_by_relay_from_the_first_on() {
    for barrier in [Barrier::Refuse, Barrier::Drop] {
        let mut world = World::new(2);
        let bob = world.join(Member::new("bob"));
        world.set_wall(bob, Some(barrier));
        world.run(SECOND);
        let alice = world.join(Member::new("alice"));
        // Both are walled in: no direct link can come from either side.
        world.set_wall(alice, Some(barrier));
        assert!(world.run_until(SECOND, |w| w.sees(alice, bob)));
        let took = time_to_arrive(&mut world, alice, bob, "first");
        assert!(took < SECOND / 5, "{barrier:?}: {took:?}");
        world.run(SECOND * 600);
        let dials = world.dials(alice, bob);
        let pauses: Vec<Duration> = dials.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!((10..40).contains(&dials.len()), "{barrier:?}: {pauses:?}");
        let dial = if barrier == Barrier::Drop { SECOND * 4 } else { Duration::ZERO };
        for (n, pause) in pauses.iter().enumerate() {
            let full = SECOND * 60.min(1 << n.min(6));
            let most = full + dial + SECOND / 10;
            assert!(*pause >= full / 2 && *pause <= most, "{barrier:?} {n}: {pauses:?}");
        }
        world.set_wall(alice, None);
        world.set_wall(bob, None);
        assert!(world.run_until(SECOND * 70, |w| w.is_mesh(&[alice, bob])), "{barrier:?}");
        world.assert_all_delivered();
    }
}

#[test]
fn chatting_by_relay_does_not_hurry_the_dials_on_demand() {
    let mut world = World::new(9);
    let all = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(Mesh::OnDemand)));
    for host in all {
        world.set_wall(host, Some(Barrier::Refuse));
    }
    world.run(SECOND);
    for n in 0..600 {
        world.send(all[n % 2], all[(n + 1) % 2], "chat").expect("room");
        world.run(SECOND / 2);
    }
    let dials = world.dials(all[0], all[1]).len();
    assert!((6..16).contains(&dials), "{dials} dials in five minutes");
    world.assert_all_delivered();
}

#[test]
fn a_wall_on_one_side_is_passed_from_the_other() {
    let mut world = World::new(3);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member::new("bob"));
    world.set_wall(alice, Some(Barrier::Drop));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&[alice, bob])));
}

#[test]
fn one_dead_peer_delays_nobody_elses_dial() {
    let mut world = World::new(4);
    let dead: Vec<HostId> =
        (0..5).map(|n| world.join(Member::new(&format!("a-dead{n}")))).collect();
    world.run(SECOND);
    for &host in &dead {
        world.set_wall(host, Some(Barrier::Drop));
    }
    let bob = world.join(Member::new("bob"));
    world.run(SECOND);
    let alice = world.join(Member::new("alice"));
    assert!(world.run_until(SECOND / 5, |w| w.is_direct(alice, bob)), "at once");
}

#[test]
fn a_peer_that_accepts_and_says_nothing_delays_nobody_elses_dial() {
    let mut world = World::new(5);
    let dead = world.join(Member::new("a-dead"));
    world.run(SECOND);
    world.puppet_at(dead);
    let bob = world.join(Member::new("bob"));
    world.run(SECOND);
    let alice = world.join(Member::new("alice"));
    assert!(world.run_until(SECOND / 5, |w| w.is_direct(alice, bob)), "at once");
    world.send(alice, dead, "by relay").expect("room");
    world.run(SECOND);
    assert_eq!(world.texts(dead), ["by relay"]);
}

#[test]
fn the_next_address_is_tried_while_the_first_is_silent() {
    let mut world = World::new(6);
    let nowhere = ["10.9.9.1:1", "10.9.9.2:1", "10.9.9.3:1"];
    let decoys = nowhere
        .map(|addr| breeze_core::id::Endpoint::new(addr.parse().expect("an address")))
        .to_vec();
    let bob = world.join(Member { decoys, ..Member::new("bob") });
    world.run(SECOND);
    let alice = world.join(Member::new("alice"));
    assert!(world.run_until(SECOND, |w| w.is_direct(alice, bob)));
    world.run(SECOND * 10);
    assert!(world.is_mesh(&[alice, bob]));
}

#[test]
fn a_slow_disk_does_not_look_like_a_dead_link() {
    let mut world = World::new(7);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member::new("bob").ack(AckMode::After(SECOND * 7)));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&[alice, bob])));
    for n in 0..30 {
        world.send(alice, bob, &format!("{n}")).expect("room");
        world.run(SECOND / 3);
    }
    assert!(world.run_until(SECOND * 10, |w| w.open_messages() == 0));
    assert!(world.view(bob).messages().all(|(.., path)| path == Path::Direct));
    world.assert_all_delivered();
}

#[test]
fn a_client_that_keeps_nothing_is_never_said_to_have_it() {
    let mut world = World::new(8);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member::new("bob").ack(AckMode::Never));
    world.run(SECOND * 3);
    let id = world.send(alice, bob, "kept by nobody").expect("room");
    world.run(SECOND * 300);
    assert_eq!(world.texts(bob), ["kept by nobody"]);
    assert_eq!(world.outcome(id), None);
}
