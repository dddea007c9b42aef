//! The program `breeze`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    breeze_server::host::panics::end_the_process();
    breeze_client::main()
}
