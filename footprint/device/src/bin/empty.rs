//! A program that does nothing: what it takes is not the client's.
#![no_std]
#![no_main]

use breeze_footprint_device as _;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
