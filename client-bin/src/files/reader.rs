use std::fs::File;
use std::io;

use super::listing::{Listing, What};
use super::platform::{self, Dir};

/// Reads a stream from its files, with one of them and one folder open.
#[derive(Debug, Default)]
pub(super) struct Reader {
    folder: Option<(u32, Dir)>,
    file: Option<(usize, File)>,
}

/// Says which entry of a listing could not be read, and why.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The system says no.
    Io(usize, io::Error),
    /// It is not the file that the listing describes.
    Changed(usize),
}

impl Reader {
    /// Reads what is there from `at` on, up to the first byte that is missing, and returns how much.
    ///
    /// If it `is_strict`, every file has to be what the listing says.
    pub(super) fn read_at(
        &mut self,
        base: &Dir,
        listing: &Listing,
        at: u64,
        buf: &mut [u8],
        is_strict: bool,
    ) -> Result<usize, ReadError> {
        let list = listing.list();
        let mut filled = 0;
        if at < list.len() as u64 {
            let part = &list[at as usize..];
            filled = part.len().min(buf.len());
            buf[..filled].copy_from_slice(&part[..filled]);
        }
        let mut index = match &self.file {
            Some((index, _)) if contains(listing, *index, at) => *index,
            _ => listing.find(at + filled as u64),
        };
        while filled < buf.len() {
            let Some(spot) = listing.spots().get(index) else { break };
            let What::File { start, size, details } = spot.what else {
                index += 1;
                continue;
            };
            let within = at + filled as u64 - start;
            let wanted = (size - within).min((buf.len() - filled) as u64) as usize;
            if wanted > 0 {
                let failed = |error| ReadError::Io(index, error);
                let file = match self.open(base, listing, index) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        return if is_strict { Err(ReadError::Changed(index)) } else { Ok(filled) };
                    }
                    Err(error) if is_strict && is_other(&error) => {
                        return Err(ReadError::Changed(index));
                    }
                    Err(error) => return Err(failed(error)),
                };
                let piece = &mut buf[filled..filled + wanted];
                let read = read_full(file, piece, within).map_err(failed)?;
                if is_strict {
                    // After reading, so that no change comes between.
                    let metadata = file.metadata().map_err(failed)?;
                    let is_same = metadata.is_file()
                        && metadata.len() == size
                        && platform::modified_of(&metadata) == details.modified;
                    if !is_same || read < wanted {
                        return Err(ReadError::Changed(index));
                    }
                }
                filled += read;
                if read < wanted {
                    break;
                }
            }
            index += 1;
        }
        Ok(filled)
    }

    fn open(&mut self, base: &Dir, listing: &Listing, index: usize) -> io::Result<&File> {
        if self.file.as_ref().is_none_or(|(open, _)| *open != index) {
            self.file = None;
            let spot = &listing.spots()[index];
            let file = self.folder(base, listing, spot.parent)?.file(listing.name(spot))?;
            self.file = Some((index, file));
        }
        let (_, file) = self.file.as_ref().expect("it has just been opened");
        Ok(file)
    }

    fn folder<'a>(
        &'a mut self,
        base: &'a Dir,
        listing: &Listing,
        folder: Option<u32>,
    ) -> io::Result<&'a Dir> {
        let Some(wanted) = folder else { return Ok(base) };
        if self.folder.as_ref().is_none_or(|(open, _)| *open != wanted) {
            self.folder = None;
            let mut names = Vec::new();
            let mut next = folder;
            while let Some(index) = next {
                let spot = &listing.spots()[index as usize];
                names.push(listing.name(spot));
                next = spot.parent;
            }
            let mut dir = None;
            for name in names.iter().rev() {
                dir = Some(dir.as_ref().unwrap_or(base).folder(name)?);
            }
            self.folder = dir.map(|dir| (wanted, dir));
        }
        Ok(self.folder.as_ref().map_or(base, |(_, dir)| dir))
    }
}

fn contains(listing: &Listing, index: usize, at: u64) -> bool {
    match listing.spots().get(index).map(|spot| spot.what) {
        Some(What::File { start, size, .. }) => at >= start && at - start < size,
        Some(What::Folder) | None => false,
    }
}

/// Tells whether something else has the name of a file, or of a folder on the way to it.
fn is_other(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotADirectory || platform::is_link(error)
}

/// Reads until the buffer is full or the file ends.
pub(super) fn read_full(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buf.len() {
        match platform::read_at(file, &mut buf[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
