use std::io::{self, Stdin};

use smol::Unblock;

/// Is standard input, read without holding up the node.
pub(super) type Input = Unblock<Stdin>;

/// Opens standard input.
pub(super) fn open() -> Input {
    Unblock::new(io::stdin())
}
