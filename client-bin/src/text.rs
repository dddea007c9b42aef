//! Peers' texts made fit for a terminal: none of them may move the cursor, change colours, set the
//! title, or show other words than were written.

/// Returns a name for one line of output, without control characters.
pub(crate) fn printable_name(name: &str) -> String {
    name.chars().map(space_for_break).filter(|c| !is_control(*c)).collect()
}

/// Returns a text without control characters but tabs and line ends.
///
/// Lines after the first begin with `indent`, so that none can pass for another message.
pub(crate) fn printable_text(text: &str, indent: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => {
                out.push('\n');
                out.push_str(indent);
            }
            '\t' => out.push('\t'),
            _ if is_control(c) => {}
            _ => out.push(c),
        }
    }
    out
}

fn space_for_break(c: char) -> char {
    if matches!(c, '\n' | '\t') { ' ' } else { c }
}

/// Tells whether a character acts on the terminal or the order of the text instead of being seen.
fn is_control(c: char) -> bool {
    // C0 with ESC, DEL and C1 with the one-byte CSI are what Unicode calls control.
    c.is_control()
        || matches!(c,
            // Line and paragraph separator.
            '\u{2028}' | '\u{2029}'
            // Embeddings, overrides and isolates of the writing direction.
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Invisible tags, of no use but to hide text.
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_passes_in_any_language() {
        for text in ["你好，微风", "a\tb", "مرحبا", "👩‍👩‍👧 e\u{301}", ""] {
            assert_eq!(printable_text(text, "  "), text);
        }
        assert_eq!(printable_name("Bob 鲍勃"), "Bob 鲍勃");
    }

    #[test]
    fn terminal_escapes_lose_their_power() {
        for (text, expected) in [
            ("\x1b[2J\x1b[31mred", "[2J[31mred"),
            ("\x1b]0;title\x07x", "]0;titlex"),
            ("\u{9b}31mred", "31mred"),
            ("over\rwrite\x08\x7f\0", "overwrite"),
            ("\u{85}next\u{2028}line", "nextline"),
        ] {
            assert_eq!(printable_text(text, ""), expected);
            assert_eq!(printable_name(text), expected);
        }
    }

    #[test]
    fn the_writing_direction_cannot_be_overridden() {
        assert_eq!(printable_text("\u{202e}exe.txt\u{202c}", ""), "exe.txt");
        assert_eq!(printable_name("a\u{2066}b\u{2069}\u{e0041}"), "ab");
    }

    #[test]
    fn lines_are_continued_with_an_indent() {
        assert_eq!(printable_text("a\r\nb\n\nc", "  | "), "a\n  | b\n  | \n  | c");
        assert_eq!(printable_name("a\nb\tc"), "a b c");
    }
}
