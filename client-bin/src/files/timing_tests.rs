//! Figures for people, from machines with room: `cargo test --release -p breeze-client files::timing -- --ignored
//! --nocapture`.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use breeze_core::files::{BLOCK, block_len, blocks};

use super::testing::{ID, WATCH, begun, noise};
use super::{Sink, Source, Survey, Tree, hash};

/// A folder where `BREEZE_TIMING_DIR` says, or where temporary ones are.
fn timing_dir() -> tempfile::TempDir {
    let dir = std::env::var_os("BREEZE_TIMING_DIR");
    let dir = dir.map_or_else(tempfile::tempdir, tempfile::tempdir_in);
    dir.expect("a folder")
}

/// Runs something, and says how long it took and what that makes a second.
fn timed<T>(what: &str, bytes: u64, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let took = start.elapsed();
    let rate = bytes as f64 / took.as_secs_f64() / 1e9;
    println!("{what}: {took:.1?}, {rate:.2} GB/s");
    result
}

fn measure(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    let survey = timed("survey", 0, || Survey::new(from).expect("a survey"));
    let survey = Arc::new(survey);
    let size = survey.size();
    let tree = to.join("tree");
    let tree: Tree = timed("hash", size, || hash(&survey, &tree, WATCH).expect("a tree"));
    let file = File::open(to.join("tree")).ok();
    let offer = survey.offer(tree.root());
    let mut source = Source::new(Arc::clone(&survey));
    let mut sink = Sink::create(to, ID, &offer).expect("a sink");
    let mut buf = vec![0; BLOCK as usize];
    timed("read, and write", size, || {
        for block in 0..blocks(size) {
            let buf = &mut buf[..block_len(size, block) as usize];
            source.read_at(block * BLOCK, buf).expect("read");
            for (piece, bytes) in buf.chunks(65_536).enumerate() {
                sink.write(block * BLOCK + piece as u64 * 65_536, bytes).expect("written");
            }
            let mut hash = tree.root();
            if let Some(file) = &file {
                super::reader::read_full(file, &mut hash, block * 32).expect("a hash");
            }
            sink.verified(block, &hash).expect("kept");
        }
    });
    drop(sink);
    let resumed = timed("resume", size, || Sink::resume(to, ID, &offer, WATCH).expect("resumed"));
    let mut sink = begun(resumed);
    assert_eq!(sink.position(), size);
    timed("finish", size, || sink.finish(false).expect("finished"));
    sink.tidy().expect("tidy");
}

#[test]
#[ignore = "takes 4 GiB of disk, and tells figures rather than tests"]
fn a_large_file() {
    let dir = timing_dir();
    let from = dir.path().join("large");
    let mut file = File::create(&from).expect("a file");
    let piece = noise(1 << 20, 1);
    for _ in 0..2048 {
        file.write_all(&piece).expect("room");
    }
    measure(&from, &dir.path().join("to"));
}

#[test]
#[ignore = "tells figures rather than tests"]
fn ten_thousand_small_files() {
    let dir = timing_dir();
    let from = dir.path().join("many");
    for number in 0..10_000 {
        let folder = from.join(format!("{:02}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder).expect("a folder");
        }
        fs::write(folder.join(number.to_string()), noise(4000, number)).expect("a file");
    }
    measure(&from, &dir.path().join("to"));
}
