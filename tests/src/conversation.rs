use std::collections::HashMap;
use std::time::Instant;

use crate::{TestClient, measured};

/// Is what one user says to another in the course of a scenario.
pub struct Conversation<'a> {
    from: &'a TestClient,
    to: &'a TestClient,
    texts: Vec<String>,
    references: Vec<String>,
    /// When each was said.
    said: Vec<Instant>,
}

impl<'a> Conversation<'a> {
    /// Begins; nothing was said before.
    pub fn new(from: &'a TestClient, to: &'a TestClient) -> Self {
        Self { from, to, texts: Vec::new(), references: Vec::new(), said: Vec::new() }
    }

    /// Says some more, without waiting.
    pub fn say(&mut self, count: usize) {
        for _ in 0..count {
            let text = format!("number {}", self.texts.len());
            self.said.push(Instant::now());
            self.references.push(self.from.send(self.to.user(), &text));
            self.texts.push(text);
        }
    }

    /// Waits until the last thing said has been heard, and returns by which path and when.
    #[track_caller]
    pub fn heard(&self) -> (String, Instant) {
        let last = self.texts.last().expect("something said");
        let heard = self.to.wait_entry(&format!("{last:?} of {}", self.from.user()), 0, |event| {
            event["event"] == "message"
                && event["from"] == self.from.user()
                && event["text"] == last.as_str()
        });
        (heard.item["path"].as_str().unwrap_or_default().to_owned(), heard.at)
    }

    /// Waits until the sender knows that everything said has arrived.
    #[track_caller]
    pub fn delivered(&self) {
        self.from.wait_delivered(&self.references);
    }

    /// Checks that everything said was heard once and in order, and that its sender knows; then
    /// tells people how long the slowest of it took, and how long from the repair on, if there was
    /// one.
    #[track_caller]
    pub fn expect_all(&self, what: &str, repaired: Option<Instant>) {
        self.delivered();
        self.to.expect_texts(self.from.user(), &self.texts);
        let events = self.to.events();
        let heard: HashMap<&str, Instant> = events
            .iter()
            .filter(|event| event.item["event"] == "message")
            .filter(|event| event.item["from"] == self.from.user())
            .filter_map(|event| Some((event.item["text"].as_str()?, event.at)))
            .collect();
        let slowest = |from: Option<Instant>| {
            let waits = self.texts.iter().zip(&self.said).map(|(text, said)| {
                let start = from.map_or(*said, |from| from.max(*said));
                heard[text.as_str()].saturating_duration_since(start)
            });
            waits.max().unwrap_or_default()
        };
        let stall = format!("{what}: what {} said stalled", self.from.user());
        measured(&stall, slowest(None));
        if repaired.is_some() {
            measured(&format!("{stall} from the repair on"), slowest(repaired));
        }
    }
}
