//! Shows that files arrive as they were, whatever happens on the way, and that whoever sends or receives
//! them is told what becomes of them.

use std::time::Duration;

use breeze_core::error::{FileEnd, FileRefusal};
use breeze_core::files::{BLOCK, HoldReason};
use breeze_core::limits::{FILE_WINDOW, FILE_WINDOW_PART};
use breeze_core::wire::Hello;
use breeze_core::{Mesh, Path, ServerConfig};
use breeze_tests::world::{Barrier, FileId, FileNote, HostId, Member, Rng, World};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// The relay of these tests: 1 MiB a second, 2 MiB at most.
const RATE: u64 = 1 << 20;

fn stream(len: u64) -> Vec<u8> {
    let mut rng = Rng::new(len);
    (0..len.div_ceil(8)).flat_map(|_| rng.bits().to_le_bytes()).take(len as usize).collect()
}

fn member(name: &str, mesh: Mesh) -> Member {
    Member::new(name).mesh(mesh).with_disk()
}

/// A world with Alice and Bob, who see each other.
fn pair(seed: u64, mesh: Mesh) -> (World, HostId, HostId) {
    let config = ServerConfig { file_rate: RATE, max_file: 2 << 20, ..ServerConfig::default() };
    let mut world = World::with_server(seed, config);
    let [alice, bob] = ["alice", "bob"].map(|name| world.join(member(name, mesh)));
    meet(&mut world, alice, bob);
    (world, alice, bob)
}

fn meet(world: &mut World, a: HostId, b: HostId) {
    let is_met = |w: &World| w.is_direct(a, b) || w.is_relayed(a, b);
    assert!(world.run_until(MINUTE * 2, is_met));
    world.run(SECOND);
}

fn is_done(world: &World, file: FileId) -> bool {
    let view = world.file(file);
    view.sent_end == Some(FileEnd::Done) && view.got_end == Some(FileEnd::Done)
}

#[track_caller]
fn finish(world: &mut World, file: FileId) {
    let done = world.run_until(MINUTE * 5, |w| is_done(w, file));
    assert!(done, "{:?}, {:?}", world.file(file), world.file_notes(file.from, file));
    world.assert_files_within_bounds();
}

/// Lets time pass until so much of a file has arrived.
#[track_caller]
fn arrive(world: &mut World, file: FileId, bytes: u64) {
    assert!(world.run_until(MINUTE, |w| w.file(file).arrived >= bytes), "{:?}", world.file(file));
}

#[test]
fn a_file_goes_direct_and_nothing_of_it_twice() {
    let (mut world, alice, bob) = pair(1, Mesh::Eager);
    for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 17] {
        let file = world.offer_file(alice, bob, stream(len));
        finish(&mut world, file);
        assert_eq!(world.file(file).sent, len);
        assert_eq!(world.relayed_items(), 0);
    }
}

#[test]
fn a_file_goes_through_the_server_which_is_blind() {
    let (mut world, alice, bob) = pair(2, Mesh::Off);
    let canary = breeze_tests::canary();
    let mut bytes = stream(BLOCK * 3);
    for place in bytes.chunks_exact_mut(canary.len()).step_by(7) {
        place.copy_from_slice(canary.as_bytes());
    }
    world.look_for(&canary.as_bytes()[..16]);
    world.look_for(b"film");
    // So it would be found if it were there.
    world.look_for(b"bob");
    let file = world.offer_file(alice, bob, bytes);
    finish(&mut world, file);
    let [canaries, names, users] = world.found()[..] else { panic!("three are looked for") };
    assert_eq!((canaries, names), (0, 0));
    assert!(users > 50, "{users}");
    // Each nonce of each key sealed one thing, or the world had failed.
    // Those that came in two records are not seen.
    assert!(world.relayed_items() as u64 >= BLOCK * 2 / 8192, "{}", world.relayed_items());
    assert_eq!(world.file(file).sent, 3 * BLOCK);
}

#[test]
fn a_path_that_changes_costs_a_block_at_most() {
    for seed in 0..10 {
        let (mut world, alice, bob) = pair(seed, Mesh::Eager);
        assert!(world.is_direct(alice, bob));
        let file = world.offer_file_slowly(alice, bob, stream(8 * BLOCK - 9), 512 << 10);
        arrive(&mut world, file, BLOCK + seed * 10_000);
        for host in [alice, bob] {
            world.set_wall(host, Some(Barrier::Refuse));
        }
        world.cut(alice, bob);
        assert!(world.run_until(SECOND * 5, |w| w.is_relayed(alice, bob)));
        // 2 MiB is what this server relays.
        let arrived = world.file(file).arrived;
        arrive(&mut world, file, arrived + BLOCK);
        assert!(world.relayed_items() > 0);
        for host in [alice, bob] {
            world.set_wall(host, None);
        }
        assert!(world.run_until(MINUTE * 2, |w| w.is_direct(alice, bob) || is_done(w, file)));
        finish(&mut world, file);
        let view = world.file(file);
        let again = view.sent - (8 * BLOCK - 9);
        assert!(again <= 2 * BLOCK, "{again} in {} rounds", view.rounds);
    }
}

#[test]
fn both_processes_start_anew_and_go_on() {
    for (seed, mesh) in [(0, Mesh::Eager), (1, Mesh::Off), (2, Mesh::Eager), (3, Mesh::Off)] {
        let (mut world, alice, bob) = pair(seed, mesh);
        let len = 6 * BLOCK + 1;
        let file = world.offer_file_slowly(alice, bob, stream(len), 512 << 10);
        arrive(&mut world, file, BLOCK + BLOCK / 2);
        let before = world.file(file).arrived;
        world.kill(bob);
        world.run(SECOND * 3);
        world.restart(bob);
        assert!(world.file(file).arrived >= BLOCK, "what is verified stays");
        assert!(world.file(file).arrived <= before);
        arrive(&mut world, file, 3 * BLOCK);
        world.kill(alice);
        world.run(SECOND * 3);
        world.restart(alice);
        arrive(&mut world, file, 4 * BLOCK);
        world.restart(alice);
        world.restart(bob);
        finish(&mut world, file);
        let again = world.file(file).sent - len;
        assert!(again <= 4 * 2 * BLOCK, "{again}");
    }
}

#[test]
fn a_link_that_is_cut_again_and_again_gets_it_there() {
    for (seed, mesh) in (0..8).flat_map(|seed| [(seed, Mesh::Eager), (seed, Mesh::Off)]) {
        let (mut world, alice, bob) = pair(seed, mesh);
        let mut rng = Rng::new(seed);
        let len = 4 * BLOCK + rng.below(BLOCK);
        let file = world.offer_file_slowly(alice, bob, stream(len), 1 << 20);
        let mut cuts = 0;
        while !is_done(&world, file) && cuts < 30 {
            world.run(rng.up_to(SECOND / 2));
            match rng.below(3) {
                0 => world.cut(alice, bob),
                1 => world.cut(alice, World::SERVER),
                _ => world.cut(bob, World::SERVER),
            }
            cuts += 1;
        }
        finish(&mut world, file);
        let again = world.file(file).sent - len;
        assert!(again <= FILE_WINDOW * (cuts + 1), "{again} for {cuts} cuts");
    }
}

#[test]
fn a_server_that_starts_anew_interrupts_what_it_relays_alone() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(5, mesh);
        let file = world.offer_file_slowly(alice, bob, stream(7 * BLOCK), 512 << 10);
        arrive(&mut world, file, 2 * BLOCK);
        world.kill(World::SERVER);
        world.run(SECOND * 2);
        world.restart(World::SERVER);
        finish(&mut world, file);
        let again = world.file(file).sent - 7 * BLOCK;
        assert!(again <= if mesh == Mesh::Eager { 0 } else { BLOCK }, "{again}");
    }
}

#[test]
fn a_server_that_relays_no_files_says_so_and_they_wait() {
    for (rate, max, told) in [(0, 1 << 30, 0), (RATE, 0, 0), (RATE, BLOCK - 1, BLOCK - 1)] {
        let config = ServerConfig { file_rate: rate, max_file: max, ..ServerConfig::default() };
        let mut world = World::with_server(3, config);
        let [alice, bob] = ["alice", "bob"].map(|name| world.join(member(name, Mesh::Eager)));
        for host in [alice, bob] {
            world.set_wall(host, Some(Barrier::Refuse));
        }
        world.cut(alice, bob);
        world.run(SECOND * 3);
        assert!(world.is_relayed(alice, bob));
        let file = world.offer_file(alice, bob, stream(BLOCK));
        world.run(MINUTE);
        assert_eq!(world.file_notes(alice, file), [FileNote::TooLarge(told)], "told once");
        assert_eq!(world.relayed_items(), 0, "the server is not bothered");
        for host in [alice, bob] {
            world.set_wall(host, None);
        }
        finish(&mut world, file);
    }
}

#[test]
fn a_recipient_that_is_not_there_gets_it_when_it_comes() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(4, mesh);
        world.kill(bob);
        let file = world.offer_file(alice, bob, stream(2 * BLOCK));
        world.run(MINUTE * 10);
        let refused = FileNote::Refused(FileRefusal::Offline);
        let notes = world.file_notes(alice, file);
        assert!(notes.iter().all(|note| *note == refused), "{notes:?}");
        assert!((1..=11).contains(&notes.len()), "it is told, and not all the time: {notes:?}");
        world.restart(bob);
        finish(&mut world, file);
        // It may begin through the server, and go on directly.
        assert!(world.file(file).sent <= 2 * BLOCK + FILE_WINDOW);
    }
}

#[test]
fn a_recipient_that_takes_no_files_is_found_out() {
    let mut world = World::new(6);
    let alice = world.join(member("alice", Mesh::Off));
    let plain = Member { limits: Hello::HOST, ..member("bob", Mesh::Off) };
    let bob = world.join(plain);
    meet(&mut world, alice, bob);
    let file = world.offer_file(alice, bob, stream(BLOCK));
    world.run(SECOND);
    assert_eq!(world.file_notes(alice, file), [FileNote::Refused(FileRefusal::NotTaken)]);
    assert!(world.is_relayed(alice, bob), "and nothing worse");
    world.end_file(file, true, FileEnd::Cancelled);
    world.run(MINUTE * 3);
    assert_eq!(world.file_notes(alice, file).len(), 2, "the end is refused as well");
}

#[test]
fn the_server_is_sent_no_more_than_it_relays() {
    let config = ServerConfig { file_rate: RATE, max_file: 1 << 30, ..ServerConfig::default() };
    let mut world = World::with_server(7, config);
    let [alice, bob] = ["alice", "bob"].map(|name| world.join(member(name, Mesh::Off)));
    let carol = world.join(member("carol", Mesh::Off));
    meet(&mut world, alice, bob);
    let len = 24 * BLOCK;
    let files = [bob, carol, bob].map(|to| world.offer_file(alice, to, stream(len)));
    let began = world.now();
    assert!(world.run_until(MINUTE * 2, |w| files.iter().all(|file| is_done(w, *file))));
    let took = world.now() - began;
    let least = Duration::from_millis(3 * len * 1000 / RATE);
    assert!(took > least - SECOND / 5 && took < least * 11 / 10, "{took:?}, not {least:?}");
    for file in files {
        // Its sender keeps to what it was told, so the server has nothing to refuse.
        let notes = world.file_notes(alice, file);
        assert_eq!(notes, [FileNote::Wanted(0), FileNote::Ended(FileEnd::Done)]);
        assert_eq!(world.file(file).sent, len);
    }
}

/// Whoever reads more slowly than others send is not sent more than the server has room for, and gets all
/// of it.
#[test]
fn two_senders_to_one_that_reads_slowly_both_get_done() {
    let config = ServerConfig { file_rate: 4 << 20, ..ServerConfig::default() };
    let mut world = World::with_server(8, config);
    let [alice, bob] = ["alice", "bob"].map(|name| world.join(member(name, Mesh::Off)));
    world.set_capacity(8 * 1024);
    world.set_latency(Duration::from_millis(20), Duration::ZERO);
    let carol = world.join(member("carol", Mesh::Off));
    meet(&mut world, alice, carol);
    let files = [alice, bob].map(|from| world.offer_file(from, carol, stream(8 * BLOCK)));
    assert!(world.run_until(MINUTE * 5, |w| files.iter().all(|file| is_done(w, *file))));
    let sent: u64 = files.iter().map(|file| world.file(*file).sent).sum();
    assert!(sent <= 17 * BLOCK, "{sent} bytes for {}", 16 * BLOCK);
}

#[test]
fn a_disk_that_reads_wrong_is_found_out() {
    let (mut world, alice, bob) = pair(9, Mesh::Eager);
    let file = world.offer_file(alice, bob, stream(4 * BLOCK));
    world.spoil_file(file, 2 * BLOCK + 5, 1);
    finish(&mut world, file);
    assert!(world.file_notes(bob, file).contains(&FileNote::Wrong(2, false)));
    assert!(world.file(file).sent <= 4 * BLOCK + 2 * BLOCK, "that block and what was under way");
    let file = world.offer_file(alice, bob, stream(3 * BLOCK));
    world.spoil_file(file, BLOCK, 100);
    let ended = |w: &World| w.file(file).sent_end.is_some();
    assert!(world.run_until(MINUTE, ended));
    assert_eq!(world.file(file).sent_end, Some(FileEnd::Corrupt));
    assert_eq!(world.file(file).got_end, Some(FileEnd::Corrupt));
}

#[test]
fn a_full_disk_holds_it_until_there_is_room() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(10, mesh);
        let file = world.offer_file_slowly(alice, bob, stream(6 * BLOCK), 1 << 20);
        arrive(&mut world, file, 1);
        world.fill_disk(file, 2 * BLOCK + 100_000);
        world.run(MINUTE * 5);
        let held = world.file(file);
        assert!(held.arrived < 3 * BLOCK && held.sent_end.is_none());
        let notes = world.file_notes(alice, file);
        assert_eq!(notes, [FileNote::Wanted(0), FileNote::Held(HoldReason::DiskFull)]);
        // Who starts anew is held as before.
        world.restart(alice);
        world.restart(bob);
        world.run(MINUTE);
        assert!(world.file(file).sent_end.is_none());
        assert_eq!(world.file(file).rounds, held.rounds, "nothing is wanted");
        world.release_file(file);
        finish(&mut world, file);
    }
}

#[test]
fn either_side_ends_it_and_the_other_hears_of_it() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(11, mesh);
        for (by_sender, end) in [
            (true, FileEnd::Cancelled),
            (true, FileEnd::Changed),
            (false, FileEnd::Cancelled),
            (false, FileEnd::Disk),
        ] {
            let file = world.offer_file_slowly(alice, bob, stream(4 * BLOCK), 512 << 10);
            arrive(&mut world, file, BLOCK);
            world.end_file(file, by_sender, end);
            world.run(SECOND);
            let view = world.file(file);
            assert_eq!((view.sent_end, view.got_end), (Some(end), Some(end)));
            world.run(MINUTE);
            assert_eq!(world.file(file).sent, view.sent, "nothing comes any more");
        }
    }
}

#[test]
fn nothing_is_sent_of_what_is_not_accepted() {
    let mut world = World::new(12);
    let alice = world.join(member("alice", Mesh::Eager));
    let bob = world.join(Member { accepts_files: false, ..member("bob", Mesh::Eager) });
    meet(&mut world, alice, bob);
    let files: Vec<_> = (0..3).map(|n| world.offer_file(alice, bob, stream(BLOCK + n))).collect();
    world.run(MINUTE * 30);
    for file in &files {
        assert!(world.file_notes(bob, *file).contains(&FileNote::Offered));
        assert_eq!((world.file(*file).sent, world.file(*file).sent_end), (0, None));
    }
    world.end_file(files[0], false, FileEnd::Rejected);
    world.accept_file(files[1]);
    finish(&mut world, files[1]);
    assert_eq!(world.file(files[0]).sent_end, Some(FileEnd::Rejected));
    // An offer outlives both.
    world.restart(alice);
    world.restart(bob);
    meet(&mut world, alice, bob);
    world.accept_file(files[2]);
    finish(&mut world, files[2]);
}

/// An end that gets lost is told again when the other side asks.
#[test]
fn an_end_that_is_lost_is_asked_for() {
    for by_sender in [true, false] {
        let (mut world, alice, bob) = pair(13, Mesh::Eager);
        let file = world.offer_file_slowly(alice, bob, stream(4 * BLOCK), 256 << 10);
        arrive(&mut world, file, BLOCK);
        world.silence(alice, bob);
        world.silence(if by_sender { alice } else { bob }, World::SERVER);
        world.run(SECOND / 5);
        world.end_file(file, by_sender, FileEnd::Cancelled);
        world.run(SECOND / 5);
        // Whoever was to be told, and whoever knew, starts anew.
        world.restart(if by_sender { alice } else { bob });
        world.heal();
        let is_told = |w: &World| {
            let view = w.file(file);
            view.sent_end.is_some() && view.got_end.is_some()
        };
        assert!(world.run_until(MINUTE * 3, is_told), "{:?}", world.file(file));
    }
}

#[test]
fn several_transfers_get_on_alike() {
    for mesh in [Mesh::Eager, Mesh::Off] {
        let (mut world, alice, bob) = pair(14, mesh);
        let files: Vec<_> =
            (0..4).map(|_| world.offer_file(alice, bob, stream(7 * BLOCK))).collect();
        let most = |w: &World| files.iter().map(|file| w.file(*file).arrived).max();
        assert!(world.run_until(MINUTE, |w| most(w) >= Some(2 * BLOCK)));
        let before: Vec<_> = files.iter().map(|file| world.file(*file).arrived).collect();
        assert!(world.run_until(MINUTE, |w| most(w) >= Some(6 * BLOCK)));
        let took =
            files.iter().zip(before).map(|(file, before)| world.file(*file).arrived - before);
        let took: Vec<_> = took.collect();
        let (least, most) = (*took.iter().min().expect("four"), *took.iter().max().expect("four"));
        assert!(most <= 2 * least, "{took:?}");
        for file in files {
            finish(&mut world, file);
        }
    }
}

/// What is said while files go at full speed waits for what is under way, which is a window at most, and
/// for nothing else.
#[test]
fn a_message_overtakes_what_is_not_under_way() {
    let (mut world, alice, bob) = pair(15, Mesh::Eager);
    let files: Vec<_> = (0..3).map(|_| world.offer_file(alice, bob, stream(40 * BLOCK))).collect();
    let sum = |w: &World| files.iter().map(|file| w.file(*file).arrived).sum::<u64>();
    assert!(world.run_until(MINUTE, |w| sum(w) > 8 * BLOCK));
    for n in 0..10 {
        let before = sum(&world);
        let text = format!("{n}, amid it all");
        world.send(alice, bob, &text).expect("room");
        assert!(world.run_until(SECOND * 10, |w| w.texts(bob).len() > n));
        let between = sum(&world) - before;
        assert!(between <= FILE_WINDOW, "{between} bytes came first");
    }
    assert!(world.view(bob).messages().all(|(.., path)| path == Path::Direct));
    assert!(files.iter().all(|file| !is_done(&world, *file)), "they are still under way");
    const { assert!(FILE_WINDOW_PART * 8 == FILE_WINDOW) };
}

/// A slow disk is waited for, and no more than the window comes before it has written.
#[test]
fn a_slow_disk_is_waited_for() {
    let (mut world, alice, _) = pair(16, Mesh::Eager);
    let slow = Member { file_time: SECOND * 2, ..member("carol", Mesh::Eager) };
    let carol = world.join(slow);
    meet(&mut world, alice, carol);
    let file = world.offer_file(alice, carol, stream(5 * BLOCK));
    world.run(SECOND);
    assert_eq!(world.file(file).arrived, FILE_WINDOW);
    finish(&mut world, file);
    assert_eq!(world.file(file).sent, 5 * BLOCK);
}

/// There are more than have room at a time, both ways.
#[test]
fn many_files_have_their_turn() {
    let (mut world, alice, bob) = pair(17, Mesh::Eager);
    let mut files = Vec::new();
    for n in 0..20 {
        files.push(world.offer_file(alice, bob, stream(60_000 + n)));
        files.push(world.offer_file(bob, alice, stream(50_000 + n)));
    }
    assert!(world.run_until(MINUTE * 10, |w| files.iter().all(|file| is_done(w, *file))));
    world.assert_files_within_bounds();
}
