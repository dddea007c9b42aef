use breeze_core::Client;

use crate::breeze_result;

/// Says how much a client has room for. Its memory is all in its storage, see breeze_client_size; while
/// it is made, the stack holds as much again for a moment.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_capacity {
    /// 4 peers, 6 links and 2.8 KiB of messages that are not acknowledged: a microcontroller.
    Device = 0,
    /// 64 peers, 72 links and 120 KiB of messages: a small computer, or an office. With more, a host
    /// runs a node.
    Office = 1,
}

/// Room for 4 peers, 6 links and 48 blocks of 60 bytes.
pub(crate) type Device = Client<4, 6, 48>;
/// Room for 64 peers, 72 links and 2,048 blocks.
pub(crate) type Office = Client<64, 72, 2048>;

impl breeze_capacity {
    pub(crate) fn from_number(number: u32) -> Result<Self, breeze_result> {
        let all = [Self::Device, Self::Office];
        all.into_iter().find(|known| *known as u32 == number).ok_or(breeze_result::BadValue)
    }
}
