use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::Needles;

/// Bytes that are passed on at a time.
const BUFFER: usize = 64 * 1024;

/// Stands on loopback between clients and their server, passes everything on, and records it.
pub struct Tap {
    address: SocketAddr,
    records: Records,
}

/// Holds what went through, one connection after the other: to the server, and back.
type Records = Arc<Mutex<Vec<[Vec<u8>; 2]>>>;

impl Tap {
    /// Begins to listen for clients of a server.
    #[track_caller]
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let records = Records::default();
        let recorded = records.clone();
        // It ends with the test.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(server) {
                    join(client, server, &recorded);
                }
            }
        });
        Self { address, records }
    }

    /// Returns the address for clients to dial.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what went through so far, one connection after the other: to the server, and back.
    pub fn records(&self) -> Vec<[Vec<u8>; 2]> {
        lock(&self.records).clone()
    }

    /// Returns the names of what is found in any direction of any connection.
    pub fn search(&self, needles: &Needles) -> BTreeSet<String> {
        let records = self.records();
        records.iter().flatten().flat_map(|bytes| needles.found_in(bytes)).collect()
    }
}

/// Passes on what comes from either side, until both have nothing more to say.
fn join(client: TcpStream, server: TcpStream, records: &Records) {
    let number = {
        let mut records = lock(records);
        records.push(Default::default());
        records.len() - 1
    };
    let ends = [(&client, &server), (&server, &client)];
    for (direction, (from, to)) in ends.into_iter().enumerate() {
        let (mut from, mut to) = (copy(from), copy(to));
        let records = records.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; BUFFER];
            while let Ok(count) = from.read(&mut buffer)
                && count > 0
            {
                // Before it is passed on: who has it finds it recorded.
                lock(&records)[number][direction].extend_from_slice(&buffer[..count]);
                if to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
            let _ = from.shutdown(Shutdown::Read);
        });
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.set_nodelay(true).expect("an open socket");
    stream.try_clone().expect("a descriptor")
}

fn lock(records: &Records) -> std::sync::MutexGuard<'_, Vec<[Vec<u8>; 2]>> {
    records.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_on_and_records_both_directions() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let tap = Tap::to(listener.local_addr().expect("its address"));
        let mut client = TcpStream::connect(tap.address()).expect("the tap listens");
        client.write_all(b"there and ").expect("written");
        let (mut server, _) = listener.accept().expect("the tap dials");
        client.write_all(b"nowhere").expect("written");
        client.shutdown(Shutdown::Write).expect("an open socket");
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).expect("all of it");
        assert_eq!(heard, b"there and nowhere");
        server.write_all(b"and back").expect("written");
        drop(server);
        heard.clear();
        client.read_to_end(&mut heard).expect("all of it");
        assert_eq!(heard, b"and back");
        assert_eq!(tap.records(), [[b"there and nowhere".to_vec(), b"and back".to_vec()]]);
        let needles = Needles::new().with("way", "there and nowhere").with("back", "and back");
        assert_eq!(tap.search(&needles).len(), 2);
    }
}
