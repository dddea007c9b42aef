use breeze_core::io::{Output, Target};
use breeze_core::time::Instant;

use super::entered::{Entered, with_client};
use super::event::breeze_event;
use super::stored::breeze_client;
use crate::arguments::Place;
use crate::breeze_result;
use crate::guard::guard;
use crate::values::{breeze_address, breeze_user};

/// The time of a wait that only input ends.
pub const BREEZE_NEVER: u64 = u64::MAX;

/// Says what a host does next.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_output_kind {
    /// Nothing more until input comes, or until `until_ms`: then call breeze_client_timeout.
    Wait = 0,
    /// Open a pipe to `user` at `address`, or to the server if `user` is empty, then call
    /// breeze_client_opened, or breeze_client_closed if that fails. `link` is its name from now on.
    Open = 1,
    /// `link` has bytes to send: whenever its pipe can take some, get them with breeze_client_transmit
    /// until that gives none.
    Transmit = 2,
    /// Close the pipe of `link`, after the bytes already taken for it were sent if that takes no time.
    /// The link is gone; nothing need be called for it.
    Close = 3,
    /// Something happened that the application wants to know: `event`.
    Event = 4,
}

/// Tells a host what to do next; `kind` says which fields hold something.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct breeze_output {
    /// A breeze_output_kind.
    pub kind: u32,
    /// The link.
    pub link: u64,
    /// The time of the next breeze_client_timeout; BREEZE_NEVER if only input matters.
    pub until_ms: u64,
    /// Whom the pipe shall lead to; empty for the server, whose address only the host knows.
    pub user: breeze_user,
    /// Where the user accepts direct links.
    pub address: breeze_address,
    /// What happened.
    pub event: breeze_event,
}

const NOTHING: breeze_output = breeze_output {
    kind: breeze_output_kind::Wait as u32,
    link: 0,
    until_ms: BREEZE_NEVER,
    user: breeze_user::NONE,
    address: breeze_address::NONE,
    event: breeze_event::NONE,
};

impl From<Output> for breeze_output {
    fn from(output: Output) -> Self {
        use breeze_output_kind as Kind;
        match output {
            Output::Open { link, target } => {
                let (user, address) = match target {
                    Target::Server => (breeze_user::NONE, breeze_address::NONE),
                    Target::Peer { user, addr } => ((&user).into(), addr.into()),
                };
                Self { kind: Kind::Open as u32, link: link.to_bits(), user, address, ..NOTHING }
            }
            Output::Transmit(link) => {
                Self { kind: Kind::Transmit as u32, link: link.to_bits(), ..NOTHING }
            }
            Output::Close(link) => {
                Self { kind: Kind::Close as u32, link: link.to_bits(), ..NOTHING }
            }
            Output::Event(event) => {
                Self { kind: Kind::Event as u32, event: event.into(), ..NOTHING }
            }
            Output::Wait(until) => Self { until_ms: until.as_millis(), ..NOTHING },
        }
    }
}

/// Says what the host does next. After every call that changes something it calls this until the kind is
/// BREEZE_OUTPUT_KIND_WAIT. Nothing times out here: `now_ms` is for the choice only.
///
/// # Safety
/// `client` leads to a client, `output` to a place of `size` bytes, which are those of a breeze_output.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_client_poll(
    client: *mut breeze_client,
    now_ms: u64,
    output: *mut breeze_output,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(output, size)?;
        // SAFETY: as the caller says.
        let entered = unsafe { Entered::new(client) }?;
        let output = with_client!(&entered, client => client.poll(Instant::from_millis(now_ms)));
        // SAFETY: as the caller says.
        unsafe { place.write(output.into()) };
        Ok(())
    })
}
