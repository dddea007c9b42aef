use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use async_io::Async;

/// One end of a connection between two processes of one user.
pub type Stream = Async<UnixStream>;

/// Where a process awaits others of the same user.
pub type Listener = Async<UnixListener>;

/// Tells whether the system has such sockets.
pub const SUPPORTED: bool = true;

/// Bytes of a path that every system takes for a socket.
const MAX_PATH: usize = 100;

/// Connects with whoever listens on the socket `name` in `dir`; nobody may.
pub async fn connect(dir: &Path, name: &str) -> io::Result<Option<Stream>> {
    let reach = match within_reach(dir, name) {
        Ok(reach) => reach,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match Async::<UnixStream>::connect(&reach.path).await {
        Ok(stream) => Ok(Some(stream)),
        // No file, or one that a dead process left, or the listener is just ending.
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset => Ok(None),
            _ => Err(error),
        },
    }
}

/// Listens on the socket `name` in `dir`, in place of one that a dead process may have left there.
///
/// It is this user's only, from the first instant at which it has its name.
pub fn listen(dir: &Path, name: &str) -> io::Result<Listener> {
    // A new socket has the permissions that the process gives to all files. In a directory of its
    // own nobody can reach it before it is this user's only; the last step puts it in place.
    let nursery = tempfile::Builder::new()
        .prefix(".socket-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(dir)?;
    let reach = within_reach(nursery.path(), "new")?;
    let listener = UnixListener::bind(&reach.path)?;
    let new = nursery.path().join("new");
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(new, dir.join(name))?;
    Async::new(listener)
}

/// Waits for the next connection.
pub async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await.map(|(stream, _)| stream)
}

/// A path that is short enough for the system, and what must stay open for it.
struct Reach {
    path: PathBuf,
    _dir: Option<File>,
}

fn within_reach(dir: &Path, name: &str) -> io::Result<Reach> {
    let path = dir.join(name);
    if path.as_os_str().len() <= MAX_PATH || !cfg!(target_os = "linux") {
        return Ok(Reach { path, _dir: None });
    }
    let dir = File::open(dir)?;
    let path = format!("/proc/self/fd/{}/{name}", dir.as_raw_fd()).into();
    Ok(Reach { path, _dir: Some(dir) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_no_obstacle_and_a_stale_socket_neither() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            let long = dir.path().join("x".repeat(120));
            assert!(connect(&long, "s").await.expect("no directory").is_none());
            fs::create_dir(&long).expect("create");
            for dir in [dir.path(), &long] {
                assert!(connect(dir, "s").await.expect("nobody").is_none());
                drop(listen(dir, "s").expect("listen"));
                assert!(connect(dir, "s").await.expect("stale").is_none());
                let listener = listen(dir, "s").expect("listen again");
                assert!(connect(dir, "s").await.expect("connect").is_some());
                accept(&listener).await.expect("accept");
                let mode = fs::metadata(dir.join("s")).expect("socket").permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
            }
            let left: Vec<_> = fs::read_dir(&long).expect("list").collect();
            assert_eq!(left.len(), 1, "{left:?}");
        });
    }

    #[test]
    fn a_file_of_another_kind_is_nobody() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            fs::write(dir.path().join("s"), "").expect("write");
            assert!(connect(dir.path(), "s").await.expect("nobody").is_none());
        });
    }
}
