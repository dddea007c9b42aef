use std::collections::BTreeSet;

use crate::Needles;

/// Looks for [`Needles`] in bytes that come piece by piece; one that lies across the border of two
/// pieces is found.
pub struct Search<'n> {
    needles: &'n Needles,
    /// The end of what came before, in which a needle may begin, with the next piece behind it.
    window: Vec<u8>,
    longest: usize,
    /// The needles that begin with each byte.
    beginnings: Vec<Vec<usize>>,
    found: BTreeSet<String>,
    bytes: u64,
}

impl<'n> Search<'n> {
    pub(crate) fn new(needles: &'n Needles) -> Self {
        let longest = needles.all.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        let mut beginnings = vec![Vec::new(); 256];
        for (number, (_, bytes)) in needles.all.iter().enumerate() {
            beginnings[usize::from(bytes[0])].push(number);
        }
        Self { needles, window: Vec::new(), longest, beginnings, found: BTreeSet::new(), bytes: 0 }
    }

    /// Looks through the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        self.window.extend_from_slice(piece);
        // Memory is for the most part empty, and this is quick.
        if self.window.iter().any(|&byte| byte != 0) {
            self.look();
        }
        let done = self.window.len().saturating_sub(self.longest.saturating_sub(1));
        self.window.drain(..done);
    }

    /// Notes that what follows does not belong behind what came before.
    pub fn gap(&mut self) {
        self.window.clear();
    }

    /// Returns the names of what was found.
    pub fn found(&self) -> &BTreeSet<String> {
        &self.found
    }

    /// Returns how many bytes were looked through.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn look(&mut self) {
        for (at, &byte) in self.window.iter().enumerate() {
            for &number in &self.beginnings[usize::from(byte)] {
                let (name, needle) = &self.needles.all[number];
                if self.window[at..].starts_with(needle) && !self.found.contains(name) {
                    self.found.insert(name.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_across_any_border() {
        let needles = Needles::new().with("one", "abcabcabd").with("two", "not there");
        let hay = b"...abcabcabcabd...";
        for first in 0..=hay.len() {
            for second in first..=hay.len() {
                let mut search = needles.search();
                for piece in [&hay[..first], &hay[first..second], &hay[second..]] {
                    search.feed(piece);
                }
                let found: Vec<_> = search.found().iter().map(String::as_str).collect();
                assert_eq!(found, ["one"], "{first}, {second}");
                assert_eq!(search.bytes(), hay.len() as u64);
            }
        }
    }

    #[test]
    fn nothing_is_found_across_a_gap() {
        let needles = Needles::new().with("one", "abcabcabd");
        let mut search = needles.search();
        search.feed(b"abcabc");
        search.gap();
        search.feed(b"abd");
        assert!(search.found().is_empty());
    }

    #[test]
    fn a_piece_of_a_text_is_enough() {
        let text = "0123456789abcdef-then another 16-";
        let needles = Needles::new().with_pieces("text", text);
        assert!(needles.found_in(b"xx-then another 16").contains("text"));
        assert!(needles.found_in(b"xx-then another 1x").is_empty());
    }
}
