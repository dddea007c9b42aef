use std::ops::Range;

use breeze_core::files::{
    EntryKind, FileDetails, FolderEntry, MAX_DEPTH, MAX_ENTRIES, MAX_LIST, check_file_name,
};

use super::clashes::Clashes;
use super::list_error::ListError;

/// Knows where in a stream which file's content is.
#[derive(Debug)]
pub(super) struct Listing {
    /// What the stream begins with; for a single file only its name, which is not in the stream.
    bytes: Vec<u8>,
    /// Bytes of the list in the stream.
    list: u32,
    size: u64,
    spots: Vec<Spot>,
}

/// One file or folder of a listing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// The place in the listing of the folder that it is in; none for the outermost.
    pub(super) parent: Option<u32>,
    name: u32,
    name_len: u8,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Folder,
    File {
        /// Where in the stream the content begins.
        start: u64,
        size: u64,
        details: FileDetails,
    },
}

impl Spot {
    /// Returns where in the stream it ends; nothing for a folder.
    pub(super) fn end(&self) -> Option<u64> {
        match self.what {
            What::Folder => None,
            What::File { start, size, .. } => Some(start + size),
        }
    }
}

impl Listing {
    /// Describes the stream of a single file.
    pub(super) fn of_file(name: &str, size: u64, details: FileDetails) -> Self {
        let bytes = name.as_bytes().to_vec();
        let name_len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let what = What::File { start: 0, size, details };
        Self { bytes, list: 0, size, spots: vec![Spot { parent: None, name: 0, name_len, what }] }
    }

    /// Reads a folder's list, checks all of it, and takes it if there is nothing wrong with it.
    pub(super) fn parse(taken: &mut Vec<u8>, entries: u32, size: u64) -> Result<Self, ListError> {
        let bytes = taken.as_slice();
        let list = u32::try_from(bytes.len()).ok().filter(|len| *len <= MAX_LIST);
        let list = list.filter(|_| entries <= MAX_ENTRIES).ok_or(ListError::TooLarge)?;
        // The capacity is no more than the sender pays for with bytes: an entry takes four at least.
        let mut spots = Vec::with_capacity((entries as usize).min(bytes.len() / 4 + 1));
        let mut folders: Vec<(u32, Clashes)> = Vec::new();
        let mut outermost = Clashes::default();
        let mut at = u64::from(list);
        let mut rest = bytes;
        while !rest.is_empty() {
            let index = u32::try_from(spots.len()).unwrap_or(u32::MAX);
            if index == entries {
                return Err(ListError::Count);
            }
            let (entry, after) = postcard::take_from_bytes::<FolderEntry<'_>>(rest)
                .map_err(|_| ListError::Entry(index))?;
            let depth = folders.len().checked_sub(usize::from(entry.up));
            folders.truncate(depth.ok_or(ListError::Up(index))?);
            check_file_name(entry.name).map_err(|why| ListError::Name { entry: index, why })?;
            let parent = folders.last().map(|(parent, _)| *parent);
            let clashes = folders.last_mut().map_or(&mut outermost, |(_, clashes)| clashes);
            if !clashes.insert(entry.name) {
                return Err(ListError::Clash(index));
            }
            let what = match entry.what {
                EntryKind::Folder if folders.len() == MAX_DEPTH => {
                    return Err(ListError::Depth(index));
                }
                EntryKind::Folder => {
                    folders.push((index, Clashes::default()));
                    What::Folder
                }
                EntryKind::File { size, details } => {
                    let start = at;
                    at = at.checked_add(size).ok_or(ListError::Size)?;
                    What::File { start, size, details }
                }
            };
            // A name is a part of the list: where it lies there is all that has to be kept of it.
            let name = entry.name.as_ptr() as usize - bytes.as_ptr() as usize;
            let (name, name_len) = (name as u32, entry.name.len() as u8);
            spots.push(Spot { parent, name, name_len, what });
            rest = after;
        }
        if spots.len() != entries as usize {
            return Err(ListError::Count);
        }
        if at != size {
            return Err(ListError::Size);
        }
        Ok(Self { bytes: std::mem::take(taken), list, size, spots })
    }

    /// Returns the bytes of the list, with which the stream begins.
    pub(super) fn list(&self) -> &[u8] {
        &self.bytes[..self.list as usize]
    }

    /// Returns how many bytes the stream has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Returns the files and folders, each before what is in it.
    pub(super) fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// Returns the name of one of them.
    pub(super) fn name(&self, spot: &Spot) -> &str {
        let start = spot.name as usize;
        let name = &self.bytes[start..start + usize::from(spot.name_len)];
        str::from_utf8(name).expect("a name was text when it was found")
    }

    /// Returns the file that has the byte at `at` of the stream, or the first one behind it.
    pub(super) fn find(&self, at: u64) -> usize {
        let mut range: Range<usize> = 0..self.spots.len();
        // Folders have no place in the stream: the next file's counts for them.
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            let file = self.spots[middle..range.end].iter().position(|spot| spot.end().is_some());
            let Some(file) = file.map(|more| middle + more) else {
                range.end = middle;
                continue;
            };
            if self.spots[file].end().is_some_and(|end| end <= at) {
                range.start = file + 1;
            } else {
                range.end = middle;
            }
        }
        let rest = &self.spots[range.start..];
        let file = rest.iter().position(|spot| spot.end().is_some());
        file.map_or(self.spots.len(), |more| range.start + more)
    }

    /// Names an entry within the folder, for people.
    pub(super) fn path(&self, index: usize) -> std::path::PathBuf {
        let mut names = Vec::new();
        let mut next = Some(index);
        while let Some(spot) = next.and_then(|index| self.spots.get(index)) {
            names.push(self.name(spot));
            next = spot.parent.map(|parent| parent as usize);
        }
        names.iter().rev().collect()
    }
}
