use breeze_core::Client;

use crate::breeze_result;

/// Says how much a client has room for. Its memory is all in its storage, see breeze_client_size.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_capacity {
    /// 4 peers, 6 links and 2.8 KiB of messages that are not acknowledged: a microcontroller.
    Device = 0,
    /// 32 peers, 40 links and 60 KiB of messages: a small computer, or an office.
    Office = 1,
    /// 512 peers, 256 links and 480 KiB of messages: what the program breeze has.
    Host = 2,
}

/// Room for 4 peers, 6 links and 48 blocks of 60 bytes.
pub(crate) type Device = Client<4, 6, 48>;
/// Room for 32 peers, 40 links and 1,024 blocks.
pub(crate) type Office = Client<32, 40, 1024>;
/// Room for 512 peers, 256 links and 8,192 blocks.
pub(crate) type Host = Client<512, 256, 8192>;

impl breeze_capacity {
    pub(crate) fn from_number(number: u32) -> Result<Self, breeze_result> {
        let all = [Self::Device, Self::Office, Self::Host];
        all.into_iter().find(|known| *known as u32 == number).ok_or(breeze_result::BadValue)
    }
}
