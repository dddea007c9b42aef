use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use async_io::Async;

use crate::error::Error;
use crate::host::socket::{self, Sharing};

/// Connections that may wait to be accepted: everybody at once, after the server's restart.
const BACKLOG: i32 = 1024;

/// Listens on `addr` and returns the address taken, with the port that the system chose for 0.
///
/// `[::]` takes IPv4 connections too; without IPv6 on this machine it takes those alone.
pub(crate) fn listen(addr: SocketAddr) -> Result<(Async<TcpListener>, SocketAddr), Error> {
    let outcome = match bind(addr) {
        Err(error) if is_any_ipv6(addr) && error.kind() != io::ErrorKind::AddrInUse => {
            let ipv4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), addr.port());
            let outcome = bind(ipv4);
            if outcome.is_ok() {
                log::warn!("no IPv6 here ({error}): listening on {ipv4} instead of {addr}");
            }
            // If both fail, IPv6 may well not be the cause.
            outcome.map_err(|_| error)
        }
        outcome => outcome,
    };
    outcome.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse(addr),
        _ => Error::Listen { addr, source },
    })
}

fn bind(addr: SocketAddr) -> io::Result<(Async<TcpListener>, SocketAddr)> {
    socket::listen(addr, Sharing::Exclusive, BACKLOG)
}

fn is_any_ipv6(addr: SocketAddr) -> bool {
    addr.is_ipv6() && addr.ip().is_unspecified()
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("address")
    }

    #[test]
    fn one_listener_takes_both_versions_of_ip() {
        let (listener, bound) = listen(addr("[::]:0")).expect("listen");
        for ip in ["127.0.0.1", "::1"] {
            let stream = TcpStream::connect((ip, bound.port())).expect("connect");
            let (_, from) = smol::block_on(listener.accept()).expect("accept");
            assert_eq!(from.ip().to_canonical(), ip.parse::<std::net::IpAddr>().expect("ip"));
            assert_eq!(from.port(), stream.local_addr().expect("address").port());
        }
    }

    #[test]
    fn a_port_in_use_is_named() {
        let (_listener, bound) = listen(addr("127.0.0.1:0")).expect("listen");
        let error = listen(bound).expect_err("in use").to_string();
        assert!(error.contains(&bound.to_string()), "{error}");
        assert!(error.contains("--listen"), "{error}");
        let error = listen(addr("192.0.2.1:0")).expect_err("not ours").to_string();
        assert!(error.contains("192.0.2.1:0"), "{error}");
    }

    #[test]
    fn a_port_is_free_again_at_once() {
        let (listener, bound) = listen(addr("127.0.0.1:0")).expect("listen");
        let client = TcpStream::connect(bound).expect("connect");
        let (accepted, _) = smol::block_on(listener.accept()).expect("accept");
        // The server closes first, and the connection lingers on its side.
        drop((accepted, listener));
        drop(client);
        listen(bound).expect("listen again");
    }
}
