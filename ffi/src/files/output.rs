use breeze_core::files::FileOutput;
use breeze_core::time::Instant;

use super::entered::EnteredTransfers;
use super::stored::breeze_transfers;
use crate::arguments::Place;
use crate::breeze_result;
use crate::client::BREEZE_NEVER;
use crate::guard::guard;
use crate::values::breeze_user;

/// Says what a host does next about files.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_file_output_kind {
    /// Nothing more until input comes, or until `until_ms`: then call breeze_transfers_timeout.
    Wait = 0,
    /// There is something for `user`: call breeze_client_kick_files.
    Kick = 1,
    /// All of the stream `number` of `user` is verified and written: put it in its place, and then call
    /// breeze_transfers_end with BREEZE_FILE_END_DONE.
    Complete = 2,
    /// The stream `number` for `user` waits for a direct link, since it is longer than the server relays:
    /// `max` bytes; 0 for no files at all.
    TooLargeForRelay = 3,
}

/// Tells a host what to do next about files; `kind` says which fields hold something.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct breeze_file_output {
    /// A breeze_file_output_kind.
    pub kind: u32,
    /// The other side.
    pub user: breeze_user,
    /// The transfer.
    pub number: u64,
    /// See BREEZE_FILE_OUTPUT_KIND_TOO_LARGE_FOR_RELAY.
    pub max: u64,
    /// The time of the next breeze_transfers_timeout; BREEZE_NEVER if only input matters.
    pub until_ms: u64,
}

const NOTHING: breeze_file_output = breeze_file_output {
    kind: breeze_file_output_kind::Wait as u32,
    user: breeze_user::NONE,
    number: 0,
    max: 0,
    until_ms: BREEZE_NEVER,
};

impl From<FileOutput> for breeze_file_output {
    fn from(output: FileOutput) -> Self {
        use breeze_file_output_kind as Kind;
        match output {
            FileOutput::Kick(user) => {
                Self { kind: Kind::Kick as u32, user: (&user).into(), ..NOTHING }
            }
            FileOutput::Complete { from, number } => {
                Self { kind: Kind::Complete as u32, user: (&from).into(), number, ..NOTHING }
            }
            FileOutput::TooLargeForRelay { to, number, max } => Self {
                kind: Kind::TooLargeForRelay as u32,
                user: (&to).into(),
                number,
                max,
                ..NOTHING
            },
            FileOutput::Wait(until) => Self { until_ms: until.as_millis(), ..NOTHING },
        }
    }
}

/// Says what the host does next about files. After every call with these transfers, also those of a client,
/// it calls this until the kind is BREEZE_FILE_OUTPUT_KIND_WAIT, and then breeze_client_poll.
///
/// # Safety
/// `transfers` leads to a table, `output` to a place of `size` bytes, which are those of a
/// breeze_file_output.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_poll(
    transfers: *mut breeze_transfers,
    output: *mut breeze_file_output,
    size: usize,
) -> breeze_result {
    guard(|| {
        let place = Place::sized(output, size)?;
        // SAFETY: as the caller says.
        let mut entered = unsafe { EnteredTransfers::new(transfers) }?;
        let output = entered.table().poll();
        // SAFETY: as the caller says.
        unsafe { place.write(output.into()) };
        Ok(())
    })
}

/// Takes in that time has passed: at the instant of the last BREEZE_FILE_OUTPUT_KIND_WAIT, or any other.
///
/// # Safety
/// `transfers` leads to a table.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn breeze_transfers_timeout(
    transfers: *mut breeze_transfers,
    now_ms: u64,
) -> breeze_result {
    guard(|| {
        // SAFETY: as the caller says.
        let mut entered = unsafe { EnteredTransfers::new(transfers) }?;
        entered.table().timeout(Instant::from_millis(now_ms));
        Ok(())
    })
}
