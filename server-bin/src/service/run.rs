use std::future::poll_fn;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_io::Async;
use breeze_core::noise::Identity;
use breeze_core::{Server, ServerConfig};
use smol::LocalExecutor;

use super::administration::open_door;
use super::clerk::Clerk;
use super::server_machine::ServerMachine;
use super::verifier::Verifier;
use super::{pipeline, requests, signals};
use crate::driver::{Clock, Hub, SharedHub, accept, block_on, drive, within};
use crate::error::Error;
use crate::store::{Registration, Store};

/// How long clients may take to read that the server stops.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

/// Runs the server until a signal stops it.
pub(crate) fn run(
    config: ServerConfig,
    lingering: usize,
    identity: Identity,
    store: Store,
    data: &Path,
    registration: Registration,
    listeners: Vec<(Async<TcpListener>, SocketAddr)>,
) -> Result<ExitCode, Error> {
    let tasks = Rc::new(LocalExecutor::new());
    let fingerprint = identity.public().fingerprint();
    let (asker, requests) = requests::queue();
    let server = Server::new(config, identity);
    let (verifier, tickets) = Verifier::new();
    let (machine, calls) = ServerMachine::new(server, registration, asker, verifier);
    let hub = Hub::new(machine, Clock::start());
    hub.borrow_mut().most_lingering = lingering;

    tasks.spawn(drive(hub.clone())).detach();
    let store = Arc::new(store);
    let clerk = Arc::new(Clerk::new(store.clone()));
    tasks.spawn(pipeline::answer_requests(hub.clone(), clerk, requests)).detach();
    tasks.spawn(pipeline::purge(hub.clone())).detach();
    tasks.spawn(pipeline::retry(hub.clone(), calls)).detach();
    tasks.spawn(pipeline::verify_tickets(hub.clone(), store.clone(), tickets)).detach();
    let mut addrs = Vec::with_capacity(listeners.len());
    for (listener, addr) in listeners {
        addrs.push(addr);
        tasks.spawn(accept(hub.clone(), listener)).detach();
    }
    let door = open_door(data, &tasks, hub.clone(), store);
    // It has a task of its own, which nothing but a signal wakes.
    let stop = tasks.spawn(signals::wait());
    block_on(tasks.run(async {
        announce(&addrs, &fingerprint.to_string())?;
        let signal = stop.await?;
        log::info!("stopping on {signal}");
        // While the store is locked: the next server's socket has the same name.
        drop(door);
        farewell(&hub).await;
        log::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }))?
}

/// Says where the server is and how to recognise it. Nobody may be reading: that is no error.
fn announce(addrs: &[SocketAddr], fingerprint: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let mut say = || -> io::Result<()> {
        for addr in addrs {
            writeln!(out, "listening on {addr}")?;
        }
        writeln!(out, "key fingerprint {fingerprint}")?;
        out.flush()
    };
    match say() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Tells every client, and waits until all have heard or the time is up.
async fn farewell(hub: &SharedHub<ServerMachine>) {
    {
        let mut hub = hub.borrow_mut();
        // Everybody is to read it.
        hub.most_lingering = usize::MAX;
        hub.input(|machine, now| machine.server.stop(now));
    }
    let told = poll_fn(|cx| {
        let mut hub = hub.borrow_mut();
        hub.watch(cx.waker());
        if hub.has_connections() { Poll::Pending } else { Poll::Ready(()) }
    });
    within(STOP_LIMIT, told).await;
}
