use std::io;
use std::net::IpAddr;

/// Lists the addresses of this machine at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// All of them.
    pub(crate) all: Vec<IpAddr>,
    /// Those of interfaces that have a cable, or whatever takes its place.
    pub(crate) running: Vec<IpAddr>,
}

impl Addresses {
    /// Looks at the interfaces.
    pub(crate) fn now() -> io::Result<Self> {
        let mut addresses = Self::default();
        for interface in if_addrs::get_if_addrs()? {
            let ip = interface.ip().to_canonical();
            addresses.all.push(ip);
            if interface.is_oper_up() {
                addresses.running.push(ip);
            }
        }
        // In whatever order the system names them.
        addresses.all.sort_unstable();
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_machine_itself() {
        let addresses = Addresses::now().expect("addresses");
        let loopback = addresses.all.iter().any(IpAddr::is_loopback);
        assert!(loopback, "{addresses:?}");
        assert!(addresses.running.iter().all(|ip| addresses.all.contains(ip)));
        assert_eq!(addresses, Addresses::now().expect("addresses"));
    }
}
