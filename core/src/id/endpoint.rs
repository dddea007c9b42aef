use core::fmt;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// Holds an address and port at which a client accepts direct links.
///
/// On the wire: a tag (0: IPv4, 1: IPv6), the 4 or 16 bytes of the address, the port as a varint.
/// IPv4 addresses mapped into IPv6 become plain IPv4. In memory it is the other way about, in 18 bytes,
/// where a `SocketAddr` takes 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Endpoint {
    ip: [u8; 16],
    port: u16,
}

#[derive(Serialize, Deserialize)]
enum Wire {
    V4([u8; 4], u16),
    V6([u8; 16], u16),
}

impl Endpoint {
    /// Makes an endpoint of a socket address, in its canonical form.
    pub fn new(addr: SocketAddr) -> Self {
        let ip = match addr.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        Self { ip: ip.octets(), port: addr.port() }
    }

    /// Returns the socket address to dial.
    pub fn addr(self) -> SocketAddr {
        SocketAddr::new(self.ip(), self.port)
    }

    pub(crate) fn ip(self) -> IpAddr {
        Ipv6Addr::from(self.ip).to_canonical()
    }
}

impl From<Endpoint> for Wire {
    fn from(endpoint: Endpoint) -> Self {
        match endpoint.ip() {
            IpAddr::V4(ip) => Self::V4(ip.octets(), endpoint.port),
            IpAddr::V6(ip) => Self::V6(ip.octets(), endpoint.port),
        }
    }
}

impl From<Wire> for Endpoint {
    fn from(wire: Wire) -> Self {
        Self::new(match wire {
            Wire::V4(ip, port) => SocketAddr::new(ip.into(), port),
            Wire::V6(ip, port) => SocketAddr::new(ip.into(), port),
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.addr(), f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.addr(), f)
    }
}
