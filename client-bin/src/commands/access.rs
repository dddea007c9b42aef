use std::cell::RefCell;
use std::mem;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use async_io::Timer;
use breeze_core::id::Ticket;
use smol::LocalExecutor;

use super::own_node::OwnNode;
use super::role::Role;
use super::session::Session;
use crate::cli::{GlobalArgs, NodeArgs, ReceiveArgs};
use crate::error::Error;
use crate::home::Home;
use crate::node::{Attached, Holder, Lock, Node, Options};
use crate::settings::Settings;

/// How often to look whether a node can be attached to, or its lock be had.
const PAUSE: Duration = Duration::from_millis(50);

/// Holds what it takes to get at a node.
pub(crate) struct Access {
    pub(crate) home: Home,
    pub(crate) settings: Settings,
    pub(crate) global: GlobalArgs,
    pub(crate) node: NodeArgs,
    /// What the node does with files that others offer.
    pub(crate) receive: ReceiveArgs,
    /// What a node that is started shows to the server when it logs in.
    pub(crate) ticket: Ticket,
    /// The options among those of the node that stand on the command line.
    pub(crate) given: Vec<&'static str>,
}

/// What is found in a home directory.
pub(super) enum Found {
    /// A node that runs.
    Node(Box<Attached>),
    /// The right to run one.
    Lock(Lock),
}

impl Access {
    /// Attaches to the node that runs, or starts one.
    pub(super) async fn open(
        mut self,
        executor: &Rc<LocalExecutor<'static>>,
        role: Role,
    ) -> Result<Session, Error> {
        match self.find(role).await? {
            Found::Node(attached) => {
                self.agree_with(&attached.holder)?;
                Ok(Session::Attached(attached))
            }
            Found::Lock(lock) => self.start(lock, executor, role),
        }
    }

    /// Finds the node that runs, or the right to run one. Whoever is just starting or ending has a
    /// little time for it.
    pub(super) async fn find(&self, role: Role) -> Result<Found, Error> {
        let start = Instant::now();
        loop {
            if role.uses_a_running_node()
                && let Some(attached) = Attached::open(self.path()).await?
            {
                return Ok(Found::Node(Box::new(attached)));
            }
            // The lock alone says who runs the node: a socket may have been left by the dead.
            if let Some(lock) = Lock::try_take(self.path())? {
                return Ok(Found::Lock(lock));
            }
            let taken = !role.uses_a_running_node() && Attached::is_possible(self.path()).await;
            if taken || start.elapsed() > role.patience() {
                let process = Holder::of(self.path()).process();
                return Err(Error::HomeTaken { process, home: self.path().to_owned() });
            }
            Timer::after(PAUSE).await;
        }
    }

    fn start(
        &mut self,
        mut lock: Lock,
        executor: &Rc<LocalExecutor<'static>>,
        role: Role,
    ) -> Result<Session, Error> {
        self.settings.remember(&self.global)?;
        let ticket = mem::take(&mut self.ticket);
        let options = Options::new(&self.home, &self.settings, ticket, &self.node, &self.receive)?;
        let (server, mesh) = (options.profile.server.clone(), options.mesh);
        lock.name(&Holder::this_process(options.profile.user.to_string(), server.to_string()))?;
        let (node, seat) = Node::start(executor, options)?;
        let door = match role.lets_others_in() && cfg!(unix) {
            true => match node.open_door(self.path(), executor) {
                Ok(door) => Some(door),
                Err(error) => {
                    // It serves this command all the same.
                    eprintln!("breeze: other commands cannot attach to this one: {error}");
                    None
                }
            },
            false => None,
        };
        let door = RefCell::new(door);
        Ok(Session::Own(Box::new(OwnNode { server, mesh, seat, node, door, _lock: lock })))
    }

    /// Refuses options that contradict the running node, before anything is remembered of them, and
    /// warns of those that have no effect on it.
    fn agree_with(&mut self, holder: &Holder) -> Result<(), Error> {
        let GlobalArgs { user, server, name, .. } = &self.global;
        let user = user.as_ref().map(ToString::to_string);
        let server = server.as_ref().map(ToString::to_string);
        for (option, given, running) in
            [("--user", user, &holder.user), ("--server", server, &holder.server)]
        {
            if let (Some(given), Some(running)) = (given, running)
                && given != *running
            {
                return Err(Error::Contradiction {
                    option,
                    given,
                    running: running.clone(),
                    process: holder.process(),
                    home: self.path().to_owned(),
                });
            }
        }
        let process = holder.process();
        for option in &self.given {
            eprintln!("breeze: {option} is ignored: the node runs already, in {process}");
        }
        if name.is_some() && *name != self.settings.name {
            eprintln!("breeze: --name takes effect when the node, {process}, starts again");
        }
        self.settings.remember(&self.global)
    }

    fn path(&self) -> &Path {
        self.home.path()
    }
}
