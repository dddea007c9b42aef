use std::collections::BTreeSet;

use crate::Search;

/// Is a set of byte strings, each with a name, to be looked for in all that a process keeps.
#[derive(Clone, Default)]
pub struct Needles {
    pub(crate) all: Vec<(String, Vec<u8>)>,
}

impl Needles {
    /// Begins with nothing to be looked for.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is to be looked for. What is shorter than some 8 bytes may be found by chance.
    #[track_caller]
    pub fn with(mut self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        assert!(bytes.len() >= 4, "{name} is too short to be looked for");
        assert!(bytes.iter().any(|&byte| byte != 0), "{name} is as empty as unused memory");
        self.all.push((name.to_owned(), bytes));
        self
    }

    /// Adds each piece of a text for itself: what is overwritten in part is still found.
    #[track_caller]
    pub fn with_pieces(self, name: &str, text: &str) -> Self {
        text.as_bytes().chunks_exact(16).fold(self, |needles, piece| needles.with(name, piece))
    }

    /// Begins a search.
    pub fn search(&self) -> Search<'_> {
        Search::new(self)
    }

    /// Returns the names of those that are in the bytes.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut search = self.search();
        search.feed(bytes);
        search.found().clone()
    }
}
