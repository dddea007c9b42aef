use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use async_io::{Async, Timer};
use smol::LocalExecutor;

use super::{Connection, Machine, SharedHub};

/// How long to wait for connections to end, when the system has no room for another.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Takes in connections, and spawns a task for each, for as long as it is polled.
pub async fn accept<M: Machine>(
    hub: SharedHub<M>,
    tasks: Rc<LocalExecutor<'static>>,
    listener: Async<TcpListener>,
) {
    let mut exhausted = false;
    loop {
        let (stream, addr) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // The one lasting cause is a lack of descriptors or memory, and the connection
                // stays where it is: trying at once would spin.
                if !exhausted {
                    log::warn!("no connections can be accepted: {error}");
                    exhausted = true;
                }
                Timer::after(EXHAUSTED).await;
                continue;
            }
        };
        if exhausted {
            log::warn!("connections are accepted again");
            exhausted = false;
        }
        let mut ephemeral = [0; 32];
        if let Err(error) = getrandom::fill(&mut ephemeral) {
            log::error!("the system gives no random numbers: {error}");
            continue;
        }
        // Small messages are not to wait for earlier ones' acknowledgements.
        if let Err(error) = stream.get_ref().set_nodelay(true) {
            log::debug!("a connection broke at once: {error}");
            continue;
        }
        let accepted = hub.borrow_mut().accept(addr, ephemeral);
        match accepted {
            Ok(link) => tasks.spawn(Connection::new(hub.clone(), link, stream).run()).detach(),
            Err(error) => log::debug!("a connection from {addr} is turned away: {error}"),
        }
    }
}
