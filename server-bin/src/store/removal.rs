use super::GivenUp;

/// Tells what went along with an account, or with its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removal {
    /// What was kept for the user.
    pub given_up: Vec<GivenUp>,
}
