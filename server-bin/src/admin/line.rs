use std::io;

use smol::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Bytes of a request's line at most: the longest path, with every character escaped.
pub(crate) const MAX_REQUEST: usize = 32 * 1024;
/// Bytes of a reply's line at most: a list of some three hundred thousand users.
pub(crate) const MAX_REPLY: usize = 64 * 1024 * 1024;

/// What was read of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The line without its line end.
    Whole(Vec<u8>),
    /// It has more bytes than it may; what follows them was not read.
    TooLong,
    /// The input ended before the line did.
    End,
}

/// Reads one line of at most `max` bytes.
pub(crate) async fn read_line(
    input: &mut (impl AsyncBufRead + Unpin),
    max: usize,
) -> io::Result<Line> {
    let mut line = Vec::new();
    input.take(max as u64 + 1).read_until(b'\n', &mut line).await?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Whole(line));
    }
    Ok(if line.len() > max { Line::TooLong } else { Line::End })
}

#[cfg(test)]
mod tests {
    use smol::io::{BufReader, Cursor};

    use super::*;

    fn lines(input: &[u8], max: usize) -> Vec<Line> {
        smol::block_on(async {
            let mut input = BufReader::with_capacity(3, Cursor::new(input));
            let mut lines = Vec::new();
            while !matches!(lines.last(), Some(Line::End | Line::TooLong)) {
                lines.push(read_line(&mut input, max).await.expect("read"));
            }
            lines
        })
    }

    #[test]
    fn lines_are_whole_or_not_at_all() {
        let whole = |text: &str| Line::Whole(text.into());
        assert_eq!(lines(b"", 4), [Line::End]);
        assert_eq!(lines(b"\nab\n", 4), [whole(""), whole("ab"), Line::End]);
        assert_eq!(lines(b"abcd\nab", 4), [whole("abcd"), Line::End]);
        assert_eq!(lines(b"abcde\n", 4), [Line::TooLong]);
        assert_eq!(lines(&[b'x'; 1000], 4), [Line::TooLong]);
    }
}
