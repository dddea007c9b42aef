use crate::{ClientOptions, Host, Lan, ServerOptions, TestClient, TestServer};

/// Is a server and two users, each on a host of its own.
pub struct Office {
    /// The hosts of the users.
    pub hosts: [Host; 2],
    /// The users: alice, then bob.
    pub clients: [TestClient; 2],
    /// The server.
    pub server: TestServer,
    /// The host of the server.
    pub server_host: Host,
    /// The network that they share.
    pub lan: Lan,
}

impl Office {
    /// Starts everything, unless this machine cannot.
    #[track_caller]
    pub fn open(idle: u32) -> Option<Self> {
        Some(Self::prepare(Lan::new()?, idle, Lan::host, |_| {}))
    }

    /// Starts everything with hosts of two cables, once something was done to the users'.
    #[track_caller]
    pub fn of_two_cables(idle: u32, prepare: impl FnOnce(&[Host; 2])) -> Option<Self> {
        Some(Self::prepare(Lan::new()?, idle, Lan::host_of_two, prepare))
    }

    /// Starts everything in a network, once something was done to the hosts of the users.
    #[track_caller]
    pub fn prepare(
        lan: Lan,
        idle: u32,
        host: impl Fn(&Lan, &str) -> Host,
        prepare: impl FnOnce(&[Host; 2]),
    ) -> Self {
        let server_host = lan.host("server");
        let server = ServerOptions::new().on(&server_host).liveness(idle.div_ceil(3), idle);
        let server = server.start();
        let hosts = ["alice", "bob"].map(|name| host(&lan, name));
        prepare(&hosts);
        let clients = [0, 1].map(|index| {
            let user = ["alice", "bob"][index];
            let client = ClientOptions::new(user, &server).on(&hosts[index]).start();
            client.ready();
            client
        });
        clients[0].wait_presence("bob", true);
        clients[1].wait_presence("alice", true);
        Self { hosts, clients, server, server_host, lan }
    }

    /// Returns both users.
    pub fn pair(&self) -> [&TestClient; 2] {
        [&self.clients[0], &self.clients[1]]
    }

    /// Drops all packets between the two users, who still reach the server.
    pub fn part(&self) {
        self.hosts[0].drop_from(&self.hosts[1]);
        self.hosts[1].drop_from(&self.hosts[0]);
    }

    /// Undoes everything done to the cables of the users.
    pub fn heal(&self) {
        for host in &self.hosts {
            host.heal();
        }
    }
}
