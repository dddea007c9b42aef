use breeze_core::id::UserId;
use breeze_server::host::KeyError;

/// Gives names to the sessions of a run that no earlier run has used: a server that is not the
/// benchmark's own remembers whose key had which.
#[derive(Debug)]
pub(super) struct Roll {
    run: u32,
    next: u32,
}

impl Roll {
    pub(super) fn begin() -> Result<Self, KeyError> {
        let mut run = [0; 4];
        getrandom::fill(&mut run)?;
        Ok(Self { run: u32::from_le_bytes(run), next: 0 })
    }

    /// Returns the next user.
    pub(super) fn name(&mut self) -> UserId {
        self.next += 1;
        let name = format!("bench-{:08x}-{}", self.run, self.next);
        UserId::new(&name).expect("lower-case letters, digits and hyphens, 25 at most")
    }
}
