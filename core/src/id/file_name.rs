use core::fmt;

/// Bytes of a file's name: what file systems take.
pub const MAX_FILE_NAME: usize = 255;

/// Names that Windows takes for devices, whatever follows a dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// Those of which there are several, with a digit.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// Says why a name is not one that a file may have here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// It is empty, or longer than [`MAX_FILE_NAME`].
    Length,
    /// It is `.` or `..`.
    Dots,
    /// It holds a separator, a control character, or one that some systems have another use for.
    Character(char),
    /// It ends in a dot or a space, which some systems drop.
    End,
    /// Some systems take it for a device.
    Device,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "it has to have 1 to {MAX_FILE_NAME} bytes"),
            Self::Dots => f.write_str("it leads out of its folder, or nowhere"),
            Self::Character(c) => write!(f, "the character {c:?} has no place in it"),
            Self::End => f.write_str("it ends in a dot or a space"),
            Self::Device => f.write_str("some systems take it for a device"),
        }
    }
}

impl core::error::Error for NameError {}

/// Checks that a text is the name of a file, and of nothing else, on every system: one part of a path.
///
/// The rule is the same on all systems, so that a sender knows what every recipient takes
/// (PROTOCOL.md, "Offer").
///
/// # Errors
/// The [`NameError`] that comes first in the list.
pub fn check_file_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name.len() > MAX_FILE_NAME {
        return Err(NameError::Length);
    }
    if matches!(name, "." | "..") {
        return Err(NameError::Dots);
    }
    if let Some(wrong) = name.chars().find(|c| is_special(*c)) {
        return Err(NameError::Character(wrong));
    }
    if name.ends_with(['.', ' ']) {
        return Err(NameError::End);
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if is_device(stem) { Err(NameError::Device) } else { Ok(()) }
}

/// Tells whether a character ends a name, or has another use, on some system; or turns the text
/// around it, so that it reads as another name.
fn is_special(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

fn is_device(stem: &str) -> bool {
    let numbered = stem.get(..3).zip(stem.get(3..)).is_some_and(|(kind, number)| {
        let digit = matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9")
            || matches!(number, "0" | "¹" | "²" | "³");
        digit && NUMBERED_DEVICES.iter().any(|device| kind.eq_ignore_ascii_case(device))
    });
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_or_refused_for_what_is_wrong() {
        for good in
            ["a", ".bashrc", "微风 2.tar.gz", "console", "com10", "lpt", "..a", "a b", "nul1"]
        {
            assert_eq!(check_file_name(good), Ok(()), "{good}");
        }
        let long = "x".repeat(MAX_FILE_NAME + 1);
        let cases = [
            ("", NameError::Length),
            (&long, NameError::Length),
            (".", NameError::Dots),
            ("..", NameError::Dots),
            ("/etc", NameError::Character('/')),
            ("a\\b", NameError::Character('\\')),
            ("C:", NameError::Character(':')),
            ("a\0", NameError::Character('\0')),
            ("a\nb", NameError::Character('\n')),
            ("a\u{1b}[2J", NameError::Character('\u{1b}')),
            ("gpj.\u{202e}exe", NameError::Character('\u{202e}')),
            ("a\u{85}", NameError::Character('\u{85}')),
            ("what?", NameError::Character('?')),
            ("a.", NameError::End),
            ("a ", NameError::End),
            ("...", NameError::End),
            ("CON", NameError::Device),
            ("aux.c", NameError::Device),
            ("nul .txt", NameError::Device),
            ("Com1", NameError::Device),
            ("lpt9.log", NameError::Device),
            ("COM²", NameError::Device),
        ];
        for (name, error) in cases {
            assert_eq!(check_file_name(name), Err(error), "{name:?}");
        }
        assert_eq!(check_file_name(&long[1..]), Ok(()));
    }
}
