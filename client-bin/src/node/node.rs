use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use async_io::Timer;
use breeze_core::{Config, Mesh as CoreMesh};
use breeze_server::driver::{Clock, Hub, SharedHub, keep_time};
use breeze_server::host::KeyError;
use smol::{LocalExecutor, channel, future};

use super::client_machine::{ClientMachine, NodeClient};
use super::dial::Dialler;
use super::failure::Failure;
use super::options::Options;
use crate::cli::Mesh;
use crate::error::Error;
use crate::ndjson::{Command, Event};

/// How long the end of a node may wait for messages on their way to arrive.
const SETTLE: Duration = Duration::from_secs(3);
/// How long links may take to close in good order.
const FAREWELL: Duration = Duration::from_millis(1500);

/// A running node. It ends with its executor; [`close`](Self::close) does so in good order.
pub(crate) struct Node {
    hub: SharedHub<ClientMachine>,
}

impl Node {
    /// Starts a node on an executor.
    pub(crate) fn start(
        executor: &Rc<LocalExecutor<'static>>,
        options: Options,
    ) -> Result<Self, Error> {
        let Options { profile, identity, known_servers, mesh, listen, advertise } = options;
        let seed = getrandom::u64().map_err(KeyError::from)?;
        let mut config = Config::new(profile.user.clone(), profile.name.clone(), seed);
        config.server_key = known_servers.pin(&profile.server)?;
        config.mesh = match mesh {
            Mesh::Eager => CoreMesh::Eager,
            Mesh::OnDemand => CoreMesh::OnDemand,
            Mesh::Off => CoreMesh::Off,
        };
        let clock = Clock::start();
        let client = Box::new(NodeClient::new(config, identity, clock.now()));
        let (opens, requests) = channel::unbounded();
        let hub = Hub::new(ClientMachine::new(client, profile, known_servers, opens), clock);
        let dialler =
            Dialler { hub: hub.clone(), executor: executor.clone(), mesh, listen, advertise };
        executor.spawn(dialler.run(requests)).detach();
        executor.spawn(keep_time(hub.clone())).detach();
        hub.borrow_mut().pump();
        Ok(Self { hub })
    }

    /// Carries a command out; what comes of it, events tell.
    pub(crate) fn command(&self, command: Command) {
        self.hub.borrow_mut().input(|machine, now| machine.command(now, command));
    }

    /// Tells the reader of events something that did not happen in the node itself.
    pub(crate) fn tell(&self, event: Event<'static>) {
        self.hub.borrow_mut().machine.events.push(event);
    }

    /// Waits for the next event; `None` when the node has failed, or was closed.
    pub(crate) async fn next_event(&self) -> Option<Event<'static>> {
        poll_fn(|cx| {
            let mut hub = self.hub.borrow_mut();
            let next = hub.machine.events.poll_next(cx);
            if hub.machine.events.has_eased() {
                hub.slots.wake_all();
            }
            next
        })
        .await
    }

    /// Returns the reason for which the node ended by itself, if it did.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.hub.borrow_mut().machine.failure.take()
    }

    /// Tells whether the login is done and the list of users complete.
    pub(crate) fn is_ready(&self) -> bool {
        self.hub.borrow().machine.client.is_ready()
    }

    /// Ends the node in good order: messages on their way have a little time to arrive, then
    /// everybody is told. What that brings about is no news any more: the events end before.
    pub(crate) async fn close(&self) {
        self.wait_until(SETTLE, |node| {
            let machine = &node.hub.borrow().machine;
            machine.is_settled() || machine.failure.is_some()
        })
        .await;
        self.hub.borrow_mut().machine.events.end();
        self.hub.borrow_mut().input(|machine, now| machine.client.close(now));
        self.wait_until(FAREWELL, |node| !node.hub.borrow().has_connections()).await;
    }

    /// Waits until a condition of the node holds, but no longer than `limit`; tells whether it does.
    pub(crate) async fn wait_until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let reached = poll_fn(|cx| {
            self.hub.borrow_mut().watch(cx.waker());
            if holds(self) { Poll::Ready(true) } else { Poll::Pending }
        });
        let limit = async {
            Timer::after(limit).await;
            false
        };
        future::or(reached, limit).await
    }
}
