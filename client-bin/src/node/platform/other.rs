use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;

use async_io::Async;

/// One end of a connection between a command and the node it is attached to: never made.
pub(crate) type Stream = Async<TcpStream>;

/// Where a node awaits the commands that attach to it: never made.
pub(crate) type Listener = Async<TcpListener>;

/// Finds nobody to connect with.
pub(crate) async fn connect(_dir: &Path, _name: &str) -> io::Result<Option<Stream>> {
    Ok(None)
}

/// Refuses to listen: there is no socket that only this user could reach.
pub(crate) fn listen(_dir: &Path, _name: &str) -> io::Result<Listener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Waits for the next connection.
pub(crate) async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await.map(|(stream, _)| stream)
}

/// Tells the other end that nothing more will be said.
pub(crate) fn end_of_input(stream: &Stream) {
    // It fails if the other end is gone, and then there is nobody to tell.
    let _ = stream.get_ref().shutdown(Shutdown::Write);
}
