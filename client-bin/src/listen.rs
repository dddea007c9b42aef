//! Listeners for direct links: on the very endpoint of the server connection, and on the same port
//! of the machine's other addresses.

use std::net::{IpAddr, SocketAddr, TcpListener};

use async_io::Async;
use breeze_core::limits::MAX_ENDPOINTS;
use breeze_server::host::socket::{self, Sharing};

use crate::error::Error;
use crate::interfaces::Addresses;
use crate::server_addr::canonical;

/// Connections that may wait to be accepted: a whole office that dials at once.
const BACKLOG: i32 = 256;

/// Holds the open listeners and the addresses at which peers may try them.
#[derive(Debug)]
pub(crate) struct Listening {
    /// One listener for each of the endpoints.
    pub(crate) listeners: Vec<Async<TcpListener>>,
    /// The endpoints, that of the server connection's address first.
    pub(crate) endpoints: Vec<SocketAddr>,
}

/// Listens on the server connection's local address, with its port or the one given.
///
/// Its own port is shared with the connection. A given one is not: it is refused if another
/// process listens on it, instead of each getting some of the other's peers.
///
/// The other addresses are those of [`others`]; one that cannot be had is left out.
pub(crate) fn listen(
    local: SocketAddr,
    port: Option<u16>,
    others: &[IpAddr],
) -> Result<Listening, Error> {
    let local = canonical(local);
    let sharing = match port {
        Some(port) if port != local.port() => Sharing::Exclusive,
        Some(_) | None => Sharing::Shared,
    };
    let mut first = local;
    first.set_port(port.unwrap_or(local.port()));

    let (listener, bound) = socket::listen(first, sharing, BACKLOG)
        .map_err(|source| Error::Listen { addr: first, source })?;
    let mut listening = Listening { listeners: vec![listener], endpoints: vec![bound] };
    for ip in others {
        let addr = SocketAddr::new(*ip, bound.port());
        match socket::listen(addr, sharing, BACKLOG) {
            Ok((listener, addr)) => {
                listening.listeners.push(listener);
                listening.endpoints.push(addr);
            }
            Err(error) => log::debug!("not listening on {addr} too: {error}"),
        }
    }
    Ok(listening)
}

/// Returns the addresses of this machine, beside that of the server connection, at which peers can
/// dial it now.
///
/// A server on this machine has clients on this machine: the other addresses are then left alone.
pub(crate) fn others(local: IpAddr) -> Vec<IpAddr> {
    if local.is_loopback() {
        return Vec::new();
    }
    match Addresses::now() {
        Ok(addresses) => other_addresses(local, addresses.running),
        Err(error) => {
            log::debug!("the addresses of this machine cannot be listed: {error}");
            Vec::new()
        }
    }
}

/// Chooses the addresses, beside the first, that peers on other machines can dial.
fn other_addresses(first: IpAddr, all: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut chosen = Vec::new();
    for ip in all.into_iter().map(|ip| ip.to_canonical()) {
        // IPv6 link-local addresses mean nothing without the dialler's own interface.
        let dialable = match ip {
            IpAddr::V4(_) => true,
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        };
        let usable = dialable && !ip.is_loopback() && !ip.is_unspecified();
        if usable && ip != first && !chosen.contains(&ip) && chosen.len() + 1 < MAX_ENDPOINTS {
            chosen.push(ip);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;
    use crate::connect::{connect, connect_shared};

    #[test]
    fn accepts_on_the_endpoint_of_a_live_connection() {
        for ip in ["127.0.0.1", "::1"] {
            let server = TcpListener::bind((ip, 0)).expect("bind");
            let server_addr = server.local_addr().expect("address");
            smol::block_on(async {
                let link = connect_shared(server_addr, 0).await.expect("connect");
                let local = link.get_ref().local_addr().expect("address");
                let (far_end, _) = server.accept().expect("accept");

                let listening = listen(local, None, &[]).expect("listen");
                assert_eq!(listening.endpoints, [local]);
                let peer = connect(local).await.expect("dial");
                let (accepted, from) = listening.listeners[0].accept().await.expect("accept");
                assert_eq!(from, peer.get_ref().local_addr().expect("address"));

                // Neither connection takes what belongs to the other.
                exchange(link.get_ref(), &far_end, b"server");
                exchange(peer.get_ref(), accepted.get_ref(), b"direct");

                // The client comes back with the same port while its listener stays.
                drop((link, far_end));
                let server = TcpListener::bind((ip, 0)).expect("bind");
                let server_addr = server.local_addr().expect("address");
                let link = connect_shared(server_addr, local.port()).await.expect("again");
                assert_eq!(link.get_ref().local_addr().expect("address"), local);
            });
        }
    }

    fn exchange(from: &TcpStream, to: &TcpStream, text: &[u8; 6]) {
        use std::io::{Read, Write};

        let (mut from, mut to) = (from, to);
        from.write_all(text).expect("write");
        to.set_nonblocking(false).expect("blocking");
        let mut got = [0; 6];
        to.read_exact(&mut got).expect("read");
        assert_eq!(&got, text);
    }

    #[test]
    fn a_given_port_is_not_shared_with_another_process() {
        let local = "127.0.0.1:9".parse().expect("address");
        let one = listen(local, Some(0), &[]).expect("listen");
        let port = one.endpoints[0].port();
        let error = listen(local, Some(port), &[]).expect_err("in use").to_string();
        assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
        assert!(error.contains("--listen"), "{error}");
        drop(one);
        assert_eq!(listen(local, Some(port), &[]).expect("listen").endpoints[0].port(), port);
    }

    #[test]
    fn other_addresses_are_those_that_peers_can_dial() {
        let ips = |list: &[&str]| -> Vec<IpAddr> {
            list.iter().map(|ip| ip.parse().expect("address")).collect()
        };
        let all = ips(&[
            "127.0.0.1",
            "10.0.0.1",
            "10.0.0.2",
            "::1",
            "fe80::1",
            "2001:db8::1",
            "10.0.0.2",
            "::ffff:10.0.0.3",
        ]);
        assert_eq!(
            other_addresses("10.0.0.1".parse().expect("address"), all),
            ips(&["10.0.0.2", "2001:db8::1", "10.0.0.3"])
        );
        let many = (0..20).map(|n| IpAddr::from([10, 0, 0, n])).collect();
        let first = "10.0.0.5".parse().expect("address");
        assert_eq!(other_addresses(first, many).len(), MAX_ENDPOINTS - 1);
    }

    #[test]
    fn an_address_of_the_lan_brings_the_others_along() {
        let all = others(IpAddr::from([0, 0, 0, 0]));
        let Some(ip) = all.into_iter().find(IpAddr::is_ipv4) else {
            return; // A machine without a network.
        };
        assert!(others(Ipv4Addr::LOCALHOST.into()).is_empty());
        let listening = listen(SocketAddr::new(ip, 0), None, &others(ip)).expect("listen");
        assert_eq!(listening.endpoints[0].ip(), ip);
        assert_eq!(listening.endpoints.len(), listening.listeners.len());
        assert!(listening.endpoints.len() <= MAX_ENDPOINTS);
        let port = listening.endpoints[0].port();
        assert!(listening.endpoints.iter().all(|addr| addr.port() == port));
    }
}
