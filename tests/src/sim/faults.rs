use std::fmt;
use std::str::FromStr;

/// Says which kinds of things go wrong in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Connections break, fall silent, are refused, slow or in pieces; hosts stop to read.
    pub network: bool,
    /// The server dies and comes back.
    pub server: bool,
    /// Clients die and come back.
    pub clients: bool,
    /// The server's disk is slow, and its quota small.
    pub disk: bool,
    /// Clocks jump ahead.
    pub clocks: bool,
    /// Clients get other addresses.
    pub moves: bool,
}

impl Faults {
    /// Everything goes wrong.
    pub const ALL: Self =
        Self { network: true, server: true, clients: true, disk: true, clocks: true, moves: true };
    /// Nothing does.
    pub const NONE: Self = Self {
        network: false,
        server: false,
        clients: false,
        disk: false,
        clocks: false,
        moves: false,
    };

    /// Tells whether nothing goes wrong.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl FromStr for Faults {
    type Err = String;

    /// Reads a list such as `network,server`, or `all`, or `none`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Self::NONE;
        for word in text.split(',') {
            match word.trim() {
                "all" => faults = Self::ALL,
                "none" => {}
                "network" => faults.network = true,
                "server" => faults.server = true,
                "clients" => faults.clients = true,
                "disk" => faults.disk = true,
                "clocks" => faults.clocks = true,
                "moves" => faults.moves = true,
                other => {
                    return Err(format!(
                        "'{other}' is none of all, none, network, server, clients, disk, clocks, moves"
                    ));
                }
            }
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("all");
        }
        let named = [
            (self.network, "network"),
            (self.server, "server"),
            (self.clients, "clients"),
            (self.disk, "disk"),
            (self.clocks, "clocks"),
            (self.moves, "moves"),
        ];
        let words: Vec<_> = named.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
        f.write_str(if words.is_empty() { "none" } else { "" })?;
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_read_as_they_are_written() {
        for text in ["all", "none", "network", "server,clocks", "clients,disk", "network,moves"] {
            assert_eq!(text.parse::<Faults>().map(|faults| faults.to_string()), Ok(text.into()));
        }
        assert!("network,gremlins".parse::<Faults>().is_err());
    }
}
