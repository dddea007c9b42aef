#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| breeze_core::fuzz::client(data));
