use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::PATIENCE;

/// States of a TCP socket as the kernel's table writes them.
const ESTABLISHED: &str = "01";
const LISTENING: &str = "0A";

/// Is one end of an open TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// This process's end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

/// Is a snapshot of the TCP sockets that one process holds.
#[derive(Clone, Debug, Default)]
pub struct SocketTable {
    /// The open connections.
    pub connections: Vec<Connection>,
    /// Where it listens.
    pub listening: Vec<SocketAddr>,
}

impl SocketTable {
    /// Reads the kernel's table; a process that has ended holds nothing.
    pub fn of_process(pid: u32) -> Self {
        let mut table = Self::default();
        let held = held_inodes(pid);
        for family in ["tcp", "tcp6"] {
            let rows = fs::read_to_string(format!("/proc/{pid}/net/{family}")).unwrap_or_default();
            for row in rows.lines().skip(1) {
                table.add(row, &held);
            }
        }
        table
    }

    /// Returns the connections between this process and another, as this one sees them.
    pub fn links_to(&self, other: &Self) -> Vec<Connection> {
        let mirrored = |one: &Connection| Connection { local: one.remote, remote: one.local };
        self.connections
            .iter()
            .filter(|one| other.connections.contains(&mirrored(one)))
            .copied()
            .collect()
    }

    /// Takes snapshots until `look` is content with one: sockets announce nothing to wait for.
    #[track_caller]
    pub fn poll(what: &str, mut look: impl FnMut() -> bool) {
        let start = Instant::now();
        while !look() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn add(&mut self, row: &str, held: &HashSet<String>) {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let [_, local, remote, state, _, _, _, _, _, inode, ..] = columns[..] else {
            return;
        };
        let (Some(local), Some(remote)) = (address(local), address(remote)) else {
            return;
        };
        if !held.contains(inode) {
            return;
        }
        match state {
            ESTABLISHED => self.connections.push(Connection { local, remote }),
            LISTENING => self.listening.push(local),
            _ => {}
        }
    }
}

impl Connection {
    /// Resets it at both ends, as a router does that lost its tables; tells whether that worked.
    pub fn reset(&self) -> bool {
        let filter = |side: &str, address: SocketAddr| [side.to_owned(), address.to_string()];
        let output = Command::new("ss")
            .args(["-K", "-H", "-t", "-n", "state", "established"])
            .args(filter("src", self.local))
            .args(filter("dst", self.remote))
            .output();
        // It lists what it has closed.
        output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    }
}

/// Returns the inodes of the sockets that a process has open.
fn held_inodes(pid: u32) -> HashSet<String> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return HashSet::new();
    };
    entries
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|target| {
            let name = target.to_str()?.strip_prefix("socket:[")?;
            Some(name.strip_suffix(']')?.to_owned())
        })
        .collect()
}

/// Reads an address as the kernel's table writes it: words of its bytes in the host's order, and a
/// port. An IPv4 address inside an IPv6 one is shown plainly.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::with_capacity(16);
    for start in (0..ip.len()).step_by(8) {
        let word = u32::from_str_radix(ip.get(start..start + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(short) => IpAddr::from(short),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    use std::process;

    use super::*;

    #[test]
    fn finds_own_sockets() {
        for ip in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(ip) else {
                continue;
            };
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let table = SocketTable::of_process(process::id());
            let here = Connection {
                local: stream.local_addr().unwrap(),
                remote: stream.peer_addr().unwrap(),
            };
            assert!(table.listening.contains(&here.remote));
            assert!(table.connections.contains(&here));
        }
    }

    #[test]
    fn resets_a_connection_where_it_may() {
        for ip in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(ip) else { continue };
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let link = Connection {
                local: stream.local_addr().unwrap(),
                remote: stream.peer_addr().unwrap(),
            };
            if !link.reset() {
                return crate::skip("needs root and `ss -K`, to reset connections");
            }
            stream.read(&mut [0]).unwrap_err();
            assert!(!link.reset());
        }
    }

    #[test]
    fn addresses_are_plain() {
        let parsed = |text| address(text).unwrap().to_string();
        if cfg!(target_endian = "little") {
            assert_eq!(parsed("0100007F:1E35"), "127.0.0.1:7733");
            assert_eq!(parsed("0000000000000000FFFF00000100007F:1E35"), "127.0.0.1:7733");
            assert_eq!(parsed("00000000000000000000000001000000:1E35"), "[::1]:7733");
        }
        assert!(address("nonsense").is_none());
    }
}
