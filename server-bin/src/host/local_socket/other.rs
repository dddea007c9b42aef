use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use async_io::Async;

/// One end of a connection between two processes of one user: never made.
pub type Stream = Async<TcpStream>;

/// Where a process awaits others of the same user: never made.
pub type Listener = Async<TcpListener>;

/// Tells whether the system has such sockets.
pub const SUPPORTED: bool = false;

/// Finds nobody to connect with.
pub async fn connect(_dir: &Path, _name: &str) -> io::Result<Option<Stream>> {
    Ok(None)
}

/// Refuses to listen: there is no socket that only this user could reach.
pub fn listen(_dir: &Path, _name: &str) -> io::Result<Listener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Waits for the next connection.
pub async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await.map(|(stream, _)| stream)
}
