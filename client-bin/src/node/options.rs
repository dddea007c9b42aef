use std::net::SocketAddr;
use std::path::PathBuf;

use breeze_core::id::{Ticket, UserId};
use breeze_core::noise::Identity;

use crate::cli::{Mesh, NodeArgs, Presence, ReceiveArgs};
use crate::error::Error;
use crate::home::Home;
use crate::known_servers::KnownServers;
use crate::settings::{Profile, Settings};

/// Says who a node is and how it takes part in the network.
pub(crate) struct Options {
    pub(crate) profile: Profile,
    pub(crate) identity: Identity,
    pub(crate) known_servers: KnownServers,
    /// The file of what is not to be forgotten.
    pub(crate) store: PathBuf,
    /// What is shown at login to enrol the identity's key.
    pub(crate) ticket: Ticket,
    pub(crate) mesh: Mesh,
    pub(crate) presence: Presence,
    pub(crate) listen: Option<u16>,
    pub(crate) advertise: Vec<SocketAddr>,
    /// The folder of the records of transfers.
    pub(crate) transfers: PathBuf,
    /// Whose files are accepted without asking.
    pub(crate) auto_accept_from: Vec<UserId>,
    /// The folder of files that are accepted without naming one, which may not exist yet.
    pub(crate) download_dir: PathBuf,
}

impl Options {
    /// Takes together what the home directory and the command line say.
    pub(crate) fn new(
        home: &Home,
        settings: &Settings,
        ticket: Ticket,
        args: &NodeArgs,
        receive: &ReceiveArgs,
    ) -> Result<Self, Error> {
        Ok(Self {
            profile: settings.profile()?,
            identity: Identity::from_secret(*home.identity_key()?),
            known_servers: home.known_servers(),
            store: home.store(),
            ticket,
            mesh: args.mesh,
            presence: args.presence,
            listen: args.listen,
            advertise: args.advertise.clone(),
            transfers: home.transfers(),
            auto_accept_from: receive.auto_accept_from.clone(),
            download_dir: home.download_dir(receive.download_dir.as_deref()),
        })
    }
}
