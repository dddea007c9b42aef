use std::net::SocketAddr;
use std::rc::Rc;

use breeze_server::driver::{SharedHub, accept};
use smol::{LocalExecutor, Task};

use super::client_machine::ClientMachine;
use crate::error::Error;
use crate::listen::{Listening, listen};

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
