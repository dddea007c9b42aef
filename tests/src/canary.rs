use std::hash::{BuildHasher, RandomState};

/// Pieces of a canary, each of 16 letters and digits.
const PIECES: usize = 8;

/// Returns a text that nobody has written before, to be looked for where it should not be; each
/// block of 16 bytes of it is drawn anew.
pub fn canary() -> String {
    (0..PIECES).map(|piece| format!("{:016x}", RandomState::new().hash_one(piece))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_piece_comes_twice() {
        let texts = [canary(), canary()];
        let pieces: BTreeSet<_> =
            texts.iter().flat_map(|text| text.as_bytes().chunks_exact(16)).collect();
        assert_eq!(pieces.len(), 2 * PIECES);
    }
}
