use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use breeze_core::id::Ticket;
use clap::ValueEnum;

use crate::cli::{GlobalArgs, Mesh, NodeArgs, Presence, ReceiveArgs};
use crate::commands::Access;
use crate::home::Home;

/// Says which node a host wants. What is left out is what `breeze up` takes: what the home remembers,
/// or the default.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
    /// The home directory; the platform's usual one if there is none.
    pub home: Option<PathBuf>,
    /// The server, `HOST` or `HOST:PORT`; remembered.
    pub server: Option<String>,
    /// The user name; remembered.
    pub user: Option<String>,
    /// The name to show to people; remembered.
    pub name: Option<String>,
    /// The code that enrols the key, where one is needed.
    pub code: Option<String>,
    /// Which peers are dialled: `eager`, `on-demand` or `off`.
    pub mesh: Option<String>,
    /// Of whom to hear: `all` or `known`.
    pub presence: Option<String>,
    /// The port on which to accept direct links; that of the server connection if there is none.
    pub listen: Option<u16>,
}

impl NodeOptions {
    /// Checks all of it, and opens the home directory.
    pub(super) fn access(self) -> Result<Access, String> {
        let global = GlobalArgs {
            home: self.home.clone(),
            server: read("server", self.server)?,
            user: read("user", self.user)?,
            name: read("name", self.name)?,
            verbose: 0,
        };
        let node = NodeArgs {
            mesh: choose("mesh", self.mesh.as_deref(), Mesh::Eager)?,
            presence: choose("presence", self.presence.as_deref(), Presence::All)?,
            listen: self.listen,
            advertise: Vec::new(),
        };
        let code = self.code.unwrap_or_default();
        let ticket = Ticket::new(code.trim().as_bytes()).ok_or("the code is too long")?;
        let home = Home::open(self.home).map_err(|error| error.to_string())?;
        let settings = home.settings().map_err(|error| error.to_string())?;
        let receive = ReceiveArgs::default();
        Ok(Access { home, settings, global, node, receive, ticket, given: Vec::new() })
    }
}

/// Reads the value of an option, if there is one.
fn read<T: FromStr<Err: Display>>(
    option: &str,
    value: Option<String>,
) -> Result<Option<T>, String> {
    let parsed = value.map(|value| value.parse().map_err(|error| (value, error)));
    parsed.transpose().map_err(|(value, error)| format!("{option} is {value:?}: {error}"))
}

/// Finds a value among those of an option.
fn choose<T: ValueEnum>(option: &str, value: Option<&str>, default: T) -> Result<T, String> {
    let Some(value) = value else { return Ok(default) };
    T::from_str(value, false).map_err(|_| {
        let known: Vec<_> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("{option} is {value:?}, and not one of {}", known.join(", "))
    })
}
