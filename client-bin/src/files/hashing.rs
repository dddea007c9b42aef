use std::path::Path;
use std::sync::OnceLock;

use breeze_core::files::blocks;

use super::reader::Reader;
use super::scan::scan;
use super::source_error::HashError;
use super::survey::Survey;
use super::tree::Tree;
use super::watch::Watch;

/// Reads all of what was surveyed, and makes the tree that its blocks are proved with, in a file at
/// `path`.
///
/// Takes memory for a few blocks. A file that is left by a failure is of no use.
///
/// # Errors
/// A [`HashError`].
pub(crate) fn hash(survey: &Survey, path: &Path, watch: Watch<'_>) -> Result<Tree, HashError> {
    let size = survey.size();
    let mut tree = Tree::create(path, size)?;
    let sole = OnceLock::new();
    let open = || {
        let mut reader = Reader::default();
        move |at, buf: &mut [u8]| Ok(survey.read(&mut reader, at, buf)?)
    };
    let take = |first, hashes: &[[u8; 32]]| {
        if let ([hash], 0) = (hashes, first) {
            let _ = sole.set(*hash);
        }
        tree.put(first, hashes).map(|()| hashes.len())
    };
    let done = scan(size, blocks(size), watch, open, take);
    done.map_err(|error| error.unwrap_or(HashError::Cancelled))?;
    if let Some(hash) = sole.into_inner() {
        tree.set_root(hash);
    }
    tree.build()?;
    Ok(tree)
}
