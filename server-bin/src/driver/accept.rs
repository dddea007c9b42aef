use std::net::TcpListener;
use std::time::{Duration, Instant};

use async_io::{Async, Timer};
use smol::future;

use super::{Machine, SharedHub};

/// How long to wait for connections to end, when the system has no room for another.
const EXHAUSTED: Duration = Duration::from_millis(100);
/// How often that is said: room comes and goes.
const SAY_EVERY: Duration = Duration::from_secs(60);
/// Connections that are taken in in a row before others have their turn: the system may have any
/// number, and each of those that are here has something to do first.
const TURNS: usize = 4;

/// Takes in connections for as long as it is polled.
pub async fn accept<M: Machine>(hub: SharedHub<M>, listener: Async<TcpListener>) {
    let mut said: Option<Instant> = None;
    for turn in 1_usize.. {
        if turn.is_multiple_of(TURNS) {
            future::yield_now().await;
        }
        let (stream, addr) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // The one lasting cause is a lack of descriptors or memory, and the connection
                // stays where it is: trying at once would spin.
                if said.is_none_or(|said| said.elapsed() > SAY_EVERY) {
                    log::warn!("connections have to wait: {error}");
                    said = Some(Instant::now());
                }
                Timer::after(EXHAUSTED).await;
                continue;
            }
        };
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
        let mut hub = hub.borrow_mut();
        match hub.accept(addr, ephemeral) {
            Ok(link) => {
                if let Err(error) = hub.connect(link, stream) {
                    log::warn!("a connection from {addr} cannot be served: {error}");
                    hub.input(|machine, now| machine.closed(now, link));
                }
            }
            Err(error) => log::debug!("a connection from {addr} is turned away: {error}"),
        }
    }
}
