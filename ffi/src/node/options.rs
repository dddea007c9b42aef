use core::ffi::c_char;
use core::ptr;

use breeze_client::NodeOptions;

use crate::arguments::{Place, c_text, read};
use crate::breeze_result;
use crate::guard::guard;

/// Says which node a host wants. breeze_node_options_default fills it with NULL, which stands for what the
/// home directory remembers, or else the default; then the host sets what it wants.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_node_options {
    /// Bytes of this structure, which breeze_node_options_default has set.
    pub size: usize,
    /// The home directory: identity, settings and messages. NULL for the user's own.
    pub home: *const c_char,
    /// The server, "HOST" or "HOST:PORT"; remembered.
    pub server: *const c_char,
    /// The user name; remembered.
    pub user: *const c_char,
    /// The name to show to people; remembered.
    pub name: *const c_char,
    /// The code that enrols the key, where one is needed.
    pub code: *const c_char,
    /// Which peers are dialled: "eager", "on-demand" or "off". NULL for "eager".
    pub mesh: *const c_char,
    /// Of whom to hear: "all" or "known". NULL for "all".
    pub presence: *const c_char,
    /// The port on which to accept direct links; 0 for that of the server connection.
    pub listen: u16,
}

/// Fills the options with what is usual.
///
/// # Safety
/// `options` leads to a place of `size` bytes, which are those of a breeze_node_options.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_node_options_default(
    options: *mut breeze_node_options,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(options, size)?;
        let default = breeze_node_options {
            size: size_of::<breeze_node_options>(),
            home: ptr::null(),
            server: ptr::null(),
            user: ptr::null(),
            name: ptr::null(),
            code: ptr::null(),
            mesh: ptr::null(),
            presence: ptr::null(),
            listen: 0,
        };
        // SAFETY: as the caller says.
        unsafe { place.write(default) };
        Ok(())
    })
}

/// Reads options and all that they lead to.
pub(super) unsafe fn read_options(
    options: *const breeze_node_options,
) -> Result<NodeOptions, breeze_result> {
    // SAFETY: as the caller says. The size comes first, so that a shorter structure is not read.
    unsafe {
        if read(options.cast::<usize>())? != size_of::<breeze_node_options>() {
            return Err(breeze_result::BadSize);
        }
        let given = read(options)?;
        Ok(NodeOptions {
            home: text(given.home)?.map(Into::into),
            server: text(given.server)?,
            user: text(given.user)?,
            name: text(given.name)?,
            code: text(given.code)?,
            mesh: text(given.mesh)?,
            presence: text(given.presence)?,
            listen: (given.listen != 0).then_some(given.listen),
        })
    }
}

/// Reads a text where there may be none.
unsafe fn text(pointer: *const c_char) -> Result<Option<String>, breeze_result> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller says.
    unsafe { c_text(pointer) }.map(|text| Some(text.to_owned()))
}
