use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use breeze_core::files::{
    EntryKind, FileKind, FolderEntry, MAX_DEPTH, MAX_ENTRIES, MAX_LIST, Offer, check_file_name,
};

use super::about::{About, Kind};
use super::clashes::Clashes;
use super::list_error::ListError;
use super::listing::Listing;
use super::platform::Dir;
use super::reader::{ReadError, Reader};
use super::source_error::SourceError;

/// Describes a file or a folder as it was when somebody wanted to offer it.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Where it was, without links.
    path: PathBuf,
    name: String,
    kind: FileKind,
    /// The folder, or the one that the file is in.
    base: Dir,
    listing: Listing,
    skipped: Skipped,
}

/// Counts what is in a folder and is not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Symbolic links.
    pub(crate) links: u32,
    /// Sockets, pipes, devices and the like.
    pub(crate) others: u32,
}

impl Survey {
    /// Looks at a file, or at all that is in a folder, in the order of the names.
    ///
    /// The path itself may be a link; links in the folder are not followed.
    ///
    /// # Errors
    /// A [`SourceError`] for what is no file or folder, or cannot be one everywhere.
    pub(crate) fn new(path: &Path) -> Result<Self, SourceError> {
        let real = fs::canonicalize(path).map_err(|error| unreadable(path, error))?;
        let named = path.file_name().or(real.file_name()).and_then(|name| name.to_str());
        let name = named.ok_or_else(|| SourceError::NotText { path: path.to_owned() })?.to_owned();
        check_file_name(&name).map_err(|why| SourceError::Name { path: path.to_owned(), why })?;
        let metadata = fs::metadata(&real).map_err(|error| unreadable(path, error))?;
        if metadata.is_dir() {
            let base = Dir::open(&real).map_err(|error| unreadable(path, error))?;
            let (listing, skipped) = walk(&base, &real)?;
            let (entries, list) = (listing.spots().len() as u32, listing.list().len() as u32);
            let kind = FileKind::Folder { entries, list };
            return Ok(Self { path: real, name, kind, base, listing, skipped });
        }
        let neither = || SourceError::Neither { path: path.to_owned() };
        let (parent, real_name) = real.parent().zip(real.file_name()).ok_or_else(neither)?;
        let real_name =
            real_name.to_str().ok_or_else(|| SourceError::NotText { path: real.clone() })?;
        let base = Dir::open(parent).map_err(|error| unreadable(path, error))?;
        let about = base.about(real_name).map_err(|error| unreadable(path, error))?;
        let about = about.ok_or_else(|| SourceError::Missing { path: path.to_owned() })?;
        if about.kind != Kind::File {
            return Err(neither());
        }
        let About { size, details, .. } = about;
        let listing = Listing::of_file(real_name, size, details);
        let skipped = Skipped::default();
        Ok(Self { path: real, name, kind: FileKind::File(details), base, listing, skipped })
    }

    /// Returns the offer of it, once its hash is known.
    pub(crate) fn offer(&self, root: [u8; 32]) -> Offer<'_> {
        Offer { name: &self.name, kind: self.kind, size: self.size(), root }
    }

    /// Returns how many bytes the stream has.
    pub(crate) fn size(&self) -> u64 {
        self.listing.size()
    }

    /// Returns what is not sent.
    pub(crate) fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Returns where it is, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills a buffer from the stream, as far as there is a stream.
    pub(super) fn read(
        &self,
        reader: &mut Reader,
        at: u64,
        buf: &mut [u8],
    ) -> Result<usize, SourceError> {
        let path = |index| match self.kind {
            FileKind::File(_) => self.path.clone(),
            FileKind::Folder { .. } => self.path.join(self.listing.path(index)),
        };
        reader.read_at(&self.base, &self.listing, at, buf, true).map_err(|error| match error {
            ReadError::Io(index, source) => SourceError::Unreadable { path: path(index), source },
            ReadError::Changed(index) => SourceError::Changed { path: path(index) },
        })
    }
}

fn unreadable(path: &Path, source: io::Error) -> SourceError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => SourceError::Missing { path },
        _ => SourceError::Unreadable { path, source },
    }
}

/// One folder of those that a walk is in.
struct Level {
    dir: Dir,
    path: PathBuf,
    /// What is still to be seen, the next one last.
    names: Vec<OsString>,
    clashes: Clashes,
}

impl Level {
    fn new(dir: Dir, path: PathBuf) -> Result<Self, SourceError> {
        let mut names = dir.names().map_err(|error| unreadable(&path, error))?;
        names.sort_unstable_by(|a, b| b.cmp(a));
        if names.len() > MAX_ENTRIES as usize {
            return Err(SourceError::TooMany { path });
        }
        Ok(Self { dir, path, names, clashes: Clashes::default() })
    }
}

/// Makes the list of all that is in a folder.
fn walk(base: &Dir, path: &Path) -> Result<(Listing, Skipped), SourceError> {
    let too_many = || SourceError::TooMany { path: path.to_owned() };
    let own = base.try_clone().map_err(|error| unreadable(path, error))?;
    let mut levels = vec![Level::new(own, path.to_owned())?];
    let (mut list, mut entries, mut content) = (Vec::new(), 0, 0u64);
    let mut skipped = Skipped::default();
    let mut up = 0;
    while let Some(level) = levels.last_mut() {
        let Some(name) = level.names.pop() else {
            levels.pop();
            up += 1;
            continue;
        };
        let path = level.path.join(&name);
        let Some(name) = name.to_str() else { return Err(SourceError::NotText { path }) };
        let about = level.dir.about(name).map_err(|error| unreadable(&path, error))?;
        // What has gone in the meantime is not there.
        let Some(about) = about else { continue };
        let what = match about.kind {
            Kind::File => EntryKind::File { size: about.size, details: about.details },
            Kind::Folder => EntryKind::Folder,
            Kind::Link => {
                skipped.links += 1;
                continue;
            }
            Kind::Other => {
                skipped.others += 1;
                continue;
            }
        };
        if let Err(why) = check_file_name(name) {
            return Err(SourceError::Name { path, why });
        }
        if !level.clashes.insert(name) {
            return Err(SourceError::Clash { path });
        }
        list =
            postcard::to_extend(&FolderEntry { up, name, what }, list).map_err(|_| too_many())?;
        entries += 1;
        if let EntryKind::File { size, .. } = what {
            content = content.checked_add(size).ok_or_else(too_many)?;
        }
        if entries > MAX_ENTRIES || list.len() > MAX_LIST as usize {
            return Err(too_many());
        }
        up = 0;
        if about.kind == Kind::Folder {
            // The outermost is not counted: it is in none.
            if levels.len() > MAX_DEPTH {
                return Err(SourceError::TooDeep { path });
            }
            let level = levels.last().expect("the walk is in it");
            let dir = level.dir.folder(name).map_err(|error| unreadable(&path, error))?;
            levels.push(Level::new(dir, path)?);
        }
    }
    let size = content.checked_add(list.len() as u64).ok_or_else(too_many)?;
    let listing = Listing::parse(&mut list, entries, size).map_err(|_: ListError| too_many())?;
    Ok((listing, skipped))
}
