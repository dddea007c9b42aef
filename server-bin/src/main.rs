//! The program `breeze-server`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    breeze_server::host::panics::end_the_process();
    breeze_server::main(std::env::args_os())
}
