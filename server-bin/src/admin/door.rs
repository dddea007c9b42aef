use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use async_io::Timer;
use smol::io::{AsyncWriteExt, BufReader};
use smol::{LocalExecutor, Task};

use super::line::{Line, MAX_REQUEST, read_line};
use super::{Done, NAME, Refusal, RefusalCode, Reply, Request};
use crate::driver::within;
use crate::host::local_socket::{self, Listener, Stream};

/// Commands that may be connected at a time: an administrator's few, and some scripts'.
const MAX_CONNECTIONS: usize = 8;
/// How long a connected command may take to say something, or to read what it is told.
const IDLE_LIMIT: Duration = Duration::from_secs(10);
/// How long to wait when the system has no descriptor left for another connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Lets commands of this user ask the server that runs, for as long as it is held.
///
/// Only who has the store of the data directory may open it.
pub(crate) struct Door {
    path: PathBuf,
    _task: Task<()>,
}

impl Door {
    /// Opens the door of a data directory; `answer` has requests done. Requests of different
    /// commands are given to it at the same time.
    pub(crate) fn open<A>(
        dir: &Path,
        tasks: &Rc<LocalExecutor<'static>>,
        answer: A,
    ) -> io::Result<Self>
    where
        A: AsyncFn(Request) -> Result<Done, Refusal> + 'static,
    {
        let listener = local_socket::listen(dir, NAME)?;
        let task = tasks.spawn(admit(listener, tasks.clone(), Rc::new(answer)));
        Ok(Self { path: dir.join(NAME), _task: task })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // A socket that stays is refused by everybody and replaced by the next server.
        let _ = fs::remove_file(&self.path);
    }
}

async fn admit<A>(listener: Listener, tasks: Rc<LocalExecutor<'static>>, answer: Rc<A>)
where
    A: AsyncFn(Request) -> Result<Done, Refusal> + 'static,
{
    loop {
        match local_socket::accept(&listener).await {
            // Each connection holds one of these, and this loop another.
            Ok(stream) if Rc::strong_count(&answer) > MAX_CONNECTIONS => {
                turn_away(&stream);
            }
            Ok(stream) => tasks.spawn(attend(stream, answer.clone())).detach(),
            Err(error) => {
                log::warn!("no command can ask this server for now: {error}");
                Timer::after(PAUSE).await;
            }
        }
    }
}

/// Answers one command until it has no more requests, or takes too long.
async fn attend<A>(stream: Stream, answer: Rc<A>)
where
    A: AsyncFn(Request) -> Result<Done, Refusal>,
{
    let mut input = BufReader::new(&stream);
    while let Some(Ok(line)) = within(IDLE_LIMIT, read_line(&mut input, MAX_REQUEST)).await {
        let (reply, goes_on) = match line {
            Line::Whole(line) => (respond(&line, &*answer).await, true),
            Line::TooLong => {
                let message = format!("a request has at most {MAX_REQUEST} bytes");
                (Err(Refusal::new(RefusalCode::TooLong, message)), false)
            }
            Line::End => break,
        };
        let line = Reply::from(reply).to_line();
        let told = within(IDLE_LIMIT, (&stream).write_all(line.as_bytes())).await;
        if !goes_on || !matches!(told, Some(Ok(()))) {
            break;
        }
    }
}

async fn respond<A>(line: &[u8], answer: &A) -> Result<Done, Refusal>
where
    A: AsyncFn(Request) -> Result<Done, Refusal>,
{
    match serde_json::from_slice(line) {
        Ok(request) => answer(request).await,
        Err(error) => {
            let message = format!("this server does not know such a request: {error}");
            Err(Refusal::new(RefusalCode::BadRequest, message))
        }
    }
}

fn turn_away(stream: &Stream) {
    let message = format!("{MAX_CONNECTIONS} commands ask this server already; try again later");
    let line = Reply::Error(Refusal::new(RefusalCode::Busy, message)).to_line();
    // The line fits in any socket's buffer: the write waits for nobody.
    let _ = io::Write::write_all(&mut stream.get_ref(), line.as_bytes());
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::RefCell;
    use std::os::unix::fs::PermissionsExt;

    use breeze_core::id::UserId;
    use smol::channel;
    use smol::io::{AsyncBufReadExt, AsyncReadExt};

    use super::*;

    /// Runs a test with a door whose requests wait for a ticket each.
    fn with_door(test: impl AsyncFnOnce(&Path, channel::Sender<()>, Rc<RefCell<Vec<Request>>>)) {
        let dir = tempfile::tempdir().expect("dir");
        let tasks = Rc::new(LocalExecutor::new());
        let (go, went) = channel::unbounded();
        let asked = Rc::new(RefCell::new(Vec::new()));
        let seen = asked.clone();
        let answer = async move |request: Request| {
            let unknown = matches!(request, Request::UserRemove { .. });
            seen.borrow_mut().push(request);
            let _: Result<(), _> = went.recv().await;
            match unknown {
                true => Err(Refusal::new(RefusalCode::UnknownUser, "nobody")),
                false => Ok(Done::Added),
            }
        };
        let door = Door::open(dir.path(), &tasks, answer).expect("open");
        smol::block_on(tasks.run(test(dir.path(), go, asked)));
        drop(door);
        assert!(!dir.path().join(NAME).exists());
    }

    async fn connect(dir: &Path) -> Stream {
        local_socket::connect(dir, NAME).await.expect("connect").expect("a door")
    }

    async fn write(mut stream: &Stream, line: &str) {
        stream.write_all(line.as_bytes()).await.expect("write");
    }

    /// Reads all replies until the door closes the connection.
    async fn read_all(mut stream: &Stream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("read");
        text
    }

    #[test]
    fn is_for_this_user_only() {
        with_door(async |dir, _, _| {
            let metadata = fs::metadata(dir.join(NAME)).expect("metadata");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        });
    }

    #[test]
    fn answers_a_line_with_a_line() {
        with_door(async |dir, go, asked| {
            let stream = connect(dir).await;
            let mut lines = BufReader::new(&stream).lines();
            go.send(()).await.expect("send");
            go.send(()).await.expect("send");
            write(&stream, "{\"cmd\":\"user_list\"}\n").await;
            for (request, reply) in [
                ("{\"cmd\":\"user_remove\",\"user\":\"bob\"}\n", "{\"ok\":\"added\"}"),
                ("fly\n", r#"{"error":{"code":"unknown_user","message":"nobody"}}"#),
                ("", r#"{"error":{"code":"bad_request","#),
            ] {
                write(&stream, request).await;
                let line = smol::stream::StreamExt::next(&mut lines).await;
                let line = line.expect("a line").expect("read");
                assert!(line.starts_with(reply), "{line}");
            }
            let user = UserId::new("bob").expect("user");
            assert_eq!(*asked.borrow(), [Request::UserList, Request::UserRemove { user }]);
        });
    }

    #[test]
    fn a_line_that_is_too_long_ends_the_connection() {
        with_door(async |dir, _, asked| {
            let stream = connect(dir).await;
            write(&stream, &"x".repeat(MAX_REQUEST + 1)).await;
            let text = read_all(&stream).await;
            assert!(text.contains("too_long") && text.ends_with("}\n"), "{text}");
            assert!(asked.borrow().is_empty());
        });
    }

    #[test]
    fn only_so_many_are_let_in_until_one_leaves() {
        with_door(async |dir, go, asked| {
            let mut streams = Vec::new();
            for _ in 0..MAX_CONNECTIONS {
                let stream = connect(dir).await;
                write(&stream, "{\"cmd\":\"user_list\"}\n").await;
                streams.push(stream);
            }
            let refused = read_all(&connect(dir).await).await;
            assert!(refused.contains("\"busy\""), "{refused}");
            // Each of the others is inside, whether or not it has been heard yet.
            go.send(()).await.expect("send");
            let first = streams.remove(0);
            let mut line = String::new();
            BufReader::new(&first).read_line(&mut line).await.expect("read");
            assert_eq!(line, "{\"ok\":\"added\"}\n");
            drop(first);
            // The door hears of it in its own time.
            loop {
                let stream = connect(dir).await;
                write(&stream, "fly\n").await;
                let mut line = String::new();
                if BufReader::new(&stream).read_line(&mut line).await.is_ok()
                    && line.contains("bad_request")
                {
                    break;
                }
                assert!(line.is_empty() || line.contains("\"busy\""), "{line}");
            }
            assert!(asked.borrow().len() <= MAX_CONNECTIONS);
        });
    }
}
