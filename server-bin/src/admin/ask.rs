use std::path::Path;
use std::time::{Duration, Instant};

use async_io::Timer;
use smol::future;
use smol::io::{AsyncWriteExt, BufReader};

use super::line::{Line, MAX_REPLY, read_line};
use super::{Done, NAME, Reply, Request, execute};
use crate::error::Error;
use crate::host::local_socket::{self, Stream};
use crate::store::{Limits, Store, StoreError};

/// How long a server may take to start or to stop: until then neither it nor this process may use
/// the store.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at whether it has.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
/// How long a server may take to answer; but for a backup, which takes as long as it takes.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Has a request done by the server that runs on a data directory, or here if none does.
///
/// `now_ms` is the time of day, in milliseconds since 1970.
///
/// # Errors
/// The [`Error`] for a request that was refused, or for a server or a store that cannot be used.
pub(crate) async fn ask(
    dir: &Path,
    limits: Limits,
    request: Request,
    now_ms: u64,
) -> Result<Done, Error> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let obstacle = match connect(dir).await? {
            Some(stream) => match converse(&stream, &request).await {
                Talk::Answer(Reply::Ok(done)) => return Ok(done),
                Talk::Answer(Reply::Error(refusal)) if refusal.is_temporary() => {
                    Error::Refused(refusal.message)
                }
                Talk::Answer(Reply::Error(refusal)) => return Err(Error::Refused(refusal.message)),
                Talk::Silence => return Err(Error::ServerSilent),
                Talk::Gibberish => return Err(Error::OtherVersion),
                // It has just ended.
                Talk::End if request.is_repeatable() => Error::ServerEnded,
                Talk::End => return Err(Error::ServerEnded),
            },
            None => match Store::open(dir, limits) {
                Ok(store) => return execute_here(&store, request, now_ms),
                Err(error @ StoreError::InUse { .. }) => {
                    if !local_socket::SUPPORTED {
                        return Err(Error::ServerRuns);
                    }
                    error.into()
                }
                Err(error) => return Err(error.into()),
            },
        };
        if Instant::now() >= give_up {
            return Err(obstacle);
        }
        Timer::after(PAUSE).await;
    }
}

/// What came of an attempt to talk with a server.
enum Talk {
    /// It answered.
    Answer(Reply),
    /// It ended the connection without an answer.
    End,
    /// It said something that is no answer.
    Gibberish,
    /// It did nothing in time.
    Silence,
}

async fn connect(dir: &Path) -> Result<Option<Stream>, Error> {
    let stream = local_socket::connect(dir, NAME).await;
    stream.map_err(|source| Error::AdminSocket { path: dir.join(NAME), source })
}

async fn converse(mut stream: &Stream, request: &Request) -> Talk {
    let limit = async {
        match request {
            Request::Backup { .. } => future::pending().await,
            Request::UserAdd { .. }
            | Request::UserList
            | Request::UserRemove { .. }
            | Request::UserResetKey { .. }
            | Request::UserQuota { .. } => Timer::after(ANSWER_LIMIT).await,
        };
        Talk::Silence
    };
    let talk = async {
        let Ok(mut line) = serde_json::to_string(request) else { return Talk::End };
        line.push('\n');
        // A server that turns this process away does not read, but says why.
        let _ = stream.write_all(line.as_bytes()).await;
        match read_line(&mut BufReader::new(stream), MAX_REPLY).await {
            Ok(Line::Whole(line)) => match serde_json::from_slice(&line) {
                Ok(reply) => Talk::Answer(reply),
                Err(_) => Talk::Gibberish,
            },
            Ok(Line::TooLong) => Talk::Gibberish,
            Ok(Line::End) | Err(_) => Talk::End,
        }
    };
    future::or(talk, limit).await
}

fn execute_here(store: &Store, request: Request, now_ms: u64) -> Result<Done, Error> {
    execute(store, request, now_ms).result.map_err(|refusal| Error::Refused(refusal.message))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::rc::Rc;

    use breeze_core::id::UserId;
    use smol::LocalExecutor;
    use tempfile::TempDir;

    use super::super::Door;
    use super::*;

    fn remove() -> Request {
        Request::UserRemove { user: UserId::new("al").expect("user") }
    }

    async fn ask_in(dir: &TempDir, request: Request) -> Result<Done, String> {
        let outcome = ask(dir.path(), Limits::default(), request, 0).await;
        outcome.map_err(|error| error.to_string())
    }

    /// Listens as a server would that answers each line with another, and ends with the last.
    async fn pose(dir: &TempDir, answers: &[&str]) {
        let listener = local_socket::listen(dir.path(), NAME).expect("listen");
        for (place, answer) in answers.iter().enumerate() {
            let stream = local_socket::accept(&listener).await.expect("accept");
            let mut input = BufReader::new(&stream);
            let line = read_line(&mut input, 1000).await.expect("read");
            assert!(matches!(line, Line::Whole(_)), "{line:?}");
            if place + 1 == answers.len() {
                fs::remove_file(dir.path().join(NAME)).expect("remove");
            }
            (&stream).write_all(answer.as_bytes()).await.expect("write");
        }
    }

    #[test]
    fn a_server_that_runs_does_it() {
        let dir = tempfile::tempdir().expect("dir");
        let tasks = Rc::new(LocalExecutor::new());
        let answer = async |_| Ok(Done::Removed { given_up: 7 });
        let door = Door::open(dir.path(), &tasks, answer).expect("open");
        let done = smol::block_on(tasks.run(ask_in(&dir, remove())));
        assert_eq!(done, Ok(Done::Removed { given_up: 7 }));
        let files: Vec<_> = fs::read_dir(dir.path()).expect("list").collect();
        assert_eq!(files.len(), 1, "the store was left alone: {files:?}");
        drop(door);
    }

    #[test]
    fn without_a_server_it_is_done_here() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            assert_eq!(ask_in(&dir, Request::UserList).await, Ok(Done::Users(Vec::new())));
            let error = ask_in(&dir, remove()).await.expect_err("nobody");
            assert!(error.contains("no user 'al'"), "{error}");
        });
    }

    #[test]
    fn a_server_that_is_busy_is_asked_again() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            let busy = "{\"error\":{\"code\":\"busy\",\"message\":\"later\"}}\n";
            let answers = [busy, busy, "{\"ok\":\"added\"}\n"];
            let (_, done) = future::zip(pose(&dir, &answers), ask_in(&dir, remove())).await;
            assert_eq!(done, Ok(Done::Added));
        });
    }

    #[test]
    fn what_a_server_may_have_done_is_not_done_again() {
        smol::block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            let (_, done) = future::zip(pose(&dir, &[""]), ask_in(&dir, remove())).await;
            let error = done.expect_err("no answer");
            assert!(error.contains("before it answered"), "{error}");
            // But a list can be made again, by whoever is there then.
            let list = ask_in(&dir, Request::UserList);
            let (_, done) = future::zip(pose(&dir, &[""]), list).await;
            assert_eq!(done, Ok(Done::Users(Vec::new())));
        });
    }

    #[test]
    fn a_server_of_another_version_is_told_from_one_that_refuses() {
        smol::block_on(async {
            for (answer, words) in [
                ("{\"ok\":{\"flown\":3}}\n", "another version"),
                ("hello\n", "another version"),
                ("{\"error\":{\"code\":\"store\",\"message\":\"no disk\"}}\n", "no disk"),
                ("{\"error\":{\"code\":\"new\",\"message\":\"no air\"}}\n", "no air"),
            ] {
                let dir = tempfile::tempdir().expect("dir");
                let (_, done) = future::zip(pose(&dir, &[answer]), ask_in(&dir, remove())).await;
                let error = done.expect_err(answer);
                assert!(error.contains(words), "{error}");
            }
        });
    }
}
