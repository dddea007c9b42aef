use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use breeze_core::id::LinkId;
use breeze_core::time::Instant;
use slab::Slab;

use super::connection::Connection;
use super::reactor::Reactor;
use super::socket::{Ready, Socket};
use super::turns::Turns;

/// Holds the connections of a hub, and has the reactor of their thread watch them.
///
/// An idle one takes the bytes of its entry: there is no task for each, and no buffer.
pub(super) struct Connections {
    table: Slab<Connection>,
    /// Until when those wait that have yet to be read to their end.
    lingering: BTreeSet<(Instant, usize)>,
    turns: Rc<Turns>,
    /// What watches them, and the number of their hub there.
    reactor: Option<(Rc<Reactor>, usize)>,
}

impl Connections {
    pub(super) fn new(turns: Rc<Turns>) -> Self {
        let (table, lingering) = (Slab::new(), BTreeSet::new());
        Self { table, lingering, turns, reactor: None }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut Connection> {
        self.table.get_mut(number)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Connection)> {
        self.table.iter_mut()
    }

    /// Takes in the connection of a link, gives it its first turn, and returns its number.
    pub(super) fn insert(&mut self, link: LinkId, mut socket: Socket) -> io::Result<usize> {
        let (reactor, hub) = match &mut self.reactor {
            Some(reactor) => reactor,
            None => {
                let reactor = Reactor::current()?;
                let hub = reactor.enlist(&self.turns);
                self.reactor.insert((reactor, hub))
            }
        };
        let entry = self.table.vacant_entry();
        let number = entry.key();
        reactor.watch(&mut socket.stream, *hub, number)?;
        entry.insert(Connection::new(link, socket));
        self.turns.push(number, Ready::default());
        Ok(number)
    }

    /// Takes a connection out, and returns whose it was.
    pub(super) fn remove(&mut self, number: usize) -> Option<LinkId> {
        let mut connection = self.table.try_remove(number)?;
        if let Some((reactor, _)) = &self.reactor {
            reactor.forget(&mut connection.socket.stream);
        }
        if let Some(until) = connection.lingers_until() {
            self.lingering.remove(&(until, number));
        }
        Some(connection.link)
    }

    /// Has a connection wait until the other side has read why it is closed, but no longer than until
    /// an instant.
    pub(super) fn linger(&mut self, number: usize, until: Instant) {
        if let Some(connection) = self.table.get_mut(number) {
            connection.begin_farewell(until);
            self.lingering.insert((until, number));
        }
    }

    pub(super) fn lingering(&self) -> usize {
        self.lingering.len()
    }

    /// Returns until when the next one waits, and its number.
    pub(super) fn next_to_go(&self) -> Option<(Instant, usize)> {
        self.lingering.first().copied()
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        if let Some((reactor, hub)) = &self.reactor {
            for (_, connection) in &mut self.table {
                reactor.forget(&mut connection.socket.stream);
            }
            reactor.dismiss(*hub);
        }
    }
}
