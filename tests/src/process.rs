use std::fmt::Display;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::transcript::{PATIENCE, Transcript};

/// Lines of output and of log that a failure shows.
const SHOWN_LINES: usize = 40;

/// Runs one program under test; it is killed when dropped.
pub struct Process<T> {
    name: String,
    child: Child,
    stdin: Option<Sender<Vec<u8>>>,
    output: Transcript<T>,
    log: Transcript<String>,
}

impl<T: Display + Send + 'static> Process<T> {
    /// Starts `command` with pipes, and reads each line of its output with `parse`.
    pub fn spawn(name: &str, mut command: Command, parse: fn(String) -> T) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let output = Transcript::new();
        let log = Transcript::new();
        collect(child.stdout.take().expect("piped"), output.clone(), parse);
        collect(child.stderr.take().expect("piped"), log.clone(), |line| line);
        let mut pipe = child.stdin.take().expect("piped");
        let (stdin, lines) = channel::<Vec<u8>>();
        // A thread of its own: a process that does not read must not block the test.
        thread::spawn(move || {
            for bytes in lines {
                if pipe.write_all(&bytes).and_then(|()| pipe.flush()).is_err() {
                    break;
                }
            }
        });
        Self { name: name.to_owned(), child, stdin: Some(stdin), output, log }
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns what it wrote on its standard output.
    pub fn output(&self) -> &Transcript<T> {
        &self.output
    }

    /// Returns what it wrote on its standard error.
    pub fn log(&self) -> &Transcript<String> {
        &self.log
    }

    /// Writes bytes to its standard input, without waiting for it to read them.
    pub fn write(&self, bytes: impl Into<Vec<u8>>) {
        if let Some(stdin) = &self.stdin {
            // A process that has ended reads nothing; what it should have said is missed later.
            let _ = stdin.send(bytes.into());
        }
    }

    /// Ends its standard input once everything written has been read.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal)
            .unwrap_or_else(|error| panic!("cannot signal {}: {error}", self.name));
    }

    /// Kills it with SIGKILL and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it has ended by itself, and returns its status and how long that took.
    #[track_caller]
    pub fn wait_exit(&mut self) -> (ExitStatus, Duration) {
        self.wait_exit_within(PATIENCE)
    }

    /// Waits for as long as `limit` until it has ended by itself.
    #[track_caller]
    pub fn wait_exit_within(&mut self, limit: Duration) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let silent = self.output.wait_closed(limit) && self.log.wait_closed(limit);
        // The pipes close a moment before the process has ended.
        while silent && start.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("own child") {
                return (status, start.elapsed());
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.fail("it did not end")
    }

    /// Fails the test, showing what the process said last.
    #[track_caller]
    pub fn fail(&self, why: &str) -> ! {
        panic!(
            "{}{}: {why}\n--- its last output:\n{}--- its last log lines:\n{}",
            self.name,
            if self.output.is_closed() { " (which has ended)" } else { "" },
            self.output.tail(SHOWN_LINES),
            self.log.tail(SHOWN_LINES),
        )
    }
}

impl<T> Drop for Process<T> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect<T: Send + 'static>(
    stream: impl Read + Send + 'static,
    transcript: Transcript<T>,
    parse: fn(String) -> T,
) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line);
            transcript.push(parse(text.trim_end_matches(['\r', '\n']).to_owned()));
            line.clear();
        }
        transcript.close();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_in_and_out_until_the_end() {
        let mut process = Process::spawn("cat", Command::new("cat"), |line| line);
        process.write("你好\n");
        process
            .output()
            .wait_until(PATIENCE, |all| all.iter().any(|entry| entry.item == "你好").then_some(()))
            .expect("the line comes back");
        process.close_stdin();
        assert!(process.wait_exit().0.success());
    }

    #[test]
    fn a_stopped_process_can_be_killed() {
        let mut process = Process::spawn("cat", Command::new("cat"), |line| line);
        process.signal(Signal::STOP);
        process.kill();
        assert!(process.output().wait_closed(PATIENCE));
    }
}
