use std::fs::{self, File, Permissions};
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use async_io::Async;

/// One end of a connection between a command and the node it is attached to.
pub(crate) type Stream = Async<UnixStream>;

/// Where a node awaits the commands that attach to it.
pub(crate) type Listener = Async<UnixListener>;

/// Bytes of a path that every system takes for a socket.
const MAX_PATH: usize = 100;

/// Connects with whoever listens on the socket `name` in `dir`; nobody may.
pub(crate) async fn connect(dir: &Path, name: &str) -> io::Result<Option<Stream>> {
    let (path, _dir) = within_reach(dir, name)?;
    match Async::<UnixStream>::connect(path).await {
        Ok(stream) => Ok(Some(stream)),
        // No file, or one that a dead process left, or its node is just ending.
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset => Ok(None),
            _ => Err(error),
        },
    }
}

/// Listens on the socket `name` in `dir`, in place of one that a dead process may have left there.
pub(crate) fn listen(dir: &Path, name: &str) -> io::Result<Listener> {
    // A new socket has the permissions that the process gives to all files. In a directory of its
    // own nobody can reach it before it is this user's only; the last step puts it in place.
    let nursery = tempfile::Builder::new().prefix(".node-").tempdir_in(dir)?;
    let listener = {
        let (path, _dir) = within_reach(nursery.path(), "new")?;
        UnixListener::bind(path)?
    };
    let new = nursery.path().join("new");
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(new, dir.join(name))?;
    Async::new(listener)
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

/// Returns a path to the socket that is short enough for the system, and what must stay open for it.
fn within_reach(dir: &Path, name: &str) -> io::Result<(PathBuf, Option<File>)> {
    let path = dir.join(name);
    if path.as_os_str().len() <= MAX_PATH || !cfg!(target_os = "linux") {
        return Ok((path, None));
    }
    let dir = File::open(dir)?;
    Ok((format!("/proc/self/fd/{}/{name}", dir.as_raw_fd()).into(), Some(dir)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_no_obstacle_and_a_stale_socket_neither() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            let long = dir.path().join("x".repeat(120));
            fs::create_dir(&long).expect("create");
            for dir in [dir.path(), &long] {
                assert!(connect(dir, "s").await.expect("nobody").is_none());
                drop(listen(dir, "s").expect("listen"));
                assert!(connect(dir, "s").await.expect("stale").is_none());
                let _listener = listen(dir, "s").expect("listen again");
                assert!(connect(dir, "s").await.expect("connect").is_some());
                let mode = fs::metadata(dir.join("s")).expect("socket").permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
            }
        });
    }
}
