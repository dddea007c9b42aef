use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use breeze_core::{Absence, Config, Interest, Mesh as CoreMesh};
use breeze_server::driver::{Clock, Hub, SharedHub, drive, within};
use breeze_server::host::KeyError;
use breeze_server::host::key_file::SecretKey;
use breeze_server::host::processor::has_aes;
use smol::{LocalExecutor, Task, channel};

use super::books::keep_books;
use super::client_machine::{ClientMachine, NodeClient};
use super::contacts::Contacts;
use super::desk::SETTLE;
use super::dial::Dialler;
use super::door::Door;
use super::failure::Failure;
use super::files::{Files, Records, do_jobs};
use super::moving::follow_addresses;
use super::options::Options;
use super::seat::Seat;
use super::seat_queue::Manner;
use crate::cli::{Mesh, Presence};
use crate::error::Error;
use crate::store::Store;

/// How long links may take to close in good order.
const FAREWELL: Duration = Duration::from_millis(1500);

/// How long the last commit may take: a disk that hangs must not hold up the end of the program.
const LAST_COMMIT: Duration = Duration::from_secs(5);

/// Users that are watched from the start, where not everybody is: half of those that the core knows,
/// so that there is room for others.
const MOST_WATCHED: usize = 256;

/// A running node. It ends with its executor; [`close`](Self::close) does so in good order.
pub(crate) struct Node {
    hub: SharedHub<ClientMachine>,
    /// Ends once all is written down that can be; until [`close`](Self::close) waits for that.
    books: Cell<Option<Task<()>>>,
}

impl Node {
    /// Starts a node on an executor, for whoever gets the seat.
    pub(crate) fn start(
        executor: &Rc<LocalExecutor<'static>>,
        options: Options,
    ) -> Result<(Self, Seat), Error> {
        let Options { profile, identity, known_servers, store, ticket, mesh, .. } = options;
        let Options { presence, listen, advertise, .. } = options;
        let Options { transfers, auto_accept_from, download_dir, .. } = options;
        let store = Arc::new(Store::open(&store)?);
        let seed = getrandom::u64().map_err(KeyError::from)?;
        let mut secret_seed = SecretKey::default();
        getrandom::fill(secret_seed.as_mut_slice()).map_err(KeyError::from)?;
        let mut config = Config::new(profile.user.clone(), profile.name.clone(), seed);
        config.server_key = known_servers.pin(&profile.server)?;
        config.mesh = match mesh {
            Mesh::Eager => CoreMesh::Eager,
            Mesh::OnDemand => CoreMesh::OnDemand,
            Mesh::Off => CoreMesh::Off,
        };
        config.interest = match presence {
            Presence::All => Interest::Everybody,
            Presence::Known => Interest::Known,
        };
        config.absence = Absence::Wait;
        config.limits.takes_aes = has_aes();
        config.limits.takes_files = true;
        config.ticket = ticket;
        config.remembers_keys = true;
        let clock = Clock::start();
        let mut client = Box::new(NodeClient::new(config, identity, *secret_seed, clock.now()));
        if presence == Presence::Known {
            for user in store.correspondents(MOST_WATCHED)? {
                // There is room for all of them, and none of them is this user.
                let _ = client.watch(clock.now(), &user);
            }
        }
        let (opens, requests) = channel::unbounded();
        let (books, bookings) = channel::unbounded();
        let contacts = Contacts::new(store.contacts()?);
        let records = Records::open(&transfers)?;
        let transfers = records.load()?;
        let (jobs, asked) = channel::unbounded();
        let files = Files::new(jobs, auto_accept_from, download_dir);
        let machine =
            ClientMachine::new(client, profile, known_servers, opens, books, contacts, files);
        let hub = Hub::new(machine, clock);
        let work = do_jobs(hub.clone(), Rc::downgrade(executor), records, asked);
        executor.spawn(work).detach();
        hub.borrow_mut().input(|machine, now| machine.take_up_files(now, transfers));
        let unsettled = store.unsettled()?;
        hub.borrow_mut().input(|machine, now| machine.take_up(now, unsettled));
        let books = Cell::new(Some(executor.spawn(keep_books(hub.clone(), store, bookings))));
        let dialler = Dialler {
            hub: hub.clone(),
            executor: Rc::downgrade(executor),
            mesh,
            listen,
            advertise,
        };
        executor.spawn(dialler.run(requests)).detach();
        executor.spawn(drive(hub.clone())).detach();
        executor.spawn(follow_addresses(hub.clone())).detach();
        // There is a seat for the host of a desk that was never used.
        let seat = Seat::take(&hub, Manner::Host).ok_or(io::Error::other("no seat"))?;
        hub.borrow_mut().pump();
        Ok((Self { hub, books }, seat))
    }

    /// Lets other processes attach, by a socket in the home directory.
    pub(crate) fn open_door(
        &self,
        home: &Path,
        executor: &Rc<LocalExecutor<'static>>,
    ) -> io::Result<Door> {
        Door::open(home, self.hub.clone(), executor)
    }

    /// Returns the reason for which the node ended by itself, if it did.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.hub.borrow().machine.failure.clone()
    }

    /// Ends the node in good order: messages on their way have a little time to arrive, then
    /// everybody is told. What that brings about is no news any more: the events end before. A node
    /// that has failed has told its peers already, and waits for nothing but attached commands.
    pub(crate) async fn close(&self) {
        self.wait_until(SETTLE, |node| {
            let machine = &node.hub.borrow().machine;
            machine.is_settled() || machine.failure.is_some()
        })
        .await;
        self.hub.borrow_mut().machine.desk.end();
        let failed = self.failure().is_some();
        if !failed {
            self.hub.borrow_mut().input(|machine, now| machine.client.close(now));
        }
        self.wait_until(FAREWELL, |node| {
            let hub = node.hub.borrow();
            hub.machine.desk.guests() == 0 && (failed || !hub.has_connections())
        })
        .await;
        // The store is in use until the last commit is through, and another node may be next.
        self.hub.borrow().machine.close_books();
        if let Some(books) = self.books.take() {
            within(LAST_COMMIT, books).await;
        }
    }

    /// Waits until a condition of the node holds, but no longer than `limit`.
    async fn wait_until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) {
        let reached = poll_fn(|cx| {
            self.hub.borrow_mut().watch(cx.waker());
            if holds(self) { Poll::Ready(()) } else { Poll::Pending }
        });
        within(limit, reached).await;
    }
}
