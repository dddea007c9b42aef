use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use serde_json::json;

use super::actor::{Actor, Said};
use super::cable::Cable;
use crate::error::Error;
use crate::ndjson::Event;

/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something that a client is expected to say.
type Expected<'e> = (&'e str, &'e dyn Fn(&Event<'_>) -> bool);

/// Holds the clients and their cables, and tells the audience what they say.
pub(super) struct Stage {
    home: tempfile::TempDir,
    server: SocketAddr,
    actors: HashMap<&'static str, Actor>,
    cables: HashMap<&'static str, Cable>,
    /// Where each client listens.
    listening: HashMap<&'static str, SocketAddr>,
    /// The messages that each client was shown.
    seen: HashSet<(&'static str, String)>,
    said: Receiver<Said>,
    sayer: Sender<Said>,
    messages: u32,
}

impl Stage {
    pub(super) fn new(home: tempfile::TempDir, server: SocketAddr) -> Self {
        let (sayer, said) = mpsc::channel();
        Self {
            home,
            server,
            actors: HashMap::new(),
            cables: HashMap::new(),
            listening: HashMap::new(),
            seen: HashSet::new(),
            said,
            sayer,
            messages: 0,
        }
    }

    /// Lets a client log in.
    pub(super) fn enter(&mut self, who: &'static str, name: &str) -> Result<(), Error> {
        let cable = Cable::lay()?;
        let home = self.home.path().join(who);
        let actor = Actor::start(who, name, &home, self.server, cable.addr, self.sayer.clone())?;
        self.actors.insert(who, actor);
        self.cables.insert(who, cable);
        Ok(())
    }

    /// Lets a client leave.
    pub(super) fn leave(&mut self, who: &str) -> Result<(), Error> {
        self.actor(who)?.command(r#"{"cmd":"quit"}"#)
    }

    /// Lets one client write to another, and returns what its events call the message by.
    pub(super) fn write(&mut self, who: &str, to: &str, text: &str) -> Result<String, Error> {
        self.messages += 1;
        let reference = self.messages.to_string();
        let command = json!({"cmd": "send", "to": to, "text": text, "ref": &reference});
        tell(&format!("  {who:5} ▸ {command}"))?;
        self.actor(who)?.command(&command.to_string())?;
        Ok(reference)
    }

    /// Plugs the cables in: from now on the clients can reach each other.
    pub(super) fn plug_cables_in(&self) {
        for (who, cable) in &self.cables {
            if let Some(client) = self.listening.get(who) {
                cable.plug_in(*client);
            }
        }
    }

    /// Pulls the cables between the clients; that to the server stays.
    pub(super) fn pull_cables(&self) {
        self.cables.values().for_each(Cable::pull);
    }

    pub(super) fn put_cables_back(&self) {
        self.cables.values().for_each(Cable::put_back);
    }

    /// Waits until everything on a list has happened, in any order, and shows it; how long it took
    /// is returned. `what` says it for the case that it does not happen.
    pub(super) fn wait<const N: usize>(
        &mut self,
        what: &str,
        mut list: [Expected<'_>; N],
    ) -> Result<Duration, Error> {
        let start = Instant::now();
        let mut open = list.len();
        let done: &dyn Fn(&Event<'_>) -> bool = &|_| false;
        while open > 0 {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let said = self
                .said
                .recv_timeout(left)
                .map_err(|_| Error::Demo(format!("this did not happen: {what}")))?;
            self.note(&said)?;
            let expected = list.iter_mut().find(|(who, is)| *who == said.who && is(&said.event));
            if let Some(expected) = expected {
                expected.1 = done;
                open -= 1;
                tell(&format!("  {:5} ◂ {}", said.who, said.line))?;
            }
        }
        Ok(start.elapsed())
    }

    /// Keeps where a client listens, and sees to it that no message comes twice.
    fn note(&mut self, said: &Said) -> Result<(), Error> {
        match &said.event {
            Event::Ready { local, .. } => {
                self.listening.insert(said.who, *local);
            }
            Event::Message { id, .. } if !self.seen.insert((said.who, id.to_string())) => {
                return Err(Error::Demo(format!("{} got a message twice", said.who)));
            }
            _ => {}
        }
        Ok(())
    }

    fn actor(&mut self, who: &str) -> Result<&mut Actor, Error> {
        self.actors.get_mut(who).ok_or_else(|| Error::Demo(format!("{who} is not there")))
    }
}

/// Prints a line for the audience.
pub(super) fn tell(line: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
