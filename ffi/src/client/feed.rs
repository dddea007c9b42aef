use breeze_core::id::LinkId;
use breeze_core::io::Received;
use breeze_core::time::Instant;
use zeroize::Zeroizing;

use super::entered::{Entered, with_client};
use super::received::breeze_received;
use super::stored::breeze_client;
use crate::arguments::{Place, key_bytes, read, slice_mut};
use crate::breeze_result;
use crate::guard::guard;
use crate::values::breeze_address;

/// Takes in that a pipe which BREEZE_OUTPUT_KIND_OPEN asked for is open. `ephemeral` is 32 fresh secret bytes
/// from a strong random source.
///
/// # Safety
/// `client` leads to a client, `ephemeral` to 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_opened(
    client: *mut breeze_client,
    now_ms: u64,
    link: u64,
    ephemeral: *const u8,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, ephemeral) = unsafe { (Entered::new(client)?, secret(ephemeral)?) };
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        with_client!(&entered, client => client.opened(now, link, *ephemeral));
        Ok(())
    })
}

/// Takes in that a peer at `from` opened a pipe to this client, and names the link. `ephemeral` is 32
/// fresh secret bytes from a strong random source. If the link is not accepted, the host closes the
/// pipe.
///
/// # Safety
/// `client` leads to a client, `from` to an address, `ephemeral` to 32 bytes, `link` to a place for a
/// number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_accepted(
    client: *mut breeze_client,
    now_ms: u64,
    from: *const breeze_address,
    ephemeral: *const u8,
    link: *mut u64,
) -> breeze_result {
    guard(|| {
        let place = Place::at(link)?;
        // SAFETY: as the caller says.
        let (entered, from, ephemeral) =
            unsafe { (Entered::new(client)?, read(from)?, secret(ephemeral)?) };
        let (now, addr) = (Instant::from_millis(now_ms), from.try_into()?);
        let link = with_client!(&entered, client => client.accepted(now, addr, *ephemeral))?;
        // SAFETY: as the caller says.
        unsafe { place.write(link.to_bits()) };
        Ok(())
    })
}

/// Takes in that a pipe broke, was closed by the other side, or could not be opened.
///
/// # Safety
/// `client` leads to a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_closed(
    client: *mut breeze_client,
    now_ms: u64,
    link: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        with_client!(&entered, client => client.closed(now, link));
        Ok(())
    })
}

/// Takes in the `len` bytes that a link's buffer holds, and changes them: what is sealed is opened in
/// place.
///
/// `received` says how many bytes the host drops from the front, and may hold a message, whose texts lie
/// in these bytes. The host calls again with the bytes that remain, joined by new ones at the end, as
/// long as something was consumed or a message was given; then it reads on. If files are taken, it calls
/// breeze_client_received_files instead.
///
/// # Safety
/// `client` leads to a client, `bytes` to `len` bytes, `received` to a place of `size` bytes, which are
/// those of a breeze_received.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_received(
    client: *mut breeze_client,
    now_ms: u64,
    link: u64,
    bytes: *mut u8,
    len: usize,
    received: *mut breeze_received,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(received, size)?;
        // SAFETY: as the caller says.
        let (entered, bytes) = unsafe { (Entered::new(client)?, slice_mut(bytes, len)?) };
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        let received = with_client!(&entered, client => loop {
            let received = client.received(now, link, bytes);
            if !is_passed_over(&received) {
                break received.into();
            }
        });
        // SAFETY: as the caller says.
        unsafe { place.write(received) };
        Ok(())
    })
}

/// Tells whether there was something of a file, which nobody takes here: what stands behind it is to come.
#[cfg(feature = "files")]
fn is_passed_over(received: &Received<'_>) -> bool {
    received.file.is_some() && received.consumed == 0
}

#[cfg(not(feature = "files"))]
fn is_passed_over(_: &Received<'_>) -> bool {
    false
}

/// Takes in that time has passed: at the instant of the last BREEZE_OUTPUT_KIND_WAIT, or any other.
///
/// # Safety
/// `client` leads to a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_timeout(
    client: *mut breeze_client,
    now_ms: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        with_client!(&entered, client => client.timeout(Instant::from_millis(now_ms)));
        Ok(())
    })
}

/// Fills a buffer with bytes for a link and writes their number to `len`, 0 if there is nothing to send.
///
/// The host calls this when the link's pipe can take bytes, and sends every byte before it calls again.
/// breeze_config_buffers says how large the buffer should be: a message that does not fit waits for ever.
///
/// # Safety
/// `client` leads to a client, `buffer` to `size` bytes, `len` to a place for a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_transmit(
    client: *mut breeze_client,
    now_ms: u64,
    link: u64,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
) -> breeze_result {
    guard(|| {
        let place = Place::at(len)?;
        // SAFETY: as the caller says.
        let (entered, buffer) = unsafe { (Entered::new(client)?, slice_mut(buffer, size)?) };
        let (now, link) = (Instant::from_millis(now_ms), LinkId::from_bits(link));
        let len = with_client!(&entered, client => client.transmit(now, link, buffer));
        // SAFETY: as the caller says.
        unsafe { place.write(len) };
        Ok(())
    })
}

unsafe fn secret(bytes: *const u8) -> Result<Zeroizing<[u8; 32]>, breeze_result> {
    // SAFETY: as the caller says.
    unsafe { key_bytes(bytes) }.map(Zeroizing::new)
}
