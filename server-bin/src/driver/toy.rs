use std::collections::HashMap;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use async_io::Async;
use breeze_core::error::AcceptError;
use breeze_core::id::LinkId;
use breeze_core::time::Instant;
use smol::io::AsyncReadExt;
use smol::{LocalExecutor, Task};
use socket2::SockRef;

use super::{Clock, Consumed, Hub, Machine, SharedHub, Slots, accept, block_on, drive, within};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A state machine whose frames are one length, of four bytes, and so many bytes after it.
#[derive(Default)]
pub(super) struct Toy {
    /// The frames that came, each with its link.
    pub(super) frames: Vec<(LinkId, Vec<u8>)>,
    /// How often bytes came.
    pub(super) feeds: usize,
    /// Links whose connections broke.
    pub(super) broken: Vec<LinkId>,
    /// Links there were.
    pub(super) links: Vec<LinkId>,
    /// Takes no bytes.
    pub(super) deaf: bool,
    /// Takes no connections.
    pub(super) full: bool,
    outgoing: HashMap<LinkId, Outgoing>,
    news: Vec<News>,
}

#[derive(Default)]
struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    is_last: bool,
}

enum News {
    Transmit(LinkId),
    Close(LinkId),
    Receptive,
}

impl Toy {
    pub(super) fn send(&mut self, link: LinkId, bytes: &[u8]) {
        self.outgoing.entry(link).or_default().bytes.extend_from_slice(bytes);
        self.news.push(News::Transmit(link));
    }

    /// Sends the last bytes of a link, which is closed once they are taken for sending.
    pub(super) fn send_last(&mut self, link: LinkId, bytes: &[u8]) {
        self.outgoing.entry(link).or_default().is_last = true;
        self.send(link, bytes);
    }

    /// Returns the number of bytes that have not been taken for sending.
    pub(super) fn untaken(&self, link: LinkId) -> usize {
        self.outgoing.get(&link).map_or(0, |outgoing| outgoing.bytes.len() - outgoing.sent)
    }

    pub(super) fn listen_again(&mut self) {
        self.deaf = false;
        self.news.push(News::Receptive);
    }
}

impl Machine for Toy {
    fn accepted(
        &mut self,
        _now: Instant,
        _addr: SocketAddr,
        _ephemeral: [u8; 32],
    ) -> Result<LinkId, AcceptError> {
        if self.full {
            return Err(AcceptError::Full);
        }
        let link = LinkId::from_bits(self.links.len() as u64);
        self.links.push(link);
        // Something to say at once: the link's slot has to know.
        self.send(link, b"hello");
        Ok(link)
    }

    fn received(&mut self, _now: Instant, link: LinkId, bytes: &mut [u8]) -> Consumed {
        self.feeds += 1;
        let Some((len, rest)) = bytes.split_first_chunk() else {
            return Consumed { bytes: 0, again: false };
        };
        let len = u32::from_le_bytes(*len) as usize;
        match rest.get(..len) {
            Some(frame) => {
                self.frames.push((link, frame.to_vec()));
                Consumed { bytes: 4 + len, again: true }
            }
            None => Consumed { bytes: 0, again: false },
        }
    }

    fn transmit(&mut self, _now: Instant, link: LinkId, buf: &mut [u8]) -> usize {
        let Some(outgoing) = self.outgoing.get_mut(&link) else { return 0 };
        let pending = &outgoing.bytes[outgoing.sent..];
        let len = pending.len().min(buf.len());
        buf[..len].copy_from_slice(&pending[..len]);
        outgoing.sent += len;
        if outgoing.is_last && outgoing.sent == outgoing.bytes.len() {
            self.news.push(News::Close(link));
        }
        len
    }

    fn closed(&mut self, _now: Instant, link: LinkId) {
        self.broken.push(link);
    }

    fn timeout(&mut self, _now: Instant) {}

    fn pump(&mut self, _now: Instant, slots: &mut Slots) -> Instant {
        for news in self.news.drain(..) {
            match news {
                News::Transmit(link) => slots.announce(link),
                News::Close(link) => slots.close(link),
                News::Receptive => slots.wake_all(),
            }
        }
        Instant::NEVER
    }

    fn is_receptive(&self) -> bool {
        !self.deaf
    }
}

/// Makes a frame.
pub(super) fn frame(bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).expect("a frame's length");
    [&len.to_le_bytes(), bytes].concat()
}

/// A toy that is driven, and accepts connections on loopback.
pub(super) struct Bench {
    pub(super) hub: SharedHub<Toy>,
    tasks: Rc<LocalExecutor<'static>>,
    addr: SocketAddr,
}

impl Bench {
    /// Runs a test beside the driver.
    pub(super) fn run(test: impl AsyncFnOnce(&Self)) {
        let tasks = Rc::new(LocalExecutor::new());
        let listener = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
        // Its connections have the same.
        shrink(listener.get_ref());
        let addr = listener.get_ref().local_addr().expect("address");
        let hub = Hub::new(Toy::default(), Clock::start());
        let bench = Self { hub, tasks: tasks.clone(), addr };
        tasks.spawn(drive(bench.hub.clone())).detach();
        tasks.spawn(accept(bench.hub.clone(), listener)).detach();
        block_on(tasks.run(within_patience(test(&bench)))).expect("a reactor");
    }

    /// Connects, and reads the greeting.
    pub(super) async fn connect(&self) -> (Async<TcpStream>, LinkId) {
        let mut stream = self.connect_quietly().await;
        stream.get_ref().set_nodelay(true).expect("nodelay");
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).await.expect("a greeting");
        assert_eq!(&hello, b"hello");
        let link = *self.hub.borrow().machine.links.last().expect("a link");
        (stream, link)
    }

    pub(super) async fn connect_quietly(&self) -> Async<TcpStream> {
        let stream = Async::<TcpStream>::connect(self.addr).await.expect("connect");
        shrink(stream.get_ref());
        stream
    }

    /// Lets something happen beside the test.
    pub(super) fn spawn<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> Task<T> {
        self.tasks.spawn(task)
    }

    /// Connects without letting anything else happen.
    pub(super) fn dial(&self) -> TcpStream {
        TcpStream::connect(self.addr).expect("connect")
    }

    /// Does something to the toy.
    pub(super) fn toy<R>(&self, act: impl FnOnce(&mut Toy) -> R) -> R {
        self.hub.borrow_mut().input(|toy, _| act(toy))
    }

    /// Waits until something holds.
    pub(super) async fn until(&self, holds: impl Fn(&Hub<Toy>) -> bool) {
        poll_fn(|cx| {
            let mut hub = self.hub.borrow_mut();
            hub.watch(cx.waker());
            if holds(&hub) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Makes a socket's buffers small, so that they are soon full, and hold less than a driver's.
fn shrink<'s>(socket: impl Into<SockRef<'s>>) {
    let socket = socket.into();
    socket.set_send_buffer_size(16 * 1024).expect("a small buffer");
    socket.set_recv_buffer_size(16 * 1024).expect("a small buffer");
}

async fn within_patience(test: impl Future<Output = ()>) {
    within(PATIENCE, test).await.expect("this takes too long");
}
