use std::time::Duration;

use async_io::Timer;
use breeze_server::driver::SharedHub;

use super::client_machine::ClientMachine;
use crate::interfaces::{Addresses, Changes};

/// From the first word of a change to acting on it: an address that goes and one that comes are one
/// change, and routes take their time as well.
const SETTLE: Duration = Duration::from_millis(100);

/// Sees to it that the node follows its machine from network to network, for as long as it runs.
pub(super) async fn follow_addresses(hub: SharedHub<ClientMachine>) {
    let mut changes = Changes::new();
    let mut known = Addresses::now().unwrap_or_default();
    loop {
        changes.next().await;
        Timer::after(SETTLE).await;
        let found = match Addresses::now() {
            Ok(found) if found != known => found,
            Ok(_) => continue,
            Err(error) => {
                log::debug!("the addresses of this machine cannot be listed: {error}");
                continue;
            }
        };
        log::info!("this machine's addresses have changed");
        let mut hub = hub.borrow_mut();
        hub.break_all_but(&found.all);
        hub.input(|machine, now| machine.client.moved(now));
        known = found;
    }
}
