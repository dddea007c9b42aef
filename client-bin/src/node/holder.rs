use std::fmt;
use std::fs;
use std::path::Path;
use std::process;

/// The file that is locked, in the home directory.
pub(super) const NAME: &str = "node.lock";

/// Describes the process that runs the node of a home directory, as far as is known.
///
/// It is written in `node.lock`, one fact a line, and means something only while that is locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The id of the process.
    pub(crate) pid: Option<u32>,
    /// Whom the node logs in as.
    pub(crate) user: Option<String>,
    /// Where it logs in.
    pub(crate) server: Option<String>,
}

impl Holder {
    /// Describes this process.
    pub(crate) fn this_process(user: String, server: String) -> Self {
        Self { pid: Some(process::id()), user: Some(user), server: Some(server) }
    }

    /// Reads who runs the node of a home directory; what cannot be read is unknown.
    pub(crate) fn of(home: &Path) -> Self {
        let text = fs::read_to_string(home.join(NAME)).unwrap_or_default();
        let fact = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.map(str::to_owned)
        };
        Self {
            pid: fact("pid").and_then(|pid| pid.parse().ok()),
            user: fact("user"),
            server: fact("server"),
        }
    }

    /// Names the process to a person.
    pub(crate) fn process(&self) -> String {
        self.pid.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pid) = self.pid {
            writeln!(f, "pid {pid}")?;
        }
        if let Some(user) = &self.user {
            writeln!(f, "user {user}")?;
        }
        if let Some(server) = &self.server {
            writeln!(f, "server {server}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let dir = tempfile::tempdir().expect("dir");
        assert_eq!(Holder::of(dir.path()), Holder::default());
        for text in ["", "\n", "pid\n", "pid x\nusers\n"] {
            fs::write(dir.path().join(NAME), text).expect("write");
            assert_eq!(Holder::of(dir.path()), Holder::default(), "{text:?}");
        }
        assert_eq!(Holder::default().process(), "another process");
    }
}
