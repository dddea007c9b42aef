use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The cable to one client: its peers dial this end, and what they say comes out at the client,
/// unless the cable is pulled. Then every byte vanishes, and nothing is said.
pub(super) struct Cable {
    pub(super) addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    plugged_in: Condvar,
}

#[derive(Default)]
struct State {
    /// Where the client listens, once the cable is plugged in.
    client: Option<SocketAddr>,
    pulled: bool,
    /// Both ends of everything that runs through the cable.
    streams: Vec<TcpStream>,
}

impl Cable {
    /// Lays a cable that leads nowhere yet: connections wait at its end.
    pub(super) fn lay() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let entry = shared.clone();
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let entry = entry.clone();
                // Whoever cannot be connected sees its connection close.
                thread::spawn(move || connect(&entry, near));
            }
        });
        Ok(Self { addr, shared })
    }

    /// Leads the cable to where the client listens.
    pub(super) fn plug_in(&self, client: SocketAddr) {
        self.shared.lock().client = Some(client);
        self.shared.plugged_in.notify_all();
    }

    /// Pulls the cable: connections stay, and carry nothing.
    pub(super) fn pull(&self) {
        self.shared.lock().pulled = true;
    }

    /// Puts the cable back. What was lost in between is lost: those connections are dead.
    pub(super) fn put_back(&self) {
        let mut state = self.shared.lock();
        state.pulled = false;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the cable leads somewhere.
    fn client(&self) -> io::Result<SocketAddr> {
        let unplugged = |state: &mut State| state.client.is_none();
        let waited = self.plugged_in.wait_while(self.lock(), unplugged);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        state.client.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn connect(shared: &Arc<Shared>, near: TcpStream) -> io::Result<()> {
    let far = TcpStream::connect(shared.client()?)?;
    for stream in [&near, &far] {
        stream.set_nodelay(true)?;
        shared.lock().streams.push(stream.try_clone()?);
    }
    for (from, to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        let shared = shared.clone();
        thread::spawn(move || carry(&shared, from, to));
    }
    Ok(())
}

fn carry(shared: &Shared, mut from: TcpStream, mut to: TcpStream) {
    let mut buf = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buf) {
        let pulled = shared.lock().pulled;
        if !pulled && to.write_all(&buf[..count]).is_err() {
            break;
        }
    }
    // The end of one direction is the end of the connection, unless nobody is to learn of it.
    if !shared.lock().pulled {
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }
}
