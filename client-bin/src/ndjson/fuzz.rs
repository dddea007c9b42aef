//! What the fuzzer does to the lines of scripts.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde_json::Value;
use smol::io::AsyncRead;

use super::{Command, Event, Line, LineReader};

/// Bytes of an error event without what it quotes: escapes make six of one, and a reference comes back
/// as it was.
const ERROR: usize = 6 * 256 + 6 * 128 + 200;

/// Gives some bytes at a time.
struct Trickle<'i> {
    input: &'i [u8],
    most: usize,
}

impl AsyncRead for Trickle<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let len = buf.len().min(self.most).min(self.input.len());
        let (now, later) = self.input.split_at(len);
        buf[..len].copy_from_slice(now);
        self.input = later;
        Poll::Ready(Ok(len))
    }
}

/// Reads lines that come in pieces, the size of which the first byte says, and reads each as a
/// command, and as an event. A command is written as one line that means the same, and an event as one
/// that is an event; what is no command is answered with one line of a bounded length.
pub(crate) fn commands(data: &[u8]) {
    let Some((most, input)) = data.split_first() else { return };
    let mut reader = LineReader::new(Trickle { input, most: usize::from(*most) + 1 });
    let mut lines = input.split(|byte| *byte == b'\n').peekable();
    smol::block_on(async {
        while let Some(line) = reader.next().await.expect("no disk, no network") {
            assert_eq!(Line::Whole(lines.next().expect("a line")), line);
            if let Line::Whole(line) = line {
                command(line);
                event(line);
            }
        }
    });
    // Behind the last line end there is none.
    assert!(lines.next().is_none_or(<[u8]>::is_empty) && lines.next().is_none());
}

fn command(line: &[u8]) {
    match Command::parse(line) {
        Ok(command) => {
            let written = command.to_line();
            let content = one_line(&written);
            assert_eq!(Command::parse(content.as_bytes()), Ok(command));
        }
        Err(error) => {
            let written = error.into_event().to_line();
            assert!(written.len() <= ERROR);
            let said: Value = serde_json::from_str(one_line(&written)).expect("JSON");
            assert_eq!(said["code"], "bad_command");
        }
    }
}

fn event(line: &[u8]) {
    if let Ok(event) = serde_json::from_slice::<Event<'_>>(line) {
        // A reference that is a fraction may be rounded; no command can have one.
        let written = event.to_line();
        serde_json::from_str::<Event<'_>>(one_line(&written)).expect("an event");
    }
}

fn one_line(written: &str) -> &str {
    let content = written.strip_suffix('\n').expect("a line end");
    assert!(!content.contains('\n'));
    content
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpus_is_replayed() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let inputs = |folder: &str| {
            let entries = fs::read_dir(fuzz.join(folder).join("commands")).into_iter().flatten();
            entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
        };
        let corpus = inputs("corpus");
        assert!(!corpus.is_empty(), "the corpus is missing");
        for file in corpus.into_iter().chain(inputs("regressions")) {
            eprintln!("{}", file.display());
            super::commands(&fs::read(&file).expect("an input"));
        }
    }
}
