//! Shows what happens when clients and the server come, go and come back: who is told what, when,
//! and that chat goes on.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_core::error::{CloseReason, DeliveryFailure, LoginRefusal, SendError};
use breeze_core::io::{Event, ServerEvent};
use breeze_tests::world::{HostId, Member, World};

const SECOND: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(45);

fn office(world: &mut World, names: &[&str]) -> Vec<HostId> {
    let all: Vec<_> = names.iter().map(|name| world.join(Member::new(name))).collect();
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
    all
}

fn has(world: &World, host: HostId, is: impl Fn(&Event) -> bool) -> bool {
    world.view(host).events().any(|(_, event)| is(event))
}

#[test]
fn a_killed_client_is_offline_for_the_others_at_once() {
    let mut world = World::new(1);
    let all = office(&mut world, &["alice", "bob", "carol"]);
    world.kill(all[1]);
    let gone =
        |w: &World| [all[0], all[2]].iter().all(|&h| !w.sees(h, all[1]) && w.sockets(h) == 2);
    assert!(world.run_until(SECOND, gone));
    world.run(SECOND * 30);
    assert!(gone(&world), "and stays so");
    world.restart(all[1]);
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
}

#[test]
fn a_client_without_power_is_offline_within_the_idle_limit_and_a_second() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        let all = office(&mut world, &["alice", "bob", "carol"]);
        world.run(SECOND * seed as u32);
        match seed % 2 {
            0 => world.cut_power(all[1]),
            _ => world.isolate(all[1]),
        }
        world.run(IDLE + SECOND);
        for host in [all[0], all[2]] {
            assert!(!world.sees(host, all[1]), "seed {seed}");
            assert_eq!(world.path(host, all[1]), breeze_core::Path::None, "seed {seed}");
            assert_eq!(world.sockets(host), 2, "seed {seed}: the direct link is gone");
        }
        if seed % 2 == 1 {
            world.heal();
            assert!(world.run_until(SECOND * 30, |w| w.is_mesh(&all)), "seed {seed}: it is back");
        }
    }
}

#[test]
fn a_client_that_leaves_says_so() {
    let mut world = World::new(2);
    let all = office(&mut world, &["alice", "bob"]);
    world.close(all[1]);
    assert!(world.run_until(SECOND, |w| !w.sees(all[0], all[1])));
    world.run(SECOND * 200);
    assert!(!world.client(all[1]).expect("it runs").has_links());
    assert_eq!(world.sockets(all[0]), 1);
    let last = *world.dials(all[1], all[0]).last().unwrap_or(&world.now());
    assert!(world.now() - last > SECOND * 100, "whoever is closed dials nobody");
    assert_eq!(world.send(all[1], all[0], "late"), Err(SendError::Closed));
}

#[test]
fn direct_chats_go_on_without_the_server_and_clients_come_back_by_themselves() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        let all = office(&mut world, &["alice", "bob", "carol"]);
        let before = world.now();
        match seed % 2 {
            0 => world.kill(World::SERVER),
            _ => world.cut_power(World::SERVER),
        }
        for round in 0..300 {
            world.send(all[0], all[1], &format!("{round}")).expect("room");
            world.send(all[2], all[1], &format!("{round}")).expect("room");
            world.run(SECOND / 2);
        }
        assert_eq!(world.open_messages(), 0, "seed {seed}");
        assert!(world.is_direct(all[0], all[1]), "seed {seed}");
        assert!(!world.view(all[0]).is_connected, "seed {seed}");
        let dials = world.dials(all[0], World::SERVER);
        let dials: Vec<_> = dials.into_iter().filter(|at| *at > before).collect();
        let pauses: Vec<Duration> = dials.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses.iter().all(|p| *p < SECOND * 15), "seed {seed}: {pauses:?}");
        let late = pauses[6..].iter().all(|p| *p >= SECOND * 5);
        assert!(late, "seed {seed}: they grow: {pauses:?}");
        let (first, second) = (pauses[pauses.len() - 1], pauses[pauses.len() - 2]);
        assert_ne!(first, second, "seed {seed}: with jitter");
        world.kill(all[2]);
        world.run(SECOND);
        world.restart(World::SERVER);
        let back = |w: &World| w.view(all[0]).is_connected && w.view(all[1]).is_connected;
        assert!(world.run_until(SECOND * 15, back), "seed {seed}");
        world.run(SECOND);
        assert!(world.is_mesh(&all[..2]), "seed {seed}");
        assert!(world.sees(all[0], all[1]) && world.sees(all[1], all[0]), "seed {seed}");
        assert!(!world.sees(all[0], all[2]), "seed {seed}");
        world.assert_all_delivered();
    }
}

#[test]
fn messages_accepted_without_the_server_wait_for_their_recipients_return() {
    for seed in 0..30 {
        let mut world = World::new(seed);
        let all: Vec<_> = ["alice", "bob", "carol"]
            .map(|name| world.join(Member::new(name).mesh(Mesh::Off)))
            .to_vec();
        world.run(SECOND * 2);
        world.kill(World::SERVER);
        world.run(SECOND * (1 + seed as u32));
        let early = world.send(all[0], all[1], "waiting").expect("room");
        world.send(all[1], all[0], "waiting too").expect("room");
        let hopeless = world.send(all[0], all[2], "to one that stays away").expect("room");
        world.kill(all[2]);
        world.run(SECOND * 5);
        assert_eq!(world.outcome(early), None);
        world.restart(World::SERVER);
        world.run(SECOND * 14);
        assert_eq!(world.outcome(early), Some(Ok(())), "seed {seed}");
        world.run(SECOND * 16);
        let offline = Some(Err(DeliveryFailure::Offline));
        assert_eq!(world.outcome(hopeless), offline, "seed {seed}");
        assert_eq!(world.open_messages(), 0, "seed {seed}");
        assert!(world.is_relayed(all[0], all[1]));
    }
}

#[test]
fn a_direct_link_that_breaks_without_the_server_comes_back_without_it() {
    let mut world = World::new(3);
    let all = office(&mut world, &["alice", "bob"]);
    world.kill(World::SERVER);
    world.run(SECOND * 5);
    world.cut(all[0], all[1]);
    world.send(all[0], all[1], "waits for the link").expect("room");
    assert!(world.run_until(SECOND * 5, |w| w.is_direct(all[0], all[1])));
    assert!(world.sees(all[0], all[1]) && world.sees(all[1], all[0]));
    world.run(SECOND);
    world.assert_all_delivered();
    assert_eq!(world.wires_between(all[0], all[1]), 1);
}

#[test]
fn a_server_that_stops_says_so_and_closes_in_time() {
    let mut world = World::new(4);
    let all = office(&mut world, &["alice", "bob", "carol"]);
    // One that does not read cannot hold it up.
    world.set_reading(all[2], false);
    world.stop_server();
    world.run(SECOND * 2);
    assert_eq!(world.server().expect("it runs").links(), 0);
    let told =
        |event: &Event| *event == Event::Disconnected { reason: CloseReason::ServerStopping };
    assert!(has(&world, all[0], told) && has(&world, all[1], told));
}

#[test]
fn a_replaced_session_is_told_and_never_comes_back() {
    let mut world = World::new(5);
    let all = office(&mut world, &["alice", "bob"]);
    // The same user, with the same key, from another place.
    let newer = world.join(Member::new("bob"));
    world.run(SECOND * 5);
    let replaced = |event: &Event| *event == Event::Disconnected { reason: CloseReason::Replaced };
    assert!(has(&world, all[1], replaced));
    assert!(world.client(all[1]).expect("it runs").is_stopped());
    assert!(world.is_mesh(&[all[0], newer]), "peers turn to the newer one");
    let dials = world.dials(all[1], World::SERVER).len();
    world.run(SECOND * 600);
    assert_eq!(world.dials(all[1], World::SERVER).len(), dials, "never");
    assert_eq!(world.sockets(all[1]), 0);
    assert!(world.is_mesh(&[all[0], newer]));
    world.send(all[0], newer, "to the newer one").expect("room");
    world.run(SECOND);
    assert_eq!(world.texts(newer), ["to the newer one"]);
}

#[test]
fn a_name_that_belongs_to_another_key_is_refused_for_good() {
    let mut world = World::new(6);
    let all = office(&mut world, &["alice", "bob"]);
    let thief = world.join(Member { secret: Some([7; 32]), ..Member::new("bob") });
    world.run(SECOND * 60);
    let refused = Event::LoginRefused { refusal: LoginRefusal::NameTaken };
    assert!(has(&world, thief, |event| *event == refused));
    assert!(world.client(thief).expect("it runs").is_stopped());
    assert_eq!(world.dials(thief, World::SERVER).len(), 1);
    assert!(world.is_mesh(&all), "nobody else notices");
}

#[test]
fn a_temporary_refusal_is_tried_again() {
    let mut world = World::new(7);
    world.set_refusal(Some(LoginRefusal::Unavailable));
    let alice = world.join(Member::new("alice"));
    world.run(SECOND * 20);
    let refused = Event::LoginRefused { refusal: LoginRefusal::Unavailable };
    assert!(has(&world, alice, |event| *event == refused));
    assert!((3..20).contains(&world.dials(alice, World::SERVER).len()));
    world.set_refusal(None);
    assert!(world.run_until(SECOND * 11, |w| w.view(alice).is_connected));
}

#[test]
fn a_full_server_refuses_for_now() {
    let config = breeze_core::ServerConfig { max_sessions: 2, ..Default::default() };
    let mut world = World::with_server(8, config);
    let all: Vec<_> = ["alice", "bob", "carol"]
        .iter()
        .map(|name| {
            let host = world.join(Member::new(name));
            world.run(SECOND);
            host
        })
        .collect();
    let refused = Event::LoginRefused { refusal: LoginRefusal::ServerFull };
    assert!(has(&world, all[2], |event| *event == refused));
    // Its own user may always come anew.
    world.restart(all[1]);
    assert!(world.run_until(SECOND * 2, |w| w.view(all[1]).is_connected));
    world.close(all[0]);
    assert!(world.run_until(SECOND * 20, |w| w.view(all[2]).is_connected));
}

#[test]
fn a_server_with_another_key_is_refused_for_good() {
    let mut world = World::new(9);
    let all = office(&mut world, &["alice", "bob"]);
    world.set_server_secret([9; 32]);
    world.restart(World::SERVER);
    world.run(SECOND * 30);
    for &host in &all {
        assert!(has(&world, host, |event| matches!(event, Event::ServerKeyChanged { .. })));
        assert!(world.client(host).expect("it runs").is_stopped());
        assert!(!world.view(host).is_connected);
    }
    let logins = world
        .view(World::SERVER)
        .server_events()
        .filter(|(_, event)| matches!(event, ServerEvent::Login { .. }));
    assert_eq!(logins.count(), 0, "nobody showed it a key");
}

#[test]
fn messages_to_nobody_fail_with_the_reason() {
    let mut world = World::new(10);
    let all = office(&mut world, &["alice", "bob"]);
    world.close(all[1]);
    world.run(SECOND);
    let offline: Vec<_> =
        (0..300).filter_map(|n| world.send(all[0], all[1], &format!("{n}")).ok()).collect();
    let unknown = world.send_to(all[0], "nobody", "hello?").expect("room");
    assert_eq!(world.send_to(all[0], "alice", "me"), Err(SendError::ToSelf));
    world.run(SECOND * 2);
    assert!(offline.len() > 200);
    for id in offline {
        assert_eq!(world.outcome(id), Some(Err(DeliveryFailure::Offline)));
    }
    assert_eq!(world.outcome(unknown), Some(Err(DeliveryFailure::UnknownUser)));
    world.restart(all[1]);
    assert!(world.run_until(SECOND * 2, |w| w.sees(all[0], all[1])));
    world.send(all[0], all[1], "welcome back").expect("room");
    world.run(SECOND);
    assert_eq!(world.texts(all[1]), ["welcome back"], "what failed does not come later");
}
