use std::fmt;

use zeroize::Zeroizing;

/// Bytes that are drawn for a code: 120 bits, which nobody guesses.
const BYTES: usize = 15;
/// Characters of a code, each of 5 bits.
const SYMBOLS: usize = BYTES * 8 / BITS;
/// Bits that a character stands for.
const BITS: usize = 5;
/// Characters between two dashes.
const GROUP: usize = 4;
/// Crockford's base 32: digits and letters without I, L, O and U.
const ALPHABET: &[u8; 1 << BITS] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Is a code that enrols one key, once; wiped when dropped.
///
/// It is shown as six groups of four characters, and taken however people type it: see
/// [`canonical`](Self::canonical).
pub(crate) struct EnrolmentCode(Zeroizing<[u8; SYMBOLS]>);

impl EnrolmentCode {
    /// Draws a new one.
    pub(crate) fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Self::of(&bytes))
    }

    fn of(bytes: &[u8; BYTES]) -> Self {
        let mut symbols = Zeroizing::new([0; SYMBOLS]);
        // 5 bytes are 8 symbols.
        for (symbols, bytes) in symbols.chunks_exact_mut(8).zip(bytes.chunks_exact(5)) {
            let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for (place, symbol) in symbols.iter_mut().rev().enumerate() {
                *symbol = ALPHABET[(bits >> (BITS * place)) as usize % ALPHABET.len()];
            }
        }
        Self(symbols)
    }

    /// Returns what is hashed: the characters without dashes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Makes of a code that somebody typed what is hashed: case, dashes and spaces do not matter,
    /// I and L are 1, O is 0. What is no code stays none.
    pub(crate) fn canonical(typed: &[u8]) -> Zeroizing<Vec<u8>> {
        // Sized before: growth would leave copies behind.
        let mut symbols = Zeroizing::new(Vec::with_capacity(typed.len()));
        symbols.extend(typed.iter().filter(|byte| !matches!(byte, b'-' | b' ')).map(|byte| {
            match byte.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            }
        }));
        symbols
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in self.0.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_shown_in_its_place() {
        // Worked out by hand: 00000 00001 00010 … 10111 are the symbols from 0 to R in order.
        let bytes = [
            0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84, 0x65, 0x3a, 0x56,
            0xd7,
        ];
        let code = EnrolmentCode::of(&bytes);
        assert_eq!(code.to_string(), "0123-4567-89AB-CDEF-GHJK-MNPQ");
        assert_eq!(EnrolmentCode::of(&[0xff; 15]).to_string(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(code.as_bytes(), b"0123456789ABCDEFGHJKMNPQ");
        assert_eq!(format!("{code:?}"), "a code");
    }

    #[test]
    fn no_two_are_the_same() {
        let codes: Vec<_> =
            (0..100).map(|_| EnrolmentCode::draw().expect("random").to_string()).collect();
        for (place, code) in codes.iter().enumerate() {
            assert!(!codes[..place].contains(code), "{code}");
        }
    }

    #[test]
    fn it_is_taken_however_people_type_it() {
        let code = EnrolmentCode::draw().expect("random");
        let shown = code.to_string();
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!(" {shown} "),
            shown.replace('1', "l").replace('0', "o"),
            shown.replace('1', "I").replace('0', "O"),
            shown.replace('1', "L"),
            shown.replace('1', "i"),
        ] {
            assert_eq!(*EnrolmentCode::canonical(typed.as_bytes()), code.as_bytes(), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_stays_none() {
        assert_eq!(*EnrolmentCode::canonical(b""), b"");
        assert_eq!(*EnrolmentCode::canonical("ü u".as_bytes()), "üU".as_bytes());
        assert_eq!(EnrolmentCode::canonical(&[0xff; 128]).len(), 128);
    }
}
