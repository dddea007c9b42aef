use std::fmt;

use crate::Error;
use crate::build::Programs;

/// What files take beside all else, in bytes.
pub(crate) struct FileFigures {
    flash: u64,
    /// More in each client.
    client: u64,
    /// A table of one transfer.
    first: u64,
    /// Each further transfer in it.
    more: u64,
}

impl FileFigures {
    /// Compares programs without files and with them.
    pub(crate) fn of(without: &Programs, with: &Programs) -> Result<Self, Error> {
        let sizes = &with.sizes;
        let first = sizes.size_of("TRANSFERS")?;
        Ok(Self {
            flash: with.client.flash().saturating_sub(without.client.flash()),
            client: sizes.size_of("DEVICE")?.saturating_sub(without.sizes.size_of("DEVICE")?),
            first,
            more: (sizes.size_of("EIGHT_TRANSFERS_MORE")? - first).div_ceil(8),
        })
    }
}

impl fmt::Display for FileFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("flash of files", self.flash),
            ("RAM of files in the client", self.client),
            ("RAM of the first transfer", self.first),
            ("RAM of each further transfer", self.more),
        ];
        for (at, (what, figure)) in all.into_iter().enumerate() {
            let end = if at + 1 < all.len() { "\n" } else { "" };
            write!(f, "  {what:<33} {figure:>7}  more, if they are asked for{end}")?;
        }
        Ok(())
    }
}
