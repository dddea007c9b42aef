//! Statics as long as what they are named for, on this target; the tool reads their lengths from the
//! table of symbols.
#![no_std]
#![no_main]

use core::hint::black_box;

use breeze_core::Client;
#[cfg(feature = "files")]
use breeze_core::files::{Slot, Transfers};
use breeze_footprint_device::Device;

/// Makes a static of a type's length.
macro_rules! sizes {
    ($($(#[$when:meta])? $name:ident: $type:ty,)*) => {
        $($(#[$when])? static $name: [u8; size_of::<$type>()] = [0; size_of::<$type>()];)*

        #[unsafe(no_mangle)]
        extern "C" fn _start() -> ! {
            $($(#[$when])? black_box(&$name);)*
            loop {
                core::hint::spin_loop();
            }
        }
    };
}

sizes! {
    DEVICE: Device,
    BASE: Client<8, 8, 8>,
    EIGHT_PEERS_MORE: Client<16, 8, 8>,
    EIGHT_LINKS_MORE: Client<8, 16, 8>,
    EIGHT_BLOCKS_MORE: Client<8, 8, 16>,
    #[cfg(feature = "files")] TRANSFERS: Transfers<[Slot; 1]>,
    #[cfg(feature = "files")] EIGHT_TRANSFERS_MORE: Transfers<[Slot; 9]>,
}
