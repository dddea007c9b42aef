use core::ptr;

use breeze_core::Client;
use breeze_core::time::Instant;

use super::breeze_capacity;
use super::capacity::{Device, Office};
use super::config::{Parts, breeze_config, read_parts};
use super::stored::{Head, Stored, breeze_client};
use crate::arguments::{Place, check};
use crate::breeze_result;
use crate::guard::guard;

/// Bytes to which the storage of a client is aligned.
pub const BREEZE_CLIENT_ALIGN: usize = 16;

const _: () = assert!(BREEZE_CLIENT_ALIGN.is_multiple_of(align_of::<Stored<Device>>()));
const _: () = assert!(BREEZE_CLIENT_ALIGN.is_multiple_of(align_of::<Stored<Office>>()));

fn size(capacity: breeze_capacity) -> usize {
    match capacity {
        breeze_capacity::Device => size_of::<Stored<Device>>(),
        breeze_capacity::Office => size_of::<Stored<Office>>(),
    }
}

/// Returns the bytes of storage that a client of a breeze_capacity takes, 0 if there is no such
/// capacity. It changes with the version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn breeze_client_size(capacity: u32) -> usize {
    breeze_capacity::from_number(capacity).map_or(0, size)
}

/// Makes a client in storage of the host's, at least breeze_client_size bytes that are aligned to
/// BREEZE_CLIENT_ALIGN. Nothing is ever allocated for it: it is all there.
///
/// The client wants to log in to its server at once: breeze_client_poll says what to do. It is ended
/// with breeze_client_deinit, and must not be moved.
///
/// # Safety
/// `storage` leads to `storage_size` bytes that are nobody else's until the client was ended; `config`
/// leads to a configuration, and `client` to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_init(
    storage: *mut u8,
    storage_size: usize,
    capacity: u32,
    config: *const breeze_config,
    now_ms: u64,
    client: *mut *mut breeze_client,
) -> breeze_result {
    guard(|| {
        let place = Place::at(client)?;
        let capacity = breeze_capacity::from_number(capacity)?;
        if storage.is_null() {
            return Err(breeze_result::NullPointer);
        }
        if !storage.addr().is_multiple_of(BREEZE_CLIENT_ALIGN) {
            return Err(breeze_result::Misaligned);
        }
        if storage_size < size(capacity) {
            return Err(breeze_result::BadSize);
        }
        // SAFETY: as the caller says; there is room for it.
        unsafe {
            let parts = read_parts(config)?;
            let client = storage.cast();
            put(client, Head::new(capacity, false), parts, now_ms);
            place.write(client);
        }
        Ok(())
    })
}

/// Ends a client that breeze_client_init made, and wipes its secrets. The storage is the host's again.
/// Nothing is said to anybody: breeze_client_close does that before, and the loop that follows it.
///
/// # Safety
/// `client` leads to the storage of a client, or of one that was ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_deinit(client: *mut breeze_client) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe { end(client, false) }
    })
}

/// Makes a client in memory that the library takes, as breeze_client_init does. It is ended with
/// breeze_client_free.
///
/// # Safety
/// `config` leads to a configuration, and `client` to a place for a pointer.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_new(
    capacity: u32,
    config: *const breeze_config,
    now_ms: u64,
    client: *mut *mut breeze_client,
) -> breeze_result {
    guard(|| {
        let place = Place::at(client)?;
        let capacity = breeze_capacity::from_number(capacity)?;
        // SAFETY: as the caller says; the memory has room for the client.
        unsafe {
            let parts = read_parts(config)?;
            let memory = std::alloc::alloc(layout(capacity));
            if memory.is_null() {
                return Err(breeze_result::System);
            }
            let client = memory.cast();
            put(client, Head::new(capacity, true), parts, now_ms);
            place.write(client);
        }
        Ok(())
    })
}

/// Ends a client that breeze_client_new made, wipes its secrets and gives its memory back; NULL is fine.
/// Nothing is said to anybody: breeze_client_close does that before, and the loop that follows it.
///
/// # Safety
/// `client` is NULL, or was made by breeze_client_new and not freed since.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_free(client: *mut breeze_client) -> breeze_result {
    if client.is_null() {
        return breeze_result::Ok;
    }
    guard(|| {
        // SAFETY: as the caller says; the memory was taken with the same layout.
        unsafe {
            let capacity = capacity_of(client)?;
            end(client, true)?;
            std::alloc::dealloc(client.cast(), layout(capacity));
        }
        Ok(())
    })
}

#[cfg(feature = "std")]
fn layout(capacity: breeze_capacity) -> std::alloc::Layout {
    match std::alloc::Layout::from_size_align(size(capacity), BREEZE_CLIENT_ALIGN) {
        Ok(layout) => layout,
        Err(_) => unreachable!("no client is that large"),
    }
}

/// Puts a client where there is room for it.
unsafe fn put(at: *mut breeze_client, head: Head, parts: Parts, now_ms: u64) {
    unsafe fn put<const PEERS: usize, const LINKS: usize, const BLOCKS: usize>(
        at: *mut Stored<Client<PEERS, LINKS, BLOCKS>>,
        head: Head,
        parts: Parts,
        now_ms: u64,
    ) {
        let Parts { config, identity, secret_seed } = parts;
        let now = Instant::from_millis(now_ms);
        // SAFETY: there is room for it, as the caller says. The head comes last: until then there is
        // no client to call.
        unsafe {
            (&raw mut (*at).client).write(Client::new(config, identity, *secret_seed, now));
            (&raw mut (*at).head).write(head);
        }
    }
    // SAFETY: the caller has seen that there is room for a client of this capacity.
    unsafe {
        match head.capacity {
            breeze_capacity::Device => put(at.cast::<Stored<Device>>(), head, parts, now_ms),
            breeze_capacity::Office => put(at.cast::<Stored<Office>>(), head, parts, now_ms),
        }
    }
}

/// Checks that there is a client, and returns its capacity.
#[cfg(feature = "std")]
unsafe fn capacity_of(client: *mut breeze_client) -> Result<breeze_capacity, breeze_result> {
    // SAFETY: as the caller says.
    let entered = unsafe { super::entered::Entered::new(client) };
    match entered {
        Ok(entered) => Ok(entered.capacity()),
        // It can be freed all the same.
        // SAFETY: a client whose call has panicked is still there.
        Err(breeze_result::Panicked) => Ok(unsafe { (*client.cast::<Head>()).capacity }),
        Err(result) => Err(result),
    }
}

/// Ends a client, whose storage the library has taken or not.
unsafe fn end(client: *mut breeze_client, is_owned: bool) -> Result<(), breeze_result> {
    let head = client.cast::<Head>();
    check(head)?;
    // SAFETY: not NULL and aligned, and the caller says that it leads to the storage of a client, or
    // of one that was: any bytes are a number.
    let head = unsafe { &*head };
    head.life.enter_to_end()?;
    if head.is_owned != is_owned {
        head.life.leave();
        return Err(breeze_result::NotAClient);
    }
    // SAFETY: nobody else gets at the client any more.
    unsafe {
        match head.capacity {
            breeze_capacity::Device => wipe::<Device>(client.cast()),
            breeze_capacity::Office => wipe::<Office>(client.cast()),
        }
    }
    head.life.end();
    Ok(())
}

/// Drops a client, which wipes its keys, and then all that it held: texts are nobody's business either.
unsafe fn wipe<C>(stored: *mut Stored<C>) {
    // SAFETY: there is a client, and it is not used again, as the caller says.
    unsafe {
        let client = &raw mut (*stored).client;
        ptr::drop_in_place(client);
        ptr::write_bytes(client.cast::<u8>(), 0, size_of::<C>());
    }
}
