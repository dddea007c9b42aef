use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The port of a server whose address names none.
pub(crate) const DEFAULT_PORT: u16 = 7733;

/// Names a server as a person does: a host name or an IP address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddr {
    host: String,
    port: u16,
}

/// Says why a text names no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServerAddrError {
    /// There is no host.
    #[error("the host is missing; give HOST or HOST:PORT")]
    NoHost,
    /// The host holds something that no name or address does.
    #[error("this is no host name or IP address; give HOST or HOST:PORT, without 'http://'")]
    BadHost,
    /// The brackets do not hold an IPv6 address.
    #[error("this is no IPv6 address; write it as '::1' or '[::1]:7733'")]
    BadIpv6,
    /// The port is no number from 1 to 65535.
    #[error("the port must be a number from 1 to 65535")]
    BadPort,
}

impl ServerAddr {
    /// Looks up the host and returns its addresses, at least one, IPv4 ones in their plain form.
    pub(crate) async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let found = smol::net::resolve((self.host.as_str(), self.port)).await?;
        let mut addrs: Vec<SocketAddr> = Vec::new();
        for addr in found {
            let addr = canonical(addr);
            if !addrs.contains(&addr) {
                addrs.push(addr);
            }
        }
        if addrs.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
        }
        Ok(addrs)
    }
}

/// Turns an IPv4 address mapped into IPv6 into a plain one.
pub(crate) fn canonical(mut addr: SocketAddr) -> SocketAddr {
    let ip = addr.ip().to_canonical();
    // `set_ip` of the same kind keeps the scope of a link-local address.
    if ip != addr.ip() {
        addr.set_ip(ip);
    }
    addr
}

impl FromStr for ServerAddr {
    type Err = ServerAddrError;

    fn from_str(text: &str) -> Result<Self, ServerAddrError> {
        if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or(ServerAddrError::BadIpv6)?;
            let port = match rest {
                "" => DEFAULT_PORT,
                _ => parse_port(rest.strip_prefix(':').ok_or(ServerAddrError::BadPort)?)?,
            };
            return Ok(Self { host: check_ipv6(host)?, port });
        }
        match text.split_once(':') {
            // More than one colon: an IPv6 address, for which brackets are needed to add a port.
            Some((_, rest)) if rest.contains(':') && !rest.starts_with("//") => {
                Ok(Self { host: check_ipv6(text)?, port: DEFAULT_PORT })
            }
            Some((host, port)) => {
                let host = check_name(host)?;
                if port.starts_with("//") {
                    return Err(ServerAddrError::BadHost);
                }
                Ok(Self { host, port: parse_port(port)? })
            }
            None => Ok(Self { host: check_name(text)?, port: DEFAULT_PORT }),
        }
    }
}

fn check_name(host: &str) -> Result<String, ServerAddrError> {
    if host.is_empty() {
        return Err(ServerAddrError::NoHost);
    }
    let forbidden = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '/' | '@' | '#' | '[' | ']' | '%')
    };
    // Names of hosts do not distinguish case: one server, one spelling, one pinned key.
    if host.contains(forbidden) { Err(ServerAddrError::BadHost) } else { Ok(host.to_lowercase()) }
}

fn check_ipv6(host: &str) -> Result<String, ServerAddrError> {
    let (ip, zone) = host.split_once('%').map_or((host, None), |(ip, zone)| (ip, Some(zone)));
    let ip: Ipv6Addr = ip.parse().map_err(|_| ServerAddrError::BadIpv6)?;
    let named = |zone: &str| !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric());
    match zone {
        None => Ok(ip.to_string()),
        Some(zone) if named(zone) => Ok(format!("{ip}%{zone}")),
        Some(_) => Err(ServerAddrError::BadIpv6),
    }
}

fn parse_port(text: &str) -> Result<u16, ServerAddrError> {
    match text.parse() {
        Ok(0) | Err(_) => Err(ServerAddrError::BadPort),
        Ok(port) => Ok(port),
    }
}

impl fmt::Display for ServerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, ServerAddrError> {
        text.parse::<ServerAddr>().map(|addr| addr.to_string())
    }

    #[test]
    fn accepts_names_and_addresses_with_and_without_port() {
        for (text, expected) in [
            ("localhost", "localhost:7733"),
            ("Office.Example:80", "office.example:80"),
            ("127.0.0.1", "127.0.0.1:7733"),
            ("127.0.0.1:9", "127.0.0.1:9"),
            ("::1", "[::1]:7733"),
            ("[::1]", "[::1]:7733"),
            ("[0:0::1]:7734", "[::1]:7734"),
            ("fe80::1%eth0", "[fe80::1%eth0]:7733"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
            assert_eq!(shown(expected).as_deref(), Ok(expected), "{expected}");
        }
    }

    #[test]
    fn refuses_what_names_no_server() {
        for (text, error) in [
            ("", ServerAddrError::NoHost),
            (":7733", ServerAddrError::NoHost),
            ("a b", ServerAddrError::BadHost),
            ("http://host:1", ServerAddrError::BadHost),
            ("http://host", ServerAddrError::BadHost),
            ("host/x", ServerAddrError::BadHost),
            ("host:", ServerAddrError::BadPort),
            ("host:0", ServerAddrError::BadPort),
            ("host:65536", ServerAddrError::BadPort),
            ("[::1]7733", ServerAddrError::BadPort),
            ("[::1", ServerAddrError::BadIpv6),
            ("[host]:1", ServerAddrError::BadIpv6),
            ("a:b:c", ServerAddrError::BadIpv6),
            ("fe80::1% x", ServerAddrError::BadIpv6),
        ] {
            assert_eq!(shown(text), Err(error), "{text}");
        }
    }

    #[test]
    fn resolves_addresses_to_their_plain_form() {
        let resolve = |text: &str| {
            smol::block_on(text.parse::<ServerAddr>().expect("address").resolve()).expect("resolve")
        };
        assert_eq!(resolve("127.0.0.1:5"), ["127.0.0.1:5".parse().expect("address")]);
        assert_eq!(resolve("[::ffff:127.0.0.1]:5"), ["127.0.0.1:5".parse().expect("address")]);
        assert_eq!(resolve("[::1]:5"), ["[::1]:5".parse().expect("address")]);
    }
}
