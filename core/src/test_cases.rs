use proptest::test_runner::Config;

/// Has a property tried in so many cases; in few under Miri, which takes a thousand times as long. It
/// keeps no files.
pub(crate) fn cases(count: u32) -> Config {
    let cases = if cfg!(miri) { 2 } else { count };
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Goes through all of a range; through a few of it under Miri.
pub(crate) fn all(range: core::ops::Range<usize>) -> impl Iterator<Item = usize> {
    let step = if cfg!(miri) { range.len().div_ceil(3) } else { 1 };
    range.step_by(step.max(1))
}
