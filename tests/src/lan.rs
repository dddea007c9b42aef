use std::cell::Cell;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::host::{Host, ip, namespace};
use crate::{Cable, skip};

/// `ip netns add` prepares a directory at its first use, which two must not do at once.
static PREPARING: Mutex<()> = Mutex::new(());

/// Switches of every network.
const SWITCHES: u8 = 2;

/// Is a network of its own: hosts joined by a switch, some by another one too, each in a network
/// namespace, out of reach of everything else on the machine. It needs root, and `ip` and `tc` of
/// iproute2 only.
///
/// Everything is gone once it is dropped; whatever runs on its hosts must be dropped before.
pub struct Lan {
    name: String,
    hosts: Cell<u8>,
    ipv4: bool,
}

impl Lan {
    /// Creates a network with IPv4 and IPv6; says so and returns nothing where that is impossible.
    #[track_caller]
    pub fn new() -> Option<Self> {
        Self::with(true)
    }

    /// Creates a network without IPv4.
    #[track_caller]
    pub fn ipv6_only() -> Option<Self> {
        Self::with(false)
    }

    #[track_caller]
    fn with(ipv4: bool) -> Option<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let lan = Self { name: format!("brz{}-{count}", process::id()), hosts: Cell::new(0), ipv4 };
        match lan.build() {
            Ok(()) => Some(lan),
            Err(error) => {
                skip(&format!("needs root and network namespaces: {error}"));
                None
            }
        }
    }

    /// Makes the switches, and beside them a hole into which dropped packets are sent; tries that
    /// on a host, for a kernel may have bridges and yet no packet filters.
    fn build(&self) -> Result<(), String> {
        let _turn = PREPARING.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.room();
        namespace(&room)?;
        let switches = (0..SWITCHES).map(|number| format!("switch{number}"));
        for bridge in switches.chain(["hole".to_owned()]) {
            ip(&room, &format!("link add {bridge} type bridge"))?;
            ip(&room, &format!("link set {bridge} up"))?;
        }
        let first = self.add_host("probe", 1)?;
        first.cable(0).drop_all()?;
        first.remove()
    }

    /// Adds a host with addresses of its own.
    #[track_caller]
    pub fn host(&self, name: &str) -> Host {
        self.add_host(name, 1).unwrap_or_else(|error| panic!("host {name}: {error}"))
    }

    /// Adds a host with two cables, each to a switch of its own, and addresses on both.
    #[track_caller]
    pub fn host_of_two(&self, name: &str) -> Host {
        self.add_host(name, SWITCHES).unwrap_or_else(|error| panic!("host {name}: {error}"))
    }

    fn add_host(&self, name: &str, switches: u8) -> Result<Host, String> {
        let number = self.hosts.get() + 1;
        self.hosts.set(number);
        let owner = format!("{}-{name}", self.name);
        let cable = |switch| Cable {
            owner: owner.clone(),
            room: self.room(),
            switch,
            host: number,
            number,
            ipv4: self.ipv4,
        };
        Host::build(owner.clone(), (0..switches).map(cable).collect())
    }

    /// Returns the namespace of the switches.
    fn room(&self) -> String {
        format!("{}-switch", self.name)
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        let Ok(output) = Command::new("ip").args(["netns", "list"]).output() else {
            return;
        };
        let own = format!("{}-", self.name);
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let namespace = line.split_whitespace().next().unwrap_or_default();
            if namespace.starts_with(&own) {
                let _ = Command::new("ip").args(["netns", "delete", namespace]).status();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    /// Long enough for the retransmission of a lost packet.
    const SOON: Duration = Duration::from_secs(5);
    /// How long a packet is awaited that must not come.
    const NEVER: Duration = Duration::from_millis(700);

    struct Listening {
        address: SocketAddr,
        _listener: TcpListener,
    }

    fn listen(host: &Host, ip: std::net::IpAddr) -> Listening {
        let listener = host.run(|| TcpListener::bind((ip, 0)).unwrap());
        Listening { address: listener.local_addr().unwrap(), _listener: listener }
    }

    fn dial(host: &Host, to: &Listening, limit: Duration) -> io::Result<TcpStream> {
        host.run(|| TcpStream::connect_timeout(&to.address, limit))
    }

    fn assert_silent(result: &io::Result<TcpStream>) {
        let kind = result.as_ref().err().map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::TimedOut), "{result:?}");
    }

    #[test]
    fn packets_go_and_vanish_as_told() {
        let Some(lan) = Lan::new() else { return };
        let [one, two, three] = ["one", "two", "three"].map(|name| lan.host(name));
        for ip in [two.ipv4(), two.ipv6()] {
            let there = listen(&two, ip);
            dial(&one, &there, SOON).unwrap();

            two.silence();
            assert_silent(&dial(&one, &there, NEVER));
            two.heal();
            dial(&one, &there, SOON).unwrap();

            two.drop_from(&one);
            assert_silent(&dial(&one, &there, NEVER));
            dial(&three, &there, SOON).unwrap();
            two.heal();

            two.cut();
            dial(&one, &there, NEVER).unwrap_err();
            two.heal();
            dial(&one, &there, SOON).unwrap();
        }
    }

    #[test]
    fn firewall_stops_dials_to_the_host_only() {
        let Some(lan) = Lan::new() else { return };
        let [one, two] = ["one", "two"].map(|name| lan.host(name));
        let here = listen(&one, one.ipv4());
        let there = listen(&two, two.ipv4());
        two.firewall();
        assert_silent(&dial(&one, &there, NEVER));
        dial(&two, &here, SOON).unwrap();
        let [here, there] = [listen(&one, one.ipv6()), listen(&two, two.ipv6())];
        assert_silent(&dial(&one, &there, NEVER));
        dial(&two, &here, SOON).unwrap();
    }

    #[test]
    fn cables_are_apart_and_addresses_change() {
        let Some(lan) = Lan::new() else { return };
        let [one, mut two] = ["one", "two"].map(|name| lan.host_of_two(name));
        for index in [0, 1] {
            let there = listen(&two, two.cable(index).ipv4());
            two.cable(index).drop_from(one.cable(index));
            assert_silent(&dial(&one, &there, NEVER));
            two.cable(1 - index).silence();
            two.cable(index).heal();
            dial(&one, &there, SOON).unwrap();
            two.heal();
        }
        two.lose_addresses();
        two.take_addresses(77);
        for ip in [two.ipv4(), two.ipv6()] {
            dial(&one, &listen(&two, ip), SOON).unwrap();
        }
        two.cut();
        two.restart();
        dial(&one, &listen(&two, two.cable(1).ipv4()), SOON).unwrap();
    }

    #[test]
    fn nothing_is_left_behind() {
        let Some(lan) = Lan::ipv6_only() else { return };
        let host = lan.host("only");
        let output = host.command("ip").args(["-4", "address", "show", "eth0"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        let name = lan.name.clone();
        drop(lan);
        let list = Command::new("ip").args(["netns", "list"]).output().unwrap();
        assert!(!String::from_utf8_lossy(&list.stdout).contains(&name));
    }
}
