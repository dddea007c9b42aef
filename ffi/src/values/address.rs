use core::net::{IpAddr, SocketAddr};

use crate::breeze_result;

/// Holds an IP address and a port.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_address {
    /// 4 for IPv4, 6 for IPv6, 0 for none.
    pub family: u16,
    /// The port, in the order of the host.
    pub port: u16,
    /// The bytes of the address, the first 4 of them for IPv4.
    pub ip: [u8; 16],
}

impl breeze_address {
    pub(crate) const NONE: Self = Self { family: 0, port: 0, ip: [0; 16] };
}

impl From<SocketAddr> for breeze_address {
    fn from(addr: SocketAddr) -> Self {
        let mut ip = [0; 16];
        let family = match addr.ip() {
            IpAddr::V4(v4) => {
                ip[..4].copy_from_slice(&v4.octets());
                4
            }
            IpAddr::V6(v6) => {
                ip = v6.octets();
                6
            }
        };
        Self { family, port: addr.port(), ip }
    }
}

impl TryFrom<breeze_address> for SocketAddr {
    type Error = breeze_result;

    fn try_from(address: breeze_address) -> Result<Self, breeze_result> {
        let [a, b, c, d, ..] = address.ip;
        let ip = match address.family {
            4 => IpAddr::from([a, b, c, d]),
            6 => IpAddr::from(address.ip),
            _ => return Err(breeze_result::BadAddress),
        };
        Ok(Self::new(ip, address.port))
    }
}
