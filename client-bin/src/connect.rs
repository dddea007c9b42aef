//! Outgoing TCP connections: the server's, from an endpoint that a listener can share, and those
//! to peers.

use std::io;
use std::net::{SocketAddr, TcpStream};

use async_io::Async;
use breeze_server::host::socket;

use crate::server_addr::canonical;

/// Connects to a peer from any port.
pub(crate) async fn connect(to: SocketAddr) -> io::Result<Async<TcpStream>> {
    socket::connect(canonical(to)).await
}

/// Connects to the server such that a listener can share the local endpoint.
///
/// `port` is the local port wanted, 0 for any; if it cannot be had, any port will do. Peers go on
/// reaching a client that comes back with the port it had.
pub(crate) async fn connect_shared(to: SocketAddr, port: u16) -> io::Result<Async<TcpStream>> {
    let to = canonical(to);
    if port != 0 {
        match socket::connect_shared(port, to).await {
            Err(error) if is_endpoint_taken(&error) => {
                log::debug!("local port {port} cannot be had ({error}), taking another");
            }
            outcome => return outcome,
        }
    }
    socket::connect_shared(0, to).await
}

fn is_endpoint_taken(error: &io::Error) -> bool {
    // `PermissionDenied` is the answer to a low port.
    matches!(
        error.kind(),
        io::ErrorKind::AddrInUse
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn listener(ip: &str) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((ip, 0)).expect("bind");
        let addr = listener.local_addr().expect("address");
        (listener, addr)
    }

    fn local(stream: &Async<TcpStream>) -> SocketAddr {
        stream.get_ref().local_addr().expect("address")
    }

    #[test]
    fn connects_over_both_versions_of_ip() {
        for ip in ["127.0.0.1", "::1"] {
            let (listener, addr) = listener(ip);
            let stream = smol::block_on(connect(addr)).expect("connect");
            assert_eq!(listener.accept().expect("accept").1, local(&stream));
            assert!(stream.get_ref().nodelay().expect("nodelay"));
            let stream = smol::block_on(connect_shared(addr, 0)).expect("connect");
            assert_eq!(listener.accept().expect("accept").1, local(&stream));
            assert!(stream.get_ref().nodelay().expect("nodelay"));
        }
    }

    #[test]
    fn a_mapped_address_is_dialled_plainly() {
        let (_listener, addr) = listener("127.0.0.1");
        let mapped = SocketAddr::new(Ipv4Addr::LOCALHOST.to_ipv6_mapped().into(), addr.port());
        for stream in [
            smol::block_on(connect(mapped)).expect("connect"),
            smol::block_on(connect_shared(mapped, 0)).expect("connect"),
        ] {
            assert_eq!(stream.get_ref().peer_addr().expect("address"), addr);
        }
    }

    #[test]
    fn takes_the_wanted_port_again_after_the_server_went() {
        let (first, addr) = listener("127.0.0.1");
        let stream = smol::block_on(connect_shared(addr, 0)).expect("connect");
        let port = local(&stream).port();
        // The server closes first; the client's end of the old connection may still linger.
        drop(first);
        let (_second, addr) = listener("127.0.0.1");
        let stream = smol::block_on(connect_shared(addr, port)).expect("connect");
        assert_eq!(local(&stream).port(), port);
    }

    #[test]
    fn takes_any_port_when_the_wanted_one_cannot_be_had() {
        let (_server, addr) = listener("127.0.0.1");
        let (_other, taken) = listener("127.0.0.1");
        let stream = smol::block_on(connect_shared(addr, taken.port())).expect("connect");
        assert_ne!(local(&stream).port(), taken.port());

        // The very same pair of endpoints is in use: `connect`, not `bind`, is what fails.
        let port = local(&stream).port();
        let stream = smol::block_on(connect_shared(addr, port)).expect("connect");
        assert_ne!(local(&stream).port(), port);
    }

    #[test]
    fn says_that_nobody_listens_and_never_connects_to_itself() {
        for ip in ["127.0.0.1", "::1"] {
            let (listener, addr) = listener(ip);
            drop(listener);
            for outcome in [
                smol::block_on(connect(addr)),
                smol::block_on(connect_shared(addr, 0)),
                smol::block_on(connect_shared(addr, addr.port())),
            ] {
                assert_eq!(outcome.expect_err("refused").kind(), io::ErrorKind::ConnectionRefused);
            }
        }
    }
}
