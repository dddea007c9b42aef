use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use breeze_core::files::{BLOCK, FileKind, MAX_ENTRIES, MAX_LIST, Offer, block_len, blocks};

use super::about::Kind;
use super::content::Content;
use super::list_error::ListError;
use super::listing::Listing;
use super::part::Part;
use super::platform::{self, Dir};
use super::reader::{ReadError, Reader, read_full};
use super::root::root_of;
use super::scan::scan;
use super::sink_error::SinkError;
use super::tree::write_full;
use super::watch::Watch;

/// Makes a file or a folder of a stream that comes in order.
///
/// Bytes are written as they come, verified or not; the hash of each block that is, in order, is kept
/// beside them. Whatever ends the process or the machine, [`resume`](Self::resume) goes on behind the
/// last block whose hash is still right.
///
/// Until it is finished, everything lies in a hidden file or folder that only this user may enter; see
/// [`create`](Self::create). Nothing is written anywhere else.
#[derive(Debug)]
pub(crate) struct Sink {
    part: Part,
    kind: FileKind,
    size: u64,
    root: [u8; 32],
    /// What has come of the list, until all of it has.
    list: Vec<u8>,
    list_file: Option<File>,
    /// Nothing as long as the list is not complete.
    listing: Option<Listing>,
    content: Content,
    hashes: File,
    position: u64,
    verified: u64,
    placed: Option<PathBuf>,
    /// The position up to which the disk has been told to hurry.
    hurried: u64,
}

/// Bytes that the system may put off writing to the disk: so much of a large file is left to be waited for
/// at its end, and so much whatever else is to be durable may have to wait for meanwhile.
const PUT_OFF: u64 = 8 * 1024 * 1024;

/// Bytes of a stream of which the system keeps nothing in memory that is on the disk: it would push out what
/// somebody needs sooner, and takes longer to find room than to write.
const LARGE: u64 = 128 * 1024 * 1024;

/// Says what was found of a transfer that was begun earlier.
#[derive(Debug)]
pub(crate) enum Resumed {
    /// It goes on at [`Sink::position`].
    Begun(Box<Sink>),
    /// It had been finished, and this is where: the caller may not have heard of it. What was left
    /// beside it is gone now.
    Finished(PathBuf),
    /// There is nothing of it (any more).
    Nothing,
}

impl Sink {
    /// Begins in a folder: `.NAME.ID.breeze-part` and `.NAME.ID.breeze-hashes`, or a folder of the
    /// former name with all in it. NAME is shortened where it would be too long.
    ///
    /// # Errors
    /// A [`SinkError`]: for what is offered, or if that cannot be created or is there already.
    pub(crate) fn create(folder: &Path, id: u128, offer: &Offer<'_>) -> Result<Self, SinkError> {
        let mut part = open_part(folder, id, offer)?;
        part.expect_nothing()?;
        // Of an earlier one whose part somebody else removed.
        part.remove_hashes()?;
        if let FileKind::Folder { .. } = offer.kind {
            part.make_inner()?;
        }
        let content = content(&part, part.remake_content()?);
        let mut sink = Self::new(part, content, offer)?;
        sink.list_complete()?;
        sink.advance()?;
        Ok(sink)
    }

    /// Looks for what was begun earlier, and checks what is there of it against the hashes that were
    /// kept; what does not match is cut off.
    ///
    /// The bytes behind the last verified block, at most those of one block, are kept unverified:
    /// [`held`](Self::held).
    ///
    /// # Errors
    /// A [`SinkError`]; what is there is left as it was or is shorter.
    pub(crate) fn resume(
        folder: &Path,
        id: u128,
        offer: &Offer<'_>,
        watch: Watch<'_>,
    ) -> Result<Resumed, SinkError> {
        let mut part = open_part(folder, id, offer)?;
        let is_folder = matches!(offer.kind, FileKind::Folder { .. });
        if is_folder && !part.open_inner()? {
            return Ok(Resumed::Nothing);
        }
        let base = if part.is_there()? {
            part.base()?
        } else {
            let finished = find_finished(&part, offer, watch)?;
            if finished.is_some() || !is_folder {
                part.remove()?;
                return Ok(finished.map_or(Resumed::Nothing, Resumed::Finished));
            }
            part.remake_content()?
        };
        let content = content(&part, base);
        let mut sink = Self::new(part, content, offer)?;
        sink.recover(watch)?;
        Ok(Resumed::Begun(Box::new(sink)))
    }

    /// Removes what was begun, and what [`finish`](Self::finish) leaves; never what is in place.
    ///
    /// # Errors
    /// A [`SinkError`] if that cannot be.
    pub(crate) fn discard(folder: &Path, id: u128, offer: &Offer<'_>) -> Result<(), SinkError> {
        let mut part = open_part(folder, id, offer)?;
        if let FileKind::Folder { .. } = offer.kind {
            part.open_inner()?;
        }
        part.remove()
    }

    fn new(part: Part, content: Content, offer: &Offer<'_>) -> Result<Self, SinkError> {
        let listing = match offer.kind {
            FileKind::File(details) => {
                Some(Listing::of_file(part.part_name(), offer.size, details))
            }
            FileKind::Folder { .. } => None,
        };
        Ok(Self {
            kind: offer.kind,
            size: offer.size,
            root: offer.root,
            list: Vec::new(),
            list_file: part.list()?,
            listing,
            content,
            hashes: part.hashes()?,
            part,
            position: 0,
            verified: 0,
            placed: None,
            hurried: 0,
        })
    }

    /// Returns the byte of the stream that comes next.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Returns how many blocks are verified; the first that is not comes next.
    pub(crate) fn verified_blocks(&self) -> u64 {
        self.verified
    }

    /// Returns how many bytes are there of blocks that are not verified.
    pub(crate) fn held(&self) -> u64 {
        self.position.saturating_sub(self.verified.saturating_mul(BLOCK))
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`SinkError::Order`] if others come next, or fewer. [`SinkError::Full`] or [`SinkError::Io`]: what
    /// was taken is what [`position`](Self::position) says, maybe all; the rest may be tried again.
    /// [`SinkError::List`] if the list is complete now and refused.
    pub(crate) fn write(&mut self, at: u64, mut bytes: &[u8]) -> Result<(), SinkError> {
        if at != self.position || bytes.len() as u64 > self.size - at {
            return Err(SinkError::Order { expected: self.position });
        }
        while !bytes.is_empty() {
            let taken = match &self.listing {
                None => self.take_list(bytes)?,
                Some(listing) => self.content.write(listing, self.position, bytes)?,
            };
            self.position += taken as u64;
            bytes = &bytes[taken..];
            self.list_complete()?;
        }
        self.list_complete()?;
        self.advance()
    }

    fn take_list(&mut self, bytes: &[u8]) -> Result<usize, SinkError> {
        let missing = self.list_len() as usize - self.list.len();
        let bytes = &bytes[..bytes.len().min(missing)];
        if let Some(file) = &self.list_file {
            let written = write_full(file, bytes, self.list.len() as u64);
            written.map_err(|error| self.part.error(error))?;
        }
        self.list.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn list_len(&self) -> u32 {
        match self.kind {
            FileKind::File(_) => 0,
            FileKind::Folder { list, .. } => list,
        }
    }

    /// Reads the list, once it is there.
    fn list_complete(&mut self) -> Result<(), SinkError> {
        if let (None, FileKind::Folder { entries, list }) = (&self.listing, self.kind)
            && self.list.len() == list as usize
        {
            self.listing = Some(Listing::parse(&mut self.list, entries, self.size)?);
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<(), SinkError> {
        match &self.listing {
            Some(listing) => self.content.advance(listing, self.position),
            None => Ok(()),
        }
    }

    /// Returns what makes durable what has been written, if that is much since this was last asked: done on
    /// another thread, it takes nothing from what still comes, and much from what [`finish`](Self::finish)
    /// waits for.
    pub(crate) fn hurry(&mut self) -> Option<impl FnOnce() -> io::Result<()> + Send + use<>> {
        if self.position.saturating_sub(self.hurried) < PUT_OFF {
            return None;
        }
        self.hurried = self.position;
        let (file, kept) = (self.content.another_handle()?.ok()?, self.size < LARGE);
        Some(move || platform::write_out(&file, kept))
    }

    /// Keeps the hash of the next block, all of which has been written and found right.
    ///
    /// # Errors
    /// [`SinkError::Order`] if it is not the next one or not complete; [`SinkError::Full`] or
    /// [`SinkError::Io`], after which it may be tried again.
    pub(crate) fn verified(&mut self, block: u64, hash: &[u8; 32]) -> Result<(), SinkError> {
        let is_next = block == self.verified && block < blocks(self.size);
        if !is_next || block * BLOCK + block_len(self.size, block) > self.position {
            return Err(SinkError::Order { expected: self.position });
        }
        if let Some(listing) = &self.listing {
            self.content.flush(listing, self.position)?;
        }
        let written = write_full(&self.hashes, hash, block * 32);
        written.map_err(|error| self.part.error(error))?;
        self.verified += 1;
        Ok(())
    }

    /// Reads what was written, as far as there is any.
    ///
    /// # Errors
    /// [`SinkError::Io`].
    pub(crate) fn read_at(&mut self, at: u64, buf: &mut [u8]) -> Result<usize, SinkError> {
        let there = usize::try_from(self.position.saturating_sub(at)).unwrap_or(usize::MAX);
        let there = there.min(buf.len());
        let buf = &mut buf[..there];
        let Some(listing) = &self.listing else {
            let at = at.min(self.list.len() as u64) as usize;
            buf.copy_from_slice(&self.list[at..at + there]);
            return Ok(there);
        };
        self.content.flush(listing, self.position)?;
        let mut reader = Reader::default();
        let read = reader.read_at(self.content.base(), listing, at, buf, false);
        read.map_err(|error| read_error(&self.part, listing, error))
    }

    /// Forgets what is behind a position, as it turned out to be wrong.
    ///
    /// # Errors
    /// [`SinkError::Order`] if so much is not there; [`SinkError::Io`], after which only
    /// [`resume`](Self::resume) helps.
    pub(crate) fn rewind(&mut self, to: u64) -> Result<(), SinkError> {
        if to > self.position {
            return Err(SinkError::Order { expected: self.position });
        }
        // First, so that no hash is of bytes that may go.
        let whole = if to == self.size { blocks(to) } else { to / BLOCK };
        self.verified = self.verified.min(whole);
        let cut = self.hashes.set_len(self.verified * 32);
        cut.map_err(|error| self.part.error(error))?;
        let list = self.list_len();
        if to < u64::from(list) {
            if let Some(listing) = self.listing.take() {
                self.list = listing.list().to_vec();
            }
            // What the list said may have been wrong.
            self.content = content(&self.part, self.part.remake_content()?);
            self.list.truncate(to as usize);
            if let Some(file) = &self.list_file {
                file.set_len(to).map_err(|error| self.part.error(error))?;
            }
        }
        self.position = to;
        match &self.listing {
            Some(listing) => {
                self.content.restore(listing, to)?;
                self.content.advance(listing, to)
            }
            None => Ok(()),
        }
    }

    /// Finds out what is there.
    fn recover(&mut self, watch: Watch<'_>) -> Result<(), SinkError> {
        if let Some(file) = &self.list_file {
            self.list = vec![0; self.list_len() as usize];
            let read = read_full(file, &mut self.list, 0);
            self.list.truncate(read.map_err(|error| self.part.error(error))?);
        }
        // A list that makes no sense is damaged, unless it was verified.
        let damaged = self.list_complete().err();
        let good = match &self.listing {
            Some(listing) => check(&self.part, self.content.base(), listing, &self.hashes, watch)?,
            None => self.check_list(watch)?,
        };
        if let Some(error) = damaged.filter(|_| good * BLOCK >= u64::from(self.list_len())) {
            return Err(error);
        }
        let from = (good * BLOCK).min(self.size);
        self.position = match &self.listing {
            Some(listing) => {
                let mut rest = vec![0; block_len(self.size, good) as usize];
                let mut reader = Reader::default();
                let read = reader.read_at(self.content.base(), listing, from, &mut rest, false);
                from + read.map_err(|error| read_error(&self.part, listing, error))? as u64
            }
            None => {
                let whole = self.list.len() < self.list_len() as usize;
                let most = if whole { self.list.len() as u64 } else { from };
                most.min(from + BLOCK)
            }
        };
        self.verified = good;
        self.rewind(self.position)
    }

    /// Returns how many blocks of an incomplete list are right.
    fn check_list(&self, watch: Watch<'_>) -> Result<u64, SinkError> {
        let open = || {
            |at: u64, buf: &mut [u8]| {
                let there = self.list.get(at as usize..).unwrap_or_default();
                let there = &there[..there.len().min(buf.len())];
                buf[..there.len()].copy_from_slice(there);
                Ok(there.len())
            }
        };
        compare(&self.part, self.size, &self.hashes, watch, open)
    }

    /// Gives what is complete and verified its name, durably, and returns where it is.
    ///
    /// If the name is taken, and it may not `replace`, it gets a number: `NAME (2)`, or `NA (2).ME` for
    /// a file whose name has an ending. To replace is to put a file in the place of a file or link, or a
    /// folder in that of a whole folder; anything else is left alone in any case.
    ///
    /// The hashes stay until [`tidy`](Self::tidy): if the process ends before the caller has noted the
    /// path, [`resume`](Self::resume) finds it. After an error it may be called again.
    ///
    /// # Errors
    /// A [`SinkError`].
    pub(crate) fn finish(&mut self, replace: bool) -> Result<PathBuf, SinkError> {
        if let Some(placed) = &self.placed {
            self.part.sync_name()?;
            return Ok(placed.clone());
        }
        if self.position < self.size || self.verified < blocks(self.size) {
            return Err(SinkError::Incomplete);
        }
        self.advance()?;
        let root = root_of(&self.hashes, self.verified).map_err(|error| self.part.error(error))?;
        if root != Some(self.root) {
            return Err(SinkError::Mismatch);
        }
        let listing = self.listing.as_ref().ok_or(SinkError::Incomplete)?;
        let is_executable = match self.kind {
            FileKind::File(details) => details.executable,
            FileKind::Folder { .. } => false,
        };
        if !self.part.seal(is_executable)? {
            self.content.sync_each(listing)?;
        }
        let placed = self.part.place(replace)?;
        self.placed = Some(placed.clone());
        self.part.sync_name()?;
        Ok(placed)
    }

    /// Removes what [`finish`](Self::finish) has left; does nothing if it has not been.
    ///
    /// # Errors
    /// A [`SinkError`] if that cannot be.
    pub(crate) fn tidy(self) -> Result<(), SinkError> {
        match self.placed {
            Some(_) => self.part.remove(),
            None => Ok(()),
        }
    }
}

fn open_part(folder: &Path, id: u128, offer: &Offer<'_>) -> Result<Part, SinkError> {
    offer.check()?;
    if let FileKind::Folder { entries, list } = offer.kind {
        if entries > MAX_ENTRIES || list > MAX_LIST {
            return Err(ListError::TooLarge.into());
        }
        if u64::from(list) > offer.size {
            return Err(ListError::Longer.into());
        }
    }
    Part::new(folder, offer.name, id)
}

fn content(part: &Part, base: Dir) -> Content {
    Content::new(base, part.base_path(), !part.is_folder())
}

/// Returns how many blocks of what is there have the hashes that were kept.
fn check(
    part: &Part,
    base: &Dir,
    listing: &Listing,
    hashes: &File,
    watch: Watch<'_>,
) -> Result<u64, SinkError> {
    let open = || {
        let mut reader = Reader::default();
        move |at, buf: &mut [u8]| {
            let read = reader.read_at(base, listing, at, buf, false);
            read.map_err(|error| read_error(part, listing, error))
        }
    };
    compare(part, listing.size(), hashes, watch, open)
}

fn compare<R: FnMut(u64, &mut [u8]) -> Result<usize, SinkError>>(
    part: &Part,
    size: u64,
    hashes: &File,
    watch: Watch<'_>,
    open: impl Fn() -> R + Sync,
) -> Result<u64, SinkError> {
    let kept = hashes.metadata().map_err(|error| part.error(error))?.len() / 32;
    let take = |first: u64, found: &[[u8; 32]]| {
        let mut kept = vec![[0; 32]; found.len()];
        let read = read_full(hashes, kept.as_flattened_mut(), first * 32);
        read.map_err(|error| part.error(error))?;
        Ok(found.iter().zip(&kept).take_while(|(found, kept)| found == kept).count())
    };
    scan(size, kept, watch, open, take).map_err(|error| error.unwrap_or(SinkError::Cancelled))
}

/// Looks for what was finished, but for what [`Sink::tidy`] does, under the names it may have got.
fn find_finished(
    part: &Part,
    offer: &Offer<'_>,
    watch: Watch<'_>,
) -> Result<Option<PathBuf>, SinkError> {
    if !part.has_hashes()? {
        return Ok(None);
    }
    let hashes = part.hashes()?;
    let root = root_of(&hashes, blocks(offer.size)).map_err(|error| part.error(error))?;
    if root != Some(offer.root) {
        return Ok(None);
    }
    let (folder, path) = part.folder();
    for name in part.names() {
        let failed = |error| SinkError::io(&path.join(&name), error);
        let Some(about) = folder.about(&name).map_err(failed)? else { return Ok(None) };
        let all = match (offer.kind, about.kind) {
            (FileKind::File(details), Kind::File) => {
                // Of an empty one there is nothing else to know it by.
                if about.size != offer.size || about.details.modified != details.modified {
                    continue;
                }
                let listing = Listing::of_file(&name, offer.size, details);
                check(part, folder, &listing, &hashes, watch)?
            }
            (FileKind::Folder { entries, list }, Kind::Folder) => {
                let Some(file) = part.list()? else { return Ok(None) };
                let mut bytes = vec![0; list as usize];
                if read_full(&file, &mut bytes, 0).map_err(failed)? < bytes.len() {
                    return Ok(None);
                }
                let listing = Listing::parse(&mut bytes, entries, offer.size)?;
                let base = folder.folder(&name).map_err(failed)?;
                check(part, &base, &listing, &hashes, watch)?
            }
            _ => continue,
        };
        if all == blocks(offer.size) {
            folder.sync().map_err(failed)?;
            return Ok(Some(path.join(name)));
        }
    }
    Ok(None)
}

fn read_error(part: &Part, listing: &Listing, error: ReadError) -> SinkError {
    match error {
        ReadError::Io(index, error) => {
            SinkError::io(&part.base_path().join(listing.path(index)), error)
        }
        // Only who reads strictly hears of it.
        ReadError::Changed(index) => {
            SinkError::Foreign { path: part.base_path().join(listing.path(index)) }
        }
    }
}
