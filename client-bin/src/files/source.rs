use std::sync::Arc;

use super::reader::Reader;
use super::source_error::SourceError;
use super::survey::Survey;

/// Reads the stream of what was surveyed.
///
/// It keeps the file open that was read last, and its folder.
#[derive(Debug)]
pub(crate) struct Source {
    survey: Arc<Survey>,
    reader: Reader,
}

impl Source {
    /// Opens nothing yet.
    pub(crate) fn new(survey: Arc<Survey>) -> Self {
        Self { survey, reader: Reader::default() }
    }

    /// Fills a buffer from the stream, and returns how much: all, but for its end.
    ///
    /// # Errors
    /// [`SourceError::Changed`] if a file is not what was surveyed, [`SourceError::Unreadable`].
    pub(crate) fn read_at(&mut self, at: u64, buf: &mut [u8]) -> Result<usize, SourceError> {
        self.survey.read(&mut self.reader, at, buf)
    }
}
