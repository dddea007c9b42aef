use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use serde_json::{Value, json};

use crate::{Home, PATIENCE, Transcript};

/// Answers commands at the socket of a home as a node would, with events of one's choice.
pub struct FakeNode {
    home: Home,
    commands: Transcript<Value>,
}

impl FakeNode {
    /// Listens, and answers each command with what `answer` makes of it; an event that is null ends
    /// the connection.
    #[track_caller]
    pub fn start(answer: impl Fn(&Value) -> Vec<Value> + Copy + Send + 'static) -> Self {
        let home = Home::new();
        fs::create_dir(home.path()).expect("a new directory");
        let listener = UnixListener::bind(home.socket()).expect("a free path");
        let commands = Transcript::new();
        let heard = commands.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let heard = heard.clone();
                thread::spawn(move || serve(&stream, &heard, answer));
            }
        });
        Self { home, commands }
    }

    /// Returns the home in which it listens.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Returns all commands so far.
    pub fn commands(&self) -> Vec<Value> {
        self.commands.entries().into_iter().map(|entry| entry.item).collect()
    }

    /// Waits for a command.
    #[track_caller]
    pub fn wait_for(&self, name: &str) -> Value {
        let found = self.commands.wait_until(PATIENCE, |commands| {
            commands.iter().map(|command| &command.item).find(|item| item["cmd"] == name).cloned()
        });
        found.unwrap_or_else(|| panic!("no command {name} came:\n{}", self.commands.tail(40)))
    }
}

fn serve(stream: &UnixStream, heard: &Transcript<Value>, answer: impl Fn(&Value) -> Vec<Value>) {
    let say = |event: &Value| {
        let mut writer = stream;
        writer.write_all(format!("{event}\n").as_bytes())
    };
    // Whoever leaves early hears no more.
    let _ = say(&json!({"event": "server", "state": "connected"}));
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let command: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        heard.push(command.clone());
        for event in answer(&command) {
            if event.is_null() || say(&event).is_err() {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}
