use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::{Rc, Weak};

use async_io::Async;
use breeze_core::id::LinkId;
use breeze_core::io::Target;
use breeze_server::driver::{SharedHub, given_up};
use smol::channel::Receiver;
use smol::lock::Mutex;
use smol::{LocalExecutor, future};

use super::client_machine::ClientMachine;
use super::failure::Failure;
use super::listeners::Listeners;
use crate::cli::Mesh;
use crate::connect::{connect, connect_shared};
use crate::error::Error;
use crate::server_addr::canonical;

/// Opens the pipes that the state machine asks for.
pub(super) struct Dialler {
    pub(super) hub: SharedHub<ClientMachine>,
    /// Runs this too, and so is not kept by it.
    pub(super) executor: Weak<LocalExecutor<'static>>,
    pub(super) mesh: Mesh,
    pub(super) listen: Option<u16>,
    pub(super) advertise: Vec<SocketAddr>,
}

impl Dialler {
    /// Serves requests for as long as the node runs. Each is dialled in a task of its own: one that
    /// gets no answer delays no other.
    pub(super) async fn run(self, requests: Receiver<(LinkId, Target)>) {
        let listeners = Rc::new(Mutex::new(Listeners::default()));
        let dialler = Rc::new(self);
        while let Ok((link, target)) = requests.recv().await {
            let (dialler, listeners) = (dialler.clone(), listeners.clone());
            let Some(executor) = dialler.executor.upgrade() else { return };
            executor
                .spawn(async move {
                    let dialled = dialler.dial(&target);
                    let outcome = future::or(dialled, given_up(&dialler.hub, link)).await;
                    match outcome {
                        Ok(stream) => dialler.opened(link, &target, stream, &listeners).await,
                        Err(error) => dialler.failed(link, &target, &error),
                    }
                })
                .detach();
        }
    }

    async fn dial(&self, target: &Target) -> io::Result<Async<TcpStream>> {
        match target {
            Target::Server => self.dial_server().await,
            Target::Peer { user, addr } => {
                log::info!("dialling {user} at {addr}");
                connect(*addr).await
            }
        }
    }

    async fn dial_server(&self) -> io::Result<Async<TcpStream>> {
        let (server, port) = {
            let hub = self.hub.borrow();
            let port = match self.listen {
                // The listener has a port of its own, which the connection leaves alone.
                Some(_) => 0,
                None => hub.machine.local.map_or(0, |local| local.port()),
            };
            (hub.machine.profile.server.clone(), port)
        };
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for addr in server.resolve().await? {
            log::info!("dialling server {server} at {addr}");
            match connect_shared(addr, port).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn opened(
        &self,
        link: LinkId,
        target: &Target,
        stream: Async<TcpStream>,
        listeners: &Mutex<Listeners>,
    ) {
        let mut ephemeral = [0; 32];
        if let Err(error) = getrandom::fill(&mut ephemeral) {
            log::error!("the system gives no random numbers: {error}");
            return self.failed(link, target, &io::Error::other(error));
        }
        if *target == Target::Server
            && let Err(error) = self.prepare_login(&stream, &mut *listeners.lock().await).await
        {
            return self.failed(link, target, &error);
        }
        let connected = {
            let mut hub = self.hub.borrow_mut();
            hub.input(|machine, now| machine.client.opened(now, link, ephemeral));
            hub.connect(link, stream)
        };
        if let Err(error) = connected {
            self.failed(link, target, &error);
        }
    }

    /// Listens where the server connection is, so that the login can say so.
    async fn prepare_login(
        &self,
        stream: &Async<TcpStream>,
        listeners: &mut Listeners,
    ) -> io::Result<()> {
        let local = canonical(stream.get_ref().local_addr()?);
        let mut endpoints = Vec::new();
        if self.mesh != Mesh::Off
            && let Some(executor) = self.executor.upgrade()
        {
            match listeners.follow(&self.hub, &executor, local, self.listen).await {
                Ok(found) => endpoints.extend_from_slice(found),
                // The address has gone since the connection was made, and so has that.
                Err(Error::Listen { source, .. })
                    if source.kind() == io::ErrorKind::AddrNotAvailable =>
                {
                    return Err(source);
                }
                Err(error) => {
                    self.hub.borrow_mut().machine.fail(Failure::Listen(error.to_string()));
                    return Err(io::Error::other(error.to_string()));
                }
            }
            if !self.advertise.is_empty() {
                endpoints.clone_from(&self.advertise);
            }
        }
        let mut hub = self.hub.borrow_mut();
        hub.machine.local = Some(local);
        hub.machine.client.listen_on(endpoints);
        Ok(())
    }

    fn failed(&self, link: LinkId, target: &Target, error: &io::Error) {
        match target {
            Target::Server => {
                let hub = self.hub.borrow();
                log::info!("server {} cannot be reached: {error}", hub.machine.profile.server);
            }
            Target::Peer { user, addr } => log::debug!("dialling {user} at {addr}: {error}"),
        }
        self.hub.borrow_mut().input(|machine, now| machine.client.closed(now, link));
    }
}
