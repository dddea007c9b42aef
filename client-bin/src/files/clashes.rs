use std::collections::HashSet;

/// Notices names of one folder that some systems take for the same one.
///
/// Two names clash if the lower cases of their characters, each taken for itself, are the same.
#[derive(Debug, Default)]
pub(super) struct Clashes(HashSet<String>);

impl Clashes {
    /// Takes in a name; tells whether it clashes with none before it.
    pub(super) fn insert(&mut self, name: &str) -> bool {
        self.0.insert(name.chars().flat_map(char::to_lowercase).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_in_more_than_case_is_another_name() {
        let mut clashes = Clashes::default();
        assert!(clashes.insert("Maße"));
        assert!(clashes.insert("Masse"));
        assert!(!clashes.insert("mASSE"));
        assert!(clashes.insert("ПИСЬМО.txt"));
        assert!(!clashes.insert("письмо.TXT"));
        assert!(clashes.insert("ΟΔΟΣ"));
        assert!(!clashes.insert("οδοσ"));
    }
}
