use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::Socket;

/// Files beyond which a process has no use for more: the most sessions that can be asked for, and
/// some.
const MANY_FILES: u64 = 1 << 20;

/// Creates a directory and its missing parents, for this user only.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file for reading and writing; a missing one is created for this user only.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Tells whether other users may read or change a file.
pub(crate) fn is_exposed(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

/// Makes the names in a directory durable, after a file was created or renamed in it.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Lets the system forget what it remembers of a file, so that it is read from the disk: after a
/// failure to write, the two may differ.
pub(crate) fn forget_cached(file: &File) {
    // Elsewhere there is no such call, and nothing depends on it when all is well.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = file;
}

/// Lets a listener and connections have one local endpoint; to be called before `bind`.
pub(crate) fn share_endpoint(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)
}

/// Lets a listener take a port whose old connections linger, but no port that has a listener.
pub(crate) fn reuse_port_of_the_past(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Raises the limit of open files as far as it goes, and returns it.
pub(crate) fn allow_most_files() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    // Not to infinity, which some systems refuse for files, and never down.
    let wanted = maximum.unwrap_or(MANY_FILES).min(MANY_FILES).max(current);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    usize::try_from(if raised.is_ok() { wanted } else { current }).ok()
}

/// Tells whether a non-blocking `connect` has started and goes on in the background.
pub(crate) fn is_connecting(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::INPROGRESS)
}
