#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| breeze_client::fuzz_commands(data));
