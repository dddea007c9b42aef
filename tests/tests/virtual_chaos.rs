//! Shows that each message arrives once and in order, and that the mesh forms again, after any mix
//! of faults.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_tests::world::{AckMode, Barrier, Fragments, HostId, Member, Rng, World, seeds};

const SECOND: Duration = Duration::from_secs(1);

/// What may go wrong in a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Faults {
    /// The network and the server.
    Outside,
    /// The clients too: what was on its way to or from them may be lost.
    Everywhere,
}

fn one_fault(world: &mut World, rng: &mut Rng, all: &[HostId], faults: Faults) {
    let a = all[rng.below(4) as usize];
    let b = all[rng.below(4) as usize];
    let kinds = if faults == Faults::Everywhere { 16 } else { 13 };
    match rng.below(kinds) {
        0..=2 => world.cut(a, b),
        3 => world.cut(a, World::SERVER),
        4 => world.silence(a, b),
        5 => world.isolate(a),
        6 => world.silence(a, World::SERVER),
        7 | 8 => world.heal(),
        9 => world.set_wall(a, Some(Barrier::Refuse)),
        10 => world.set_wall(a, None),
        11 => match world.server() {
            Some(_) => world.kill(World::SERVER),
            None => world.restart(World::SERVER),
        },
        12 => {
            world.set_reading(a, false);
            world.set_reading(b, true);
        }
        13 => world.kill(a),
        14 => world.cut_power(a),
        _ => world.restart(a),
    }
}

/// What the server does for users that are away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    None,
    /// It keeps their messages, on a disk of some slowness.
    Disk,
    /// The clients have disks too.
    Disks,
}

fn run(seed: u64, faults: Faults, store: Store) {
    let mut world = World::new(seed);
    let mut rng = Rng::new(seed ^ 0xc4a05);
    if store != Store::None {
        // Every now and then the quota is met.
        let quota = if rng.below(4) == 0 { 15 } else { 10_000 };
        world.keep_messages(quota, Duration::from_millis(rng.below(400)));
    }
    world.set_latency(Duration::from_millis(rng.below(60)), Duration::from_millis(rng.below(30)));
    world.set_capacity(1 << (9 + rng.below(8)));
    if seed.is_multiple_of(5) {
        world.set_fragments(Fragments::Bytes);
    }
    let mut eager = Vec::new();
    let all: Vec<_> = ["alice", "bob", "carol", "dave"]
        .iter()
        .map(|name| {
            let ack = match rng.below(3) {
                0 => AckMode::After(Duration::from_millis(rng.below(1500))),
                _ => AckMode::AtOnce,
            };
            let mesh = if rng.below(8) == 0 { Mesh::OnDemand } else { Mesh::Eager };
            eager.push(mesh == Mesh::Eager);
            let member = Member::new(name).ack(ack).mesh(mesh);
            world.join(match store {
                Store::None => member,
                Store::Disk => member.patient(),
                Store::Disks => member.with_disk(),
            })
        })
        .collect();
    for round in 0..150 {
        for _ in 0..rng.below(4) {
            let (from, to) = (rng.below(4) as usize, rng.below(4) as usize);
            let length = if rng.below(20) == 0 { rng.below(9000) } else { rng.below(60) };
            let text = format!("{round} {}", "t".repeat(length as usize));
            let _ = world.send(all[from], all[to], &text);
        }
        if rng.below(4) == 0 {
            one_fault(&mut world, &mut rng, &all, faults);
        }
        world.run(Duration::from_millis(rng.below(1200)));
    }
    world.heal();
    if world.server().is_none() {
        world.restart(World::SERVER);
    }
    for &host in &all {
        world.set_wall(host, None);
        world.set_reading(host, true);
        if world.client(host).is_none() {
            world.restart(host);
        }
    }
    world.run(SECOND * 150);
    for (n, &a) in all.iter().enumerate() {
        for (m, &b) in all.iter().enumerate().skip(n + 1) {
            assert!(world.sees(a, b) && world.sees(b, a), "seed {seed}: {a:?} and {b:?}");
            let wires = world.wires_between(a, b);
            let agree = world.is_direct(a, b) && wires == 1
                || world.is_relayed(a, b) && wires == 0 && !eager[n] && !eager[m];
            assert!(agree, "seed {seed}: {wires} links between {a:?} and {b:?}");
            let before = world.open_messages();
            let last = world.send(a, b, "the last word").expect("room");
            world.run(SECOND * 5);
            assert_eq!(world.outcome(last), Some(Ok(())), "seed {seed}: {before} were open");
        }
    }
    if store != Store::None {
        world.run(SECOND * 60);
        for _ in 0..3 {
            if faults == Faults::Everywhere && !world.shelf_list().is_empty() {
                // What is left of the numberings of hosts that forgot theirs several times over is
                // fetched at further logins.
                for &host in &all {
                    world.restart(host);
                }
                world.run(SECOND * 60);
            }
        }
        assert_eq!(world.shelf_list(), [], "seed {seed}: everybody is there");
    }
    match faults {
        Faults::Outside => world.assert_all_settled(),
        Faults::Everywhere if store == Store::Disks => world.assert_all_settled(),
        // Those who died with messages never learnt what became of them.
        Faults::Everywhere => {}
    }
}

#[test]
fn faults_of_the_network_and_the_server_cost_no_message() {
    for seed in seeds(40) {
        run(seed, Faults::Outside, Store::None);
    }
}

#[test]
fn faults_everywhere_leave_nothing_behind() {
    for seed in seeds(40) {
        run(1_000_000 + seed, Faults::Everywhere, Store::None);
    }
}

#[test]
fn a_server_that_keeps_messages_loses_and_doubles_none() {
    for seed in seeds(40) {
        run(2_000_000 + seed, Faults::Outside, Store::Disk);
    }
}

#[test]
fn faults_everywhere_leave_nothing_on_the_servers_disk() {
    for seed in seeds(40) {
        run(3_000_000 + seed, Faults::Everywhere, Store::Disk);
    }
}

#[test]
fn where_all_have_disks_no_fault_costs_a_message() {
    for seed in seeds(60) {
        run(4_000_000 + seed, Faults::Everywhere, Store::Disks);
    }
}
