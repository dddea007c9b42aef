/// Digits that the time takes.
pub(super) const STAMP: usize = 16;

/// Is a text of a given size that says when it was sent.
#[derive(Debug, Default)]
pub(super) struct Stamped {
    bytes: Vec<u8>,
}

impl Stamped {
    /// Makes the text; the time takes its place even in a shorter one.
    pub(super) fn at(&mut self, nanos: u64, size: usize) -> &str {
        self.bytes.resize(size.max(STAMP), b'.');
        for (n, digit) in (0..).zip(&mut self.bytes[..STAMP]) {
            let value = (nanos >> (60 - 4 * n)) as u8 & 0xf;
            *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        }
        std::str::from_utf8(&self.bytes).expect("nothing but ASCII")
    }
}

/// Reads when a text was sent.
pub(super) fn stamp(text: &str) -> Option<u64> {
    u64::from_str_radix(text.get(..STAMP)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_back() {
        let mut text = Stamped::default();
        for nanos in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            for size in [16, 17, 4096, 64] {
                let text = text.at(nanos, size);
                assert_eq!((stamp(text), text.len()), (Some(nanos), size));
            }
        }
        assert_eq!(stamp("short"), None);
        assert_eq!(stamp("there is no number"), None);
        assert_eq!(stamp("äöüäöüäöüäöüäöü"), None);
    }
}
