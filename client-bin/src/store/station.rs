/// Names a station on a message's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Station {
    Stored,
    Delivered,
    Read,
}
