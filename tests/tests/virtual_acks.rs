//! Shows how long acknowledgements wait for company, and for whom they do not.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_core::error::SendError;
use breeze_core::id::MessageId;
use breeze_core::limits::{ACK_HASTE, ACK_SPAN, ACKS_TOGETHER};
use breeze_tests::world::{HostId, Member, Size, World};

const SECOND: Duration = Duration::from_secs(1);
/// From one host to another, always.
const LATENCY: Duration = Duration::from_millis(1);
/// There and back by the server, and a little for clocks that count whole milliseconds.
const ROUND: Duration = Duration::from_millis(6);

/// Joins two that have not said anything for a while.
fn pair(mesh: Mesh, size: Size) -> (World, HostId, HostId) {
    let mut world = World::new(1);
    world.set_latency(LATENCY, Duration::ZERO);
    let alice = world.join(Member::new("alice").mesh(mesh).size(size));
    let bob = world.join(Member::new("bob").mesh(mesh));
    let is_joined = |w: &World| match mesh {
        Mesh::Off => w.is_relayed(alice, bob),
        Mesh::Eager | Mesh::OnDemand => w.is_mesh(&[alice, bob]),
    };
    assert!(world.run_until(SECOND * 5, is_joined));
    // The first message by relay brings keys.
    assert!(deliver(&mut world, alice, bob).is_some() && deliver(&mut world, bob, alice).is_some());
    world.run(SECOND);
    (world, alice, bob)
}

fn is_delivered(world: &World, id: MessageId) -> bool {
    world.outcome(id) == Some(Ok(()))
}

/// Sends a text; returns how long its sender waited for its acknowledgement.
fn deliver(world: &mut World, from: HostId, to: HostId) -> Option<Duration> {
    let start = world.now();
    let id = world.send(from, to, "text").expect("room");
    world.run_until(SECOND, |w| is_delivered(w, id)).then(|| world.now() - start)
}

#[test]
fn a_message_alone_is_acknowledged_when_the_span_ends() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let took = deliver(&mut world, alice, bob).expect("delivered");
        assert!(took >= ACK_SPAN && took <= ACK_SPAN + ROUND, "{mesh:?}: {took:?}");
    }
}

#[test]
fn an_answer_takes_the_acknowledgement_along() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let start = world.now();
        let id = world.send(alice, bob, "how are you?").expect("room");
        assert!(world.run_until(SECOND, |w| w.texts(bob).contains(&"how are you?")));
        world.send(bob, alice, "well").expect("room");
        assert!(world.run_until(SECOND, |w| is_delivered(w, id)));
        let took = world.now() - start;
        assert!(took <= ROUND, "{mesh:?}: {took:?}");
    }
}

#[test]
fn whatever_goes_to_the_server_takes_all_acknowledgements_along() {
    let (mut world, alice, bob) = pair(Mesh::Off, Size::Office);
    let carol = world.join(Member::new("carol").mesh(Mesh::Off));
    assert!(world.run_until(SECOND, |w| w.is_relayed(bob, carol)));
    deliver(&mut world, bob, carol).expect("delivered");
    world.run(SECOND);
    let start = world.now();
    let id = world.send(alice, bob, "for bob").expect("room");
    assert!(world.run_until(SECOND, |w| w.texts(bob).contains(&"for bob")));
    world.send(bob, carol, "for carol").expect("room");
    assert!(world.run_until(SECOND, |w| is_delivered(w, id)));
    let took = world.now() - start;
    assert!(took <= ROUND, "{took:?}");
}

#[test]
fn messages_at_a_distance_share_acknowledgements() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let start = world.now();
        let first = world.send(alice, bob, "first").expect("room");
        world.run(ACK_SPAN / 2);
        let second = world.send(alice, bob, "second").expect("room");
        assert!(!is_delivered(&world, first));
        assert!(world.run_until(SECOND, |w| is_delivered(w, first)));
        assert!(is_delivered(&world, second), "{mesh:?}: by the same one");
        let took = world.now() - start;
        assert!(took <= ACK_SPAN + ROUND, "{mesh:?}: {took:?}");
    }
}

#[test]
fn many_messages_do_not_wait() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let start = world.now();
        let ids: Vec<_> =
            (0..ACKS_TOGETHER).map(|n| world.send(alice, bob, &n.to_string())).collect();
        let last = ids.last().expect("some").expect("room");
        assert!(world.run_until(SECOND, |w| is_delivered(w, last)));
        let took = world.now() - start;
        assert!(took <= ROUND, "{mesh:?}: {took:?}");
    }
}

/// A sender that waits for each acknowledgement before it sends on would otherwise send 40 messages a
/// second.
#[test]
fn a_sender_that_waits_for_each_acknowledgement_is_not_held_up() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let start = world.now();
        for _ in 0..100 {
            deliver(&mut world, alice, bob).expect("delivered");
        }
        let took = world.now() - start;
        assert!(took <= ACK_SPAN + (ROUND + ACK_HASTE) * 100, "{mesh:?}: {took:?}");
        assert!(took <= ACK_SPAN * 40, "{mesh:?}: {took:?}");
    }
}

/// A device has room for few messages, and takes new ones as acknowledgements come.
#[test]
fn a_sender_with_little_room_is_not_held_up() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Device);
        let text = "x".repeat(600);
        let (start, mut last, mut rounds) = (world.now(), None, 0);
        for _ in 0..200 {
            loop {
                match world.send(alice, bob, &text) {
                    Ok(id) => break last = Some(id),
                    Err(SendError::Full) => {
                        rounds += 1;
                        let is_full = world.open_messages();
                        assert!(world.run_until(SECOND, |w| w.open_messages() < is_full));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
        let last = last.expect("sent");
        assert!(world.run_until(SECOND, |w| is_delivered(w, last)));
        let took = world.now() - start;
        assert!(rounds > 10, "its room was never full");
        let waits = u32::try_from(rounds).expect("few");
        assert!(took <= ACK_SPAN * 2 + (ROUND + ACK_HASTE) * waits, "{mesh:?}: {took:?}, {rounds}");
    }
}

#[test]
fn who_leaves_acknowledges_before() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(mesh, Size::Office);
        let id = world.send(alice, bob, "last").expect("room");
        assert!(world.run_until(SECOND, |w| w.texts(bob).contains(&"last")));
        world.close(bob);
        assert!(world.run_until(ROUND, |w| is_delivered(w, id)), "{mesh:?}");
    }
}
