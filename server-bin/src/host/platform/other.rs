use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use socket2::Socket;

/// Creates a directory and its missing parents; a user's own folders are private by inheritance.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// Opens a file for reading and writing, and creates a missing one.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Tells whether other users may read or change a file: not known here.
pub(crate) fn is_exposed(_metadata: &Metadata) -> bool {
    false
}

/// Does nothing: here directories cannot be synchronised.
pub(crate) fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Does nothing: here the system cannot be told to.
pub(crate) fn forget_cached(_file: &File) {}

/// Lets a listener and connections have one local endpoint; to be called before `bind`.
pub(crate) fn share_endpoint(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Does nothing: on Windows the option would let two listeners share a port.
pub(crate) fn reuse_port_of_the_past(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

/// Knows of no limit.
pub(crate) fn allow_most_files() -> Option<usize> {
    None
}

/// Tells whether a non-blocking `connect` has started and goes on in the background.
pub(crate) fn is_connecting(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
