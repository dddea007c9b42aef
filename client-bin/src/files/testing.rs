//! What the tests of files share.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use breeze_core::files::{BLOCK, BlockHasher, Offer, block_len, blocks, verify};
use tempfile::TempDir;

use super::{Resumed, Sink, SinkError, Source, Survey, Tree, Watch, hash};

static NEVER: AtomicBool = AtomicBool::new(false);
pub(super) static WATCH: Watch<'_> = Watch { progress: &|_| {}, cancelled: &NEVER };
pub(super) const ID: u128 = 0xb4ee5e;

/// A folder on a disk in memory, if there is one: to wait for a real one shows nothing.
pub(super) fn tempdir() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    dir.expect("a folder")
}

/// Something that is offered, with all of its stream.
pub(super) struct Offered {
    pub(super) survey: Arc<Survey>,
    pub(super) tree: Tree,
    pub(super) stream: Vec<u8>,
}

impl Offered {
    #[track_caller]
    pub(super) fn new(path: &Path) -> Self {
        let survey = Arc::new(Survey::new(path).expect("an offer"));
        let trees = tempdir();
        let tree = hash(&survey, &trees.path().join("tree"), WATCH).expect("a tree");
        let mut stream = vec![0; survey.size() as usize + 1];
        let mut source = Source::new(Arc::clone(&survey));
        let read = source.read_at(0, &mut stream).expect("the stream");
        assert_eq!(read, stream.len() - 1);
        stream.pop();
        Self { survey, tree, stream }
    }

    pub(super) fn offer(&self) -> Offer<'_> {
        self.survey.offer(self.tree.root())
    }
}

/// Returns the hash of a block of a stream.
pub(super) fn hash_of(stream: &[u8], block: u64) -> [u8; 32] {
    let size = stream.len() as u64;
    let start = (block * BLOCK) as usize;
    let mut hasher = BlockHasher::new(size, block);
    hasher.update(&stream[start..start + block_len(size, block) as usize]);
    hasher.finish()
}

/// Writes a stream from where the sink is up to `to`, in pieces of some length, and keeps hashes.
pub(super) fn feed(sink: &mut Sink, stream: &[u8], to: u64, piece: usize) -> Result<(), SinkError> {
    loop {
        while sink.verified_blocks() < blocks(stream.len() as u64) {
            let block = sink.verified_blocks();
            if sink.position() < block * BLOCK + block_len(stream.len() as u64, block) {
                break;
            }
            sink.verified(block, &hash_of(stream, block))?;
        }
        let at = sink.position();
        if at >= to {
            return sink.write(at, &[]);
        }
        let end = to.min(at + piece as u64);
        sink.write(at, &stream[at as usize..end as usize])?;
    }
}

#[track_caller]
pub(super) fn begun(resumed: Resumed) -> Sink {
    match resumed {
        Resumed::Begun(sink) => *sink,
        other => panic!("{other:?}"),
    }
}

/// Checks that all blocks lead to the root.
#[track_caller]
pub(super) fn check_proofs(offered: &Offered) {
    let stream = &offered.stream;
    let count = blocks(stream.len() as u64);
    for block in 0..count {
        let proof = offered.tree.proof(block).expect("a proof");
        let hash = hash_of(stream, block);
        assert!(verify(&offered.tree.root(), count, block, &hash, proof.into_iter()));
    }
}

/// Lists all that is in a folder, or the file itself: names, hashes, times and execute bits.
pub(super) fn contents(path: &Path) -> Vec<(String, Option<u64>, i64, bool)> {
    let mut all = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(next) = waiting.pop() {
        let metadata = fs::symlink_metadata(&next).expect("metadata");
        let name = next.strip_prefix(path).expect("within").display().to_string();
        if metadata.is_dir() {
            let inner = fs::read_dir(&next).expect("a folder");
            waiting.extend(inner.map(|entry| entry.expect("an entry").path()));
            all.push((name, None, 0, false));
        } else if metadata.is_file() {
            let mut hasher = DefaultHasher::new();
            fs::read(&next).expect("a file").hash(&mut hasher);
            let content = hasher.finish();
            let modified = super::platform::modified_of(&metadata);
            #[cfg(unix)]
            let executable =
                std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0;
            #[cfg(not(unix))]
            let executable = false;
            all.push((name, Some(content), modified, executable));
        }
    }
    all.sort();
    all
}

/// Copies a folder with all in it, as a crash leaves it.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// Bytes in which no block is like another.
pub(super) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    next.flatten().take(len).collect()
}
