//! Files between two clients, by way of the C ABI.

mod host;

use std::ffi::CString;

use breeze::*;
use breeze_arrived_kind as Kind;
use breeze_core::noise::Identity;
use breeze_core::{Server, ServerConfig};
use host::files::Files;
use host::{Host, Network, text};

const SIZE: usize = 20_000;

fn stream(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at ^ (at >> 7)) as u8).collect()
}

/// Two hosts that are online, and take files.
fn pair(given: [usize; 2], set: impl Fn(&mut breeze_config)) -> Network {
    let server = Server::new(ServerConfig::default(), Identity::from_secret([99; 32]));
    pair_at(server, given, set)
}

/// Two of them at a server.
fn pair_at(server: Server, given: [usize; 2], set: impl Fn(&mut breeze_config)) -> Network {
    let mut hosts = Vec::new();
    for (n, user) in ["alice", "bob"].into_iter().enumerate() {
        let mut host = Host::new(user, n as u8 + 1, |config| {
            config.takes_files = true;
            set(config);
        });
        host.files = Some(Files::new(2, stream(given[n])));
        let address = Network::address(n);
        // SAFETY: client and address are there.
        let result = unsafe { breeze_client_listen_on(host.client, &address, 1) };
        assert_eq!(result, breeze_result::Ok);
        hosts.push(host);
    }
    let mut network = Network::new(hosts);
    network.server = server;
    network.pass(1_500);
    network
}

fn files(network: &mut Network, who: usize) -> &mut Files {
    network.hosts[who].files.as_mut().expect("it takes files")
}

/// Offers what a host has to the other one.
fn offer(network: &mut Network, who: usize, number: u64) -> breeze_result {
    let to = CString::new(network.hosts[1 - who].user).expect("a name");
    let files = files(network, who);
    let offer = files.given.offer("小 film.mkv");
    // SAFETY: all of it is there.
    unsafe { breeze_transfers_offer(files.table, to.as_ptr(), number, &offer, 0) }
}

/// Both offer what they have, and each has what the other had, by this path.
fn exchange(network: &mut Network, path: breeze_path) {
    for who in [0, 1] {
        assert_eq!(offer(network, who, 70 + who as u64), breeze_result::Ok);
        assert_eq!(offer(network, who, 70 + who as u64), breeze_result::TransferKnown);
    }
    network.pass(3_000);
    for who in [0, 1] {
        let other = network.hosts[1 - who].user;
        let (number, theirs) = (70 + who as u64, 71 - who as u64);
        let given = network.hosts[1 - who].files.as_ref().expect("files").given.bytes.clone();
        let own = files(network, who);
        assert!(own.got == given, "{other}'s came wrong: {} bytes", own.got.len());
        assert!(own.is_complete(other, theirs));
        let offered = own.last(Kind::Offered).expect("an offer");
        assert_eq!((offered.number, offered.path), (theirs, path as u32));
        assert_eq!(text(&offered.user.text), other);
        assert_eq!(own.names, ["小 film.mkv"]);
        let described = &offered.offer;
        assert_eq!((described.size, described.modified_ns), (given.len() as u64, -5));
        assert!(described.executable && described.kind == breeze_file_kind::File as u32);
        let verified: Vec<_> =
            own.heard.iter().filter(|it| it.kind == Kind::Verified as u32).collect();
        assert_eq!(verified.len(), given.len().div_ceil(BREEZE_BLOCK));
        let wanted = own.last(Kind::Wanted).expect("it was wanted");
        assert_eq!((wanted.number, wanted.at), (number, 0));
        let ended = own.last(Kind::Ended).expect("an end");
        assert_eq!((ended.number, ended.flag), (number, false));
        assert_eq!(ended.reason, breeze_file_end::Done as u32);
        assert_eq!(text(&ended.reason_text), "it is complete");
    }
}

#[test]
fn files_go_both_ways_on_a_direct_link() {
    let mut network = pair([SIZE, SIZE / 3], |_| {});
    exchange(&mut network, breeze_path::Direct);
}

#[test]
fn files_go_both_ways_through_the_server() {
    let mut network = pair([SIZE, SIZE / 3], |config| config.mesh = breeze_mesh::Off as u32);
    exchange(&mut network, breeze_path::Relay);
}

#[test]
fn streams_of_several_blocks_are_proved_and_go_through_small_buffers() {
    // The buffer that is filled is far shorter than a record may be.
    let mut network = pair([2 * BREEZE_BLOCK + 77, BREEZE_BLOCK], |_| {});
    exchange(&mut network, breeze_path::Direct);
}

#[test]
fn a_cut_link_costs_nothing_and_what_is_not_at_hand_is_waited_for() {
    let mut network = pair([SIZE, 0], |_| {});
    files(&mut network, 0).given.at_hand = false;
    assert_eq!(offer(&mut network, 0, 5), breeze_result::Ok);
    network.pass(1_000);
    assert!(files(&mut network, 1).got.is_empty());
    for link in network.direct_links(0) {
        network.close(0, link);
        // SAFETY: the client is there.
        unsafe { breeze_client_closed(network.hosts[0].client, network.now, link) };
    }
    network.settle();
    let given = files(&mut network, 0);
    given.given.at_hand = true;
    // SAFETY: the table is there.
    let result = unsafe { breeze_transfers_ready(given.table, c"bob".as_ptr(), 5) };
    assert_eq!(result, breeze_result::Ok);
    network.pass(15_000);
    assert!(files(&mut network, 1).got == stream(SIZE));
    assert!(files(&mut network, 0).given.reads > 0);
}

#[test]
fn a_recipient_may_wait_hold_reject_and_go_on_with_what_it_has() {
    let mut network = pair([SIZE, 0], |_| {});
    files(&mut network, 1).accepts = false;
    assert_eq!(offer(&mut network, 0, 9), breeze_result::Ok);
    network.pass(100);
    let offered = *files(&mut network, 1).last(Kind::Offered).expect("an offer");
    let (size, root) = (offered.offer.size, offered.offer.root.bytes);
    let (alice, paused) = (c"alice".as_ptr(), breeze_hold_reason::Paused as u32);
    let table = files(&mut network, 1).table;
    let old = stream(SIZE);
    // SAFETY: all of it is there.
    unsafe {
        let accept =
            |start| breeze_transfers_accept(table, alice, 9, size, root.as_ptr(), 4, start);
        assert_eq!(accept(1), breeze_result::BadValue, "no block begins there");
        assert_eq!(accept(0), breeze_result::Ok);
        assert_eq!(accept(0), breeze_result::TransferKnown);
        let result = breeze_transfers_refill(table, alice, 9, old.as_ptr(), 15_000);
        assert_eq!(result, breeze_result::Ok);
        assert_eq!(breeze_transfers_hold(table, alice, 9, paused), breeze_result::Ok);
    }
    files(&mut network, 1).got = old[..15_000].to_vec();
    network.pass(500);
    let held = *files(&mut network, 0).last(Kind::Held).expect("it is held");
    assert_eq!((held.number, held.reason), (9, paused));
    assert_eq!(files(&mut network, 1).got.len(), 15_000);
    // SAFETY: the table is there.
    assert_eq!(unsafe { breeze_transfers_release(table, alice, 9) }, breeze_result::Ok);
    network.pass(500);
    assert!(files(&mut network, 1).got == old);
    assert_eq!(files(&mut network, 0).last(Kind::Wanted).expect("it is wanted").at, 15_000);

    assert_eq!(offer(&mut network, 0, 10), breeze_result::Ok);
    network.pass(100);
    let rejected = breeze_file_end::Rejected as u32;
    // SAFETY: the table is there.
    let result = unsafe { breeze_transfers_end(table, alice, 10, false, rejected) };
    assert_eq!(result, breeze_result::Ok);
    network.pass(100);
    let ended = *files(&mut network, 0).last(Kind::Ended).expect("an end");
    assert_eq!((ended.number, ended.reason), (10, rejected));

    // A sender that has changed its mind says so; one that was forgotten is asked for again.
    assert_eq!(offer(&mut network, 0, 11), breeze_result::Ok);
    network.pass(100);
    let cancelled = breeze_file_end::Cancelled as u32;
    let own = files(&mut network, 0).table;
    // SAFETY: the tables are there.
    unsafe {
        let bob = c"bob".as_ptr();
        assert_eq!(breeze_transfers_end(own, bob, 11, true, cancelled), breeze_result::Ok);
        network.pass(100);
        let ended = *files(&mut network, 1).last(Kind::Ended).expect("an end");
        assert_eq!((ended.number, ended.reason, ended.flag), (11, cancelled, true));
        assert_eq!(offer(&mut network, 0, 12), breeze_result::Ok);
        network.pass(100);
        assert_eq!(breeze_transfers_forget(own, bob, 12, true), breeze_result::Ok);
        let result = breeze_transfers_accept(table, alice, 12, size, root.as_ptr(), 5, 0);
        assert_eq!(result, breeze_result::Ok);
    }
    network.pass(100);
    assert_eq!(files(&mut network, 0).last(Kind::Missed).expect("it is missed").number, 12);
}

#[test]
fn wrong_bytes_are_told_of_and_end_it_the_third_time() {
    let mut network = pair([SIZE, 0], |_| {});
    assert_eq!(offer(&mut network, 0, 6), breeze_result::Ok);
    files(&mut network, 0).given.bytes[7] ^= 1;
    network.pass(1_000);
    let bob = files(&mut network, 1);
    assert_eq!(bob.count(Kind::WrongBlock), 3);
    assert!(bob.last(Kind::WrongBlock).expect("told").flag && !bob.is_complete("alice", 6));
    let ended = *files(&mut network, 0).last(Kind::Ended).expect("an end");
    assert_eq!(ended.reason, breeze_file_end::Corrupt as u32);
}

#[test]
fn what_the_server_does_not_relay_is_told() {
    let mut network = pair([SIZE, 50], |config| {
        config.mesh = breeze_mesh::Off as u32;
        config.takes_files = text_of(config.user) == "alice";
    });
    network.hosts[1].files = None;
    assert_eq!(offer(&mut network, 0, 6), breeze_result::Ok);
    network.pass(500);
    let refused = *files(&mut network, 0).last(Kind::Refused).expect("it is refused");
    assert_eq!((refused.number, text(&refused.user.text).as_str()), (6, "bob"));
    assert_eq!(refused.reason, breeze_file_refusal::NotTaken as u32);
    assert_eq!(text(&refused.reason_text), "the recipient's device takes no files");
}

#[test]
fn a_stream_that_is_too_long_for_the_server_waits_for_a_direct_link() {
    let config = ServerConfig { max_file: 100, ..ServerConfig::default() };
    let server = Server::new(config, Identity::from_secret([99; 32]));
    let mut network = pair_at(server, [SIZE, 50], |config| config.mesh = breeze_mesh::Off as u32);
    for who in [0, 1] {
        assert_eq!(offer(&mut network, who, 6), breeze_result::Ok);
    }
    network.pass(500);
    let outputs = &files(&mut network, 0).outputs;
    let told = outputs
        .iter()
        .find(|output| output.kind == breeze_file_output_kind::TooLargeForRelay as u32);
    let told = told.expect("it is told");
    assert_eq!((told.number, told.max, text(&told.user.text).as_str()), (6, 100, "bob"));
    assert!(files(&mut network, 0).got == stream(50), "a short one is relayed");
}

#[test]
fn a_host_that_receives_without_files_passes_them_over() {
    let mut network = pair([SIZE, 0], |_| {});
    // It does not do as it has announced.
    network.hosts[1].files = None;
    assert_eq!(offer(&mut network, 0, 6), breeze_result::Ok);
    network.pass(100);
    let now = network.now;
    let id = network.hosts[0].send(now, "bob", "never mind");
    network.pass(100);
    assert_eq!(network.hosts[1].messages.last().expect("a message").0.id, id);
}

fn text_of(user: *const std::ffi::c_char) -> String {
    // SAFETY: the configuration has a name with its end.
    unsafe { std::ffi::CStr::from_ptr(user) }.to_string_lossy().into_owned()
}
