//! Shows that clients find each other: every pair ends with exactly one direct link, however many
//! log in at once, and nothing that is sent meanwhile is lost.

use std::time::Duration;

use breeze_core::{Mesh, Path};
use breeze_tests::world::{HostId, Member, Size, World};

const SECOND: Duration = Duration::from_secs(1);

fn join_all(world: &mut World, count: usize) -> Vec<HostId> {
    (0..count).map(|n| world.join(Member::new(&format!("user{n}")))).collect()
}

#[test]
fn three_clients_form_a_full_mesh() {
    let mut world = World::new(1);
    let mut all = Vec::new();
    for name in ["alice", "bob", "carol"] {
        all.push(world.join(Member::new(name)));
        world.run(SECOND);
    }
    assert!(world.run_until(SECOND * 2, |w| w.is_mesh(&all)));
    let id = world.send(all[0], all[1], "你好").expect("room");
    world.run(SECOND);
    let [(_, from, text, path)] = world.view(all[1]).messages().collect::<Vec<_>>()[..] else {
        panic!("one message");
    };
    assert_eq!((from, text, path), ("alice", "你好", Path::Direct));
    assert_eq!(world.outcome(id), Some(Ok(())));
    world.assert_all_delivered();
}

#[test]
fn ten_clients_that_log_in_at_once_form_a_full_mesh() {
    let mut world = World::new(2);
    let all = join_all(&mut world, 10);
    assert!(world.run_until(SECOND * 5, |w| w.is_mesh(&all)));
    world.run(SECOND * 60);
    assert!(world.is_mesh(&all), "and it stays");
}

#[test]
fn a_crowd_that_overruns_its_members_forms_a_full_mesh_in_the_end() {
    let mut world = World::new(6);
    // Each has room for ten handshakes besides its thirty links.
    let all: Vec<_> =
        (0..30).map(|n| world.join(Member::new(&format!("user{n}")).size(Size::Company))).collect();
    assert!(world.run_until(SECOND * 60, |w| w.is_mesh(&all)));
}

#[test]
fn clients_that_dial_each_other_at_once_end_with_one_link() {
    for seed in 0..200 {
        let mut world = World::new(seed);
        // From all at the same instant to some after others, and from fast to slow.
        let latency = Duration::from_millis(1 + seed % 40);
        world.set_latency(latency, latency / 2);
        let mut all = Vec::new();
        for n in 0..3 {
            all.push(world.join(Member::new(&format!("user{n}"))));
            world.run(Duration::from_millis(seed % 7 * 90));
        }
        let mut sent = 0;
        for round in 0..40 {
            for (from, to) in [(0, 1), (1, 0), (1, 2), (2, 0)] {
                if world.sees(all[from], all[to]) {
                    world.send(all[from], all[to], &format!("{from}{to} {round}")).expect("room");
                    sent += 1;
                }
            }
            world.run(Duration::from_millis(50));
        }
        assert!(world.run_until(SECOND * 10, |w| w.is_mesh(&all)), "seed {seed}");
        assert!(sent > 50, "seed {seed}");
        assert!(world.run_until(SECOND * 10, |w| w.open_messages() == 0), "seed {seed}");
        world.assert_all_delivered();
        world.run(SECOND * 60);
        assert!(world.is_mesh(&all), "seed {seed}: it stays");
        // Were both to decide which link stays, each would close what the other keeps, and dial anew.
        for (from, to) in all.iter().flat_map(|&from| all.iter().map(move |&to| (from, to))) {
            let dials = world.dials(from, to).len();
            assert!(dials <= 1, "seed {seed}: {from:?} dialled {to:?} {dials} times");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut world = World::new(seed);
        let all = join_all(&mut world, 4);
        for n in 0..20 {
            world.run(Duration::from_millis(100));
            let _ = world.send(all[n % 4], all[(n + 1) % 4], "same");
        }
        world.run(SECOND * 30);
        (world.trace_hash(), world.steps())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn without_mesh_everything_is_relayed() {
    let mut world = World::new(3);
    let [alice, bob] = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(Mesh::Off)));
    world.run(SECOND * 5);
    assert!(world.is_relayed(alice, bob));
    world.send(alice, bob, "one").expect("room");
    world.send(bob, alice, "two").expect("room");
    world.run(SECOND * 60);
    assert!(world.dials(alice, bob).is_empty() && world.dials(bob, alice).is_empty());
    assert!(world.view(bob).messages().all(|(.., path)| path == Path::Relay));
    world.assert_all_delivered();
}

#[test]
fn one_side_without_mesh_is_not_dialled_for_ever() {
    let mut world = World::new(4);
    let alice = world.join(Member::new("alice"));
    let bob = world.join(Member { listens: false, ..Member::new("bob") }.mesh(Mesh::Off));
    world.run(SECOND * 120);
    assert!(world.is_relayed(alice, bob));
    assert!(world.dials(alice, bob).is_empty());
}

#[test]
fn on_demand_links_come_with_the_first_message() {
    let mut world = World::new(5);
    let all =
        ["alice", "bob", "carol"].map(|name| world.join(Member::new(name).mesh(Mesh::OnDemand)));
    world.run(SECOND * 10);
    assert!(all.iter().all(|&host| world.sockets(host) == 1), "only the server's");
    world.send(all[0], all[1], "first").expect("room");
    assert!(world.run_until(SECOND * 2, |w| w.is_direct(all[0], all[1])));
    assert_eq!(world.wires_between(all[0], all[1]), 1);
    world.send(all[1], all[0], "second").expect("room");
    world.run(SECOND * 2);
    let paths: Vec<_> = world.view(all[0]).messages().map(|(.., path)| path).collect();
    assert_eq!(paths, [Path::Direct]);
    assert_eq!(world.sockets(all[2]), 1);
    world.assert_all_delivered();
}
