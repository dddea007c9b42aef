use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, Stdout};
use std::pin::Pin;
use std::task::ready;

use smol::Unblock;
use smol::io::{AsyncWrite, AsyncWriteExt};
use smol::lock::Mutex;

use crate::error::Error;

/// Writes to standard output, without holding up the node.
pub(super) struct Output {
    /// What is to be written.
    pending: RefCell<Vec<u8>>,
    stdout: Mutex<Unblock<Stdout>>,
}

impl Output {
    pub(super) fn open() -> Self {
        Self { pending: RefCell::default(), stdout: Mutex::new(Unblock::new(io::stdout())) }
    }

    /// Writes a text that shows at once.
    ///
    /// If the future is dropped, the rest of the text is written first thing next time: no line is
    /// ever cut.
    pub(super) async fn write(&self, text: &str) -> Result<(), Error> {
        self.pending.borrow_mut().extend_from_slice(text.as_bytes());
        let mut stdout = self.stdout.lock().await;
        poll_fn(|cx| {
            let mut pending = self.pending.borrow_mut();
            while !pending.is_empty() {
                let count = ready!(Pin::new(&mut *stdout).poll_write(cx, &pending))?;
                pending.drain(..count);
            }
            io::Result::Ok(()).into()
        })
        .await?;
        stdout.flush().await?;
        Ok(())
    }
}
