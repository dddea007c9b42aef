use std::ffi::OsStr;
use std::fs::File;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::Cable;

/// Is a host of a `Lan`. Clones are the same host.
#[derive(Clone, Debug)]
pub struct Host {
    namespace: String,
    /// One for each switch that it is joined to.
    cables: Vec<Cable>,
}

impl Host {
    /// Creates the host and plugs it in.
    pub(crate) fn build(namespace: String, cables: Vec<Cable>) -> Result<Self, String> {
        let host = Self { namespace, cables };
        host.start()?;
        Ok(host)
    }

    fn start(&self) -> Result<(), String> {
        namespace(&self.namespace)?;
        ip(&self.namespace, "link set lo up")?;
        self.cables.iter().try_for_each(Cable::plug_in)
    }

    /// Takes its power away and gives it back. What ran on it must be killed before, and its cables
    /// be cut before that, if nobody is to hear of it.
    #[track_caller]
    pub fn restart(&self) {
        let outcome = self.cables.iter().try_for_each(Cable::remove).and_then(|()| self.remove());
        self.must(outcome.and_then(|()| self.start()));
    }

    /// Returns one of its cables, of which the first joins it to everybody.
    pub fn cable(&self, index: usize) -> &Cable {
        &self.cables[index]
    }

    /// Returns its IPv4 address.
    pub fn ipv4(&self) -> IpAddr {
        self.cables[0].ipv4()
    }

    /// Returns its IPv6 address.
    pub fn ipv6(&self) -> IpAddr {
        self.cables[0].ipv6()
    }

    /// Returns the address to reach it at: IPv4 where there is that.
    pub fn ip(&self) -> IpAddr {
        if self.cables[0].ipv4 { self.ipv4() } else { self.ipv6() }
    }

    /// Returns how many bytes have left it by its first cable so far, with all headers.
    pub fn sent_bytes(&self) -> u64 {
        let text = self.run(|| std::fs::read_to_string("/proc/thread-self/net/dev"));
        let text = text.expect("the kernel counts");
        let line = text.lines().find_map(|line| line.trim().strip_prefix("eth0:"));
        // Eight numbers are about what came in.
        let sent = line.and_then(|line| line.split_whitespace().nth(8));
        sent.and_then(|sent| sent.parse().ok()).expect("bytes that were sent")
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

    /// [Cuts](Cable::cut) all its cables.
    #[track_caller]
    pub fn cut(&self) {
        self.cables.iter().for_each(Cable::cut);
    }

    /// [Silences](Cable::silence) all its cables.
    #[track_caller]
    pub fn silence(&self) {
        self.cables.iter().for_each(Cable::silence);
    }

    /// [Drops](Cable::drop_from) what another host sends to it by any cable.
    #[track_caller]
    pub fn drop_from(&self, other: &Self) {
        for (own, theirs) in self.cables.iter().zip(&other.cables) {
            own.drop_from(theirs);
        }
    }

    /// Puts a [firewall](Cable::firewall) around it.
    #[track_caller]
    pub fn firewall(&self) {
        self.cables.iter().for_each(Cable::firewall);
    }

    /// [Heals](Cable::heal) all its cables.
    #[track_caller]
    pub fn heal(&self) {
        self.cables.iter().for_each(Cable::heal);
    }

    /// Takes its addresses on the first cable away, without a word to anybody.
    #[track_caller]
    pub fn lose_addresses(&self) {
        self.cables[0].lose_addresses();
    }

    /// Gives it addresses on its first cable that end in a number. Clones do not know of that.
    #[track_caller]
    pub fn take_addresses(&mut self, number: u8) {
        self.cables[0].take_addresses(number);
    }

    /// Removes it from the network.
    pub(crate) fn remove(&self) -> Result<(), String> {
        run(Command::new("ip").args(["netns", "delete", &self.namespace]))
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
