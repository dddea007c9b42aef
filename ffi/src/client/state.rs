use core::ffi::c_char;

use super::entered::{Entered, with_client};
use super::stored::breeze_client;
use crate::arguments::{Place, user};
use crate::breeze_result;
use crate::guard::guard;
use crate::values::breeze_key;

/// Says where a client stands.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_state {
    /// The client's own key.
    pub key: breeze_key,
    /// The session with the server is up, and the list of users that were online at its start is
    /// complete.
    pub is_ready: bool,
    /// The client will never dial its server again: it was closed, its session was replaced, or its
    /// login was refused for good.
    pub is_stopped: bool,
    /// Any link is left.
    pub has_links: bool,
}

/// Says where a client stands.
///
/// # Safety
/// `client` leads to a client, `state` to a place of `size` bytes, which are those of a breeze_state.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_state(
    client: *mut breeze_client,
    state: *mut breeze_state,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(state, size)?;
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        let state = with_client!(&entered, client => breeze_state {
            key: client.public_key().into(),
            is_ready: client.is_ready(),
            is_stopped: client.is_stopped(),
            has_links: client.has_links(),
        });
        // SAFETY: as the caller says.
        unsafe { place.write(state) };
        Ok(())
    })
}

/// Tells whether nothing is sent to a user, since it has another key than the one that was verified.
/// That ends when the host pins the other one, or the user is back with the first.
///
/// # Safety
/// `client` leads to a client, `user` to a text that ends with a NUL, `is_blocked` to a place for a
/// bool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_is_blocked(
    client: *mut breeze_client,
    user: *const c_char,
    is_blocked: *mut bool,
) -> breeze_result {
    guard(|| {
        let place = Place::at(is_blocked)?;
        // SAFETY: as the caller says.
        let (entered, user) = unsafe { (Entered::new(client)?, self::user(user)?) };
        let is_blocked = with_client!(&entered, client => client.is_blocked(&user));
        // SAFETY: as the caller says.
        unsafe { place.write(is_blocked) };
        Ok(())
    })
}
