use std::io;

use smol::io::{AsyncRead, AsyncReadExt};

/// Bytes of a line of input: the longest text with every character escaped at its worst, `\uXXXX`,
/// would take more, but nobody escapes plain letters.
pub(crate) const MAX_LINE: usize = 256 * 1024;

/// Bytes that one read takes at most.
const CHUNK: usize = 8 * 1024;

/// Reads lines without ever holding more than [`MAX_LINE`] bytes of one.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    input: R,
    /// What was read, up to `end`, and not looked at yet, from `start`.
    chunk: Box<[u8; CHUNK]>,
    start: usize,
    end: usize,
    line: Vec<u8>,
    state: State,
}

/// Holds one line of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// The line without its line end.
    Whole(&'a [u8]),
    /// The line was longer than [`MAX_LINE`] and is gone.
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The bytes so far are the beginning of a line.
    Collecting,
    /// The line has become too long; its rest is passed over.
    Skipping,
    /// The last line was handed out and is to be forgotten.
    Done,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// Reads lines from `input`.
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            chunk: Box::new([0; CHUNK]),
            start: 0,
            end: 0,
            line: Vec::new(),
            state: State::Done,
        }
    }

    /// Returns the next line, or none at the end of the input; a last line needs no line end.
    ///
    /// Dropping the future loses nothing: the next call goes on where it stopped.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if self.state == State::Done {
            self.line.clear();
            self.state = State::Collecting;
        }
        loop {
            if self.start == self.end {
                let end = self.input.read(&mut self.chunk[..]).await?;
                (self.start, self.end) = (0, end);
            }
            let chunk = &self.chunk[self.start..self.end];
            if chunk.is_empty() {
                if self.state == State::Collecting && self.line.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let content = &chunk[..end.unwrap_or(chunk.len())];
            if self.line.len() + content.len() > MAX_LINE {
                self.state = State::Skipping;
                // The memory of a long line is not kept for the short ones that follow.
                self.line = Vec::new();
            }
            if self.state == State::Collecting {
                self.line.extend_from_slice(content);
            }
            let used = content.len() + usize::from(end.is_some());
            self.start += used;
            if end.is_some() {
                break;
            }
        }
        let whole = self.state == State::Collecting;
        self.state = State::Done;
        Ok(Some(if whole { Line::Whole(&self.line) } else { Line::TooLong }))
    }
}

#[cfg(test)]
mod tests {
    use smol::future;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use smol::io::{AsyncWriteExt, Cursor};

    use super::*;

    /// Gives a few bytes at a time.
    struct Trickle<'i>(Cursor<&'i [u8]>, usize);

    impl AsyncRead for Trickle<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            let most = buf.len().min(self.1);
            Pin::new(&mut self.0).poll_read(cx, &mut buf[..most])
        }
    }

    fn read_all(input: &[u8], buffer: usize) -> Vec<Option<Vec<u8>>> {
        let mut reader = LineReader::new(Trickle(Cursor::new(input), buffer));
        let mut lines = Vec::new();
        smol::block_on(async {
            while let Some(line) = reader.next().await.expect("read") {
                lines.push(match line {
                    Line::Whole(line) => Some(line.to_vec()),
                    Line::TooLong => None,
                });
            }
        });
        lines
    }

    #[test]
    fn splits_lines_however_they_arrive() {
        for buffer in [1, 2, 3, 1000] {
            assert_eq!(
                read_all(b"one\n\ntwo\r\nthree", buffer),
                [&b"one"[..], b"", b"two\r", b"three"].map(|line| Some(line.to_vec()))
            );
            assert_eq!(read_all(b"", buffer), []);
            assert_eq!(read_all(b"x\n", buffer), [Some(b"x".to_vec())]);
        }
    }

    #[test]
    fn passes_over_a_line_that_is_too_long_and_goes_on() {
        for buffer in [4096, 10 * MAX_LINE] {
            let mut input = vec![b'x'; MAX_LINE];
            input.extend_from_slice(b"\nshort\n");
            input.extend_from_slice(&[b'y'; MAX_LINE + 1]);
            input.extend_from_slice(b"\nshort\n");
            input.extend_from_slice(&[b'z'; 3 * MAX_LINE]);
            let lines = read_all(&input, buffer);
            let short = Some(b"short".to_vec());
            assert_eq!(lines, [Some(vec![b'x'; MAX_LINE]), short.clone(), None, short, None]);
        }
    }

    #[test]
    fn a_dropped_read_loses_nothing() {
        smol::block_on(async {
            let (reader, mut writer) = pipe();
            let mut reader = LineReader::new(reader);
            writer.write_all(b"he").await.expect("write");
            assert!(future::poll_once(reader.next()).await.is_none());
            assert!(future::poll_once(reader.next()).await.is_none());
            writer.write_all(b"llo\n").await.expect("write");
            assert_eq!(reader.next().await.expect("read"), Some(Line::Whole(b"hello")));
            drop(writer);
            assert_eq!(reader.next().await.expect("read"), None);
        });
    }

    fn pipe() -> (smol::net::TcpStream, smol::net::TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
        let addr = listener.local_addr().expect("address");
        let near = std::net::TcpStream::connect(addr).expect("connect");
        let (far, _) = listener.accept().expect("accept");
        let stream = |s| smol::Async::new(s).expect("stream").into();
        (stream(near), stream(far))
    }
}
