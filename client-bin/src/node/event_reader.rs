use std::io;

use smol::io::{AsyncRead, AsyncReadExt};

use crate::ndjson::Event;

/// Bytes that an event may take as text: the longest answer to `who` takes less.
const MAX_EVENT: usize = 4 * 1024 * 1024;

/// Bytes that one read takes at most.
const CHUNK: usize = 16 * 1024;

/// Reads the events of another process's node.
#[derive(Debug)]
pub(super) struct EventReader {
    /// What was read and not handed out.
    bytes: Vec<u8>,
    /// So many of them hold no line end.
    seen: usize,
    chunk: Box<[u8; CHUNK]>,
}

impl EventReader {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), seen: 0, chunk: Box::new([0; CHUNK]) }
    }

    /// Returns the next event; none at the end. Lines that say nothing to this version are passed
    /// over.
    ///
    /// Dropping the future loses nothing: the next call goes on where it stopped.
    pub(super) async fn next(
        &mut self,
        mut input: impl AsyncRead + Unpin,
    ) -> io::Result<Option<Event<'static>>> {
        loop {
            while let Some(length) = self.bytes[self.seen..].iter().position(|b| *b == b'\n') {
                let end = self.seen + length;
                let event = serde_json::from_slice(&self.bytes[..end]);
                self.bytes.drain(..=end);
                self.seen = 0;
                match event {
                    Ok(event) => return Ok(Some(event)),
                    Err(error) => log::debug!("the node says something unknown: {error}"),
                }
            }
            self.seen = self.bytes.len();
            if self.seen > MAX_EVENT {
                return Err(io::ErrorKind::InvalidData.into());
            }
            match input.read(&mut self.chunk[..]).await? {
                0 => return Ok(None),
                count => self.bytes.extend_from_slice(&self.chunk[..count]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_what_it_does_not_know() {
        let input = "{\"event\":\"later\",\"x\":1}\nnonsense\n\
                     {\"event\":\"server\",\"state\":\"connected\",\"x\":1}\n{\"event\":\"who\"";
        let mut input = input.as_bytes();
        smol::block_on(async {
            let mut reader = EventReader::new();
            let event = reader.next(&mut input).await.expect("read");
            assert!(matches!(event, Some(Event::Server { .. })));
            assert_eq!(reader.next(&mut input).await.expect("read"), None);
        });
    }

    #[test]
    fn refuses_a_line_without_end() {
        smol::block_on(async {
            let error = EventReader::new().next(smol::io::repeat(b'x')).await.expect_err("endless");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        });
    }
}
