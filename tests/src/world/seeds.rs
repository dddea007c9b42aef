use std::ops::Range;

/// Returns the seeds that a scenario runs with: as many as it says, unless the environment variable
/// `BREEZE_SEEDS` asks for another number of them (`5000`) or for certain ones (`758..759`).
pub fn seeds(count: u64) -> Range<u64> {
    let asked = std::env::var("BREEZE_SEEDS").unwrap_or_default();
    let (from, to) = asked.split_once("..").unwrap_or(("0", &asked));
    match (from.parse(), to.parse()) {
        (Ok(from), Ok(to)) => from..to,
        _ => 0..count,
    }
}
