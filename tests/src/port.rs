use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports below those that the system gives to outgoing connections: a client that dials a stopped
/// server can then never be given the server's port, nor connect to itself.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// Returns a port on which nobody listens, for a server that will be restarted on it.
pub fn free_port() -> u16 {
    static COUNTER: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Test programs that run at once start far apart.
    let first = u64::from(process::id()) * 7919;
    for _ in 0..count {
        let step = u64::from(COUNTER.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + ((first + step) % u64::from(count)) as u16;
        if TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free")
}
