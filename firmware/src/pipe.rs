use breeze_core::id::LinkId;
use smoltcp::iface::SocketHandle;
use smoltcp::time::Instant;

/// Is one TCP socket and what it is used for.
pub(crate) struct Pipe {
    pub(crate) handle: SocketHandle,
    pub(crate) usage: Usage,
    /// Its link has bytes to send.
    pub(crate) sends: bool,
}

/// Says what a socket is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    /// For nothing.
    Free,
    /// To take in whoever dials the device.
    Listening,
    /// For a link whose connection is on its way.
    Dialling(LinkId),
    /// For a link.
    Open(LinkId),
    /// For nothing more, once all is sent and the other side has closed too, or at this time.
    Closing {
        /// When the connection is cut short.
        until: Instant,
    },
}

impl Usage {
    pub(crate) fn is_of(self, link: LinkId) -> bool {
        self == Self::Dialling(link) || self == Self::Open(link)
    }
}
