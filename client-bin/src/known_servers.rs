use std::fs;
use std::io;
use std::path::PathBuf;

use breeze_core::id::PublicKey;
use breeze_server::host::{FileError, private_file};

use crate::error::Error;
use crate::server_addr::ServerAddr;

const HEADER: &str = "# Servers and their public keys. Remove a line to accept a new key.\n";
const ADVICE: &str = "correct or remove that line";

/// Remembers the key that each server showed at first.
///
/// A text file with one server a line, `host:port key`, the key as 64 hexadecimal digits; empty
/// lines and those that start with `#` are passed over. A line that cannot be read is an error:
/// skipping it would silently trust whatever key comes next.
#[derive(Debug)]
pub(crate) struct KnownServers {
    path: PathBuf,
}

impl KnownServers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the key of a server met before.
    pub(crate) fn pin(&self, server: &ServerAddr) -> Result<Option<PublicKey>, Error> {
        self.find(&self.read()?, server)
    }

    /// Remembers the key of a server met for the first time.
    ///
    /// A server that is known by another key is an error and changes nothing.
    pub(crate) fn set_pin(&self, server: &ServerAddr, key: &PublicKey) -> Result<(), Error> {
        let mut text = self.read()?;
        match self.find(&text, server)? {
            Some(known) if known == *key => return Ok(()),
            Some(known) => return Err(self.changed(server, &known, key)),
            None => {}
        }
        if text.is_empty() {
            text.push_str(HEADER);
        } else if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut hex = [0; 64];
        // The buffer has exactly the room that encoding 32 bytes takes.
        let hex = base16ct::lower::encode_str(key.as_bytes(), &mut hex).unwrap_or_default();
        text.push_str(&format!("{server} {hex}\n"));
        private_file::replace(&self.path, text.as_bytes())
            .map_err(|error| FileError::write(&self.path, error).into())
    }

    /// Makes the error that tells a person of a key that is not the known one.
    pub(crate) fn changed(
        &self,
        server: &ServerAddr,
        pinned: &PublicKey,
        seen: &PublicKey,
    ) -> Error {
        Error::ServerKeyChanged {
            server: server.clone(),
            pinned: pinned.fingerprint(),
            seen: seen.fingerprint(),
            path: self.path.clone(),
        }
    }

    fn read(&self) -> Result<String, Error> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(FileError::read_text(&self.path, error, ADVICE).into()),
        }
    }

    fn find(&self, text: &str, wanted: &ServerAddr) -> Result<Option<PublicKey>, Error> {
        let mut found = None;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((server, key)) = parse(line) else {
                return Err(FileError::Damaged {
                    path: self.path.clone(),
                    reason: format!("line {} is not 'host:port key'", index + 1),
                    advice: ADVICE.into(),
                }
                .into());
            };
            if server == *wanted && found.is_none() {
                found = Some(key);
            }
        }
        Ok(found)
    }
}

fn parse(line: &str) -> Option<(ServerAddr, PublicKey)> {
    let (server, hex) = line.split_once(char::is_whitespace)?;
    let mut key = [0; 32];
    let decoded = base16ct::mixed::decode(hex.trim(), &mut key).ok()?;
    (decoded.len() == 32).then_some(())?;
    Some((server.parse().ok()?, PublicKey::from_bytes(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: PublicKey = PublicKey::from_bytes([1; 32]);
    const TWO: PublicKey = PublicKey::from_bytes([2; 32]);

    fn server(text: &str) -> ServerAddr {
        text.parse().expect("server")
    }

    #[test]
    fn remembers_each_server_by_host_and_port() {
        let dir = tempfile::tempdir().expect("dir");
        let known = KnownServers::new(dir.path().join("known_servers"));
        assert_eq!(known.pin(&server("a")).expect("pin"), None);
        known.set_pin(&server("a"), &ONE).expect("set");
        known.set_pin(&server("[::1]:9"), &TWO).expect("set");
        known.set_pin(&server("a:7733"), &ONE).expect("the same again");
        assert_eq!(known.pin(&server("a:7733")).expect("pin"), Some(ONE));
        assert_eq!(known.pin(&server("[::1]:9")).expect("pin"), Some(TWO));
        assert_eq!(known.pin(&server("a:7734")).expect("pin"), None);
        let text = fs::read_to_string(&known.path).expect("read");
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains(&format!("\na:7733 {}\n", "01".repeat(32))), "{text}");
    }

    #[test]
    fn refuses_another_key_and_says_what_to_do() {
        let dir = tempfile::tempdir().expect("dir");
        let known = KnownServers::new(dir.path().join("known_servers"));
        known.set_pin(&server("a"), &ONE).expect("set");
        let error = known.set_pin(&server("a"), &TWO).expect_err("changed").to_string();
        for part in [
            "a:7733",
            "remove the line",
            &ONE.fingerprint().to_string(),
            &TWO.fingerprint().to_string(),
            &known.path.display().to_string(),
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert_eq!(known.pin(&server("a")).expect("pin"), Some(ONE));
    }

    #[test]
    fn keeps_what_a_person_wrote_and_never_skips_a_broken_line() {
        let dir = tempfile::tempdir().expect("dir");
        let known = KnownServers::new(dir.path().join("known_servers"));
        let line = format!("# mine\n\n a:1\t{} ", "01".repeat(32));
        fs::write(&known.path, &line).expect("write");
        assert_eq!(known.pin(&server("a:1")).expect("pin"), Some(ONE));
        known.set_pin(&server("b:1"), &TWO).expect("set");
        assert!(fs::read_to_string(&known.path).expect("read").starts_with(&format!("{line}\n")));

        for broken in ["a:1", "a:1 00", "a:1 zz", &format!("a:0 {}", "01".repeat(32))] {
            fs::write(&known.path, format!("# mine\n{broken}\n")).expect("write");
            let error = known.pin(&server("c")).expect_err(broken).to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
