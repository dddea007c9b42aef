//! Has the programs linked as those of devices are.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    println!("cargo::rustc-link-arg-bins=-T{here}/device.ld");
    println!("cargo::rerun-if-changed=device.ld");
}
