//! Bad use of what the C ABI has for files gives a result that says so, and never ends the process.

mod host;

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use breeze::*;
use host::files::{Files, Given};
use host::{Host, default_config};

const NOWHERE: *mut breeze_transfers = ptr::null_mut();

/// All functions that take a table, with everything else in order.
fn on(table: *mut breeze_transfers) -> Vec<(&'static str, breeze_result)> {
    let host = Host::new("alice", 1, |config| config.takes_files = true);
    let given = Given::new(b"some bytes".to_vec());
    let (client, bob, offer) = (host.client, c"bob".as_ptr(), given.offer("name"));
    let (root, mut bytes, mut len) = ([4; 32], [0; 32], 0);
    let mut output = MaybeUninit::uninit();
    let (mut received, mut arrived) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    let done = breeze_file_end::Done as u32;
    // SAFETY: all of it is there, but for what the test is about.
    unsafe {
        let (at, size) = (bytes.as_mut_ptr(), bytes.len());
        vec![
            ("offer", breeze_transfers_offer(table, bob, 1, &offer, 1_000)),
            ("accept", breeze_transfers_accept(table, bob, 2, 9, root.as_ptr(), 1, 0)),
            ("refill", breeze_transfers_refill(table, bob, 2, at, 5)),
            ("written", breeze_transfers_written(table, bob, 2, u64::MAX)),
            ("ready", breeze_transfers_ready(table, bob, 1)),
            ("hold", breeze_transfers_hold(table, bob, 2, 0)),
            ("release", breeze_transfers_release(table, bob, 2)),
            ("end", breeze_transfers_end(table, bob, 2, false, done)),
            ("again", breeze_transfers_end(table, bob, 2, false, done)),
            ("forget", breeze_transfers_forget(table, bob, 1, true)),
            ("forget again", breeze_transfers_forget(table, bob, 1, true)),
            ("on_path", breeze_transfers_on_path(table, 0, bob)),
            ("timeout", breeze_transfers_timeout(table, 0)),
            ("poll", {
                let size = size_of::<breeze_file_output>();
                breeze_transfers_poll(table, output.as_mut_ptr(), size)
            }),
            ("received", {
                let (to, size_of_it) = (received.as_mut_ptr(), size_of::<breeze_received>());
                let (file, file_size) = (arrived.as_mut_ptr(), size_of::<breeze_arrived>());
                breeze_client_received_files(
                    client, table, 0, 77, at, size, to, size_of_it, file, file_size,
                )
            }),
            ("transmit", {
                let nothing = ptr::null();
                breeze_client_transmit_files(client, table, nothing, 0, 77, at, size, &mut len)
            }),
        ]
    }
}

#[test]
fn a_table_that_is_none_or_was_ended_takes_no_calls() {
    let check = |table, wanted| {
        for (name, result) in on(table) {
            assert_eq!(result, wanted, "{name}");
        }
    };
    check(NOWHERE, breeze_result::NullPointer);
    let mut storage = [0_u128; 8];
    let at = storage.as_mut_ptr();
    check(at.cast(), breeze_result::NotTransfers);
    check(at.cast::<u8>().wrapping_add(1).cast(), breeze_result::Misaligned);
    let client = Host::new("carol", 3, |_| {});
    check(client.client.cast(), breeze_result::NotTransfers);
    let files = Files::new(2, Vec::new());
    check(files.table, breeze_result::Ok);
    // SAFETY: the tables are there, or their storage is; NULL is allowed to be freed.
    unsafe {
        let table = files.table;
        assert_eq!(breeze_client_timeout(table.cast(), 0), breeze_result::NotAClient);
        assert_eq!(breeze_transfers_free(table), breeze_result::NotTransfers, "it is the host's");
        assert_eq!(breeze_transfers_timeout(table, 0), breeze_result::Ok, "and still there");
        assert_eq!(breeze_transfers_free(NOWHERE), breeze_result::Ok);
        assert_eq!(breeze_transfers_deinit(NOWHERE), breeze_result::NullPointer);
        assert_eq!(breeze_transfers_deinit(at.cast()), breeze_result::NotTransfers);
        let mut owned = NOWHERE;
        assert_eq!(breeze_transfers_new(1, &mut owned), breeze_result::Ok);
        assert_eq!(breeze_transfers_deinit(owned), breeze_result::NotTransfers);
        assert_eq!(breeze_transfers_free(owned), breeze_result::Ok);
    }
}

#[test]
fn storage_is_checked() {
    let size = breeze_transfers_size(1);
    assert!(size > 0 && breeze_transfers_size(4) > 3 * size);
    assert_eq!([0, 3, 5, 65, u32::MAX].map(|slots| breeze_transfers_size(slots)), [0; 5]);
    let mut storage = vec![0_u128; size.div_ceil(16)];
    let at: *mut u8 = storage.as_mut_ptr().cast();
    let before = ptr::without_provenance_mut(0x5a5a);
    let mut table = before;
    let mut init = |at: *mut u8, size, slots| {
        // SAFETY: all of it is there, but for what is refused.
        let result = unsafe { breeze_transfers_init(at, size, slots, &mut table) };
        assert!(result == breeze_result::Ok || table == before, "nothing is written");
        result
    };
    assert_eq!(init(at, size, 3), breeze_result::BadValue);
    assert_eq!(init(at, size - 1, 1), breeze_result::BadSize);
    assert_eq!(init(at, size, 2), breeze_result::BadSize);
    assert_eq!(init(at.wrapping_add(8), size, 1), breeze_result::Misaligned);
    assert_eq!(init(ptr::null_mut(), size, 1), breeze_result::NullPointer);
    assert_eq!(init(at, size, 1), breeze_result::Ok);
    // SAFETY: the table is there.
    unsafe {
        assert_eq!(breeze_transfers_init(at, size, 1, ptr::null_mut()), breeze_result::NullPointer);
        assert_eq!(breeze_transfers_new(7, &mut table), breeze_result::BadValue);
        assert_eq!(breeze_transfers_deinit(table), breeze_result::Ok);
    }
    assert!(storage[1..].iter().all(|word| *word == 0), "names of files are wiped");
}

#[test]
fn arguments_are_checked() {
    let files = Files::new(1, b"some bytes".to_vec());
    let host = Host::new("alice", 1, |config| config.takes_files = true);
    let (table, client, bob) = (files.table, host.client, c"bob".as_ptr());
    let sound = files.given.offer("name");
    let root = [4; 32];
    // SAFETY: all of it is there, but for what is refused.
    unsafe {
        let offer = |to: *const c_char, offer: *const breeze_offer| {
            breeze_transfers_offer(table, to, 1, offer, 0)
        };
        assert_eq!(offer(ptr::null(), &sound), breeze_result::NullPointer);
        assert_eq!(offer(c"Bob".as_ptr(), &sound), breeze_result::BadUser);
        assert_eq!(offer(bob, ptr::null()), breeze_result::NullPointer);
        let long = "x".repeat(256);
        for name in ["", "..", "a/b", "a\\b", "a\nb", "nul", "trailing.", &long] {
            let bad = breeze_offer { name: name.as_ptr().cast(), name_len: name.len(), ..sound };
            assert_eq!(offer(bob, &bad), breeze_result::BadFileName, "{name:?}");
        }
        let bad = breeze_offer { name: b"\xff".as_ptr().cast(), name_len: 1, ..sound };
        assert_eq!(offer(bob, &bad), breeze_result::BadText);
        let bad = breeze_offer { name: ptr::null(), ..sound };
        assert_eq!(offer(bob, &bad), breeze_result::NullPointer);
        let bad = breeze_offer { kind: 2, ..sound };
        assert_eq!(offer(bob, &bad), breeze_result::BadValue);
        assert_eq!(offer(bob, &sound), breeze_result::Ok);
        assert_eq!(offer(bob, &sound), breeze_result::TransferKnown);

        let accept = |size, root: *const u8, start| {
            breeze_transfers_accept(table, bob, 8, size, root, 1, start)
        };
        assert_eq!(accept(9, ptr::null(), 0), breeze_result::NullPointer);
        assert_eq!(accept(9, root.as_ptr(), 1), breeze_result::BadValue);
        assert_eq!(accept(0, root.as_ptr(), 0), breeze_result::BadValue, "not the hash of nothing");
        assert_eq!(accept(9, root.as_ptr(), 0), breeze_result::TransfersFull);
        let end = |number, end| breeze_transfers_end(table, bob, number, true, end);
        assert_eq!(end(1, 9), breeze_result::BadValue);
        assert_eq!(end(2, 0), breeze_result::TransfersFull, "it is not known");
        assert_eq!(breeze_transfers_hold(table, bob, 8, 2), breeze_result::BadValue);
        let refill = breeze_transfers_refill(table, bob, 8, ptr::null(), 3);
        assert_eq!(refill, breeze_result::NullPointer);
        let size = size_of::<breeze_file_output>();
        let poll = breeze_transfers_poll(table, ptr::null_mut(), size);
        assert_eq!(poll, breeze_result::NullPointer);
        let mut output = MaybeUninit::<breeze_file_output>::uninit();
        let poll = breeze_transfers_poll(table, output.as_mut_ptr(), size - 8);
        assert_eq!(poll, breeze_result::BadSize);
        assert_eq!(breeze_client_kick_files(client, 0, ptr::null()), breeze_result::NullPointer);

        let (mut received, mut arrived) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let (mut bytes, mut len) = ([0; 32], 55);
        let mut receive = |size, file_size| {
            let (at, to, file) = (bytes.as_mut_ptr(), received.as_mut_ptr(), arrived.as_mut_ptr());
            breeze_client_received_files(client, table, 0, 7, at, 32, to, size, file, file_size)
        };
        let sizes = [size_of::<breeze_received>(), size_of::<breeze_arrived>()];
        assert_eq!(receive(sizes[0] - 1, sizes[1]), breeze_result::BadSize);
        assert_eq!(receive(sizes[0], sizes[1] + 1), breeze_result::BadSize);
        assert_eq!(receive(sizes[0], sizes[1]), breeze_result::Ok);
        let source = breeze_source {
            context: ptr::null_mut::<c_void>(),
            at_hand: None,
            read: None,
            proof: None,
        };
        let result = breeze_client_transmit_files(
            client,
            table,
            &source,
            0,
            7,
            bytes.as_mut_ptr(),
            32,
            &mut len,
        );
        assert_eq!((result, len), (breeze_result::NullPointer, 55));
    }
}

#[test]
fn hashes_and_trees_are_checked() {
    let none = breeze_hash { bytes: [0; 32] };
    let (mut hash, mut tree, mut proof) = (none, [none; 6], [none; BREEZE_PROOF_SIZE]);
    let (block, mut len) = (BREEZE_BLOCK as u64, 99);
    let bytes = b"hello";
    assert_eq!(breeze_tree_size(0), 1);
    assert_eq!(breeze_tree_size(block), 1);
    assert_eq!(breeze_tree_size(block + 1), 3);
    assert_eq!(breeze_tree_size(3 * block), 6);
    assert!(usize::BITS > 32 && breeze_tree_size(u64::MAX) > 1 << 46);
    // SAFETY: all of it is there, but for what is refused.
    unsafe {
        let mut of = |size, n, len| breeze_block_hash(size, n, bytes.as_ptr(), len, &mut hash);
        assert_eq!(of(5, 1, 5), breeze_result::BadValue);
        assert_eq!(of(6, 0, 5), breeze_result::BadSize);
        assert_eq!(of(block + 5, 0, 5), breeze_result::BadSize);
        assert_eq!(of(block + 5, 1, 5), breeze_result::Ok, "the last one is shorter");
        assert_eq!(of(0, 0, 0), breeze_result::Ok);
        // BLAKE3 of nothing.
        assert_eq!(hash.bytes[..4], [0xaf, 0x13, 0x49, 0xb9]);
        let result = breeze_block_hash(5, 0, ptr::null(), 5, &mut hash);
        assert_eq!(result, breeze_result::NullPointer);
        let result = breeze_block_hash(5, 0, bytes.as_ptr(), 5, ptr::null_mut());
        assert_eq!(result, breeze_result::NullPointer);

        let at = tree.as_mut_ptr();
        let mut join = |size, at, count| breeze_tree_join(size, at, count, &mut hash);
        assert_eq!(join(3 * block, at, 5), breeze_result::BadSize);
        assert_eq!(join(3 * block, ptr::null_mut(), 6), breeze_result::NullPointer);
        assert_eq!(join(3 * block, at, 6), breeze_result::Ok);
        assert_eq!(tree[5], hash);
        let mut prove = |count, n, to: *mut breeze_hash| {
            breeze_tree_proof(3 * block, tree.as_ptr(), count, n, to, &mut len)
        };
        assert_eq!(prove(6, 3, proof.as_mut_ptr()), breeze_result::BadValue);
        assert_eq!(prove(7, 0, proof.as_mut_ptr()), breeze_result::BadSize);
        assert_eq!(prove(6, 0, ptr::null_mut()), breeze_result::NullPointer);
        assert_eq!(prove(6, 2, proof.as_mut_ptr()), breeze_result::Ok);
        assert_eq!((len, proof[0], proof[1]), (1, tree[3], none));
    }
}

#[test]
fn buffers_have_room_for_files() {
    let mut config = default_config();
    (config.max_frame, config.max_record) = (512, 256);
    let [mut receive, mut without, mut with] = [0; 3];
    // SAFETY: all of it is there.
    unsafe {
        let result = breeze_config_buffers(&config, &mut receive, &mut without);
        assert_eq!(result, breeze_result::Ok);
        config.takes_files = true;
        assert_eq!(breeze_config_buffers(&config, &mut receive, &mut with), breeze_result::Ok);
    }
    assert!(with > without, "{with} {without}");
}
