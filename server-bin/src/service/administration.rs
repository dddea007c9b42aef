use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use breeze_core::time::Instant;
use smol::LocalExecutor;
use smol::channel::{self, Sender};

use super::reply::tell;
use super::request::Request;
use super::server_machine::ServerMachine;
use crate::admin::{self, Done, Door, Executed, Expelled, Refusal, RefusalCode};
use crate::driver::SharedHub;
use crate::host::local_socket;
use crate::host::wall_clock::now_ms;
use crate::store::Store;

/// Is what a command wants, and where its answer goes.
#[derive(Debug)]
pub(super) struct Administration {
    request: admin::Request,
    answer: Sender<Result<Done, Refusal>>,
}

/// Is what came of it.
#[derive(Debug)]
pub(super) struct Administered {
    pub(super) executed: Executed,
    answer: Sender<Result<Done, Refusal>>,
}

impl Administration {
    /// Takes what a command wants, and where to answer: there has to be room for that.
    pub(super) fn new(request: admin::Request, answer: Sender<Result<Done, Refusal>>) -> Self {
        Self { request, answer }
    }

    /// Does it, which may wait for the disk.
    pub(super) fn execute(self, store: &Store, now_ms: u64) -> Administered {
        let executed = admin::execute(store, self.request, now_ms);
        Administered { executed, answer: self.answer }
    }
}

impl PartialEq for Administered {
    fn eq(&self, other: &Self) -> bool {
        self.executed == other.executed && self.answer.same_channel(&other.answer)
    }
}

impl Eq for Administered {}

impl Administered {
    /// Draws the consequences, and answers.
    pub(super) fn give(self, machine: &mut ServerMachine, now: Instant) {
        if let Some(Expelled { user, given_up }) = self.executed.expelled {
            log::info!("{user} has to leave: its account or its key is gone");
            machine.server.expel(now, &user);
            tell(machine, &given_up);
        }
        // A command that is gone hears nothing.
        let _ = self.answer.try_send(self.executed.result);
    }
}

/// Lets commands administer the server while it runs, until what is returned is dropped.
///
/// Without that the server still works, and the commands do once it is stopped.
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
    request: admin::Request,
) -> Result<Done, Refusal> {
    let mut result = if request.changes_accounts() {
        in_turn(hub, request).await
    } else {
        // It may take long, and needs no turn.
        smol::unblock(move || admin::execute(&store, request, now_ms()).result).await
    };
    if let Ok(Done::Users(users)) = &mut result {
        let hub = hub.borrow();
        for user in users {
            user.online = Some(hub.machine.is_online(&user.user));
        }
    }
    result
}

/// Has a request done in order with log-ins and messages: whoever is let in before it is known when
/// it ends sessions, and whoever comes after it meets what it has changed.
async fn in_turn(hub: &SharedHub<ServerMachine>, request: admin::Request) -> Result<Done, Refusal> {
    let (answer, answers) = channel::bounded(1);
    let administration = Box::new(Administration::new(request, answer));
    if !hub.borrow().machine.ask(Request::Administer(administration)) {
        let message = "too much waits for the server's disk; try again later";
        return Err(Refusal::new(RefusalCode::Busy, message));
    }
    answers.recv().await.unwrap_or_else(|_| {
        Err(Refusal::new(RefusalCode::Other, "the server is stopping; try again later"))
    })
}
