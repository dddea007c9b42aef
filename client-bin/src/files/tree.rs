use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use breeze_core::files::{BlockHasher, Node, blocks, merge, proof};

use super::platform;
use super::reader::read_full;
use super::source_error::HashError;

/// Nodes that are read at once, an even number.
const READ: u64 = 2048;

/// Keeps the hashes of a stream in a file, level after level, for proofs of its blocks.
///
/// The file has about 256 bytes for each MiB. A stream of one block has no proofs, and no file.
#[derive(Debug)]
pub(crate) struct Tree {
    path: PathBuf,
    file: Option<File>,
    blocks: u64,
    root: [u8; 32],
}

impl Tree {
    /// Opens the file that was made for a stream of `size` bytes with this hash, and checks all of it.
    ///
    /// # Errors
    /// [`HashError::Tree`] if there is none, or if it is of another stream or damaged: hash anew.
    pub(crate) fn open(path: &Path, size: u64, root: [u8; 32]) -> Result<Self, HashError> {
        let failed = |source| HashError::Tree { path: path.to_owned(), source };
        let blocks = blocks(size);
        let file = if blocks > 1 {
            let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
            Some(file)
        } else {
            None
        };
        let mut tree = Self { path: path.to_owned(), file, blocks, root };
        if tree.file.is_some() {
            // What is above the blocks follows from them, and is as soon made as compared.
            tree.build()?;
            if tree.root != root {
                return Err(failed(io::Error::other("it is not of this stream")));
            }
        }
        Ok(tree)
    }

    /// Creates the file for a stream of `size` bytes, over whatever has its name.
    pub(super) fn create(path: &Path, size: u64) -> Result<Self, HashError> {
        let failed = |source| HashError::Tree { path: path.to_owned(), source };
        let blocks = blocks(size);
        let file = if blocks > 1 {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
            let mut options = OpenOptions::new();
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.read(true).write(true).create_new(true).open(path);
            Some(file.map_err(failed)?)
        } else {
            None
        };
        let root = BlockHasher::new(0, 0).finish();
        Ok(Self { path: path.to_owned(), file, blocks, root })
    }

    /// Puts hashes of blocks at their place.
    pub(super) fn put(&self, first: u64, hashes: &[[u8; 32]]) -> Result<(), HashError> {
        let Some(file) = &self.file else { return Ok(()) };
        write_full(file, hashes.as_flattened(), first * 32).map_err(|error| self.failed(error))
    }

    /// Takes the hash of the only block for that of the stream.
    pub(super) fn set_root(&mut self, root: [u8; 32]) {
        self.root = root;
    }

    /// Makes the levels above the blocks.
    pub(super) fn build(&mut self) -> Result<(), HashError> {
        let Some(file) = &self.file else { return Ok(()) };
        self.root = build(file, self.blocks).map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Returns the hash of the stream.
    pub(crate) fn root(&self) -> [u8; 32] {
        self.root
    }

    /// Returns the proof of a block: what [`proof`] names.
    ///
    /// # Errors
    /// [`HashError::Tree`] if the file cannot be read.
    pub(crate) fn proof(&self, block: u64) -> Result<Vec<[u8; 32]>, HashError> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        proof(self.blocks, block)
            .map(|node| {
                let mut hash = [0; 32];
                read_nodes(file, &mut hash, place(self.blocks, node)).map(|()| hash)
            })
            .collect::<io::Result<_>>()
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> HashError {
        HashError::Tree { path: self.path.clone(), source }
    }
}

fn build(file: &File, blocks: u64) -> io::Result<[u8; 32]> {
    let mut nodes = vec![0; (READ * 32) as usize];
    let mut above = Vec::with_capacity((READ * 16) as usize);
    let (mut below, mut count) = (0, blocks);
    while count > 1 {
        let next = below + count * 32;
        let is_root = count == 2;
        for first in (0..count).step_by(READ as usize) {
            let part = &mut nodes[..((count - first).min(READ) * 32) as usize];
            read_nodes(file, part, below + first * 32)?;
            above.clear();
            for pair in part.as_chunks::<32>().0.chunks(2) {
                match pair {
                    [left, right] => above.extend_from_slice(&merge(left, right, is_root)),
                    alone => above.extend_from_slice(alone.as_flattened()),
                }
            }
            write_full(file, &above, next + first * 16)?;
        }
        (below, count) = (next, count.div_ceil(2));
    }
    let mut root = [0; 32];
    read_nodes(file, &mut root, below)?;
    Ok(root)
}

/// Returns where in the file a node is.
fn place(blocks: u64, node: Node) -> u64 {
    let (mut at, mut count) = (0, blocks);
    for _ in 0..node.level {
        at += count;
        count = count.div_ceil(2);
    }
    (at + node.index) * 32
}

fn read_nodes(file: &File, nodes: &mut [u8], at: u64) -> io::Result<()> {
    if read_full(file, nodes, at)? < nodes.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Writes all of it.
pub(super) fn write_full(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match platform::write_at(file, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                at += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
