use core::ffi::c_char;

use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::entered::{Entered, with_client};
use super::received::breeze_received;
use super::stored::breeze_client;
use crate::arguments::{Place, slice_mut, user};
use crate::breeze_result;
use crate::files::{EnteredTransfers, HostSource, breeze_arrived, breeze_source, breeze_transfers};
use crate::guard::guard;

/// Takes in bytes as breeze_client_received does, and what came of a file: `arrived` says what that means.
///
/// The host calls again as long as something was consumed, or a message was given, or the kind of `arrived`
/// is not BREEZE_ARRIVED_KIND_NONE. What `arrived` leads to lies in these bytes.
///
/// # Safety
/// As of breeze_client_received; `transfers` leads to a table, `arrived` to a place of `arrived_size`
/// bytes, which are those of a breeze_arrived.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_received_files(
    client: *mut breeze_client,
    transfers: *mut breeze_transfers,
    now_ms: u64,
    link: u64,
    bytes: *mut u8,
    len: usize,
    received: *mut breeze_received,
    size: usize,
    arrived: *mut breeze_arrived,
    arrived_size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(received, size)?;
        let arrived_place = Place::sized(arrived, arrived_size)?;
        // SAFETY: as the caller says.
        let (entered, mut transfers, bytes) = unsafe {
            (Entered::new(client)?, EnteredTransfers::new(transfers)?, slice_mut(bytes, len)?)
        };
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        let received = with_client!(&entered, client => client.received(now, link, bytes));
        let arrived = received.file.as_ref().map_or(breeze_arrived::NONE, |file| {
            breeze_arrived::of(file, transfers.table().received(now, file))
        });
        // SAFETY: as the caller says.
        unsafe {
            place.write(received.into());
            arrived_place.write(arrived);
        }
        Ok(())
    })
}

/// Fills a buffer as breeze_client_transmit does, with what `transfers` have to send behind all else;
/// `source` gives the bytes of files right where they go, and is NULL for a host that only takes some.
///
/// Only what is sent so is said of files. breeze_config_buffers says how large the buffer should be.
///
/// # Safety
/// As of breeze_client_transmit; `transfers` leads to a table, `source`, unless it is NULL, to a source
/// whose functions may be called with its context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_transmit_files(
    client: *mut breeze_client,
    transfers: *mut breeze_transfers,
    source: *const breeze_source,
    now_ms: u64,
    link: u64,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
) -> breeze_result {
    guard(|| {
        let place = Place::at(len)?;
        // SAFETY: as the caller says.
        let (entered, mut transfers, mut source, buffer) = unsafe {
            (
                Entered::new(client)?,
                EnteredTransfers::new(transfers)?,
                HostSource::new(source)?,
                slice_mut(buffer, size)?,
            )
        };
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        let (table, source) = (transfers.table(), &mut source);
        let len = with_client!(&entered, client => {
            client.transmit_files(now, link, buffer, table, source)
        });
        // SAFETY: as the caller says.
        unsafe { place.write(len) };
        Ok(())
    })
}

/// Notes that something of a file is to go to a user, once there is a way, as
/// BREEZE_FILE_OUTPUT_KIND_KICK asks for.
///
/// # Safety
/// `client` leads to a client, `user` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_kick_files(
    client: *mut breeze_client,
    now_ms: u64,
    user: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, user) = unsafe { (Entered::new(client)?, self::user(user)?) };
        with_client!(&entered, client => client.kick_files(Instant::from_millis(now_ms), &user));
        Ok(())
    })
}
