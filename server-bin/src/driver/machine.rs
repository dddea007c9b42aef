use std::net::SocketAddr;

use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::time::Instant;

use super::Slots;

/// A state machine of the core, with what its program does about its events.
pub trait Machine: 'static {
    /// Takes in a connection from `addr`, with randomness for the handshake.
    fn accepted(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError>;

    /// Takes in the bytes that a link's buffer holds.
    fn received(&mut self, now: Instant, link: LinkId, bytes: &mut [u8]) -> Consumed;

    /// Fills `buf` with bytes for a link and returns their number.
    fn transmit(&mut self, now: Instant, link: LinkId, buf: &mut [u8]) -> usize;

    /// Takes in that a link's connection broke.
    fn closed(&mut self, now: Instant, link: LinkId);

    /// Takes in that time has passed.
    fn timeout(&mut self, now: Instant);

    /// Acts on everything that the state machine has to say after an input, tells the tasks of
    /// connections through `slots`, and returns the next deadline.
    fn pump(&mut self, now: Instant, slots: &mut Slots) -> Instant;

    /// Tells whether bytes can be taken in now. A machine that says no wakes all slots
    /// ([`Slots::wake_all`]) when that changes.
    fn is_receptive(&self) -> bool {
        true
    }
}

/// Says what became of received bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consumed {
    /// Bytes at the front that are done with.
    pub bytes: usize,
    /// The same bytes may yield more at once.
    pub again: bool,
}
