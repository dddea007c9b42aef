use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use breeze_core::files::MAX_FILE_NAME;

use super::about::Kind;
use super::platform::{self, Dir};
use super::sink_error::SinkError;

/// The folder's content, within the part folder.
const CONTENT: &str = "content";
/// The folder's list, within the part folder.
const LIST: &str = "list";
/// The hashes of verified blocks, within the part folder.
const HASHES: &str = "hashes";
/// What a folder that is replaced is called until all is over, within the part folder.
const REPLACED: &str = "replaced";
/// How many names are tried for something whose name is taken.
const NAMES: u32 = 999;

/// Knows where that which is not complete lies, and what it is called.
///
/// A file's part is `.NAME.ID.breeze-part`, with `.NAME.ID.breeze-hashes` beside it. A folder's is a
/// folder of that name, with the list, the hashes and the content in it.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    folder: Dir,
    name: String,
    part: String,
    hashes: String,
    /// The part folder; nothing for a file.
    inner: Option<Dir>,
}

impl Part {
    /// Finds the folder that was chosen; `name` is a checked one.
    pub(super) fn new(folder: &Path, name: &str, id: u128) -> Result<Self, SinkError> {
        let dir = Dir::open(folder).map_err(|error| SinkError::io(folder, error))?;
        let rest = format!(".{id:x}.breeze-hashes");
        let stem = cut(name, MAX_FILE_NAME - 1 - rest.len());
        let part = format!(".{stem}.{id:x}.breeze-part");
        let hashes = format!(".{stem}{rest}");
        let (path, name) = (folder.to_owned(), name.to_owned());
        Ok(Self { path, folder: dir, name, part, hashes, inner: None })
    }

    /// Creates the part folder.
    pub(super) fn make_inner(&mut self) -> Result<(), SinkError> {
        let inner = self.folder.make_folder(&self.part, true);
        self.inner = Some(inner.map_err(|error| self.error(error))?);
        Ok(())
    }

    /// Opens the part folder; tells whether there is one.
    pub(super) fn open_inner(&mut self) -> Result<bool, SinkError> {
        match self.folder.about(&self.part).map_err(|error| self.error(error))? {
            None => Ok(false),
            Some(about) if about.kind != Kind::Folder => Err(self.foreign()),
            Some(_) => {
                let inner = self.folder.folder(&self.part).map_err(|error| self.error(error))?;
                self.inner = Some(inner);
                self.give_back().map_err(|error| self.error(error))?;
                Ok(true)
            }
        }
    }

    /// Puts back what was to be replaced, if it did not come to that.
    fn give_back(&self) -> io::Result<()> {
        let Some(inner) = &self.inner else { return Ok(()) };
        if inner.about(REPLACED)?.is_none() || inner.about(CONTENT)?.is_none() {
            return Ok(());
        }
        for name in self.names() {
            match inner.rename_new(REPLACED, &self.folder, &name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result,
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Tells whether it is a folder's.
    pub(super) fn is_folder(&self) -> bool {
        self.inner.is_some()
    }

    /// Checks that nothing has the name of the part.
    pub(super) fn expect_nothing(&self) -> Result<(), SinkError> {
        match self.folder.about(&self.part) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(self.error(io::ErrorKind::AlreadyExists.into())),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Opens the folder in which entries are created.
    pub(super) fn base(&self) -> Result<Dir, SinkError> {
        let base = match &self.inner {
            Some(inner) => inner.folder(CONTENT),
            None => self.folder.try_clone(),
        };
        base.map_err(|error| self.error(error))
    }

    /// Creates the folder of a folder's content, in place of an earlier one.
    pub(super) fn remake_content(&self) -> Result<Dir, SinkError> {
        let Some(inner) = &self.inner else { return self.base() };
        let content = inner.remove_all(CONTENT).and_then(|()| inner.make_folder(CONTENT, false));
        content.map_err(|error| self.error(error))
    }

    /// Tells whether there is anything that was begun and is not in place yet.
    pub(super) fn is_there(&self) -> Result<bool, SinkError> {
        let (kind, about) = match &self.inner {
            Some(inner) => (Kind::Folder, inner.about(CONTENT)),
            None => (Kind::File, self.folder.about(&self.part)),
        };
        match about.map_err(|error| self.error(error))? {
            None => Ok(false),
            Some(about) if about.kind == kind => Ok(true),
            Some(_) => Err(self.foreign()),
        }
    }

    /// Opens the list or creates it; nothing for a file.
    pub(super) fn list(&self) -> Result<Option<File>, SinkError> {
        self.inner.as_ref().map(|inner| self.open_or_make(inner, LIST)).transpose()
    }

    /// Tells whether there are hashes.
    pub(super) fn has_hashes(&self) -> Result<bool, SinkError> {
        let about = match &self.inner {
            Some(inner) => inner.about(HASHES),
            None => self.folder.about(&self.hashes),
        };
        Ok(about.map_err(|error| self.error(error))?.is_some())
    }

    /// Opens the hashes or creates them.
    pub(super) fn hashes(&self) -> Result<File, SinkError> {
        match &self.inner {
            Some(inner) => self.open_or_make(inner, HASHES),
            None => self.open_or_make(&self.folder, &self.hashes),
        }
    }

    /// Removes hashes that are of something else.
    pub(super) fn remove_hashes(&self) -> Result<(), SinkError> {
        match self.folder.remove_file(&self.hashes) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.error(error)),
            _ => Ok(()),
        }
    }

    fn open_or_make(&self, dir: &Dir, name: &str) -> Result<File, SinkError> {
        let file = match dir.about(name).map_err(|error| self.error(error))? {
            None => dir.make_file(name, true, false),
            Some(about) if about.kind != Kind::File || !about.is_alone => {
                return Err(self.foreign());
            }
            Some(_) => dir.file_to_write(name),
        };
        file.map_err(|error| self.error(error))
    }

    /// Returns the name of a file's part.
    pub(super) fn part_name(&self) -> &str {
        &self.part
    }

    /// Returns where entries are, for people.
    pub(super) fn base_path(&self) -> PathBuf {
        match &self.inner {
            Some(_) => self.path.join(&self.part).join(CONTENT),
            None => self.path.clone(),
        }
    }

    /// Lets others have what was private, where that is still to be done, and makes it durable.
    pub(super) fn seal(&self, is_executable: bool) -> Result<bool, SinkError> {
        let sealed = match &self.inner {
            Some(inner) => inner.sync_everything(),
            None => self.folder.file_to_write(&self.part).and_then(|file| {
                platform::make_public(&file, is_executable)?;
                file.sync_all()?;
                Ok(true)
            }),
        };
        sealed.map_err(|error| self.error(error))
    }

    /// Gives it its name, or one like it if that is taken, and returns where it is.
    ///
    /// If it may `replace`, what has the name and is of the same kind goes.
    pub(super) fn place(&self, replace: bool) -> Result<PathBuf, SinkError> {
        let failed = |error| SinkError::io(&self.path.join(&self.name), error);
        let (from, part) = self.from();
        let taken = self.folder.about(&self.name).map_err(failed)?.map(|about| about.kind);
        let name = match (replace, taken, &self.inner) {
            (true, Some(Kind::File | Kind::Link), None) => {
                from.rename_over(part, &self.folder, &self.name).map_err(failed)?;
                self.name.clone()
            }
            (true, Some(Kind::Folder), Some(inner)) => {
                inner.remove_all(REPLACED).map_err(failed)?;
                self.folder.rename_new(&self.name, inner, REPLACED).map_err(failed)?;
                let placed = from.rename_new(part, &self.folder, &self.name);
                placed.map_err(|error| {
                    let _ = inner.rename_new(REPLACED, &self.folder, &self.name);
                    failed(error)
                })?;
                self.name.clone()
            }
            (true | false, _, _) => self.place_new(from, part)?,
        };
        Ok(self.path.join(name))
    }

    /// Makes it durable that it has its name.
    pub(super) fn sync_name(&self) -> Result<(), SinkError> {
        let inner = self.inner.as_ref().map_or(Ok(()), Dir::sync);
        self.folder.sync().and(inner).map_err(|error| SinkError::io(&self.path, error))
    }

    fn place_new(&self, from: &Dir, part: &str) -> Result<String, SinkError> {
        for name in self.names() {
            match from.rename_new(part, &self.folder, &name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(SinkError::io(&self.path.join(name), error)),
            }
        }
        Err(SinkError::NamesTaken { path: self.path.join(&self.name) })
    }

    /// Returns the folder and the name of what is put into place.
    fn from(&self) -> (&Dir, &str) {
        match &self.inner {
            Some(inner) => (inner, CONTENT),
            None => (&self.folder, &self.part),
        }
    }

    /// Names what it may be called in the end: the name, then the name with a number before what
    /// follows its last dot.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let dot = self.name.rfind('.').filter(|dot| *dot > 0 && self.inner.is_none());
        let (stem, ending) = self.name.split_at(dot.unwrap_or(self.name.len()));
        (1..=NAMES).map(move |number| match number {
            1 => self.name.clone(),
            _ => {
                let rest = format!(" ({number}){ending}");
                let room = MAX_FILE_NAME.saturating_sub(rest.len());
                // An ending that leaves no room for anything else is none.
                match room {
                    0 => format!("{} ({number})", cut(&self.name, MAX_FILE_NAME - 6)),
                    _ => format!("{}{rest}", cut(stem, room)),
                }
            }
        })
    }

    /// Returns the folder that was chosen.
    pub(super) fn folder(&self) -> (&Dir, &Path) {
        (&self.folder, &self.path)
    }

    /// Removes all of it, but for what is in place.
    pub(super) fn remove(&self) -> Result<(), SinkError> {
        self.remove_hashes()?;
        self.folder.remove_all(&self.part).map_err(|error| self.error(error))
    }

    pub(super) fn error(&self, error: io::Error) -> SinkError {
        SinkError::io(&self.path.join(&self.part), error)
    }

    pub(super) fn foreign(&self) -> SinkError {
        SinkError::Foreign { path: self.path.join(&self.part) }
    }
}

/// Returns the beginning of a text that has no more than `len` bytes.
fn cut(text: &str, len: usize) -> &str {
    (0..=len.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}
