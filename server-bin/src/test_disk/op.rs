/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Is something that a disk was asked to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Op {
    /// To hold these bytes at this place.
    Write {
        /// Where they begin.
        offset: usize,
        /// The bytes.
        data: Vec<u8>,
    },
    /// To have so many bytes in all.
    SetLen(usize),
    /// To let nothing that was done so far get lost.
    Sync,
}

impl Op {
    /// Returns what is left of the operation when power fails in its middle.
    pub fn torn(&self) -> Self {
        match self {
            Self::Write { offset, data } => {
                let kept = (data.len() / 2).next_multiple_of(SECTOR).min(data.len());
                Self::Write { offset: *offset, data: data[..kept].to_vec() }
            }
            Self::SetLen(_) | Self::Sync => self.clone(),
        }
    }

    /// Returns the sectors of the operation that `keep` chooses.
    pub fn sectors(&self, mut keep: impl FnMut() -> bool) -> Vec<Self> {
        match self {
            Self::Write { offset, data } => data
                .chunks(SECTOR)
                .zip((*offset..).step_by(SECTOR))
                .filter(|_| keep())
                .map(|(data, offset)| Self::Write { offset, data: data.to_vec() })
                .collect(),
            Self::SetLen(_) | Self::Sync => keep().then(|| self.clone()).into_iter().collect(),
        }
    }

    /// Does it to an image of a disk.
    pub fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if image.len() < end {
                    image.resize(end, 0);
                }
                image[*offset..end].copy_from_slice(data);
            }
            Self::SetLen(len) => image.resize(*len, 0),
            Self::Sync => {}
        }
    }
}
