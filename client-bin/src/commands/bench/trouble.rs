use std::collections::BTreeMap;

/// Kinds of trouble that are told apart: what sockets and servers say is no endless list.
const KINDS: usize = 64;

/// Counts what went wrong, so that a benchmark that does not get on can say why.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    counts: BTreeMap<String, u64>,
}

impl Trouble {
    pub(super) fn note(&mut self, what: String) {
        if self.counts.len() < KINDS || self.counts.contains_key(&what) {
            *self.counts.entry(what).or_default() += 1;
        }
    }

    /// Says what went wrong most often.
    pub(super) fn worst(&self) -> String {
        match self.counts.iter().max_by_key(|(_, count)| **count) {
            Some((what, count)) => format!("{what} ({count} times)"),
            None => "nothing was said about why".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_trouble_is_told() {
        let mut trouble = Trouble::default();
        assert_eq!(trouble.worst(), "nothing was said about why");
        for what in ["refused", "full", "full"] {
            trouble.note(what.to_owned());
        }
        assert_eq!(trouble.worst(), "full (2 times)");
        for n in 0..1000 {
            trouble.note(n.to_string());
        }
        assert_eq!(trouble.counts.len(), KINDS);
    }
}
