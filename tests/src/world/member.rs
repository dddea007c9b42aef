use std::collections::BTreeMap;
use std::time::Duration;

use breeze_core::id::{Endpoint, PublicKey};
use breeze_core::wire::Hello;
use breeze_core::{Absence, Interest, Mesh};

use super::machine::Size;

/// Describes a client to be made.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its user id.
    pub user: String,
    /// Its display name.
    pub name: String,
    /// Whom it dials.
    pub mesh: Mesh,
    /// Of whom it wants to hear.
    pub interest: Interest,
    /// The users that it watches.
    pub watches: Vec<String>,
    /// What becomes of its messages to users that are not online.
    pub absence: Absence,
    /// How large its tables are.
    pub size: Size,
    /// The keepalive interval that it asks for.
    pub keepalive: Option<Duration>,
    /// What it can take in.
    pub limits: Hello,
    /// When it acknowledges messages.
    pub ack: AckMode,
    /// The secret of its key, or none for the user's own.
    pub secret: Option<[u8; 32]>,
    /// The server's key, if it has met the server before.
    pub pinned: Option<PublicKey>,
    /// Addresses that it announces before its own.
    pub decoys: Vec<Endpoint>,
    /// Whether it announces where it can be dialled.
    pub listens: bool,
    /// Bytes of the buffer that it offers for sending.
    pub send_buffer: usize,
    /// It keeps what it sends and receives on a disk.
    pub has_disk: bool,
    /// It accepts every file that is offered.
    pub accepts_files: bool,
    /// How long its disk takes to write a piece of a file.
    pub file_time: Duration,
    /// The code that it shows at login.
    pub ticket: String,
    /// The keys that it remembers, and whether they were verified; none if it remembers no keys.
    pub contacts: Option<BTreeMap<String, (PublicKey, bool)>>,
}

/// Says when a host acknowledges a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckMode {
    /// On receipt: it has no disk.
    AtOnce,
    /// After its disk took this long.
    After(Duration),
    /// Never: its disk hangs.
    Never,
}

impl Member {
    /// Describes an ordinary client.
    pub fn new(user: &str) -> Self {
        Self {
            user: user.into(),
            name: format!("{user} 微风"),
            mesh: Mesh::Eager,
            interest: Interest::Everybody,
            watches: Vec::new(),
            absence: Absence::Fail,
            size: Size::Office,
            keepalive: None,
            limits: Hello { takes_files: true, ..Hello::HOST },
            ack: AckMode::AtOnce,
            secret: None,
            pinned: None,
            decoys: Vec::new(),
            listens: true,
            send_buffer: 96 * 1024,
            has_disk: false,
            accepts_files: true,
            file_time: Duration::ZERO,
            ticket: String::new(),
            contacts: None,
        }
    }

    /// With another policy for direct links.
    pub fn mesh(self, mesh: Mesh) -> Self {
        Self { mesh, ..self }
    }

    /// Hears of these users, and of those with whom it exchanges messages.
    pub fn watching(self, users: impl IntoIterator<Item: Into<String>>) -> Self {
        let watches = users.into_iter().map(Into::into).collect();
        Self { interest: Interest::Known, watches, ..self }
    }

    /// Keeps messages to users that are not online.
    pub fn patient(self) -> Self {
        Self { absence: Absence::Wait, ..self }
    }

    /// Keeps what it sends and receives on a disk.
    pub fn with_disk(self) -> Self {
        Self { has_disk: true, absence: Absence::Wait, ..self }
    }

    /// Remembers the keys of those it meets.
    pub fn remembers_keys(self) -> Self {
        Self { contacts: Some(BTreeMap::new()), ..self }
    }

    /// With tables of another size.
    pub fn size(self, size: Size) -> Self {
        Self { size, ..self }
    }

    /// Acknowledges at other times.
    pub fn ack(self, ack: AckMode) -> Self {
        Self { ack, ..self }
    }

    /// The secret of its key.
    pub(super) fn secret(&self) -> [u8; 32] {
        self.secret.unwrap_or_else(|| {
            let mut secret = [0x5e; 32];
            for (place, byte) in secret.iter_mut().zip(self.user.bytes()) {
                *place = byte;
            }
            secret
        })
    }
}
