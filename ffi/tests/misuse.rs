//! Bad use of the C ABI gives a result that says so, and never ends the process.

mod host;

use std::ffi::{c_char, c_void};
use std::ptr;

use breeze::*;
use host::{Host, Network, default_config};

const NOWHERE: *mut breeze_client = ptr::null_mut();

/// All functions that take a client, with everything else in order.
fn on(client: *mut breeze_client) -> Vec<(&'static str, breeze_result)> {
    let (user, id) = (c"bob".as_ptr(), breeze_message_id { epoch: 1, seq: 1 });
    let (address, fresh) = (Network::address(0), [3; 32]);
    let (mut bytes, mut out) = ([0; 32], breeze_message_id { epoch: 0, seq: 0 });
    let (mut link, mut len, mut flag) = (0, 0, false);
    let mut output = std::mem::MaybeUninit::uninit();
    let mut received = std::mem::MaybeUninit::uninit();
    let mut state = std::mem::MaybeUninit::uninit();
    // SAFETY: all of it is there, but for what the test is about.
    unsafe {
        let bytes = bytes.as_mut_ptr();
        let received = received.as_mut_ptr();
        vec![
            ("opened", breeze_client_opened(client, 0, 1, fresh.as_ptr())),
            ("accepted", breeze_client_accepted(client, 0, &address, fresh.as_ptr(), &mut link)),
            ("closed", breeze_client_closed(client, 0, 12_345)),
            (
                "received",
                breeze_client_received(
                    client,
                    0,
                    12_345,
                    bytes,
                    32,
                    received,
                    size_of::<breeze_received>(),
                ),
            ),
            ("timeout", breeze_client_timeout(client, 0)),
            ("transmit", breeze_client_transmit(client, 0, 12_345, bytes, 32, &mut len)),
            ("poll", {
                let at = output.as_mut_ptr();
                breeze_client_poll(client, 0, at, size_of::<breeze_output>())
            }),
            ("send", breeze_client_send(client, 0, user, user, 3, 0, &mut out)),
            ("numbered", breeze_client_send_numbered(client, 0, c"eve".as_ptr(), &id, user, 3, 0)),
            ("resume", breeze_client_resume(client, 0, c"fay".as_ptr(), &id, 1)),
            ("acknowledge", breeze_client_acknowledge(client, 0, user, &id)),
            ("mark_read", breeze_client_mark_read(client, 0, user, &id)),
            ("watch", breeze_client_watch(client, 0, user)),
            ("unwatch", breeze_client_unwatch(client, user)),
            ("pin", breeze_client_pin(client, 0, user, ptr::null(), false)),
            ("listen_on", breeze_client_listen_on(client, &address, 1)),
            ("moved", breeze_client_moved(client, 0)),
            ("state", {
                let at = state.as_mut_ptr();
                breeze_client_state(client, at, size_of::<breeze_state>())
            }),
            ("is_blocked", breeze_client_is_blocked(client, user, &mut flag)),
            ("close", breeze_client_close(client, 0)),
        ]
    }
}

#[test]
fn no_client_is_told_of() {
    for (name, result) in on(NOWHERE) {
        assert_eq!(result, breeze_result::NullPointer, "{name}");
    }
    let mut storage = [0_u128; 64];
    let at = storage.as_mut_ptr();
    for (name, result) in on(at.cast()) {
        assert_eq!(result, breeze_result::NotAClient, "{name}");
    }
    for (name, result) in on(at.cast::<u8>().wrapping_add(1).cast()) {
        assert_eq!(result, breeze_result::Misaligned, "{name}");
    }
    // SAFETY: NULL is allowed to be freed.
    unsafe {
        assert_eq!(breeze_client_free(NOWHERE), breeze_result::Ok);
        assert_eq!(breeze_client_free(NOWHERE), breeze_result::Ok);
        assert_eq!(breeze_client_deinit(NOWHERE), breeze_result::NullPointer);
        assert_eq!(breeze_client_deinit(at.cast()), breeze_result::NotAClient);
        assert_eq!(breeze_client_free(at.cast()), breeze_result::NotAClient);
    }
}

#[test]
fn a_client_that_was_ended_takes_no_calls() {
    let mut host = Host::new("alice", 1, |_| {});
    for (name, result) in on(host.client) {
        assert_eq!(result, breeze_result::Ok, "{name}");
    }
    // SAFETY: the client is there.
    unsafe {
        let client = host.client;
        assert_eq!(breeze_client_free(client), breeze_result::NotAClient, "it is the host's");
        assert_eq!(breeze_client_timeout(client, 0), breeze_result::Ok, "and still there");
        assert_eq!(breeze_client_deinit(client), breeze_result::Ok);
    }
    for (name, result) in on(host.client) {
        assert_eq!(result, breeze_result::NotAClient, "{name}");
    }
    host.is_ended = true;
}

#[test]
fn a_client_in_memory_of_the_librarys_is_freed() {
    let (user, identity) = (c"alice", [1; 32]);
    let mut config = default_config();
    config.user = user.as_ptr();
    config.identity = identity.as_ptr();
    config.secret_seed = identity.as_ptr();
    let capacities = match cfg!(miri) {
        // The other takes long there.
        true => vec![breeze_capacity::Device],
        false => vec![breeze_capacity::Device, breeze_capacity::Office],
    };
    for capacity in capacities {
        let mut client = NOWHERE;
        // SAFETY: all of it is there.
        unsafe {
            let result = breeze_client_new(capacity as u32, &config, 0, &mut client);
            assert_eq!(result, breeze_result::Ok);
            assert_eq!(breeze_client_deinit(client), breeze_result::NotAClient);
            assert_eq!(breeze_client_timeout(client, 0), breeze_result::Ok);
            assert_eq!(breeze_client_free(client), breeze_result::Ok);
        }
    }
}

#[test]
fn configurations_are_checked() {
    let (user, identity) = (c"alice", [1; 32]);
    let (wrong_user, long_name) = (c"Alice", [b'n' as c_char; 66]);
    let mut long_name = long_name;
    long_name[65] = 0;
    let no_text = [0xff_u8 as c_char, 0];
    let sound = {
        let mut config = default_config();
        config.user = user.as_ptr();
        config.identity = identity.as_ptr();
        config.secret_seed = identity.as_ptr();
        config
    };
    let capacity = breeze_capacity::Device as u32;
    let size = breeze_client_size(capacity);
    let mut storage = vec![0_u128; size.div_ceil(16)];
    let at: *mut u8 = storage.as_mut_ptr().cast();
    let before = 0x5a5a_usize as *mut breeze_client;
    let mut client = before;
    let mut init = |at: *mut u8, size, capacity, config: *const breeze_config| {
        // SAFETY: all of it is there, but for what is refused.
        let result = unsafe { breeze_client_init(at, size, capacity, config, 0, &mut client) };
        if result != breeze_result::Ok {
            assert_eq!(client, before, "nothing is written");
        }
        result
    };
    type Spoil<'s> = &'s dyn Fn(&mut breeze_config);
    let refused: [(breeze_result, Spoil<'_>); 15] = [
        (breeze_result::BadSize, &|config| config.size -= 1),
        (breeze_result::BadSize, &|config| config.size = 0),
        (breeze_result::NullPointer, &|config| config.user = ptr::null()),
        (breeze_result::NullPointer, &|config| config.identity = ptr::null()),
        (breeze_result::NullPointer, &|config| config.secret_seed = ptr::null()),
        (breeze_result::BadUser, &|config| config.user = wrong_user.as_ptr()),
        (breeze_result::BadText, &|config| config.user = no_text.as_ptr()),
        (breeze_result::BadName, &|config| config.name = long_name.as_ptr()),
        (breeze_result::BadValue, &|config| config.mesh = 3),
        (breeze_result::BadValue, &|config| config.interest = u32::MAX),
        (breeze_result::BadValue, &|config| config.absence = 2),
        (breeze_result::BadValue, &|config| config.max_frame = 511),
        (breeze_result::BadValue, &|config| config.max_record = 65_536 + 256),
        (breeze_result::NullPointer, &|config| config.ticket_len = 1),
        (breeze_result::BadTicket, &|config| {
            config.ticket = storage_of_tickets().as_ptr();
            config.ticket_len = 129;
        }),
    ];
    for (n, (result, spoil)) in refused.into_iter().enumerate() {
        let mut config = sound;
        spoil(&mut config);
        assert_eq!(init(at, size, capacity, &config), result, "{n}");
    }
    assert_eq!(init(at, size, 3, &sound), breeze_result::BadValue);
    assert_eq!(init(at, size - 1, capacity, &sound), breeze_result::BadSize);
    assert_eq!(init(at.wrapping_add(8), size, capacity, &sound), breeze_result::Misaligned);
    assert_eq!(init(ptr::null_mut(), size, capacity, &sound), breeze_result::NullPointer);
    assert_eq!(init(at, size, capacity, ptr::null()), breeze_result::NullPointer);
    assert_eq!(breeze_client_size(3), 0);
    let (mut receive, mut send) = (0, 0);
    // SAFETY: all of it is there, but for what is refused.
    unsafe {
        let result = breeze_config_buffers(&sound, &mut receive, &mut send);
        assert_eq!(result, breeze_result::Ok);
        assert!(receive > 64 * 1024 && send > 64 * 1024, "{receive} {send}");
        let result = breeze_config_buffers(&sound, ptr::null_mut(), &mut send);
        assert_eq!(result, breeze_result::NullPointer);
        let mut config = sound;
        let result = breeze_config_default(&mut config, size_of::<breeze_config>() - 8);
        assert_eq!(result, breeze_result::BadSize);
    }
    assert_eq!(init(at, size, capacity, &sound), breeze_result::Ok);
    // SAFETY: the client is there.
    assert_eq!(unsafe { breeze_client_deinit(client) }, breeze_result::Ok);
}

fn storage_of_tickets() -> &'static [u8; 129] {
    &[b'x'; 129]
}

#[test]
fn arguments_of_calls_are_checked() {
    let host = Host::new("alice", 1, |_| {});
    let (client, bob) = (host.client, c"bob".as_ptr());
    let id = breeze_message_id { epoch: 1, seq: 1 };
    let mut out = id;
    let no_text = [0xff_u8];
    // SAFETY: all of it is there, but for what is refused.
    unsafe {
        let mut send = |to: *const c_char, text: *const u8, len| {
            breeze_client_send(client, 0, to, text.cast(), len, 0, &mut out)
        };
        let said = b"hello".as_ptr();
        assert_eq!(send(ptr::null(), said, 5), breeze_result::NullPointer);
        assert_eq!(send(c"".as_ptr(), said, 5), breeze_result::BadUser);
        assert_eq!(send(c"a b".as_ptr(), said, 5), breeze_result::BadUser);
        assert_eq!(send(c"alice".as_ptr(), said, 5), breeze_result::OwnUser);
        assert_eq!(send(bob, ptr::null(), 5), breeze_result::NullPointer);
        assert_eq!(send(bob, said, usize::MAX), breeze_result::BadSize);
        assert_eq!(send(bob, no_text.as_ptr(), 1), breeze_result::BadText);
        let long = vec![b'x'; 70_000];
        assert_eq!(send(bob, long.as_ptr(), long.len()), breeze_result::TooLarge);
        assert_eq!(send(bob, ptr::null(), 0), breeze_result::Ok);
        let mut results = Vec::new();
        while results.last() != Some(&breeze_result::Full) {
            results.push(send(bob, long.as_ptr(), 200));
            assert!(results.len() < 100, "the outbox has a bound");
        }
        let nowhere = ptr::null_mut();
        let result = breeze_client_send(client, 0, bob, bob, 3, 0, nowhere);
        assert_eq!(result, breeze_result::NullPointer);
        let result = breeze_client_acknowledge(client, 0, bob, ptr::null());
        assert_eq!(result, breeze_result::NullPointer);
        // Nobody has sent that.
        assert_eq!(breeze_client_acknowledge(client, 0, bob, &id), breeze_result::Ok);
        let mut address = Network::address(0);
        address.family = 5;
        let (fresh, mut link) = ([1; 32], 7);
        let result = breeze_client_accepted(client, 0, &address, fresh.as_ptr(), &mut link);
        assert_eq!((result, link), (breeze_result::BadAddress, 7));
        assert_eq!(breeze_client_listen_on(client, &address, 1), breeze_result::BadAddress);
        assert_eq!(breeze_client_listen_on(client, &address, 9), breeze_result::BadSize);
        assert_eq!(breeze_client_listen_on(client, ptr::null(), 1), breeze_result::NullPointer);
        assert_eq!(breeze_client_listen_on(client, ptr::null(), 0), breeze_result::Ok);
        let result = breeze_client_poll(client, 0, ptr::null_mut(), size_of::<breeze_output>());
        assert_eq!(result, breeze_result::NullPointer);
        let mut output = std::mem::MaybeUninit::<breeze_output>::uninit();
        let result = breeze_client_poll(client, 0, output.as_mut_ptr(), 8);
        assert_eq!(result, breeze_result::BadSize);
    }
}

/// Draws bytes that look like nothing (xorshift64).
fn noise(seed: &mut u64, len: usize) -> Vec<u8> {
    let mut draw = || {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed as u8
    };
    (0..len).map(|_| draw()).collect()
}

#[test]
fn random_truncated_and_late_bytes_end_links_and_nothing_else() {
    let rounds = if cfg!(miri) { 3 } else { 300 };
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let hosts = vec![Host::new("alice", 1, |_| {}), Host::new("bob", 2, |_| {})];
    let mut network = Network::new(hosts);
    network.pass(1_000);
    for round in 0..rounds {
        let (from, fresh) = (Network::address(1), [round as u8; 32]);
        let mut link = 0;
        let now = network.now;
        let alice = &mut network.hosts[0];
        // SAFETY: all of it is there.
        let result =
            unsafe { breeze_client_accepted(alice.client, now, &from, fresh.as_ptr(), &mut link) };
        assert_eq!(result, breeze_result::Ok);
        let mut bytes = match round % 3 {
            0 => Vec::new(),
            // The way a link begins.
            1 => b"BRZ\x02".to_vec(),
            _ => [b"BRZ\x02\x00\x20".to_vec(), noise(&mut seed, 32)].concat(),
        };
        let len = noise(&mut seed, 1)[0].into();
        bytes.extend(noise(&mut seed, len));
        alice.receive(now, link, &bytes);
        // The clock of a host may go back, and a link be used that is gone.
        alice.receive(now / 2, link ^ 0xff, &bytes);
        alice.receive(0, link, &[]);
        // SAFETY: the client is there.
        unsafe {
            assert_eq!(breeze_client_timeout(alice.client, now / 3), breeze_result::Ok);
            assert_eq!(breeze_client_closed(alice.client, now, link), breeze_result::Ok);
            assert_eq!(breeze_client_closed(alice.client, now, link), breeze_result::Ok);
        }
        network.settle();
        network.pass(10);
    }
    assert!(network.hosts[0].state().is_ready);
    let now = network.now;
    let id = network.hosts[0].send(now, "bob", "still there");
    network.pass(100);
    assert_eq!(network.hosts[1].messages.last().expect("a message").0.id, id);
}

#[test]
fn the_log_goes_where_it_is_wanted() {
    unsafe extern "C" fn count(context: *mut c_void, level: u32, text: *const c_char, len: usize) {
        assert!((1..=5).contains(&level));
        // SAFETY: the text has that length, and the context is the vector.
        unsafe {
            let text = std::slice::from_raw_parts(text.cast::<u8>(), len);
            let lines = &*context.cast::<std::sync::Mutex<Vec<String>>>();
            lines.lock().expect("no panic").push(String::from_utf8(text.to_vec()).expect("UTF-8"));
        }
    }
    static LINES: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let context = (&raw const LINES).cast_mut().cast();
    // SAFETY: the vector lives for ever.
    unsafe {
        assert_eq!(breeze_log_to(Some(count), context, 6), breeze_result::BadValue);
        assert_eq!(breeze_log_to(None, context, 1), breeze_result::NullPointer);
        assert_eq!(breeze_log_to(Some(count), context, 5), breeze_result::Ok);
    }
    let mut network = Network::new(vec![Host::new("alice", 1, |_| {})]);
    network.pass(500);
    assert!(!LINES.lock().expect("no panic").is_empty());
    // SAFETY: as above.
    assert_eq!(unsafe { breeze_log_to(Some(count), context, 0) }, breeze_result::Ok);
}
