use std::io;
use std::os::fd::OwnedFd;

use async_io::{Async, Timer};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

use super::LOOK_EVERY;

/// The kernel's news of links, of IPv4 and of IPv6 addresses, as bits of rtnetlink(7).
const NEWS: u32 = 0x1 | 0x10 | 0x100;

/// Hears from the kernel when interfaces or their addresses change.
pub(crate) struct Changes {
    /// None where the kernel cannot be asked.
    news: Option<Async<OwnedFd>>,
}

impl Changes {
    /// Listens from now on.
    pub(crate) fn new() -> Self {
        let news = open().inspect_err(|error| log::debug!("no news of interfaces: {error}"));
        Self { news: news.ok() }
    }

    /// Waits until there may have been a change.
    pub(crate) async fn next(&mut self) {
        let Some(news) = &self.news else {
            Timer::after(LOOK_EVERY).await;
            return;
        };
        let mut buf = [0; 4096];
        match news.read_with(|news| Ok(recv(news, &mut buf[..], RecvFlags::empty())?)).await {
            Ok(_) => while recv(news, &mut buf[..], RecvFlags::DONTWAIT).is_ok() {},
            // There was more than the socket holds, and what it was does not matter.
            Err(error)
                if error.raw_os_error() == Some(rustix::io::Errno::NOBUFS.raw_os_error()) => {}
            Err(error) => {
                log::debug!("no more news of interfaces: {error}");
                self.news = None;
            }
        }
    }
}

fn open() -> io::Result<Async<OwnedFd>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, NEWS))?;
    Async::new_nonblocking(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_the_question() {
        // Whether anything changes meanwhile nobody knows here: the tests in namespaces see to that.
        let changes = Changes::new();
        assert!(changes.news.is_some());
    }
}
