use std::fmt;

use crate::Error;
use crate::bounds::AIMS;
use crate::build::Programs;
use crate::owner::Owner;

/// What was measured for one target, in bytes.
pub(crate) struct Figures {
    flash: u64,
    crypto: u64,
    /// The whole client of the measured program.
    pub(crate) ram: u64,
    peer: u64,
    link: u64,
    block: u64,
    /// What a client takes whatever its tables.
    state: u64,
}

impl Figures {
    pub(crate) fn of(programs: &Programs) -> Result<Self, Error> {
        let sizes = &programs.sizes;
        let base = sizes.size_of("BASE")?;
        let each = |more| Ok::<_, Error>((sizes.size_of(more)? - base).div_ceil(8));
        let peer = each("EIGHT_PEERS_MORE")?;
        let link = each("EIGHT_LINKS_MORE")?;
        let block = each("EIGHT_BLOCKS_MORE")?;
        Ok(Self {
            flash: programs.client.flash() - programs.empty.flash(),
            crypto: programs.client.flash_of(Owner::Crypto),
            ram: sizes.size_of("DEVICE")?,
            peer,
            link,
            block,
            state: base - 8 * (peer + link + block),
        })
    }

    pub(crate) fn flash(&self) -> u64 {
        self.flash
    }

    /// Constants without a name, of the ciphers too, and what the compiler has put into functions of
    /// the protocol, count here.
    pub(crate) fn flash_without_crypto(&self) -> u64 {
        self.flash - self.crypto
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aimed = [
            ("flash", self.flash(), AIMS.flash),
            ("flash without crypto", self.flash_without_crypto(), AIMS.flash_without_crypto),
            ("RAM of the device's client", self.ram, AIMS.ram),
        ];
        for (what, figure, aim) in aimed {
            let state = if figure <= aim { "within" } else { "OVER" };
            writeln!(f, "  {what:<33} {figure:>7}  {state} the aim of {aim}")?;
        }
        let parts = [
            ("RAM of each peer", self.peer),
            ("RAM of each link", self.link),
            ("RAM of each block", self.block),
            ("RAM of all else", self.state),
        ];
        for (at, (what, figure)) in parts.into_iter().enumerate() {
            let end = if at + 1 < parts.len() { "\n" } else { "" };
            write!(f, "  {what:<33} {figure:>7}{end}")?;
        }
        Ok(())
    }
}
