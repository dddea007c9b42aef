use std::net::SocketAddr;

use super::host::HostId;

/// Returns the address of a host that has moved so many times.
pub(super) fn address_of(host: HostId, moves: u8) -> SocketAddr {
    let number = u16::try_from(host.0 + 1).expect("fewer than 65,535 hosts");
    let [high, low] = number.to_be_bytes();
    SocketAddr::from(([10, moves, high, low], 7733))
}

/// Returns the host that has, or had, an address, and how often it had moved then.
pub(super) fn host_at(addr: SocketAddr) -> Option<(HostId, u8)> {
    let SocketAddr::V4(v4) = addr else { return None };
    let [a, moves, high, low] = v4.ip().octets();
    let number = u16::from_be_bytes([high, low]).checked_sub(1)?;
    (a == 10 && v4.port() == 7733).then_some((HostId(number.into()), moves))
}
