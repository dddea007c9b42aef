//! What a process takes of this machine, as far as the system says.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(super) use linux::{CpuTime, cpu_time, memory};
#[cfg(not(target_os = "linux"))]
pub(super) use other::{CpuTime, cpu_time, memory};

/// Is the memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// All pages that are in memory.
    pub(super) rss: u64,
    /// The same, with each shared page divided among those that share it.
    pub(super) pss: u64,
}
