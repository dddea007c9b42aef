//! The committed header is what the sources say.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_header_is_that_of_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let bindings = cbindgen::Builder::new()
        .with_crate(root)
        .with_config(config)
        .generate()
        .expect("a header can be made");
    let mut made = Vec::new();
    bindings.write(&mut made);
    let made = String::from_utf8(made).expect("a text");
    let path = root.join("include/breeze.h");
    if env::var_os("BREEZE_WRITE_HEADER").is_some() {
        fs::write(&path, &made).expect("write");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == committed,
        "include/breeze.h is not what the sources say: BREEZE_WRITE_HEADER=1 cargo test -p \
         breeze-ffi --test header writes it"
    );
}
