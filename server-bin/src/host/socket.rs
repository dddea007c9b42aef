//! Listeners and connections that do not block, and the sharing of a local endpoint.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use async_io::Async;
use socket2::{Domain, Protocol, Socket, Type};

use super::platform;

/// Says what else may use a listener's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing but what is left of earlier connections: a port in use is refused.
    Exclusive,
    /// Whatever shares it too, connections and listeners alike.
    Shared,
}

/// Listens on `addr`, and returns the address taken, with the port that the system chose for 0.
///
/// `[::]` takes IPv4 connections too. `backlog` is how many connections may wait to be accepted.
pub fn listen(
    addr: SocketAddr,
    sharing: Sharing,
    backlog: i32,
) -> io::Result<(Async<TcpListener>, SocketAddr)> {
    let socket = open(addr)?;
    if addr.is_ipv6() {
        socket.set_only_v6(!addr.ip().is_unspecified())?;
    }
    match sharing {
        Sharing::Exclusive => platform::reuse_port_of_the_past(&socket)?,
        Sharing::Shared => platform::share_endpoint(&socket)?,
    }
    socket.bind(&addr.into())?;
    socket.listen(backlog)?;
    let listener = TcpListener::from(socket);
    let addr = listener.local_addr()?;
    Ok((Async::new_nonblocking(listener)?, addr))
}

/// Connects to `to` from any port.
pub async fn connect(to: SocketAddr) -> io::Result<Async<TcpStream>> {
    finish(open(to)?, to).await
}

/// Connects to `to` from a local port, 0 for any, such that a listener can share the endpoint.
pub async fn connect_shared(port: u16, to: SocketAddr) -> io::Result<Async<TcpStream>> {
    let socket = open(to)?;
    platform::share_endpoint(&socket)?;
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // Connecting narrows the address down to the one that leads there.
    socket.bind(&SocketAddr::new(any, port).into())?;
    finish(socket, to).await
}

fn open(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

async fn finish(socket: Socket, to: SocketAddr) -> io::Result<Async<TcpStream>> {
    // Small messages are not to wait for earlier ones' acknowledgements.
    socket.set_tcp_nodelay(true)?;
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
