use std::process::Command;

use crate::{Home, PATIENCE, Process, TestServer};

/// Is a running host of `libbreeze` in some other language, which reads and writes lines.
pub struct Foreign {
    process: Process<String>,
}

impl Foreign {
    /// Starts it.
    pub fn start(name: &str, command: Command) -> Self {
        Self { process: Process::spawn(name, command, |line| line) }
    }

    /// Starts one of the chats in `ffi/examples`, for a user who writes to a peer with a kind of mesh.
    pub fn begin_chat(
        mut chat: Command,
        server: &TestServer,
        [user, peer, mesh]: [&str; 3],
        home: &Home,
    ) -> Self {
        chat.arg(home.path()).arg(server.address().to_string()).args([user, peer, mesh]);
        Self::start(user, chat)
    }

    /// Does the same, and waits until it has logged in.
    #[track_caller]
    pub fn start_chat(chat: Command, server: &TestServer, words: [&str; 3], home: &Home) -> Self {
        let host = Self::begin_chat(chat, server, words, home);
        host.wait(r#""ready""#);
        host
    }

    /// Writes one line to its standard input.
    pub fn line(&self, line: &str) {
        self.process.write(format!("{line}\n"));
    }

    /// Returns the number of lines so far, to wait only for later ones.
    pub fn mark(&self) -> usize {
        self.process.output().len()
    }

    /// Waits for a line among those from `mark` on that has this part, and returns it.
    #[track_caller]
    pub fn wait_after(&self, mark: usize, part: &str) -> String {
        let found = self.process.output().wait_until(PATIENCE, |lines| {
            let mut later = lines.iter().skip(mark).map(|line| &line.item);
            later.find(|line| line.contains(part)).cloned()
        });
        found.unwrap_or_else(|| self.process.fail(&format!("no line has {part:?}")))
    }

    /// Waits for a line that has this part, and returns it.
    #[track_caller]
    pub fn wait(&self, part: &str) -> String {
        self.wait_after(0, part)
    }

    /// Ends its input and checks that it ends well.
    #[track_caller]
    pub fn end(mut self) {
        self.process.close_stdin();
        self.ends();
    }

    /// Checks that it ends well, by itself.
    #[track_caller]
    pub fn ends(mut self) {
        let (status, _) = self.process.wait_exit();
        if !status.success() {
            self.process.fail(&format!("it ended with {status}"));
        }
    }
}
