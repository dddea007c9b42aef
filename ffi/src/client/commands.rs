use core::ffi::c_char;
use core::net::SocketAddr;

use breeze_core::limits::MAX_ENDPOINTS;
use breeze_core::time::Instant;

use super::entered::{Entered, with_client};
use super::stored::breeze_client;
use crate::arguments::{Place, read, read_if_any, text, user};
use crate::breeze_result;
use crate::guard::guard;
use crate::values::{breeze_address, breeze_key, breeze_message_id};

/// Accepts a text of `len` bytes in UTF-8 for a user and names the message; `sent_ms` is the time shown
/// to people, in milliseconds since 1970.
///
/// From here on the message is kept until it is delivered or has failed, which an event tells.
///
/// # Safety
/// `client` leads to a client, `to` to a text that ends with a NUL, `text` to `len` bytes, `id` to a
/// place for the name of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_send(
    client: *mut breeze_client,
    now_ms: u64,
    to: *const c_char,
    text: *const c_char,
    len: usize,
    sent_ms: u64,
    id: *mut breeze_message_id,
) -> breeze_result {
    guard(|| {
        let place = Place::at(id)?;
        // SAFETY: as the caller says.
        let (entered, to, text) =
            unsafe { (Entered::new(client)?, user(to)?, self::text(text, len)?) };
        let now = Instant::from_millis(now_ms);
        let id = with_client!(&entered, client => client.send(now, &to, text, sent_ms))?;
        // SAFETY: as the caller says.
        unsafe { place.write(id.into()) };
        Ok(())
    })
}

/// Accepts a text as breeze_client_send does, under a number that the host gave it.
///
/// For hosts that number and keep their messages before they send them, and send again after a restart
/// what was not settled: in the order of the numbers, and each higher than the last to this user, since
/// numbers that are passed over count as failed. While nothing for this user is kept in the client, any
/// number begins; but nobody goes back to a numbering that was left for another.
///
/// # Safety
/// `client` leads to a client, `to` to a text that ends with a NUL, `id` to the name of a message,
/// `text` to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_send_numbered(
    client: *mut breeze_client,
    now_ms: u64,
    to: *const c_char,
    id: *const breeze_message_id,
    text: *const c_char,
    len: usize,
    sent_ms: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, to, id, text) =
            unsafe { (Entered::new(client)?, user(to)?, read(id)?, self::text(text, len)?) };
        let (now, id) = (Instant::from_millis(now_ms), id.into());
        with_client!(&entered, client => client.send_numbered(now, &to, id, text, sent_ms))?;
        Ok(())
    })
}

/// Goes on with a numbering of which the server keeps some messages: `first` is the lowest that is
/// neither delivered nor failed, `stored` the last that the server keeps.
///
/// For hosts that send again after a restart what was not settled; the messages behind `stored` follow
/// with breeze_client_send_numbered. Nothing for this user may be kept in the client.
///
/// # Safety
/// `client` leads to a client, `to` to a text that ends with a NUL, `first` to the name of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_resume(
    client: *mut breeze_client,
    now_ms: u64,
    to: *const c_char,
    first: *const breeze_message_id,
    stored: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, to, first) = unsafe { (Entered::new(client)?, user(to)?, read(first)?) };
        let (now, first) = (Instant::from_millis(now_ms), first.into());
        with_client!(&entered, client => client.resume(now, &to, first, stored))?;
        Ok(())
    })
}

/// Acknowledges a received message, and all before it, to its sender: the host has kept it.
///
/// # Safety
/// `client` leads to a client, `from` to a text that ends with a NUL, `id` to the name of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_acknowledge(
    client: *mut breeze_client,
    now_ms: u64,
    from: *const c_char,
    id: *const breeze_message_id,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, from, id) = unsafe { (Entered::new(client)?, user(from)?, read(id)?) };
        let (now, id) = (Instant::from_millis(now_ms), id.into());
        with_client!(&entered, client => client.acknowledge(now, &from, id));
        Ok(())
    })
}

/// Tells the sender of a received message that a person has seen it, and all before it.
///
/// # Safety
/// `client` leads to a client, `from` to a text that ends with a NUL, `id` to the name of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_mark_read(
    client: *mut breeze_client,
    now_ms: u64,
    from: *const c_char,
    id: *const breeze_message_id,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, from, id) = unsafe { (Entered::new(client)?, user(from)?, read(id)?) };
        let (now, id) = (Instant::from_millis(now_ms), id.into());
        with_client!(&entered, client => client.mark_read(now, &from, id));
        Ok(())
    })
}

/// Keeps a user in the peer table, whether or not messages go to it, until breeze_client_unwatch: with
/// BREEZE_INTEREST_KNOWN the server tells of it.
///
/// # Safety
/// `client` leads to a client, `user` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_watch(
    client: *mut breeze_client,
    now_ms: u64,
    user: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, user) = unsafe { (Entered::new(client)?, self::user(user)?) };
        with_client!(&entered, client => client.watch(Instant::from_millis(now_ms), &user))?;
        Ok(())
    })
}

/// Ends what breeze_client_watch began: the user stays in the peer table until another needs the room.
///
/// # Safety
/// `client` leads to a client, `user` to a text that ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_unwatch(
    client: *mut breeze_client,
    user: *const c_char,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, user) = unsafe { (Entered::new(client)?, self::user(user)?) };
        with_client!(&entered, client => client.unwatch(&user));
        Ok(())
    })
}

/// Says which key of a user the host remembers, NULL if none: any other is told of, with
/// BREEZE_EVENT_KIND_KEY_CHANGED, and if this one was verified by people, nothing is sent to the other until
/// the host pins that.
///
/// # Safety
/// `client` leads to a client, `user` to a text that ends with a NUL, `key`, unless it is NULL, to a
/// key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_pin(
    client: *mut breeze_client,
    now_ms: u64,
    user: *const c_char,
    key: *const breeze_key,
    verified: bool,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let (entered, user, key) =
            unsafe { (Entered::new(client)?, self::user(user)?, read_if_any(key)?) };
        let (now, key) = (Instant::from_millis(now_ms), key.map(Into::into));
        with_client!(&entered, client => client.pin(now, &user, key, verified));
        Ok(())
    })
}

/// Sets where the host accepts direct links, the likeliest address first, at most 8. The next login
/// tells the server.
///
/// # Safety
/// `client` leads to a client, `addresses` to `count` addresses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_listen_on(
    client: *mut breeze_client,
    addresses: *const breeze_address,
    count: usize,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        if count > MAX_ENDPOINTS {
            return Err(breeze_result::BadSize);
        }
        let mut addrs = heapless::Vec::<SocketAddr, MAX_ENDPOINTS>::new();
        for n in 0..count {
            // SAFETY: as the caller says.
            let address = unsafe { read(addresses.wrapping_add(n)) }?;
            // There is room for as many.
            let _ = addrs.push(address.try_into()?);
        }
        with_client!(&entered, client => client.listen_on(addrs));
        Ok(())
    })
}

/// Takes in that the host's addresses changed: it came to a network, left one, or is in another. What
/// waits for its next try is tried at once, and a link that is dead is found out soon.
///
/// # Safety
/// `client` leads to a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_moved(
    client: *mut breeze_client,
    now_ms: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        with_client!(&entered, client => client.moved(Instant::from_millis(now_ms)));
        Ok(())
    })
}

/// Ends every link in good order; the client is stopped, and accepts nothing more. The host goes on with
/// its loop until no link is left, or no longer than it wants to wait.
///
/// # Safety
/// `client` leads to a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_close(
    client: *mut breeze_client,
    now_ms: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        with_client!(&entered, client => client.close(Instant::from_millis(now_ms)));
        Ok(())
    })
}
