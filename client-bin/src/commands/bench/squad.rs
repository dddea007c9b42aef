/// Names those sessions of a load thread that log in, and out, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Squad {
    /// Those that converse.
    Talkers,
    /// Those that hear of everybody.
    Subscribers,
    /// Those that are many.
    Crowd,
}

impl Squad {
    /// How many there are.
    pub(super) const COUNT: usize = 3;
}
