use std::fmt::Display;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use breeze_core::id::{DisplayName, UserId};
use breeze_server::host::{FileError, private_file};
use toml::{Table, Value};

use crate::cli::GlobalArgs;
use crate::error::Error;
use crate::server_addr::ServerAddr;

const ADVICE: &str = "correct that entry, or remove the file and give the options again";

/// Holds what `settings.toml` remembers from one run to the next.
///
/// Keys that this version does not know are kept as they are.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    table: Table,
    pub(crate) server: Option<ServerAddr>,
    pub(crate) user: Option<UserId>,
    pub(crate) name: Option<DisplayName>,
}

/// Says who logs in, under which name, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) user: UserId,
    pub(crate) name: DisplayName,
    pub(crate) server: ServerAddr,
}

impl Settings {
    /// Loads the file, empty settings if there is none.
    pub(crate) fn load(path: PathBuf) -> Result<Self, Error> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(FileError::read_text(&path, error, ADVICE).into()),
        };
        match Self::parse(path.clone(), &text) {
            Ok(settings) => Ok(settings),
            Err(reason) => Err(FileError::Damaged { path, reason, advice: ADVICE.into() }.into()),
        }
    }

    /// Takes over what the command line gives, and stores it if that is new.
    pub(crate) fn remember(&mut self, args: &GlobalArgs) -> Result<(), Error> {
        let server = take_over(&mut self.table, "server", &mut self.server, &args.server);
        let user = take_over(&mut self.table, "user", &mut self.user, &args.user);
        let name = take_over(&mut self.table, "name", &mut self.name, &args.name);
        if !(server || user || name) {
            return Ok(());
        }
        private_file::replace(&self.path, self.table.to_string().as_bytes())
            .map_err(|error| FileError::write(&self.path, error).into())
    }

    /// Returns what a log-in takes, or says which option is missing.
    pub(crate) fn profile(&self) -> Result<Profile, Error> {
        let user = self.user.clone().ok_or(Error::NoUser)?;
        let server = self.server.clone().ok_or(Error::NoServer)?;
        Ok(Profile { name: self.display_name(&user), user, server })
    }

    /// Returns the name to show for `user`: the set one, or else the user name itself.
    pub(crate) fn display_name(&self, user: &UserId) -> DisplayName {
        match &self.name {
            Some(name) if !name.as_str().is_empty() => name.clone(),
            // A user name always fits, being the shorter of the two.
            Some(_) | None => DisplayName::new(user.as_str()).unwrap_or_default(),
        }
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            format!("line {line}: {}", error.message())
        })?;
        let server = entry(&table, "server")?;
        let user = entry(&table, "user")?;
        let name = entry(&table, "name")?;
        Ok(Self { path, table, server, user, name })
    }
}

fn entry<T: FromStr<Err: Display>>(table: &Table, key: &str) -> Result<Option<T>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|error| format!("'{key}' is {text:?}: {error}"))
        }
        Some(_) => Err(format!("'{key}' is not a text in quotation marks")),
    }
}

fn take_over<T: Clone + PartialEq + Display>(
    table: &mut Table,
    key: &str,
    kept: &mut Option<T>,
    given: &Option<T>,
) -> bool {
    if given.is_none() || kept == given {
        return false;
    }
    kept.clone_from(given);
    if let Some(value) = given {
        table.insert(key.into(), Value::String(value.to_string()));
    }
    true
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn args(line: &str) -> GlobalArgs {
        Cli::try_parse_from(line.split(' ').chain(["id"])).expect(line).global
    }

    #[test]
    fn options_are_remembered_and_win() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("settings.toml");
        let mut settings = Settings::load(path.clone()).expect("load");
        assert!(settings.profile().expect_err("user").to_string().contains("--user NAME"));
        settings.remember(&args("breeze --user alice")).expect("remember");
        assert!(settings.profile().expect_err("server").to_string().contains("--server HOST"));
        settings.remember(&args("breeze --server here")).expect("remember");

        let mut settings = Settings::load(path.clone()).expect("load");
        let profile = settings.profile().expect("profile");
        assert_eq!(profile.user.as_str(), "alice");
        assert_eq!(profile.name.as_str(), "alice");
        assert_eq!(profile.server.to_string(), "here:7733");

        settings.remember(&args("breeze --name 爱丽丝 --server there:1")).expect("remember");
        let profile = Settings::load(path).expect("load").profile().expect("profile");
        assert_eq!(profile.name.as_str(), "爱丽丝");
        assert_eq!(profile.server.to_string(), "there:1");
    }

    #[test]
    fn an_empty_name_is_the_user_name_again() {
        let dir = tempfile::tempdir().expect("dir");
        let mut settings = Settings::load(dir.path().join("settings.toml")).expect("load");
        settings.remember(&args("breeze --user al --server h --name Al")).expect("remember");
        assert_eq!(settings.profile().expect("profile").name.as_str(), "Al");
        settings.remember(&args("breeze --name ")).expect("remember");
        assert_eq!(settings.profile().expect("profile").name.as_str(), "al");
    }

    #[test]
    fn unknown_keys_stay_and_nothing_new_writes_nothing() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("settings.toml");
        fs::write(&path, "user = \"al\" # me\n[later]\nkey = [1, 2]\n").expect("write");
        let mut settings = Settings::load(path.clone()).expect("load");
        settings.remember(&args("breeze --user al")).expect("remember");
        assert!(fs::read_to_string(&path).expect("read").contains("# me"));
        settings.remember(&args("breeze --user bo")).expect("remember");
        let table: Table = fs::read_to_string(&path).expect("read").parse().expect("toml");
        assert_eq!(table["user"].as_str(), Some("bo"));
        assert_eq!(table["later"]["key"][1].as_integer(), Some(2));
    }

    #[test]
    fn says_what_is_wrong_with_the_file() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("settings.toml");
        for (text, words) in [
            ("user = \"Al\"", "only lower-case letters"),
            ("user = 3", "quotation marks"),
            ("server = \"a:b:c\"", "IPv6"),
            ("\n\nuser = ", "line 3"),
        ] {
            fs::write(&path, text).expect("write");
            let error = Settings::load(path.clone()).expect_err(text).to_string();
            assert!(error.contains(words) && error.contains("settings.toml"), "{error}");
        }
        fs::write(&path, b"\xff").expect("write");
        let error = Settings::load(path).expect_err("no text").to_string();
        assert!(error.contains("is damaged") && error.contains("remove the file"), "{error}");
    }
}
