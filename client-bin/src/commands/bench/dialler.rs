use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::{Rc, Weak};
use std::time::Duration;

use async_io::{Async, Timer};
use breeze_core::id::LinkId;
use breeze_core::io::Target;
use breeze_server::driver::{Hub, Machine, SharedHub, given_up};
use smol::channel::Receiver;
use smol::{LocalExecutor, future};

use super::fleet::{Dial, Fleet};
use crate::connect::{connect, connect_shared};
use crate::listen::listen;
use crate::server_addr::canonical;

/// How long to wait for connections to end, when the system has no room for another.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Opens the pipes that a fleet asks for, and accepts those that lead to its members.
pub(super) struct Dialler {
    pub(super) hub: SharedHub<Fleet>,
    /// Runs this too, and so is not kept by it.
    pub(super) executor: Weak<LocalExecutor<'static>>,
    pub(super) server: SocketAddr,
}

impl Dialler {
    /// Serves requests for as long as the fleet is there, each in a task of its own.
    pub(super) async fn run(self, requests: Receiver<Dial>) {
        let dialler = Rc::new(self);
        while let Ok(request) = requests.recv().await {
            let Some(executor) = dialler.executor.upgrade() else { return };
            let dialler = dialler.clone();
            executor.spawn(async move { dialler.serve(request).await }).detach();
        }
    }

    async fn serve(&self, request: Dial) {
        let dialled = self.dial(&request);
        let outcome = match future::or(dialled, given_up(&self.hub, request.link)).await {
            Ok(stream) => self.opened(&request, stream),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.hub.borrow_mut().input(|fleet, now| {
                let whom = match request.target {
                    Target::Server => "the server",
                    Target::Peer { .. } => "a peer",
                };
                fleet.trouble.note(format!("{whom} could not be dialled: {error}"));
                fleet.closed(now, request.link);
            });
        }
    }

    async fn dial(&self, request: &Dial) -> io::Result<Async<TcpStream>> {
        match &request.target {
            Target::Server if self.hub.borrow().machine.meshes(request.member) => {
                connect_shared(self.server, 0).await
            }
            Target::Server => connect(self.server).await,
            Target::Peer { user: _, addr } => connect(*addr).await,
        }
    }

    fn opened(&self, request: &Dial, stream: Async<TcpStream>) -> io::Result<()> {
        let mut ephemeral = [0; 32];
        getrandom::fill(&mut ephemeral).map_err(io::Error::other)?;
        let meshes = self.hub.borrow().machine.meshes(request.member);
        if request.target == Target::Server && meshes {
            self.listen(request.member, canonical(stream.get_ref().local_addr()?))?;
        }
        let link = request.link;
        let mut hub = self.hub.borrow_mut();
        hub.input(|fleet, now| fleet.opened(now, link, ephemeral));
        hub.connect(link, stream)
    }

    /// Accepts direct links of a member where its server connection begins, as every client does.
    fn listen(&self, member: usize, local: SocketAddr) -> io::Result<()> {
        let listening = listen(local, None, &[]).map_err(io::Error::other)?;
        self.hub.borrow_mut().machine.listens(member, listening.endpoints);
        if let Some(executor) = self.executor.upgrade() {
            for listener in listening.listeners {
                executor.spawn(accept(self.hub.clone(), member, listener)).detach();
            }
        }
        Ok(())
    }
}

/// Takes in connections for one member.
async fn accept(hub: SharedHub<Fleet>, member: usize, listener: Async<TcpListener>) {
    loop {
        let accepted = listener.accept().await.and_then(|(stream, addr)| {
            // Small messages are not to wait for earlier ones' acknowledgements.
            stream.get_ref().set_nodelay(true)?;
            let mut ephemeral = [0; 32];
            getrandom::fill(&mut ephemeral).map_err(io::Error::other)?;
            Ok((stream, addr, ephemeral))
        });
        match accepted {
            Ok((stream, addr, ephemeral)) => {
                let mut hub = hub.borrow_mut();
                let link = take_in(&mut hub, member, addr, ephemeral);
                let Some(link) = link else { continue };
                if hub.connect(link, stream).is_err() {
                    hub.input(|fleet, now| fleet.closed(now, link));
                }
            }
            Err(error) => {
                let what = format!("a peer could not be accepted: {error}");
                hub.borrow_mut().machine.trouble.note(what);
                Timer::after(EXHAUSTED).await;
            }
        }
    }
}

fn take_in(
    hub: &mut Hub<Fleet>,
    member: usize,
    addr: SocketAddr,
    ephemeral: [u8; 32],
) -> Option<LinkId> {
    let accepted = hub.machine.accepted_by(hub.clock.now(), member, addr, ephemeral);
    if let Ok(link) = accepted {
        // Before the machine has its say, of which the slot keeps a part.
        hub.slots.open(link);
    }
    hub.pump();
    accepted.inspect_err(|error| log::debug!("{addr} is turned away: {error}")).ok()
}
