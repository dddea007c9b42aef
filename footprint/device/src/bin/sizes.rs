//! Statics as long as what they are named for, on this target; the tool reads their lengths from the
//! table of symbols.
#![no_std]
#![no_main]

use core::hint::black_box;

use breeze_core::Client;
use breeze_footprint_device::Device;

/// Makes a static of a type's length.
macro_rules! sizes {
    ($($name:ident: $type:ty,)*) => {
        $(static $name: [u8; size_of::<$type>()] = [0; size_of::<$type>()];)*

        #[unsafe(no_mangle)]
        extern "C" fn _start() -> ! {
            $(black_box(&$name);)*
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
}
