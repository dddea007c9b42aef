use proptest::test_runner::Config;

/// Has a property tried in so many cases; in few under Miri, which takes a thousand times as long. It
/// keeps no files.
pub(crate) fn cases(count: u32) -> Config {
    let cases = if cfg!(miri) { 2 } else { count };
    Config { cases, failure_persistence: None, ..Config::default() }
}
