use core::ffi::c_char;
use core::time::Duration;

use breeze_core::id::{DisplayName, Ticket};
use breeze_core::limits::{MAX_FRAME, MIN_MAX_FRAME, MIN_MAX_RECORD};
use breeze_core::noise::Identity;
use breeze_core::wire::Hello;
use breeze_core::{Absence, Config, Interest, Mesh};
use zeroize::Zeroizing;

use crate::arguments::{Place, bytes, c_text, key_bytes, read, read_if_any, user};
use crate::breeze_result;
use crate::guard::guard;
use crate::values::breeze_key;

/// Says which peers a client dials.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_mesh {
    /// Every peer that is online, as long as there is room.
    Eager = 0,
    /// A peer that messages go to or come from.
    OnDemand = 1,
    /// Nobody, and nobody is let in: all messages are relayed.
    Off = 2,
}

/// Says of whom a client hears when they come and go.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_interest {
    /// Everybody, as long as there is room in the peer table: for an office.
    Everybody = 0,
    /// Whoever is in the peer table, since the host watches the user or messages went to or came from
    /// it: for one of thousands.
    Known = 1,
}

/// Says what becomes of messages to users that are registered and not online.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_absence {
    /// They fail: for hosts that keep nothing, and want to know.
    Fail = 0,
    /// They wait, for as long as it takes: for hosts that keep them on disk.
    Wait = 1,
}

/// Configures a client. breeze_config_default fills it, then the host sets what it has; nothing of it
/// need live longer than the call that makes the client.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_config {
    /// Bytes of this structure, which breeze_config_default has set.
    pub size: usize,
    /// Who logs in: a text of 1 to 32 bytes.
    pub user: *const c_char,
    /// The name to show to people, up to 64 bytes; NULL for that of the user.
    pub name: *const c_char,
    /// 32 secret bytes that make the client who it is: fresh from a strong random source the first
    /// time, and the same ones from then on. Whoever has them is this user.
    pub identity: *const u8,
    /// 32 secret bytes from a strong random source, fresh at each start.
    pub secret_seed: *const u8,
    /// 64 random bits, fresh at each start.
    pub seed: u64,
    /// The server's key, if the host has met it before: any other is refused. NULL if it has not.
    pub server_key: *const breeze_key,
    /// A code or a password that enrols the key, up to 128 bytes; none for one that is enrolled, or
    /// where none is needed.
    pub ticket: *const u8,
    /// Bytes of the ticket.
    pub ticket_len: usize,
    /// A breeze_mesh: which peers are dialled.
    pub mesh: u32,
    /// A breeze_interest: of whom the server tells.
    pub interest: u32,
    /// A breeze_absence: what becomes of messages to users that are away.
    pub absence: u32,
    /// The keepalive interval to ask for, in milliseconds, 0 for the server's; minutes save a battery.
    pub keepalive_ms: u32,
    /// The longest frame that this device takes in, from 512 bytes on: a message and what goes with it.
    pub max_frame: u32,
    /// The longest record, from 256 to 16,384 bytes.
    pub max_record: u32,
    /// The host remembers the keys of users, and answers BREEZE_EVENT_KIND_MET with breeze_client_pin.
    pub remembers_keys: bool,
    /// The host takes files and sends some, by breeze_client_received_files and
    /// breeze_client_transmit_files: others are told so. Without it nothing of a file goes or comes. Not in
    /// a library that was made without files: BREEZE_RESULT_BAD_VALUE.
    pub takes_files: bool,
}

/// What a client is made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) identity: Identity,
    pub(crate) secret_seed: Zeroizing<[u8; 32]>,
}

/// Fills a configuration with what is usual for a host. User, identity, seeds and, once it is known, the
/// server's key are to be set.
///
/// # Safety
/// `config` leads to a place of `size` bytes, which are those of a breeze_config.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_config_default(
    config: *mut breeze_config,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(config, size)?;
        let default = breeze_config {
            size: size_of::<breeze_config>(),
            user: core::ptr::null(),
            name: core::ptr::null(),
            identity: core::ptr::null(),
            secret_seed: core::ptr::null(),
            seed: 0,
            server_key: core::ptr::null(),
            ticket: core::ptr::null(),
            ticket_len: 0,
            mesh: breeze_mesh::Eager as u32,
            interest: breeze_interest::Everybody as u32,
            absence: breeze_absence::Fail as u32,
            keepalive_ms: 0,
            max_frame: Hello::HOST.max_frame,
            max_record: Hello::HOST.max_record.into(),
            remembers_keys: false,
            takes_files: false,
        };
        // SAFETY: as the caller says.
        unsafe { place.write(default) };
        Ok(())
    })
}

/// Says how large the buffers of a link have to be with these limits: one that receives, for whatever
/// peers send, and one that sends, for the longest message that such a client takes in.
///
/// # Safety
/// `config` leads to a configuration, `receive` and `send` to places for a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_config_buffers(
    config: *const breeze_config,
    receive: *mut usize,
    send: *mut usize,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        unsafe {
            let (receive, send) = (Place::at(receive)?, Place::at(send)?);
            let limits = limits(&read_config(config)?)?;
            let frame = (limits.max_frame as usize).max(files_frame(&limits));
            receive.write(limits.receive_buffer());
            // What goes before the first message on a link, handshake and all, is shorter than 512.
            send.write(limits.send_buffer(frame).max(512));
        }
        Ok(())
    })
}

/// Reads the structure alone.
unsafe fn read_config(config: *const breeze_config) -> Result<breeze_config, breeze_result> {
    // SAFETY: as the caller says. The size comes first, so that a shorter structure is not read.
    unsafe {
        let size = read(config.cast::<usize>())?;
        if size == size_of::<breeze_config>() { read(config) } else { Err(breeze_result::BadSize) }
    }
}

/// Returns the length of the longest frame with something of a file, through the server: what goes on
/// direct links is as long as there is room.
#[cfg(feature = "files")]
fn files_frame(limits: &Hello) -> usize {
    use breeze_core::limits::{RELAYED_AROUND, RELAYED_CHUNK};

    if limits.takes_files { RELAYED_CHUNK + RELAYED_AROUND } else { 0 }
}

#[cfg(not(feature = "files"))]
fn files_frame(_: &Hello) -> usize {
    0
}

fn limits(config: &breeze_config) -> Result<Hello, breeze_result> {
    let largest = usize::from(Hello::HOST.max_record);
    let (frame, record) = (config.max_frame as usize, config.max_record as usize);
    let fits = (MIN_MAX_FRAME..=MAX_FRAME).contains(&frame)
        && (MIN_MAX_RECORD..=largest).contains(&record);
    let takes_files = config.takes_files;
    if takes_files && !cfg!(feature = "files") {
        return Err(breeze_result::BadValue);
    }
    match u16::try_from(config.max_record) {
        Ok(max_record) if fits => {
            Ok(Hello { max_record, max_frame: config.max_frame, takes_files, ..Hello::HOST })
        }
        Ok(_) | Err(_) => Err(breeze_result::BadValue),
    }
}

/// Reads a configuration and all that it leads to.
pub(crate) unsafe fn read_parts(config: *const breeze_config) -> Result<Parts, breeze_result> {
    // SAFETY: as the caller says.
    unsafe {
        let given = read_config(config)?;
        let user = user(given.user)?;
        let name = match given.name.is_null() {
            true => user.as_str(),
            false => c_text(given.name)?,
        };
        let name = DisplayName::new(name).map_err(|_| breeze_result::BadName)?;
        let secret_seed = Zeroizing::new(key_bytes(given.secret_seed)?);
        let secret = Zeroizing::new(key_bytes(given.identity)?);
        let ticket = bytes(given.ticket, given.ticket_len)?;
        let mut config = Config::new(user, name, given.seed);
        config.server_key = read_if_any(given.server_key)?.map(Into::into);
        config.ticket = Ticket::new(ticket).ok_or(breeze_result::BadTicket)?;
        config.mesh = mesh(given.mesh)?;
        config.interest = interest(given.interest)?;
        config.absence = absence(given.absence)?;
        config.keepalive = match given.keepalive_ms {
            0 => None,
            millis => Some(Duration::from_millis(millis.into())),
        };
        config.limits = limits(&given)?;
        config.remembers_keys = given.remembers_keys;
        Ok(Parts { config, identity: Identity::from_secret(*secret), secret_seed })
    }
}

fn mesh(number: u32) -> Result<Mesh, breeze_result> {
    const EAGER: u32 = breeze_mesh::Eager as u32;
    const ON_DEMAND: u32 = breeze_mesh::OnDemand as u32;
    const OFF: u32 = breeze_mesh::Off as u32;
    match number {
        EAGER => Ok(Mesh::Eager),
        ON_DEMAND => Ok(Mesh::OnDemand),
        OFF => Ok(Mesh::Off),
        _ => Err(breeze_result::BadValue),
    }
}

fn interest(number: u32) -> Result<Interest, breeze_result> {
    const EVERYBODY: u32 = breeze_interest::Everybody as u32;
    const KNOWN: u32 = breeze_interest::Known as u32;
    match number {
        EVERYBODY => Ok(Interest::Everybody),
        KNOWN => Ok(Interest::Known),
        _ => Err(breeze_result::BadValue),
    }
}

fn absence(number: u32) -> Result<Absence, breeze_result> {
    const FAIL: u32 = breeze_absence::Fail as u32;
    const WAIT: u32 = breeze_absence::Wait as u32;
    match number {
        FAIL => Ok(Absence::Fail),
        WAIT => Ok(Absence::Wait),
        _ => Err(breeze_result::BadValue),
    }
}
