//! Shows that a client which names users to its server hears of those, and of nobody else.

use std::time::Duration;

use breeze_core::error::CloseReason;
use breeze_core::id::{DisplayName, Endpoint, Instance, UserId};
use breeze_core::io::Event;
use breeze_core::wire::{Login, Message, Welcome};
use breeze_core::{Mesh, Path};
use breeze_tests::world::{HostId, Member, Size, World};

const SECOND: Duration = Duration::from_secs(1);

fn user(name: &str) -> UserId {
    UserId::new(name).expect("a user id")
}

/// The users of whom a client was told anything.
fn heard_of(world: &World, host: HostId) -> Vec<&str> {
    world.view(host).peers.keys().map(String::as_str).collect()
}

#[test]
fn those_on_the_list_are_told_of_and_nobody_else() {
    let mut world = World::new(1);
    let bob = world.join(Member::new("bob"));
    let carol = world.join(Member::new("carol"));
    world.run(SECOND);
    let alice = world.join(Member::new("alice").watching(["bob", "dave", "alice2"]));
    world.run(SECOND * 3);
    assert!(
        world.client(alice).is_some_and(|client| client.is_ready()),
        "whoever is on the list was told of"
    );
    assert!(world.sees(alice, bob));
    let dave = world.join(Member::new("dave"));
    world.join(Member::new("erin"));
    world.run(SECOND * 3);
    assert!(world.sees(alice, dave));
    for host in [bob, carol, dave] {
        world.kill(host);
    }
    world.run(SECOND * 3);
    assert!(!world.sees(alice, bob) && !world.sees(alice, dave));
    world.restart(bob);
    world.run(SECOND * 3);
    assert!(world.sees(alice, bob) && !world.sees(alice, dave));
    assert_eq!(heard_of(&world, alice), ["bob", "dave"]);
}

#[test]
fn a_list_outlives_the_servers_memory() {
    let mut world = World::new(2);
    let bob = world.join(Member::new("bob"));
    let carol = world.join(Member::new("carol"));
    let alice = world.join(Member::new("alice").mesh(Mesh::Off).watching(["bob", "carol"]));
    world.run(SECOND * 3);
    world.kill(World::SERVER);
    world.kill(carol);
    world.run(SECOND * 3);
    world.restart(World::SERVER);
    world.run(SECOND * 30);
    assert!(world.client(alice).is_some_and(|client| client.is_ready()));
    assert!(world.sees(alice, bob) && !world.sees(alice, carol));
}

/// Whoever writes becomes known: the answer goes direct, though its receiver was on no list.
#[test]
fn a_stranger_who_writes_becomes_known() {
    let mut world = World::new(3);
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let member = Member::new(name).mesh(Mesh::OnDemand);
        world.join(member.watching([""; 0]))
    });
    world.run(SECOND * 3);
    assert_eq!(heard_of(&world, bob), [""; 0]);
    world.send(alice, bob, "hello").expect("accepted");
    world.run(SECOND * 3);
    assert!(world.sees(alice, bob) && world.sees(bob, alice));
    assert!(world.is_direct(alice, bob));
    world.send(bob, alice, "hello yourself").expect("accepted");
    world.run(SECOND);
    let (.., path) = world.view(alice).messages().last().expect("a message");
    assert_eq!(path, Path::Direct);
    world.assert_all_delivered();
}

/// A place in the table that goes to another user is another user's on the list as well.
#[test]
fn whoever_leaves_the_table_leaves_the_list() {
    let mut world = World::new(4);
    let small = Member::new("small").size(Size::Device).mesh(Mesh::Off).patient();
    let small = world.join(small.watching(["w"]));
    let names: Vec<_> = (0..8).map(|number| format!("user{number}")).collect();
    let hosts: Vec<_> = names.iter().map(|name| world.join(Member::new(name))).collect();
    world.run(SECOND * 3);
    for &host in &hosts {
        // One after the other, for a table of four has room for no more of them.
        world.send(host, small, "hello").expect("accepted");
        world.run(SECOND * 2);
        assert!(world.sees(small, host));
        world.kill(host);
        world.run(SECOND * 2);
        assert!(!world.sees(small, host));
    }
    let before = world.view(small).events().count();
    // Seven of them have lost their places, and the last three have theirs.
    for &host in &hosts {
        world.restart(host);
    }
    world.run(SECOND * 3);
    let later: Vec<_> = world.view(small).events().skip(before).collect();
    let told = |host: HostId| {
        later.iter().any(|(_, event)| {
            matches!(event, Event::Presence { user, online: true, .. } if user.as_str() == world.user(host))
        })
    };
    let known: Vec<_> = hosts.iter().map(|&host| told(host)).collect();
    assert_eq!(known, [false, false, false, false, false, true, true, true]);
    let watched = world.join(Member::new("w"));
    world.run(SECOND * 3);
    assert!(world.sees(small, watched), "who is watched stays");
}

/// A table that was full of users who are online, and with whom nothing was going on, had no room for
/// anybody who wrote: the message waited until one of them left.
#[test]
fn whoever_writes_takes_the_place_of_one_who_only_was_there() {
    let mut world = World::new(7);
    let small = Member::new("small").size(Size::Device).mesh(Mesh::Off);
    let small = world.join(small.watching(["w"]));
    let watched = world.join(Member::new("w"));
    let names: Vec<_> = (0..8).map(|number| format!("user{number}")).collect();
    let hosts: Vec<_> = names.iter().map(|name| world.join(Member::new(name))).collect();
    world.run(SECOND * 3);
    for (host, name) in hosts.iter().zip(&names) {
        world.send(*host, small, name).expect("accepted");
        world.run(SECOND * 3);
        assert!(world.sees(small, *host));
    }
    assert_eq!(world.texts(small), names);
    let known: Vec<_> = hosts.iter().map(|&host| world.sees(small, host)).collect();
    assert_eq!(known, [false, false, false, false, false, true, true, true]);
    assert!(world.sees(small, watched), "who is watched stays");
    world.send(small, hosts[0], "back to you").expect("room");
    world.run(SECOND * 3);
    assert!(world.sees(small, hosts[0]) && !world.sees(small, hosts[5]));
    world.assert_all_delivered();
}

/// A server that does not take lists is asked to tell of everybody.
#[test]
fn a_server_without_lists_tells_of_everybody() {
    let mut world = World::new(5);
    let mut server = world.puppet_at(World::SERVER);
    world.join(Member::new("alice").watching(["bob"]));
    world.run(SECOND / 10);
    // It announces what such a server would.
    world.shake_hands_as_listener(&mut server, [3; 32]);
    let said = world.heard(&mut server);
    let Message::Login(login) = said[0].message() else { panic!("{said:?}") };
    assert!(login.presence);
    let observed = Endpoint::new("10.0.0.2:7733".parse().expect("an address"));
    let welcome = Welcome { observed, keepalive_ms: 15_000, idle_ms: 45_000 };
    world.say(&mut server, &Message::Welcome(welcome));
    let said = world.heard(&mut server);
    assert_eq!(said[0].message(), Message::PeersRequest { after: None });
}

#[test]
fn a_place_beyond_the_list_ends_the_link() {
    let mut world = World::new(6);
    for (secret, place, stays) in [(7, 511, true), (8, 512, false)] {
        let mut puppet = world.puppet(World::SERVER);
        world.shake_hands(&mut puppet, [secret; 32]);
        world.say(
            &mut puppet,
            &Message::Login(Login {
                user: user(&format!("p{place}")),
                name: DisplayName::default(),
                instance: Instance::from_bits(1),
                keepalive_ms: 0,
                presence: false,
                endpoints: Default::default(),
                ticket: &[],
            }),
        );
        world.heard(&mut puppet);
        world.say(&mut puppet, &Message::Watch { place, user: user("nobody") });
        let said = world.heard(&mut puppet);
        match (stays, said[0].message()) {
            (true, Message::Presence { entries, resync: false }) => {
                let entry = entries.iter().next().expect("an entry").expect("sound");
                assert_eq!((entry.user, entry.online), (user("nobody"), None));
            }
            (false, Message::Close(reason)) => assert_eq!(reason, CloseReason::Malformed),
            (_, other) => panic!("{other:?}"),
        }
    }
}
