//! How many files a process may have open, connections among them.

use super::platform;

/// Allows this process as many open files as it may allow itself, and returns how many that are;
/// none if there is no limit, or none is known.
pub fn allow_most() -> Option<usize> {
    platform::allow_most_files()
}
