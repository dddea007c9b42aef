use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use breeze_core::Answer;
use breeze_core::time::Instant;
use smol::LocalExecutor;

use super::server_machine::ServerMachine;
use crate::admin::{self, Done, Door, Expelled, Refusal, Request};
use crate::driver::SharedHub;
use crate::host::local_socket;
use crate::store::Store;

/// Lets commands administer the server while it runs, until what is returned is dropped.
///
/// Without that it still works, and the commands do once it is stopped.
pub(super) fn open_door(
    dir: &Path,
    tasks: &Rc<LocalExecutor<'static>>,
    hub: SharedHub<ServerMachine>,
    store: Arc<Store>,
) -> Option<Door> {
    if !local_socket::SUPPORTED {
        return None;
    }
    let answer = async move |request| administer(&hub, store.clone(), request).await;
    match Door::open(dir, tasks, answer) {
        Ok(door) => Some(door),
        Err(error) => {
            log::warn!(
                "accounts can be administered only while this server is stopped: no socket can be \
                 made in {}: {error}",
                dir.display()
            );
            None
        }
    }
}

async fn administer(
    hub: &SharedHub<ServerMachine>,
    store: Arc<Store>,
    request: Request,
) -> Result<Done, Refusal> {
    let executed = smol::unblock(move || admin::execute(&store, request, admin::now_ms())).await;
    if let Some(expelled) = executed.expelled {
        hub.borrow_mut().input(|machine, now| machine.expel(now, expelled));
    }
    let mut result = executed.result;
    if let Ok(Done::Users(users)) = &mut result {
        let hub = hub.borrow();
        for user in users {
            user.online = Some(hub.machine.is_online(&user.user));
        }
    }
    result
}

impl ServerMachine {
    /// Ends the session of a user whose account or key is gone, and tells senders of the messages
    /// that went with it.
    fn expel(&mut self, now: Instant, expelled: Expelled) {
        let Expelled { user, given_up } = expelled;
        log::info!("{user} has to leave: its account or its key is gone");
        self.server.expel(now, &user);
        for lost in given_up {
            let answer = Answer::Lost { upto: lost.upto, reason: lost.reason };
            self.server.answer(&lost.from, &lost.to, lost.epoch, answer);
        }
    }
}
