//! The text by which scripts call a transfer.

/// Hexadecimal digits of a whole one.
const DIGITS: usize = 16;

/// Tells whether a text can be the beginning of what the `transfer` of an event says, or all of it.
pub(crate) fn is_prefix(text: &str) -> bool {
    (1..=DIGITS).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_digits_call_a_transfer() {
        for text in ["3", "3f9a", "00ff00ff00ff00ff"] {
            assert!(is_prefix(text), "{text}");
        }
        for text in ["", "3F9A", "3g", " 3", "00ff00ff00ff00ff0", "é"] {
            assert!(!is_prefix(text), "{text}");
        }
    }
}
