use std::ffi::OsStr;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Matches TCP in each version of the Internet Protocol. Address resolution goes on, so that
/// nobody is told that a host cannot be reached: packets vanish and nothing is said.
const TCP: [(&str, &str); 2] =
    [("ip", "match ip protocol 6 0xff"), ("ipv6", "match ip6 protocol 6 0xff")];
/// Matches a SYN without ACK: the flags follow the header of 20 or 40 bytes by 13.
const DIALS: [&str; 2] = ["match u8 0x02 0x12 at 33", "match u8 0x02 0x12 at 53"];

/// Is a host of a `Lan`. Clones are the same host.
#[derive(Clone, Debug)]
pub struct Host {
    namespace: String,
    switch: String,
    port: String,
    number: u8,
    ipv4: bool,
}

impl Host {
    /// Creates the host and plugs it in.
    pub(crate) fn build(
        lan: &str,
        switch: &str,
        name: &str,
        number: u8,
        ipv4: bool,
    ) -> Result<Self, String> {
        let host = Self {
            namespace: format!("{lan}-{name}"),
            switch: switch.to_owned(),
            port: format!("port{number}"),
            number,
            ipv4,
        };
        namespace(&host.namespace)?;
        let (own, port, mac) = (&host.namespace, &host.port, host.mac());
        let cable = format!("link add {port} type veth peer name eth0 address {mac} netns {own}");
        ip(switch, &cable)?;
        ip(switch, &format!("link set {port} master switch up"))?;
        ip(own, "link set lo up")?;
        ip(own, "link set eth0 up")?;
        if ipv4 {
            ip(own, &format!("address add {}/24 dev eth0", host.ipv4()))?;
        }
        // Without the second in which the kernel looks for a host that has the address already.
        ip(own, &format!("address add {}/64 dev eth0 nodad", host.ipv6()))?;
        tc(switch, &format!("qdisc add dev {port} clsact"))?;
        Ok(host)
    }

    /// Returns its IPv4 address.
    pub fn ipv4(&self) -> IpAddr {
        Ipv4Addr::new(10, 77, 0, self.number).into()
    }

    /// Returns its IPv6 address.
    pub fn ipv6(&self) -> IpAddr {
        Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, self.number.into()).into()
    }

    /// Returns the address to reach it at: IPv4 where there is that.
    pub fn ip(&self) -> IpAddr {
        if self.ipv4 { self.ipv4() } else { self.ipv6() }
    }

    /// Prepares a program to run on it, in a process that has the id of the one started.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }

    /// Runs a function on it, on a thread of its own.
    pub fn run<R: Send>(&self, function: impl FnOnce() -> R + Send) -> R {
        let namespace = File::open(format!("/run/netns/{}", self.namespace)).expect("a namespace");
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let kind = LinkNameSpaceType::Network;
                move_into_link_name_space(namespace.as_fd(), Some(kind)).expect("root may");
                function()
            });
            thread.join().expect("the function does not panic")
        })
    }

    /// Pulls its cable; it notices, as does nobody else.
    #[track_caller]
    pub fn cut(&self) {
        self.must(ip(&self.switch, &format!("link set {} down", self.port)));
    }

    /// Drops all its connections' packets, both ways, without a word.
    #[track_caller]
    pub fn silence(&self) {
        self.must(self.drop_all());
    }

    /// Drops what another host sends to this one, without a word, and not the other way.
    #[track_caller]
    pub fn drop_from(&self, other: &Self) {
        let sender = format!("match ether src {}", other.mac());
        self.must(self.drop_tcp("egress", &sender, &sender));
    }

    /// Drops whatever would open a connection to it, as a firewall does; it can still dial.
    #[track_caller]
    pub fn firewall(&self) {
        self.must(self.drop_tcp("egress", DIALS[0], DIALS[1]));
    }

    /// Undoes everything done to its cable.
    #[track_caller]
    pub fn heal(&self) {
        let port = &self.port;
        self.must(tc(&self.switch, &format!("qdisc del dev {port} clsact")));
        self.must(tc(&self.switch, &format!("qdisc add dev {port} clsact")));
        self.must(ip(&self.switch, &format!("link set {port} up")));
    }

    pub(crate) fn drop_all(&self) -> Result<(), String> {
        self.drop_tcp("egress", "", "")?;
        self.drop_tcp("ingress", "", "")
    }

    /// Removes it from the network.
    pub(crate) fn remove(&self) -> Result<(), String> {
        run(Command::new("ip").args(["netns", "delete", &self.namespace]))
    }

    /// Drops TCP at its port of the switch, where egress is towards the host: the packets that
    /// also match this, in IPv4 and in IPv6. They are sent to a bridge without ports, which every
    /// kernel with a bridge has, unlike the means to drop or to lose them on the way.
    fn drop_tcp(&self, direction: &str, more_ipv4: &str, more_ipv6: &str) -> Result<(), String> {
        for ((protocol, tcp), more) in TCP.into_iter().zip([more_ipv4, more_ipv6]) {
            let filter = format!("filter add dev {} {direction} protocol {protocol}", self.port);
            let drop = "action mirred egress redirect dev hole";
            tc(&self.switch, &format!("{filter} u32 {tcp} {more} {drop}"))?;
        }
        Ok(())
    }

    fn mac(&self) -> String {
        format!("02:00:00:00:00:{:02x}", self.number)
    }

    #[track_caller]
    fn must(&self, result: Result<(), String>) {
        result.unwrap_or_else(|error| panic!("{}: {error}", self.namespace));
    }
}

/// Creates a network namespace.
pub(crate) fn namespace(name: &str) -> Result<(), String> {
    run(Command::new("ip").args(["netns", "add", name]))
}

/// Runs `ip` in a namespace.
pub(crate) fn ip(namespace: &str, arguments: &str) -> Result<(), String> {
    run(Command::new("ip").args(["-n", namespace]).args(arguments.split_whitespace()))
}

/// Runs `tc` in a namespace.
pub(crate) fn tc(namespace: &str, arguments: &str) -> Result<(), String> {
    run(Command::new("tc").args(["-n", namespace]).args(arguments.split_whitespace()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?} cannot run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
