use std::time::Duration;

/// Says what came of a run that went as it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages that were accepted.
    pub messages: usize,
    /// Those that failed, and were said to.
    pub failed: usize,
    /// Files that were offered.
    pub files: usize,
    /// Those that arrived.
    pub arrived: usize,
    /// Their bytes, and how many were sent of all.
    pub bytes: (u64, u64),
    /// Things that happened.
    pub steps: u64,
    /// Simulated time.
    pub time: Duration,
    /// Everything that happened, as one number.
    pub hash: u64,
}

/// Says what was wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What should have been the case and was not.
    pub what: String,
    /// What happened up to there, if it was recorded.
    pub trace: Vec<String>,
}
