use std::io;
use std::path::{Path, PathBuf};

/// Says what is wrong with a file in a program's directory, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}; check its permissions and the disk", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}; check its permissions and the disk", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file does not hold what it should.
    #[error("{} is damaged: {reason}; {advice}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
        /// What to do.
        advice: String,
    },
}

impl FileError {
    /// Says that a file cannot be read.
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    /// Says that a text file cannot be read, or is none; the advice is for the latter.
    pub fn read_text(path: &Path, source: io::Error, advice: &str) -> Self {
        if source.kind() != io::ErrorKind::InvalidData {
            return Self::read(path, source);
        }
        let (reason, advice) = ("it is not valid UTF-8".into(), advice.into());
        Self::Damaged { path: path.to_owned(), reason, advice }
    }

    /// Says that a file cannot be written.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }
}
