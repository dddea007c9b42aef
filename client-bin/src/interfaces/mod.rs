//! The addresses of this machine's interfaces, and word of their changes.

mod addresses;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

pub(crate) use addresses::Addresses;
#[cfg(target_os = "linux")]
pub(crate) use linux::Changes;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::Changes;

/// Between two looks at the addresses, where the system does not say when to look.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
