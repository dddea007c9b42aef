//! Outgoing TCP connections: the server's, from an endpoint that a listener can share, and those
//! to peers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};

use async_io::Async;
use socket2::{Domain, Protocol, Socket, Type};

use crate::platform;
use crate::server_addr::canonical;

/// Connects to a peer from any port.
pub(crate) async fn connect(to: SocketAddr) -> io::Result<Async<TcpStream>> {
    let to = canonical(to);
    finish(open(to)?, to).await
}

/// Connects to the server such that a listener can share the local endpoint.
///
/// `port` is the local port wanted, 0 for any; if it cannot be had, any port will do. Peers go on
/// reaching a client that comes back with the port it had.
pub(crate) async fn connect_shared(to: SocketAddr, port: u16) -> io::Result<Async<TcpStream>> {
    let to = canonical(to);
    if port != 0 {
        match connect_from(port, to).await {
            Err(error) if is_endpoint_taken(&error) => {
                log::debug!("local port {port} cannot be had ({error}), taking another");
            }
            outcome => return outcome,
        }
    }
    connect_from(0, to).await
}

async fn connect_from(port: u16, to: SocketAddr) -> io::Result<Async<TcpStream>> {
    let socket = open(to)?;
    platform::share_endpoint(&socket)?;
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // Connecting narrows the address down to the one that leads to the server.
    socket.bind(&SocketAddr::new(any, port).into())?;
    finish(socket, to).await
}

fn open(to: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Small messages are not to wait for earlier ones' acknowledgements.
    socket.set_tcp_nodelay(true)?;
    Ok(socket)
}

async fn finish(socket: Socket, to: SocketAddr) -> io::Result<Async<TcpStream>> {
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(error) if platform::is_connecting(&error) => {}
        Err(error) => return Err(error),
    }
    let stream = Async::new_nonblocking(TcpStream::from(socket))?;
    stream.writable().await?;
    if let Some(error) = stream.get_ref().take_error()? {
        return Err(error);
    }
    // On one machine, a port that nobody listens on and that happens to be chosen as the local one
    // too is answered by the connection itself.
    if stream.get_ref().local_addr()? == stream.get_ref().peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
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
    use std::net::TcpListener;

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
