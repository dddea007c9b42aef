use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use breeze_server::driver::{SharedHub, accept};
use smol::{LocalExecutor, Task};

use super::client_machine::ClientMachine;
use crate::error::Error;
use crate::listen::{Listening, listen, others};

/// Keeps the listeners for direct links where the server connection is.
#[derive(Default)]
pub(super) struct Listeners {
    /// The server connection's end that they were opened for.
    local: Option<SocketAddr>,
    /// The machine's other addresses at that time.
    others: Vec<IpAddr>,
    endpoints: Vec<SocketAddr>,
    tasks: Vec<Task<()>>,
}

impl Listeners {
    /// Sees to it that links are accepted on the local end of the server connection, or on a port
    /// of its own, at all addresses that the machine has now, and returns the endpoints.
    pub(super) async fn follow(
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
        let others = others(local.ip());
        if !self.local.is_some_and(same) || self.others != others {
            // A fixed port is free for its successor only once the old listeners are gone.
            for task in self.tasks.drain(..) {
                task.cancel().await;
            }
            let Listening { listeners, endpoints } = listen(local, port, &others)?;
            self.tasks = listeners
                .into_iter()
                .map(|listener| executor.spawn(accept(hub.clone(), listener)))
                .collect();
            self.local = Some(local);
            self.others = others;
            self.endpoints = endpoints;
        }
        Ok(&self.endpoints)
    }
}
