use core::fmt;

use smoltcp::phy::Device;
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

/// Is what the firmware needs of a board.
pub trait Board {
    /// The network interface.
    type Net: Device;

    /// Returns the address of the network interface.
    fn mac_address(&self) -> EthernetAddress;

    /// Returns the network interface.
    fn net(&mut self) -> &mut Self::Net;

    /// Returns the time since start-up; it never goes back.
    fn now(&mut self) -> Instant;

    /// Sleeps until a frame arrives, but for at most about a millisecond.
    fn idle(&mut self);

    /// Writes a line for people, and for tests.
    fn say(&mut self, line: fmt::Arguments<'_>);

    /// Returns how many bytes of stack have been in use at once, and how many there are.
    fn stack(&self) -> (usize, usize);
}
