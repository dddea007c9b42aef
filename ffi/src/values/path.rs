use breeze_core::Path;

/// Says how messages to a user travel.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum breeze_path {
    /// Not at all for now: they wait.
    None = 0,
    /// On a direct link.
    Direct = 1,
    /// Through the server, which cannot read them.
    Relay = 2,
}

impl From<Path> for breeze_path {
    fn from(path: Path) -> Self {
        match path {
            Path::None => Self::None,
            Path::Direct => Self::Direct,
            Path::Relay => Self::Relay,
        }
    }
}
