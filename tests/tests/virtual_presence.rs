//! Shows that many users are listed page by page and announced in bulk, and that a client which
//! misses changes catches up.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_core::id::{DisplayName, Instance, UserId};
use breeze_core::wire::{Hello, Login, Message};
use breeze_tests::world::{HostId, Member, Puppet, Size, World};

const SECOND: Duration = Duration::from_secs(1);

/// Logs a user in that wants to hear of nobody, and does nothing.
fn join_quietly(world: &mut World, number: usize) -> Puppet {
    let mut puppet = world.puppet(World::SERVER);
    let mut secret = [0x77; 32];
    secret[..8].copy_from_slice(&number.to_le_bytes());
    world.shake_hands(&mut puppet, secret);
    let login = Login {
        user: UserId::new(&format!("user{number:03}")).expect("a user id"),
        name: DisplayName::new("微风").expect("a display name"),
        instance: Instance::from_bits(number as u64),
        keepalive_ms: 900_000,
        presence: false,
        endpoints: Default::default(),
        ticket: &[],
    };
    world.say(&mut puppet, &Message::Login(login));
    puppet
}

fn online(world: &World, host: HostId) -> usize {
    world.view(host).peers.values().filter(|peer| peer.online).count()
}

#[test]
fn five_hundred_users_are_listed_in_pages() {
    let mut world = World::new(1);
    let mut all: Vec<_> = (0..500).map(|number| join_quietly(&mut world, number)).collect();
    let large = Member::new("observer").size(Size::Company).mesh(Mesh::Off);
    // Pages are as small as the one who asks needs them.
    let limits = Hello { max_record: 256, max_frame: 512, ..Hello::HOST };
    let small = Member { limits, ..Member::new("small").size(Size::Company).mesh(Mesh::Off) };
    let observers = [world.join(large), world.join(small)];
    world.run(SECOND * 3);
    for observer in observers {
        assert_eq!(online(&world, observer), 501, "with the other observer");
    }
    // All at once, the news comes in bulk as well.
    for puppet in all.drain(..250) {
        world.kill(puppet.host);
    }
    world.run(SECOND);
    for observer in observers {
        assert_eq!(online(&world, observer), 251);
    }
    for number in 0..250 {
        all.push(join_quietly(&mut world, number));
    }
    world.run(SECOND);
    for observer in observers {
        assert_eq!(online(&world, observer), 501);
    }
}

#[test]
fn a_client_that_misses_changes_asks_for_the_whole_list() {
    let mut world = World::new(2);
    world.set_capacity(2 * 1024);
    let observer = Member::new("observer").size(Size::Company).mesh(Mesh::Off);
    let observer = world.join(observer);
    world.run(SECOND);
    let mut all: Vec<_> = (0..20)
        .map(|n| world.join(Member::new(&format!("user{n}")).size(Size::Device).mesh(Mesh::Off)))
        .collect();
    world.run(SECOND);
    assert_eq!(online(&world, observer), 20);
    world.set_reading(observer, false);
    // More changes than the server remembers, within the observer's idle limit.
    for round in 0..214 {
        for &host in &all {
            if round % 2 == 0 { world.kill(host) } else { world.restart(host) }
        }
        world.run(SECOND / 10);
    }
    let gone = all.split_off(15);
    for &host in &gone {
        world.kill(host);
    }
    world.run(SECOND);
    world.set_reading(observer, true);
    world.run(SECOND * 5);
    assert_eq!(online(&world, observer), 15);
    assert!(gone.iter().all(|&host| !world.sees(observer, host)));
    assert!(world.view(observer).is_connected, "on the same session");
    let lost = |event: &breeze_core::io::Event| {
        matches!(event, breeze_core::io::Event::Disconnected { .. })
    };
    assert!(!world.view(observer).events().any(|(_, event)| lost(event)));
}

#[test]
fn a_new_display_name_is_announced() {
    let mut world = World::new(3);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member::new("bob"));
    world.run(SECOND * 3);
    assert_eq!(world.view(alice).peer("bob").name, "bob 微风");
    world.rename(bob, "Bob the Second");
    world.restart(bob);
    world.run(SECOND * 3);
    assert_eq!(world.view(alice).peer("bob").name, "Bob the Second");
    assert!(world.is_mesh(&[alice, bob]));
}

#[test]
fn a_new_address_is_announced_and_the_old_one_forgotten() {
    let mut world = World::new(4);
    let bob = world.join(Member::new("bob"));
    world.run(SECOND * 3);
    world.relocate(bob);
    // Nobody tells it that its connection is dead.
    world.run(SECOND * 90);
    let mut puppet = join_quietly(&mut world, 0);
    world.heard(&mut puppet);
    world.say(&mut puppet, &Message::PeersRequest { after: None });
    let said = world.heard(&mut puppet);
    let Message::PeersReply { entries, .. } = said[0].message() else { panic!("{said:?}") };
    let entry = entries.iter().next().expect("bob").expect("sound");
    let online = entry.online.expect("it is back");
    let addrs: Vec<_> = online.endpoints.iter().map(|endpoint| endpoint.addr()).collect();
    assert_eq!(addrs, [world.address(bob)]);
}
