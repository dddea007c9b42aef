//! Everything that a client does, by way of the C ABI.

mod host;

use std::ffi::CString;
use std::ptr;

use breeze::*;
use host::{Host, Network, text};

/// Two hosts that are online and see each other.
fn pair(set: impl Fn(usize, &mut breeze_config)) -> Network {
    let mut hosts = Vec::new();
    for (n, user) in ["alice", "bob"].into_iter().enumerate() {
        let host = Host::new(user, n as u8 + 1, |config| set(n, config));
        let address = Network::address(n);
        // SAFETY: client and address are there.
        let result = unsafe { breeze_client_listen_on(host.client, &address, 1) };
        assert_eq!(result, breeze_result::Ok);
        hosts.push(host);
    }
    let mut network = Network::new(hosts);
    network.pass(1_500);
    for host in &network.hosts {
        assert!(host.state().is_ready, "{}", host.user);
        assert_eq!(host.count(breeze_event_kind::Connected), 1);
        let news = host.last(breeze_event_kind::Presence);
        assert!(news.flag);
    }
    assert_eq!(text(&network.hosts[0].last(breeze_event_kind::Presence).user.text), "bob");
    network
}

/// Sends from alice to bob, and back, and returns how that went.
fn converse(network: &mut Network) -> [breeze_path; 2] {
    let now = network.now;
    let ids = [network.hosts[0].send(now, "bob", "你好"), network.hosts[1].send(now, "alice", "")];
    network.pass(100);
    [0, 1].map(|who| {
        let (own, other) = (&network.hosts[who], &network.hosts[1 - who]);
        let done = own.last(breeze_event_kind::Delivered);
        assert_eq!((done.id, text(&done.user.text).as_str()), (ids[who], other.user));
        let (message, said) = other.messages.last().expect("a message");
        assert_eq!((message.id, text(&message.from.text).as_str()), (ids[who], own.user));
        assert_eq!(said, ["你好", ""][who]);
        assert_eq!((message.sent_ms, message.path), (1_700_000_000_000, done.path));
        match done.path {
            1 => breeze_path::Direct,
            2 => breeze_path::Relay,
            _ => breeze_path::None,
        }
    })
}

#[test]
fn messages_go_direct_and_by_relay_when_the_link_is_cut() {
    let mut network = pair(|_, _| {});
    assert_eq!(converse(&mut network), [breeze_path::Direct; 2]);
    let path = *network.hosts[0].last(breeze_event_kind::Path);
    assert_eq!((path.path, path.address), (breeze_path::Direct as u32, Network::address(1)));
    let links = network.direct_links(0);
    assert_eq!(links.len(), 1, "one link for both");
    network.close(0, links[0]);
    // SAFETY: the client is there.
    let result = unsafe { breeze_client_closed(network.hosts[0].client, network.now, links[0]) };
    assert_eq!(result, breeze_result::Ok);
    network.settle();
    assert_eq!(converse(&mut network), [breeze_path::Relay; 2]);
    let lost = network.hosts[0].last(breeze_event_kind::LinkLost);
    assert_eq!(lost.reason, breeze_close_reason::Disconnected as u32);
    assert_eq!(text(&lost.reason_text), "disconnected");
    assert!(lost.flag);
    // It is dialled again after a pause.
    network.pass(3_000);
    assert_eq!(converse(&mut network), [breeze_path::Direct; 2]);
}

#[test]
fn a_client_without_direct_links_is_relayed_to() {
    let mut network = pair(|n, config| {
        if n == 0 {
            config.mesh = breeze_mesh::Off as u32;
        }
    });
    assert_eq!(converse(&mut network), [breeze_path::Relay; 2]);
    assert!(network.direct_links(0).is_empty());
}

#[test]
fn keys_numbers_and_marks_are_the_hosts_to_keep() {
    let mut network = pair(|n, config| config.remembers_keys = n == 0);
    let (now, bob) = (network.now, CString::new("bob").expect("a name"));
    let key = network.hosts[1].state().key;
    let alice = network.hosts[0].client;
    assert_eq!(text(&network.hosts[0].last(breeze_event_kind::Met).user.text), "bob");
    // Another key than bob's was remembered, and people had compared it.
    let other = breeze_key { bytes: [7; 32] };
    // SAFETY: all of it is there.
    unsafe {
        assert_eq!(breeze_client_pin(alice, now, bob.as_ptr(), &other, true), breeze_result::Ok);
        network.settle();
        let changed = network.hosts[0].last(breeze_event_kind::KeyChanged);
        assert_eq!((changed.former_key, changed.key, changed.flag), (other, key, true));
        let mut is_blocked = false;
        let result = breeze_client_is_blocked(alice, bob.as_ptr(), &mut is_blocked);
        assert_eq!((result, is_blocked), (breeze_result::Ok, true));
        let mut id = breeze_message_id { epoch: 9, seq: 9 };
        let said = c"hi".as_ptr();
        let result = breeze_client_send(alice, now, bob.as_ptr(), said, 2, 0, &mut id);
        assert_eq!(result, breeze_result::Blocked);
        assert_eq!(id, breeze_message_id { epoch: 9, seq: 9 }, "nothing is written");
        assert_eq!(breeze_client_pin(alice, now, bob.as_ptr(), &key, true), breeze_result::Ok);
        network.settle();
        // A host that keeps its messages gives the numbers.
        let send = |seq| {
            let id = breeze_message_id { epoch: 77, seq };
            breeze_client_send_numbered(alice, now, bob.as_ptr(), &id, said, 2, 0)
        };
        assert_eq!(send(41), breeze_result::Ok);
        assert_eq!(send(40), breeze_result::OutOfOrder);
        assert_eq!(send(42), breeze_result::Ok);
    }
    network.pass(3_000);
    let numbers: Vec<_> = network.hosts[1].messages.iter().map(|(said, _)| said.id.seq).collect();
    assert_eq!(numbers, [41, 42]);
    let last = breeze_message_id { epoch: 77, seq: 42 };
    assert_eq!(network.hosts[0].last(breeze_event_kind::Delivered).id, last);
    let user = c"alice".as_ptr();
    // SAFETY: all of it is there.
    let result =
        unsafe { breeze_client_mark_read(network.hosts[1].client, network.now, user, &last) };
    assert_eq!(result, breeze_result::Ok);
    network.pass(100);
    assert_eq!(network.hosts[0].last(breeze_event_kind::Read).id, last);
}

#[test]
fn failures_closing_and_the_servers_key() {
    let mut network = pair(|_, _| {});
    let now = network.now;
    let id = network.hosts[0].send(now, "nobody", "hello?");
    network.pass(100);
    let failed = *network.hosts[0].last(breeze_event_kind::Failed);
    assert_eq!((failed.id, failed.reason), (id, breeze_delivery_failure::UnknownUser as u32));
    assert_eq!(text(&failed.reason_text), "no user of this name is registered");
    let server = network.hosts[0].last(breeze_event_kind::Connected).key;

    // SAFETY: all of it is there.
    unsafe {
        let bob = network.hosts[1].client;
        assert_eq!(breeze_client_close(bob, now), breeze_result::Ok);
        network.pass(1_500);
        let state = network.hosts[1].state();
        assert!(state.is_stopped && !state.has_links && !state.is_ready);
        let gone = network.hosts[0].last(breeze_event_kind::Presence);
        assert!(!gone.flag);
        // It accepts nothing more, and waits for nothing.
        let mut id = breeze_message_id { epoch: 0, seq: 0 };
        let (to, said) = (c"alice".as_ptr(), c"x".as_ptr());
        let result = breeze_client_send(bob, now, to, said, 1, 0, &mut id);
        assert_eq!(result, breeze_result::Closed);
        let (from, fresh) = (Network::address(0), [5; 32]);
        let mut link = 0;
        let result = breeze_client_accepted(bob, now, &from, fresh.as_ptr(), &mut link);
        assert_eq!(result, breeze_result::LinksClosed);
        assert_eq!(breeze_client_moved(bob, now), breeze_result::Ok);
        network.settle();
        assert_eq!(network.hosts[1].until, BREEZE_NEVER);
    }

    // A client that was told of another key does not log in.
    let wrong = breeze_key { bytes: [8; 32] };
    let carol = Host::new("carol", 3, |config| {
        config.server_key = &raw const wrong;
    });
    network.hosts.push(carol);
    network.pass(500);
    let carol = &network.hosts[2];
    let changed = carol.last(breeze_event_kind::ServerKeyChanged);
    assert_eq!((changed.former_key, changed.key), (wrong, server));
    assert!(carol.state().is_stopped);
}

#[test]
fn a_list_of_users_and_the_way_to_other_networks() {
    let mut network = pair(|n, config| {
        if n == 0 {
            config.interest = breeze_interest::Everybody as u32;
            config.keepalive_ms = 60_000;
        }
    });
    let alice = network.hosts[0].client;
    // SAFETY: all of it is there.
    unsafe {
        let watch = |user: &std::ffi::CStr| breeze_client_watch(alice, network.now, user.as_ptr());
        assert_eq!(watch(c"dora"), breeze_result::Ok);
        assert_eq!(watch(c"alice"), breeze_result::OwnUser);
        assert_eq!(breeze_client_unwatch(alice, c"dora".as_ptr()), breeze_result::Ok);
        // Each takes a place of the four; bob has one, and that of dora is free again.
        for user in [c"e", c"f", c"g"] {
            assert_eq!(watch(user), breeze_result::Ok);
        }
        assert_eq!(watch(c"h"), breeze_result::TableFull);
        assert_eq!(breeze_client_moved(alice, network.now), breeze_result::Ok);
    }
    network.pass(100);
    assert_eq!(converse(&mut network)[0], breeze_path::Direct);
}

#[test]
fn a_client_may_go_on_with_a_numbering() {
    let network = pair(|_, config| config.absence = breeze_absence::Wait as u32);
    let (alice, now) = (network.hosts[0].client, network.now);
    let [first, stored, next] = [8, 9, 10].map(|seq| breeze_message_id { epoch: 5, seq });
    // SAFETY: all of it is there.
    unsafe {
        let (to, said) = (c"bob".as_ptr(), c"x".as_ptr());
        let resume = |upto| breeze_client_resume(alice, now, to, &first, upto);
        let send = |id| breeze_client_send_numbered(alice, now, to, id, said, 1, 0);
        assert_eq!(resume(7), breeze_result::OutOfOrder);
        assert_eq!(resume(9), breeze_result::Ok);
        assert_eq!(send(&stored), breeze_result::OutOfOrder, "the server has it");
        assert_eq!(send(&next), breeze_result::Ok);
        assert_eq!(resume(9), breeze_result::OutOfOrder, "something is kept");
    }
}

#[test]
fn the_library_says_who_it_is() {
    assert_eq!(breeze_abi_version(), BREEZE_ABI_VERSION);
    // SAFETY: it returns a text.
    let version = unsafe { std::ffi::CStr::from_ptr(breeze_version()) };
    assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    let (identity, mut key) = ([4; 32], breeze_key { bytes: [0; 32] });
    let mut fingerprint = breeze_fingerprint { text: [0; BREEZE_FINGERPRINT_SIZE] };
    // SAFETY: all of it is there.
    unsafe {
        assert_eq!(breeze_identity_key(identity.as_ptr(), &mut key), breeze_result::Ok);
        assert_eq!(breeze_key_fingerprint(&key, &mut fingerprint), breeze_result::Ok);
        assert_eq!(breeze_identity_key(ptr::null(), &mut key), breeze_result::NullPointer);
    }
    let shown = text(&fingerprint.text);
    assert_eq!((shown.len(), shown.matches('-').count()), (39, 7));
}
