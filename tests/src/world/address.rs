use std::net::SocketAddr;

use super::host::HostId;

/// Returns the one address of a host.
pub(super) fn address_of(host: HostId) -> SocketAddr {
    let [_, b, c, d] = (host.0 as u32 + 1).to_be_bytes();
    SocketAddr::from(([10, b, c, d], 7733))
}

/// Returns the host at an address of a world.
pub(super) fn host_at(addr: SocketAddr) -> Option<HostId> {
    let SocketAddr::V4(v4) = addr else { return None };
    let [a, b, c, d] = v4.ip().octets();
    let number = u32::from_be_bytes([0, b, c, d]).checked_sub(1)?;
    (a == 10 && v4.port() == 7733).then_some(HostId(number as usize))
}
