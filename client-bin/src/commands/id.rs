use std::io::{self, Write};
use std::process::ExitCode;

use breeze_core::noise::Identity;

use super::access::Access;
use crate::error::Error;
use crate::text::printable_name;

/// Prints who this client is: what others need to recognise it, and where its files are.
pub(crate) fn run(access: Access) -> Result<ExitCode, Error> {
    let Access { home, mut settings, global, .. } = access;
    settings.remember(&global)?;
    let identity = Identity::from_secret(*home.identity_key()?);
    let unset = |option: &str| format!("(not set; give {option})");
    let (user, name) = match &settings.user {
        Some(user) => (user.to_string(), settings.display_name(user).to_string()),
        None => (unset("--user NAME"), unset("--name DISPLAY")),
    };
    let server =
        settings.server.as_ref().map_or_else(|| unset("--server HOST:PORT"), ToString::to_string);
    let mut out = io::stdout().lock();
    writeln!(out, "user         {user}")?;
    writeln!(out, "name         {}", printable_name(&name))?;
    writeln!(out, "server       {server}")?;
    writeln!(out, "fingerprint  {}", identity.public().fingerprint())?;
    writeln!(out, "home         {}", home.path().display())?;
    Ok(ExitCode::SUCCESS)
}
