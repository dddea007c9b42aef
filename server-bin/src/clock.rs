use jiff::Zoned;
use jiff::fmt::strtime::format;

/// Shows the time of day here and now, as `HH:MM:SS`.
pub(crate) fn time_of_day() -> String {
    // The format is fixed and valid, so that the fallback is never seen.
    format("%H:%M:%S", &Zoned::now()).unwrap_or_default()
}
