//! Measures what the client of Breeze takes of a microcontroller's flash and RAM.
//!
//! It builds the programs of `device/` for each target, reads their ELF files, prints a table, and
//! fails if a bound is exceeded or anything of an allocator is in them. `docs/EMBEDDED.md` says what
//! the figures are.
#![forbid(unsafe_code)]

mod bounds;
mod build;
mod figures;
mod file_figures;
mod image;
mod owner;

use std::process::ExitCode;

use crate::bounds::BOUNDS;
use crate::build::Build;
use crate::figures::Figures;
use crate::file_figures::FileFigures;
use crate::image::Image;

/// An Arm Cortex-M3, and a RISC-V core as those of the ESP32-C3.
const TARGETS: [&str; 2] = ["thumbv7m-none-eabi", "riscv32imc-unknown-none-elf"];
/// The one on which a logger can be set: that takes atomic exchanges.
const LOGGING_TARGET: &str = TARGETS[0];

type Error = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Error> {
    let shows_symbols = std::env::args().skip(1).any(|argument| argument == "--symbols");
    let mut is_within = true;
    for target in TARGETS {
        let programs = Build { target, quiet: true, files: false }.run()?;
        if shows_symbols {
            programs.client.print_symbols();
        }
        let figures = Figures::of(&programs)?;
        println!("measured: {target}\n{figures}");
        if target == LOGGING_TARGET {
            let loud = Build { target, quiet: false, files: false }.run()?;
            let more = loud.client.flash().saturating_sub(programs.client.flash());
            println!("  {:<33} {more:>7}  more, unless left out", "flash of the log's lines");
        }
        let with_files = Build { target, quiet: true, files: true }.run()?;
        println!("{}", FileFigures::of(&programs, &with_files)?);
        for excess in BOUNDS.exceeded_by(&figures) {
            println!("  OVER THE BOUND: {excess}");
            is_within = false;
        }
        let all = [&programs.client, &with_files.client];
        for name in all.into_iter().flat_map(Image::allocator_symbols) {
            println!("  OF AN ALLOCATOR: {name}");
            is_within = false;
        }
    }
    Ok(if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
