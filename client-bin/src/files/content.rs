use std::fs::File;
use std::io;
use std::path::PathBuf;

use super::listing::{Listing, Spot, What};
use super::platform::{self, Dir};
use super::sink_error::SinkError;
use super::sparse;

/// Creates the files and folders of a listing one after the other, as their bytes come.
#[derive(Debug)]
pub(super) struct Content {
    base: Dir,
    path: PathBuf,
    /// Files are for this user alone, as nothing else protects them while they are not complete.
    is_private: bool,
    /// The folders that the next entry may be in, by their places in the listing.
    folders: Vec<(u32, Dir)>,
    /// The first entry that does not exist yet.
    next: usize,
    open: Option<Open>,
}

/// The file that is being written.
#[derive(Debug)]
struct Open {
    index: usize,
    file: File,
    /// Its length on the disk: what is missing up to the position is a hole.
    len: u64,
}

impl Content {
    pub(super) fn new(base: Dir, path: PathBuf, is_private: bool) -> Self {
        Self { base, path, is_private, folders: Vec::new(), next: 0, open: None }
    }

    /// Returns the folder that all entries are in.
    pub(super) fn base(&self) -> &Dir {
        &self.base
    }

    /// Returns the file that is being written once more, if one is.
    pub(super) fn another_handle(&self) -> Option<io::Result<File>> {
        self.open.as_ref().map(|open| open.file.try_clone())
    }

    /// Creates what comes before the byte of the stream at `at`, and the file that it is in.
    ///
    /// May be called again after it has failed.
    pub(super) fn advance(&mut self, listing: &Listing, at: u64) -> Result<(), SinkError> {
        loop {
            if let Some(open) = &self.open {
                if listing.spots()[open.index].end().is_some_and(|end| at < end) {
                    return Ok(());
                }
                self.close(listing)?;
            }
            let Some(spot) = listing.spots().get(self.next) else { return Ok(()) };
            self.make(listing, spot).map_err(|error| self.error(listing, self.next, error))?;
            self.next += 1;
        }
    }

    fn make(&mut self, listing: &Listing, spot: &Spot) -> io::Result<()> {
        let (index, is_private) = (self.next, self.is_private);
        let dir = self.enter(spot)?;
        match spot.what {
            What::Folder => {
                let dir = dir.make_folder(listing.name(spot), false)?;
                self.folders.push((index as u32, dir));
            }
            What::File { size, details, .. } => {
                let file = dir.make_file(listing.name(spot), is_private, details.executable)?;
                if size == 0 {
                    // No bytes come that would lead to it again; what it lacks it does without.
                    platform::set_modified(&file, details.modified)?;
                } else {
                    self.open = Some(Open { index, file, len: 0 });
                }
            }
        }
        Ok(())
    }

    /// Goes to the folder that an entry is in, which is one of those that are open.
    fn enter(&mut self, spot: &Spot) -> io::Result<&Dir> {
        while self.folders.last().map(|(index, _)| *index) != spot.parent {
            // Wherever else it would be put is wrong.
            self.folders.pop().ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(self.folders.last().map_or(&self.base, |(_, dir)| dir))
    }

    /// Completes the file that is open.
    fn close(&mut self, listing: &Listing) -> Result<(), SinkError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let index = open.index;
        if let What::File { size, details, .. } = listing.spots()[index].what {
            let mut settle = || {
                if open.len < size {
                    open.file.set_len(size)?;
                    open.len = size;
                }
                platform::set_modified(&open.file, details.modified)
            };
            if let Err(error) = settle() {
                return Err(self.error(listing, index, error));
            }
        }
        self.open = None;
        Ok(())
    }

    /// Writes the first of these bytes at the position, and returns how many.
    pub(super) fn write(
        &mut self,
        listing: &Listing,
        at: u64,
        bytes: &[u8],
    ) -> Result<usize, SinkError> {
        self.advance(listing, at)?;
        let Some(open) = &mut self.open else { return Ok(0) };
        let What::File { start, size, .. } = listing.spots()[open.index].what else { return Ok(0) };
        let within = at - start;
        let bytes = &bytes[..bytes.len().min(usize::try_from(size - within).unwrap_or(usize::MAX))];
        let index = open.index;
        let written = sparse::write(&open.file, &mut open.len, bytes, within);
        written.map_err(|error| self.error(listing, index, error))
    }

    /// Makes the file that is open as long as the position says.
    pub(super) fn flush(&mut self, listing: &Listing, at: u64) -> Result<(), SinkError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let What::File { start, .. } = listing.spots()[open.index].what else { return Ok(()) };
        let len = at.saturating_sub(start);
        if open.len < len {
            if let Err(error) = open.file.set_len(len) {
                let index = open.index;
                return Err(self.error(listing, index, error));
            }
            open.len = len;
        }
        Ok(())
    }

    /// Makes what is on the disk that which would be there, had all gone well up to `at`.
    ///
    /// What a crash has left out or left too long is put right, and what is behind `at` removed.
    pub(super) fn restore(&mut self, listing: &Listing, at: u64) -> Result<(), SinkError> {
        self.folders.clear();
        self.open = None;
        let spots = listing.spots();
        let last = if at == listing.size() { spots.len() } else { listing.find(at) };
        self.next = 0;
        while let Some(spot) = spots.get(self.next).filter(|_| self.next <= last) {
            let index = self.next;
            let restored = self.restore_one(listing, spot, at);
            if !restored.map_err(|error| self.error(listing, index, error))? {
                let path = self.path.join(listing.path(index));
                return Err(SinkError::Foreign { path });
            }
            self.next += 1;
        }
        for (index, spot) in spots.iter().enumerate().skip(self.next) {
            // What is in a folder goes with it.
            let mut folders = self.folders.iter();
            let dir = match spot.parent {
                None => Some(&self.base),
                Some(parent) => folders.find(|(at, _)| *at == parent).map(|(_, dir)| dir),
            };
            if let Some(dir) = dir {
                let removed = dir.remove_all(listing.name(spot));
                removed.map_err(|error| self.error(listing, index, error))?;
            }
        }
        Ok(())
    }

    /// Tells whether the entry is what it should be, now.
    fn restore_one(&mut self, listing: &Listing, spot: &Spot, at: u64) -> io::Result<bool> {
        let (index, is_private) = (self.next, self.is_private);
        let name = listing.name(spot);
        let dir = self.enter(spot)?;
        match spot.what {
            What::Folder => {
                let dir = match dir.folder(name) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        dir.make_folder(name, false)?
                    }
                    folder => folder?,
                };
                self.folders.push((index as u32, dir));
            }
            What::File { start, size, details } => {
                let file = match dir.file_to_write(name) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        dir.make_file(name, is_private, details.executable)?
                    }
                    file => file?,
                };
                let metadata = file.metadata()?;
                if !metadata.is_file() || !platform::is_alone(&metadata) {
                    return Ok(false);
                }
                let len = size.min(at - start);
                if metadata.len() != len {
                    file.set_len(len)?;
                }
                if len < size {
                    self.open = Some(Open { index, file, len });
                } else if platform::modified_of(&metadata) != details.modified
                    || metadata.len() != len
                {
                    platform::set_modified(&file, details.modified)?;
                }
            }
        }
        Ok(true)
    }

    /// Makes every file and folder durable by itself.
    pub(super) fn sync_each(&mut self, listing: &Listing) -> Result<(), SinkError> {
        self.folders.clear();
        let spots = listing.spots();
        for (index, spot) in spots.iter().enumerate() {
            let mut sync = || -> io::Result<()> {
                let dir = self.enter(spot)?;
                match spot.what {
                    What::Folder => {
                        let dir = dir.folder(listing.name(spot))?;
                        self.folders.push((index as u32, dir));
                    }
                    What::File { .. } => dir.file_to_write(listing.name(spot))?.sync_all()?,
                }
                Ok(())
            };
            if let Err(error) = sync() {
                return Err(self.error(listing, index, error));
            }
        }
        // The names, once all of them are there.
        self.folders.clear();
        for (index, spot) in spots.iter().enumerate() {
            if let What::Folder = spot.what {
                let dir = self.enter(spot).and_then(|dir| dir.folder(listing.name(spot)));
                let dir = dir.and_then(|dir| dir.sync().map(|()| dir));
                let dir = dir.map_err(|error| self.error(listing, index, error))?;
                self.folders.push((index as u32, dir));
            }
        }
        self.base.sync().map_err(|error| SinkError::io(&self.path, error))
    }

    fn error(&self, listing: &Listing, index: usize, error: io::Error) -> SinkError {
        SinkError::io(&self.path.join(listing.path(index)), error)
    }
}
