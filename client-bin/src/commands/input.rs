use std::io::{self, Stdin, Stdout};

use smol::Unblock;
use smol::io::AsyncWriteExt;

use crate::error::Error;
use crate::ndjson::LineReader;

/// Reads standard input line by line, without holding up the node.
pub(super) type Input = LineReader<Unblock<Stdin>>;

/// Opens standard input.
pub(super) fn open() -> Input {
    LineReader::new(Unblock::new(io::stdin()))
}

/// Writes to standard output, without holding up the node.
pub(super) struct Output(Unblock<Stdout>);

impl Output {
    pub(super) fn open() -> Self {
        Self(Unblock::new(io::stdout()))
    }

    /// Writes a text that shows at once.
    pub(super) async fn write(&mut self, text: &str) -> Result<(), Error> {
        self.0.write_all(text.as_bytes()).await?;
        self.0.flush().await?;
        Ok(())
    }
}
