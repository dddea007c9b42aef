use core::fmt;
use core::net::SocketAddrV4;

use breeze_core::id::{DisplayName, UserId};
use breeze_core::limits::MAX_ENDPOINTS;
use heapless::Vec;
use smoltcp::wire::{Ipv4Address, Ipv4Cidr};

/// Says who the device is and where it is, from words such as `user=lamp server=10.0.2.2:7733`.
#[derive(Clone)]
pub struct Options {
    /// Where the server is.
    pub server: SocketAddrV4,
    /// Who logs in.
    pub user: UserId,
    /// The name to show to people.
    pub name: DisplayName,
    /// The secret half of the device's key, the same at each start.
    pub identity: [u8; 32],
    /// Secret random bytes, others at each start.
    pub seed: [u8; 32],
    /// The port on which direct links are accepted.
    pub listen: u16,
    /// Where others reach that port, if not at the device's own address.
    pub advertise: Vec<SocketAddrV4, MAX_ENDPOINTS>,
    /// The device's own address.
    pub address: Ipv4Cidr,
    /// Where to send what is not for its own network.
    pub gateway: Ipv4Address,
}

/// Says what is wrong with the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadOptions<'l> {
    /// There is no such option, or its value is no good. The word may hold a secret.
    Word(&'l str),
    /// An option without which nothing goes.
    Missing(&'static str),
}

impl Options {
    /// Reads words separated by spaces. Words without `=`, such as the program's name, are passed
    /// over.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(line: &str) -> Result<Self, BadOptions<'_>> {
        let (mut server, mut user, mut identity, mut seed) = (None, None, None, None);
        let mut name = DisplayName::default();
        let mut listen = 7733;
        let mut advertise = Vec::new();
        let mut address = Ipv4Cidr::new(Ipv4Address::new(10, 0, 2, 15), 24);
        let mut gateway = Ipv4Address::new(10, 0, 2, 2);
        for word in line.split_ascii_whitespace() {
            let Some((option, value)) = word.split_once('=') else { continue };
            let bad = BadOptions::Word(word);
            match option {
                "server" => server = Some(value.parse().map_err(|_| bad)?),
                "user" => user = Some(UserId::new(value).map_err(|_| bad)?),
                "name" => name = DisplayName::new(value).map_err(|_| bad)?,
                "identity" => identity = Some(secret(value).ok_or(bad)?),
                "seed" => seed = Some(secret(value).ok_or(bad)?),
                "listen" => {
                    listen = value.parse().ok().filter(|&port| port != 0).ok_or(bad)?;
                }
                "advertise" => {
                    advertise.push(value.parse().map_err(|_| bad)?).map_err(|_| bad)?;
                }
                "ip" => address = value.parse().map_err(|()| bad)?,
                "gateway" => gateway = value.parse().map_err(|_| bad)?,
                _ => return Err(bad),
            }
        }
        Ok(Self {
            server: server.ok_or(BadOptions::Missing("server"))?,
            user: user.ok_or(BadOptions::Missing("user"))?,
            name,
            identity: identity.ok_or(BadOptions::Missing("identity"))?,
            seed: seed.ok_or(BadOptions::Missing("seed"))?,
            listen,
            advertise,
            address,
            gateway,
        })
    }
}

/// Reads 32 bytes from 64 hexadecimal digits.
fn secret(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let decoded = base16ct::mixed::decode(digits, &mut bytes).ok()?;
    (decoded.len() == 32).then_some(bytes)
}

impl fmt::Display for BadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => {
                // Its value may be meant as a secret.
                let option = word.split('=').next().unwrap_or_default();
                write!(f, "{option}= is no option, or its value is no good")
            }
            Self::Missing(option) => write!(f, "{option}= is missing"),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;
    use std::{format, vec::Vec};

    use super::*;

    fn needed() -> String {
        let (identity, seed) = ("0f".repeat(32), "F0".repeat(32));
        format!("fw server=10.0.2.2:7000 user=lamp identity={identity} seed={seed}")
    }

    #[test]
    fn words_override_the_defaults() {
        let line = needed();
        let options = Options::parse(&line).expect("good options");
        assert_eq!(options.server, SocketAddrV4::new([10, 0, 2, 2].into(), 7000));
        assert_eq!(options.user.as_str(), "lamp");
        assert_eq!((options.identity, options.seed), ([0x0f; 32], [0xf0; 32]));
        assert_eq!(options.listen, 7733);
        assert!(options.advertise.is_empty());

        let line = format!("{line} listen=80 advertise=127.0.0.1:5 advertise=127.0.0.1:6 name=灯");
        let options = Options::parse(&line).expect("good options");
        let ports: Vec<u16> = options.advertise.iter().map(|addr| addr.port()).collect();
        assert_eq!((options.listen, ports), (80, [5, 6].into()));
        assert_eq!(options.name.as_str(), "灯");
    }

    #[test]
    fn bad_words_are_named_without_their_values() {
        for word in [
            "listen=0",
            "server=10.0.2.2",
            "user=Lamp",
            "identity=00",
            "seed=x",
            "advertise=1",
            "ip=10.0.2.15",
            "gateway=",
            "colour=red",
        ] {
            let line = format!("{} {word}", needed());
            let bad = Options::parse(&line).err().expect("a bad word");
            assert_eq!(bad, BadOptions::Word(word));
            let (option, _) = word.split_once('=').expect("a value");
            assert_eq!(
                format!("{bad}"),
                format!("{option}= is no option, or its value is no good")
            );
        }
        let bad = Options::parse("fw user=lamp").err();
        assert_eq!(bad, Some(BadOptions::Missing("server")));
    }
}
