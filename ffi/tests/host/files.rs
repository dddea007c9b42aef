//! What a host does about files.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use breeze::*;

use super::text;

/// A table in storage of its own, one stream that is given to whoever wants it, and one that is taken.
pub(crate) struct Files {
    storage: Vec<u128>,
    pub(crate) table: *mut breeze_transfers,
    pub(crate) given: Given,
    pub(crate) got: Vec<u8>,
    /// Whatever is offered is accepted.
    pub(crate) accepts: bool,
    /// What was told, but for bytes and steps.
    pub(crate) heard: Vec<breeze_arrived>,
    pub(crate) names: Vec<String>,
    pub(crate) outputs: Vec<breeze_file_output>,
}

/// What a source gives.
pub(crate) struct Given {
    pub(crate) bytes: Vec<u8>,
    tree: Vec<breeze_hash>,
    /// Nothing is.
    pub(crate) at_hand: bool,
    pub(crate) reads: usize,
}

impl Given {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        let none = breeze_hash { bytes: [0; 32] };
        let mut tree = vec![none; breeze_tree_size(size)];
        let blocks: Vec<&[u8]> = match bytes.is_empty() {
            true => vec![&[]],
            false => bytes.chunks(BREEZE_BLOCK).collect(),
        };
        for (n, block) in blocks.into_iter().enumerate() {
            // SAFETY: all of it is there.
            let result = unsafe {
                let hash = &mut tree[n];
                breeze_block_hash(size, n as u64, block.as_ptr(), block.len(), hash)
            };
            assert_eq!(result, breeze_result::Ok);
        }
        let mut root = none;
        // SAFETY: all of it is there.
        let result = unsafe { breeze_tree_join(size, tree.as_mut_ptr(), tree.len(), &mut root) };
        assert_eq!((result, Some(&root)), (breeze_result::Ok, tree.last()));
        Self { bytes, tree, at_hand: true, reads: 0 }
    }

    pub(crate) fn offer(&self, name: &'static str) -> breeze_offer {
        breeze_offer {
            name: name.as_ptr().cast(),
            name_len: name.len(),
            kind: breeze_file_kind::File as u32,
            executable: true,
            modified_ns: -5,
            entries: 0,
            list_len: 0,
            size: self.bytes.len() as u64,
            root: self.tree[self.tree.len() - 1],
        }
    }

    pub(crate) fn source(&mut self) -> breeze_source {
        breeze_source {
            context: (&raw mut *self).cast(),
            at_hand: Some(at_hand),
            read: Some(read),
            proof: Some(proof),
        }
    }
}

unsafe extern "C" fn at_hand(
    given: *mut c_void,
    _to: *const c_char,
    _number: u64,
    at: u64,
    len: usize,
) -> usize {
    // SAFETY: it is what the source was made of.
    let given = unsafe { &*given.cast::<Given>() };
    // More than was asked for does no harm.
    if given.at_hand { (given.bytes.len() - at as usize).max(len) } else { 0 }
}

unsafe extern "C" fn read(
    given: *mut c_void,
    to: *const c_char,
    number: u64,
    at: u64,
    buffer: *mut u8,
    len: usize,
) {
    // SAFETY: it is what the source was made of, and the rest as the library says.
    unsafe {
        assert!(!std::ffi::CStr::from_ptr(to).is_empty() && number != 0);
        let given = &mut *given.cast::<Given>();
        given.reads += 1;
        std::slice::from_raw_parts_mut(buffer, len)
            .copy_from_slice(&given.bytes[at as usize..][..len]);
    }
}

unsafe extern "C" fn proof(
    given: *mut c_void,
    _to: *const c_char,
    _number: u64,
    block: u64,
    hashes: *mut breeze_hash,
) -> usize {
    // SAFETY: it is what the source was made of, and there is room for a proof.
    unsafe {
        let given = &*given.cast::<Given>();
        let (size, mut len) = (given.bytes.len() as u64, 0);
        let (tree, count) = (given.tree.as_ptr(), given.tree.len());
        let result = breeze_tree_proof(size, tree, count, block, hashes, &mut len);
        assert_eq!(result, breeze_result::Ok);
        if given.at_hand { len } else { BREEZE_NOT_AT_HAND }
    }
}

impl Files {
    pub(crate) fn new(slots: u32, given: Vec<u8>) -> Self {
        let size = breeze_transfers_size(slots);
        let mut storage = vec![0_u128; size.div_ceil(16)];
        let mut table = ptr::null_mut();
        // SAFETY: the storage is as large as was said.
        let result =
            unsafe { breeze_transfers_init(storage.as_mut_ptr().cast(), size, slots, &mut table) };
        assert_eq!(result, breeze_result::Ok);
        Self {
            storage,
            table,
            given: Given::new(given),
            got: Vec::new(),
            accepts: true,
            heard: Vec::new(),
            names: Vec::new(),
            outputs: Vec::new(),
        }
    }

    pub(crate) fn receive(
        &mut self,
        client: *mut breeze_client,
        now: u64,
        link: u64,
        inbox: &mut Vec<u8>,
    ) {
        loop {
            let (mut received, mut arrived) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: all of it is there.
            let (received, arrived) = unsafe {
                let (at, size) = (received.as_mut_ptr(), size_of::<breeze_received>());
                let (bytes, len) = (inbox.as_mut_ptr(), inbox.len());
                let file: *mut breeze_arrived = arrived.as_mut_ptr();
                let file_size = size_of::<breeze_arrived>();
                let table = self.table;
                let result = breeze_client_received_files(
                    client, table, now, link, bytes, len, at, size, file, file_size,
                );
                assert_eq!(result, breeze_result::Ok);
                (received.assume_init(), arrived.assume_init())
            };
            assert!(!received.has_message, "there are none in these tests");
            let is_file = arrived.kind != breeze_arrived_kind::None as u32;
            self.take(&arrived);
            inbox.drain(..received.consumed);
            if received.consumed == 0 && !is_file {
                return;
            }
        }
    }

    fn take(&mut self, arrived: &breeze_arrived) {
        let (from, number) = (arrived.user.text.as_ptr(), arrived.number);
        if arrived.kind == breeze_arrived_kind::Data as u32 {
            // SAFETY: the bytes lie in the inbox, and that was not changed since; the table is there.
            unsafe {
                let bytes = std::slice::from_raw_parts(arrived.bytes, arrived.len);
                self.got.truncate(arrived.at as usize);
                assert_eq!(self.got.len() as u64, arrived.at);
                self.got.extend_from_slice(bytes);
                let upto = self.got.len() as u64;
                let result = breeze_transfers_written(self.table, from, number, upto);
                assert_eq!(result, breeze_result::Ok);
            }
            return;
        }
        if arrived.kind <= breeze_arrived_kind::Step as u32 {
            return;
        }
        if arrived.kind == breeze_arrived_kind::Offered as u32 {
            let offer = &arrived.offer;
            // SAFETY: as above.
            unsafe {
                let name = std::slice::from_raw_parts(offer.name.cast::<u8>(), offer.name_len);
                self.names.push(String::from_utf8(name.to_vec()).expect("UTF-8"));
                if self.accepts {
                    let (size, root) = (offer.size, offer.root.bytes.as_ptr());
                    let result =
                        breeze_transfers_accept(self.table, from, number, size, root, 3, 0);
                    assert_eq!(result, breeze_result::Ok);
                }
            }
        }
        self.heard.push(*arrived);
    }

    pub(crate) fn transmit(
        &mut self,
        client: *mut breeze_client,
        now: u64,
        link: u64,
        buffer: &mut [u8],
    ) -> usize {
        let source = self.given.source();
        let mut len = 0;
        // SAFETY: all of it is there.
        let result = unsafe {
            let (at, size) = (buffer.as_mut_ptr(), buffer.len());
            breeze_client_transmit_files(client, self.table, &source, now, link, at, size, &mut len)
        };
        assert_eq!(result, breeze_result::Ok);
        len
    }

    /// Does what the table asks for.
    pub(crate) fn drain(&mut self, client: *mut breeze_client, now: u64) {
        loop {
            let mut output = MaybeUninit::uninit();
            // SAFETY: all of it is there.
            let output: breeze_file_output = unsafe {
                let size = size_of::<breeze_file_output>();
                let result = breeze_transfers_poll(self.table, output.as_mut_ptr(), size);
                assert_eq!(result, breeze_result::Ok);
                output.assume_init()
            };
            let user = output.user.text.as_ptr();
            if output.kind == breeze_file_output_kind::Wait as u32 {
                return;
            } else if output.kind == breeze_file_output_kind::Kick as u32 {
                // SAFETY: the client is there.
                let result = unsafe { breeze_client_kick_files(client, now, user) };
                assert_eq!(result, breeze_result::Ok);
                continue;
            } else if output.kind == breeze_file_output_kind::Complete as u32 {
                let done = breeze_file_end::Done as u32;
                // SAFETY: the table is there.
                let result =
                    unsafe { breeze_transfers_end(self.table, user, output.number, false, done) };
                assert_eq!(result, breeze_result::Ok);
            }
            self.outputs.push(output);
        }
    }

    pub(crate) fn timeout(&self, now: u64) {
        // SAFETY: the table is there.
        assert_eq!(unsafe { breeze_transfers_timeout(self.table, now) }, breeze_result::Ok);
    }

    pub(crate) fn on_path(&self, now: u64, user: &breeze_user) {
        // SAFETY: the table is there.
        let result = unsafe { breeze_transfers_on_path(self.table, now, user.text.as_ptr()) };
        assert_eq!(result, breeze_result::Ok);
    }

    /// Returns what was told of this kind last.
    pub(crate) fn last(&self, kind: breeze_arrived_kind) -> Option<&breeze_arrived> {
        self.heard.iter().rev().find(|arrived| arrived.kind == kind as u32)
    }

    pub(crate) fn count(&self, kind: breeze_arrived_kind) -> usize {
        self.heard.iter().filter(|arrived| arrived.kind == kind as u32).count()
    }

    /// Tells whether a stream of a user's is complete.
    pub(crate) fn is_complete(&self, from: &str, number: u64) -> bool {
        self.outputs.iter().any(|output| {
            output.kind == breeze_file_output_kind::Complete as u32
                && (text(&output.user.text).as_str(), output.number) == (from, number)
        })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // SAFETY: the table is there, and nobody uses it any more; then its storage is.
        unsafe {
            assert_eq!(breeze_transfers_deinit(self.table), breeze_result::Ok);
            assert_eq!(breeze_transfers_deinit(self.table), breeze_result::NotTransfers);
        }
    }
}
