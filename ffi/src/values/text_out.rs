use core::ffi::c_char;
use core::fmt::{self, Display, Write};

/// Fills an array with a text and its NUL, and leaves out what does not fit. All further bytes are 0.
pub(crate) fn put_text<const N: usize>(text: &str) -> [c_char; N] {
    let mut out = [0; N];
    write_text(&mut out, &text);
    out
}

/// Writes a text and its NUL, without the characters that do not fit.
pub(crate) fn write_text(out: &mut [c_char], text: &dyn Display) {
    let room = out.len().saturating_sub(1);
    let mut cutter = Cutter { out: &mut out[..room], at: 0 };
    // It takes everything.
    let _ = write!(cutter, "{text}");
    let end = cutter.at;
    if let Some(end) = out.get_mut(end) {
        *end = 0;
    }
}

/// Takes as much of a text as there is room for, and no half characters.
struct Cutter<'o> {
    out: &'o mut [c_char],
    at: usize,
}

impl Write for Cutter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.out[self.at..];
        let mut len = text.len().min(room.len());
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        for (to, from) in room.iter_mut().zip(&text.as_bytes()[..len]) {
            *to = *from as c_char;
        }
        if len < text.len() {
            // Nothing that comes later may stand behind the gap.
            self.out = &mut core::mem::take(&mut self.out)[..self.at + len];
        }
        self.at += len;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(room: usize, text: &dyn Display) -> Vec<u8> {
        let mut out = vec![0x55 as c_char; room];
        write_text(&mut out, text);
        out.into_iter().map(|byte| byte as u8).collect()
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(written(4, &"abc"), b"abc\0");
        assert_eq!(written(3, &"abc"), b"ab\0");
        assert_eq!(written(3, &"a微b"), b"a\0\x55");
        assert_eq!(written(1, &"abc"), b"\0");
        assert_eq!(written(0, &"abc"), b"");
        assert_eq!(written(6, &format_args!("{}{}", "a微微", "b")), b"a\xe5\xbe\xae\0\x55");
    }
}
