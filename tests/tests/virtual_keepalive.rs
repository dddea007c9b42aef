//! Shows that idle clients stay connected for little: few steps, no spinning, and minutes between
//! pings for those that ask for it.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_tests::world::{Member, World};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn an_idle_office_stays_connected_for_a_day_and_does_little() {
    let mut world = World::new(1);
    let all: Vec<_> =
        ["alice", "bob", "carol"].iter().map(|name| world.join(Member::new(name))).collect();
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
    let (steps, logs) =
        (world.steps(), all.iter().map(|&h| world.view(h).log.len()).sum::<usize>());
    world.run(HOUR * 24);
    assert!(world.is_mesh(&all));
    assert_eq!(all.iter().map(|&h| world.view(h).log.len()).sum::<usize>(), logs, "no news");
    // Six links with a ping or two every 15 s, and what it takes to carry them.
    let each_minute = (world.steps() - steps) / (24 * 60);
    assert!(each_minute < 6 * 8 * 8, "{each_minute} steps a minute");
}

#[test]
fn a_battery_client_is_left_alone_for_minutes() {
    let mut world = World::new(2);
    let keepalive = Some(SECOND * 600);
    let member = Member { keepalive, ..Member::new("battery") };
    let battery = world.join(member);
    world.run(SECOND * 5);
    let steps = world.steps();
    world.run(HOUR * 12);
    assert!(world.view(battery).is_connected);
    // Six pings and their answers, and what it takes to carry them.
    let each_hour = (world.steps() - steps) / 12;
    assert!(each_hour < 6 * 2 * 8, "{each_hour} steps an hour");
    let alice = world.join(Member::new("alice"));
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&[battery, alice])));
    world.run(HOUR * 12);
    assert!(world.is_mesh(&[battery, alice]));
    // It pays with the time that others take to notice.
    world.cut_power(battery);
    world.run(SECOND * 1200 - SECOND);
    assert!(world.sees(alice, battery));
    world.run(SECOND * 605);
    assert!(!world.sees(alice, battery));
}

#[test]
fn traffic_counts_as_a_sign_of_life() {
    let mut world = World::new(3);
    let all = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(Mesh::Off)));
    world.run(SECOND * 2);
    for n in 0..600 {
        world.send(all[n % 2], all[(n + 1) % 2], "tick").expect("room");
        world.run(SECOND);
    }
    assert!(world.is_relayed(all[0], all[1]));
    world.assert_all_delivered();
}

#[test]
fn a_server_that_goes_silent_is_left_at_the_idle_limit() {
    let mut world = World::new(4);
    let alice = world.join(Member::new("alice"));
    world.run(SECOND * 20);
    world.cut_power(World::SERVER);
    world.run(SECOND * 46);
    assert!(!world.view(alice).is_connected);
    world.restart(World::SERVER);
    assert!(world.run_until(SECOND * 20, |w| w.view(alice).is_connected));
}

#[test]
fn a_server_that_goes_silent_is_left_sooner_by_those_who_talk() {
    let mut world = World::new(5);
    let all = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(Mesh::Off)));
    world.run(SECOND * 20);
    world.isolate(World::SERVER);
    world.send(all[0], all[1], "hello?").expect("room");
    world.run(SECOND * 7);
    assert!(!world.view(all[0]).is_connected);
    world.heal();
    assert!(world.run_until(SECOND * 20, |w| w.open_messages() == 0));
    world.assert_all_delivered();
}
