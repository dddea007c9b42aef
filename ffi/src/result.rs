use core::ffi::{CStr, c_char};

#[cfg(feature = "files")]
use breeze_core::error::TransferError;
use breeze_core::error::{AcceptError, SendError, WatchError};

/// Says what became of a call: 0 is success.
///
/// Numbers stand for one thing for ever; new ones may come, so that a host treats those that it does
/// not know as failures.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_result {
    /// It was done.
    Ok = 0,

    // 1 to 99: the call itself is wrong, and the host has a mistake.
    /// A pointer that has to lead somewhere is NULL.
    NullPointer = 1,
    /// A pointer is not aligned for what it leads to.
    Misaligned = 2,
    /// A size is not that of the structure in this version, or the storage is too small.
    BadSize = 3,
    /// A number is none of those that are allowed there.
    BadValue = 4,
    /// A text is no UTF-8.
    BadText = 5,
    /// A user name is empty, longer than 32 bytes, or has other characters than a-z, 0-9, '.', '_' and
    /// '-'.
    BadUser = 6,
    /// A display name has more than 64 bytes.
    BadName = 7,
    /// An address is neither IPv4 nor IPv6.
    BadAddress = 8,
    /// The pointer leads to no client: it was never made, or has been ended.
    NotAClient = 9,
    /// Another thread is in a call with this client, or with these transfers.
    InUse = 10,
    /// A code or password has more than 128 bytes.
    BadTicket = 11,
    /// The buffer is too small for the answer; the length that it takes was written.
    BufferTooSmall = 12,
    /// A line is no command.
    BadCommand = 13,
    /// The pointer leads to no table of transfers: it was never made, or has been ended.
    NotTransfers = 14,
    /// The name of a file is empty, longer than 255 bytes, a path, or one that some system does not take.
    BadFileName = 15,

    // 100 to 199: a message, a user or a file is not accepted, nothing has changed.
    /// Too many messages wait: try again once some are settled.
    Full = 100,
    /// The text is longer than a message may be, or than this device can hold.
    TooLarge = 101,
    /// The message's number does not follow the last one's.
    OutOfOrder = 102,
    /// The user is this client's own.
    OwnUser = 103,
    /// The table of peers is full of peers in use.
    TableFull = 104,
    /// The recipient's verified key has changed and is not accepted yet.
    Blocked = 105,
    /// The client is closing.
    Closed = 106,
    /// There are as many transfers as the table has slots: try again once some have ended.
    TransfersFull = 107,
    /// There is a transfer of this number already.
    TransferKnown = 108,

    // 200 to 299: a link is not accepted; the host closes the pipe.
    /// Every link slot is in use.
    LinksFull = 200,
    /// No links are accepted now.
    LinksClosed = 201,

    // 300 to 399: the easy layer.
    /// The node could not be started; the text says why.
    NotStarted = 300,
    /// No event came in time.
    TimedOut = 301,
    /// The node has ended, and there are no more events.
    Ended = 302,

    // 900 to 999: it is not the host's fault.
    /// Breeze has a mistake and the call was ended; a client that was used in it takes no more calls.
    Panicked = 900,
    /// The operating system refused; there is no memory, or no random source.
    System = 901,
}

impl breeze_result {
    fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"done",
            Self::NullPointer => c"a pointer is NULL",
            Self::Misaligned => c"a pointer is not aligned",
            Self::BadSize => c"a size is wrong",
            Self::BadValue => c"a number is not allowed there",
            Self::BadText => c"a text is no UTF-8",
            Self::BadUser => c"a user name has 1 to 32 of a-z, 0-9, '.', '_' and '-'",
            Self::BadName => c"a display name has at most 64 bytes",
            Self::BadAddress => c"an address is neither IPv4 nor IPv6",
            Self::NotAClient => c"there is no client",
            Self::InUse => c"another thread is in a call with it",
            Self::BadTicket => c"a code or password has at most 128 bytes",
            Self::BufferTooSmall => c"the buffer is too small",
            Self::BadCommand => c"the line is no command",
            Self::NotTransfers => c"there is no table of transfers",
            Self::BadFileName => c"the name is none for a file",
            Self::Full => c"too many messages are waiting",
            Self::TooLarge => c"the text is longer than 64 KiB, or than this device can hold",
            Self::OutOfOrder => c"the message's number does not follow the last one's",
            Self::OwnUser => c"the user is this client's own",
            Self::TableFull => c"the table of peers is full of peers in use",
            Self::Blocked => c"the recipient's verified key has changed and is not accepted yet",
            Self::Closed => c"the client is closing",
            Self::TransfersFull => c"there are too many transfers at once",
            Self::TransferKnown => c"there is a transfer of this number already",
            Self::LinksFull => c"every link slot is in use",
            Self::LinksClosed => c"no links are accepted now",
            Self::NotStarted => c"the node could not be started",
            Self::TimedOut => c"no event came in time",
            Self::Ended => c"the node has ended",
            Self::Panicked => c"Breeze has a mistake and ended the call",
            Self::System => c"the operating system refused",
        }
    }

    /// Every result there is.
    const ALL: [Self; 32] = [
        Self::Ok,
        Self::NullPointer,
        Self::Misaligned,
        Self::BadSize,
        Self::BadValue,
        Self::BadText,
        Self::BadUser,
        Self::BadName,
        Self::BadAddress,
        Self::NotAClient,
        Self::InUse,
        Self::BadTicket,
        Self::BufferTooSmall,
        Self::BadCommand,
        Self::NotTransfers,
        Self::BadFileName,
        Self::Full,
        Self::TooLarge,
        Self::OutOfOrder,
        Self::OwnUser,
        Self::TableFull,
        Self::Blocked,
        Self::Closed,
        Self::TransfersFull,
        Self::TransferKnown,
        Self::LinksFull,
        Self::LinksClosed,
        Self::NotStarted,
        Self::TimedOut,
        Self::Ended,
        Self::Panicked,
        Self::System,
    ];
}

/// Returns a short text on a result, for people; never NULL, and valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn breeze_result_text(result: u32) -> *const c_char {
    let known = breeze_result::ALL.into_iter().find(|known| *known as u32 == result);
    known.map_or(c"a result that this version does not know", breeze_result::text).as_ptr()
}

impl From<SendError> for breeze_result {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Full => Self::Full,
            SendError::TooLarge => Self::TooLarge,
            SendError::OutOfOrder => Self::OutOfOrder,
            SendError::ToSelf => Self::OwnUser,
            SendError::TableFull => Self::TableFull,
            SendError::Blocked => Self::Blocked,
            SendError::Closed => Self::Closed,
        }
    }
}

impl From<WatchError> for breeze_result {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::OwnUser => Self::OwnUser,
            WatchError::TableFull => Self::TableFull,
        }
    }
}

impl From<AcceptError> for breeze_result {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Full => Self::LinksFull,
            AcceptError::Closed => Self::LinksClosed,
        }
    }
}

#[cfg(feature = "files")]
impl From<TransferError> for breeze_result {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Full => Self::TransfersFull,
            TransferError::Known => Self::TransferKnown,
            TransferError::Malformed => Self::BadValue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_has_a_number_and_a_text_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for result in breeze_result::ALL {
            assert!(seen.insert(result as u32), "{result:?}");
            // SAFETY: it returns a text for ever.
            let text = unsafe { CStr::from_ptr(breeze_result_text(result as u32)) };
            assert_eq!(text, result.text());
        }
        // SAFETY: as above.
        let text = unsafe { CStr::from_ptr(breeze_result_text(12_345)) };
        assert!(text.to_str().expect("a text").contains("does not know"));
    }
}
