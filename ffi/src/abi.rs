use core::ffi::{CStr, c_char};

/// The version of this ABI. A library with another number may not fit a host that was compiled with this
/// header; what is added without breaking hosts does not change it.
pub const BREEZE_ABI_VERSION: u32 = 1;

/// Returns the version of the library's ABI, to be compared with BREEZE_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn breeze_abi_version() -> u32 {
    BREEZE_ABI_VERSION
}

/// Returns the version of the library as a text, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn breeze_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}
