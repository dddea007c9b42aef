use std::fs::File;
use std::io;

use super::platform;

/// What file systems allot at once, mostly.
const PAGE: u64 = 4096;

/// Writes the beginning of `bytes` to a place behind all that a file has, and leaves a hole for pages
/// of zeroes; returns how many bytes that makes. `len` is the length of the file.
///
/// A hole at the end makes no file longer.
pub(super) fn write(file: &File, len: &mut u64, bytes: &[u8], at: u64) -> io::Result<usize> {
    let (run, is_hole) = first_run(bytes, at);
    if is_hole {
        return Ok(run);
    }
    loop {
        match platform::write_at(file, &bytes[..run], at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                *len = (*len).max(at + written as u64);
                return Ok(written);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Tells how far the pages at the beginning are all zeroes, or all not.
fn first_run(bytes: &[u8], at: u64) -> (usize, bool) {
    let first = bytes.len().min((PAGE - at % PAGE) as usize);
    let is_hole = is_zero(&bytes[..first]);
    let rest = bytes[first..].chunks(PAGE as usize);
    let same = rest.take_while(|page| is_zero(page) == is_hole).map(<[u8]>::len);
    (first + same.sum::<usize>(), is_hole)
}

fn is_zero(bytes: &[u8]) -> bool {
    // Nothing but zeroes is rare, and mostly seen at the beginning not to be.
    let (pieces, rest) = bytes.as_chunks::<64>();
    pieces.iter().all(|piece| piece.iter().fold(0, |all, byte| all | byte) == 0)
        && rest.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_pages_of_another_kind_begin() {
        let mut bytes = vec![0; 20_000];
        assert_eq!(first_run(&bytes, 5), (20_000, true));
        bytes[9000] = 1;
        assert_eq!(first_run(&bytes, 0), (8192, true));
        assert_eq!(first_run(&bytes[8192..], 8192), (4096, false));
        assert_eq!(first_run(&bytes, 4095), (1 + 8192, true));
        assert_eq!(first_run(&bytes[9000..9001], 9000), (1, false));
    }
}
