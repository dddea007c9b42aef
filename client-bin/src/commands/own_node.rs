use std::cell::RefCell;

use crate::cli::Mesh;
use crate::node::{Door, Lock, Node, Seat};
use crate::server_addr::ServerAddr;

/// Holds the node that this process runs, and all that goes with it.
pub(super) struct OwnNode {
    pub(super) server: ServerAddr,
    pub(super) mesh: Mesh,
    pub(super) seat: Seat,
    pub(super) node: Node,
    /// Open while others may come in.
    pub(super) door: RefCell<Option<Door>>,
    /// Given back last: whoever has it next finds everything closed.
    pub(super) _lock: Lock,
}

impl OwnNode {
    /// Ends the node in good order.
    pub(super) async fn close(&self) {
        // Whoever comes now waits for the next node.
        self.door.take();
        self.node.close().await;
    }
}
