use std::io;

/// Says what is wrong with a database, in the three ways that call for different advice.
#[derive(Debug)]
pub enum DatabaseFault {
    /// Another process has it open.
    InUse,
    /// It does not hold what it should; the text says what is wrong.
    Damaged(String),
    /// Reading or writing failed, or something else did.
    Failed(Box<redb::Error>),
}

impl DatabaseFault {
    /// Tells whether a database could not be created because there is a file already.
    pub fn is_existing_file(&self) -> bool {
        matches!(self, Self::Failed(error)
            if matches!(&**error, redb::Error::Io(error) if error.kind() == io::ErrorKind::AlreadyExists))
    }
}

impl<E: Into<redb::Error>> From<E> for DatabaseFault {
    fn from(error: E) -> Self {
        match error.into() {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Self::InUse,
            redb::Error::Corrupted(reason) => Self::Damaged(reason),
            error @ (redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableDoesNotExist(_)
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)) => Self::Damaged(error.to_string()),
            // What redb says of a file that is none of its own.
            redb::Error::Io(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::Damaged(error.to_string())
            }
            error => Self::Failed(Box::new(error)),
        }
    }
}
