use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::host::{ip, tc};

/// Matches TCP in each version of the Internet Protocol. Address resolution goes on, so that
/// nobody is told that a host cannot be reached: packets vanish and nothing is said.
const TCP: [(&str, &str); 2] =
    [("ip", "match ip protocol 6 0xff"), ("ipv6", "match ip6 protocol 6 0xff")];
/// Matches a SYN without ACK: the flags follow the header of 20 or 40 bytes by 13.
const DIALS: [&str; 2] = ["match u8 0x02 0x12 at 33", "match u8 0x02 0x12 at 53"];

/// Is what joins a host to a switch: an interface of the host, with addresses of its own, and a
/// port of the switch, where packets can be made to vanish. Clones are the same cable.
#[derive(Clone, Debug)]
pub struct Cable {
    /// The namespace of the host.
    pub(crate) owner: String,
    /// The namespace of the switches.
    pub(crate) room: String,
    /// Which of the switches.
    pub(crate) switch: u8,
    /// The host's number, as the switch knows it.
    pub(crate) host: u8,
    /// The last byte of its addresses.
    pub(crate) number: u8,
    pub(crate) ipv4: bool,
}

impl Cable {
    /// Plugs it in at both ends.
    pub(crate) fn plug_in(&self) -> Result<(), String> {
        let (own, room, port, interface) = (&self.owner, &self.room, self.port(), self.interface());
        let link = format!("link add {port} type veth peer name {interface} netns {own}");
        ip(room, &format!("{link} address {}", self.mac()))?;
        ip(room, &format!("link set {port} master switch{} up", self.switch))?;
        ip(own, &format!("link set {interface} up"))?;
        self.address("add")?;
        tc(room, &format!("qdisc add dev {port} clsact"))
    }

    /// Takes it away, with the interface at its end.
    pub(crate) fn remove(&self) -> Result<(), String> {
        ip(&self.room, &format!("link del {}", self.port()))
    }

    /// Returns the host's IPv4 address on it.
    pub fn ipv4(&self) -> IpAddr {
        Ipv4Addr::new(10, 77, self.switch, self.number).into()
    }

    /// Returns the host's IPv6 address on it.
    pub fn ipv6(&self) -> IpAddr {
        Ipv6Addr::new(0xfd77, 0, 0, self.switch.into(), 0, 0, 0, self.number.into()).into()
    }

    /// Pulls it; its host notices, as does nobody else.
    #[track_caller]
    pub fn cut(&self) {
        self.must(ip(&self.room, &format!("link set {} down", self.port())));
    }

    /// Takes its interface out of service, from within its host.
    #[track_caller]
    pub fn switch_off(&self) {
        self.must(ip(&self.owner, &format!("link set {} down", self.interface())));
    }

    /// Drops all connections' packets, both ways, without a word.
    #[track_caller]
    pub fn silence(&self) {
        self.must(self.drop_all());
    }

    /// Drops what another host sends by this cable to this one, without a word, and not the other
    /// way.
    #[track_caller]
    pub fn drop_from(&self, other: &Self) {
        let sender = format!("match ether src {}", other.mac());
        self.must(self.drop_tcp("egress", &sender, &sender));
    }

    /// Drops whatever would open a connection to the host, as a firewall does; it can still dial.
    #[track_caller]
    pub fn firewall(&self) {
        self.must(self.drop_tcp("egress", DIALS[0], DIALS[1]));
    }

    /// Undoes all of that but [`switch_off`](Self::switch_off).
    #[track_caller]
    pub fn heal(&self) {
        let (room, port) = (&self.room, self.port());
        self.must(tc(room, &format!("qdisc del dev {port} clsact")));
        self.must(tc(room, &format!("qdisc add dev {port} clsact")));
        self.must(ip(room, &format!("link set {port} up")));
    }

    /// Takes its addresses from the host.
    #[track_caller]
    pub(crate) fn lose_addresses(&self) {
        self.must(self.address("del"));
    }

    /// Gives the host addresses that end in a number.
    #[track_caller]
    pub(crate) fn take_addresses(&mut self, number: u8) {
        self.number = number;
        self.must(self.address("add"));
    }

    /// Adds the addresses to the interface, or deletes them.
    fn address(&self, verb: &str) -> Result<(), String> {
        let to = |address: String| ip(&self.owner, &format!("address {verb} {address}"));
        if self.ipv4 {
            to(format!("{}/24 dev {}", self.ipv4(), self.interface()))?;
        }
        // Without the second in which the kernel looks for a host that has the address already.
        let nodad = if verb == "add" { "nodad" } else { "" };
        to(format!("{}/64 dev {} {nodad}", self.ipv6(), self.interface()))
    }

    pub(crate) fn drop_all(&self) -> Result<(), String> {
        self.drop_tcp("egress", "", "")?;
        self.drop_tcp("ingress", "", "")
    }

    /// Drops TCP at its port of the switch, where egress is towards the host: the packets that
    /// also match this, in IPv4 and in IPv6. They are sent to a bridge without ports, which every
    /// kernel with a bridge has, unlike the means to drop or to lose them on the way.
    fn drop_tcp(&self, direction: &str, more_ipv4: &str, more_ipv6: &str) -> Result<(), String> {
        for ((protocol, tcp), more) in TCP.into_iter().zip([more_ipv4, more_ipv6]) {
            let filter = format!("filter add dev {} {direction} protocol {protocol}", self.port());
            let drop = "action mirred egress redirect dev hole";
            tc(&self.room, &format!("{filter} u32 {tcp} {more} {drop}"))?;
        }
        Ok(())
    }

    fn interface(&self) -> String {
        format!("eth{}", self.switch)
    }

    fn port(&self) -> String {
        format!("port{}-{}", self.switch, self.host)
    }

    fn mac(&self) -> String {
        format!("02:00:00:00:{:02x}:{:02x}", self.switch, self.host)
    }

    #[track_caller]
    fn must(&self, result: Result<(), String>) {
        result.unwrap_or_else(|error| panic!("{}: {error}", self.owner));
    }
}
