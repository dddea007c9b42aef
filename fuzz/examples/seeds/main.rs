//! Writes inputs that reach deep into the code, for the fuzzer to start from.
//!
//! `cargo run --example seeds` adds them to `corpus`; `cargo fuzz cmin` throws out those that bring
//! nothing new.

mod clients;
mod handshakes;
mod lines;
mod messages;
mod servers;
mod words;

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let messages = messages::all();
    write("commands", &lines::all())?;
    write("handshake", &handshakes::all())?;
    write("message", &messages)?;
    write("client", &clients::all())?;
    write("server", &servers::all())?;
    write("deframer", &messages::streams(&messages))
}

fn write(target: &str, seeds: &[Vec<u8>]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (i, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{i:02}")), seed)?;
    }
    Ok(())
}
