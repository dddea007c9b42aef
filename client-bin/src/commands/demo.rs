use std::process::ExitCode;

use crate::error::Error;

/// Shows the product at work, on this machine alone.
pub(crate) fn run() -> Result<ExitCode, Error> {
    Ok(ExitCode::FAILURE)
}
