use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::Duration;

use async_io::{Async, Timer};
use breeze_server::driver::{Connection, SharedHub};
use smol::{LocalExecutor, Task};

use super::client_machine::ClientMachine;
use crate::error::Error;
use crate::listen::{Listening, listen};
use crate::server_addr::canonical;

/// How long to wait for connections to end, when the system has no room for another.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Keeps the listeners for direct links where the server connection is.
#[derive(Default)]
pub(super) struct Listeners {
    /// The server connection's end that they were opened for.
    local: Option<SocketAddr>,
    endpoints: Vec<SocketAddr>,
    tasks: Vec<Task<()>>,
}

impl Listeners {
    /// Sees to it that links are accepted on the local end of the server connection, or on a port
    /// of its own, and returns the endpoints.
    pub(super) fn follow(
        &mut self,
        hub: &SharedHub<ClientMachine>,
        executor: &Rc<LocalExecutor<'static>>,
        local: SocketAddr,
        port: Option<u16>,
    ) -> Result<&[SocketAddr], Error> {
        let same = |known: SocketAddr| match port {
            Some(_) => known.ip() == local.ip(),
            None => known == local,
        };
        if !self.local.is_some_and(same) {
            // A fixed port is free for its successor only once the old listeners are gone.
            self.tasks.clear();
            let Listening { listeners, endpoints } = listen(local, port)?;
            self.tasks = listeners
                .into_iter()
                .map(|listener| executor.spawn(accept(hub.clone(), executor.clone(), listener)))
                .collect();
            self.local = Some(local);
            self.endpoints = endpoints;
        }
        Ok(&self.endpoints)
    }
}

async fn accept(
    hub: SharedHub<ClientMachine>,
    executor: Rc<LocalExecutor<'static>>,
    listener: Async<TcpListener>,
) {
    loop {
        let (stream, addr) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                log::warn!("no direct links can be accepted: {error}");
                Timer::after(EXHAUSTED).await;
                continue;
            }
        };
        let mut ephemeral = [0; 32];
        if let Err(error) = getrandom::fill(&mut ephemeral) {
            log::error!("the system gives no random numbers: {error}");
            continue;
        }
        if let Err(error) = stream.get_ref().set_nodelay(true) {
            log::debug!("a connection broke at once: {error}");
            continue;
        }
        let addr = canonical(addr);
        let mut borrowed = hub.borrow_mut();
        let accepted = borrowed.input(|machine, now| machine.client.accepted(now, addr, ephemeral));
        match accepted {
            Ok(link) => {
                borrowed.slots.open(link);
                executor.spawn(Connection::new(hub.clone(), link, stream).run()).detach();
            }
            Err(error) => log::debug!("a connection from {addr} is turned away: {error}"),
        }
    }
}
