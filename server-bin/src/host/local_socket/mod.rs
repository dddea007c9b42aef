//! Sockets in a program's own directory that only its user can reach. Only Unix has them:
//! elsewhere nobody listens.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use other::*;
#[cfg(unix)]
pub use unix::*;
