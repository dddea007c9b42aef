use std::time::Duration;

/// Tells people how long something took. Nothing depends on it: machines may be slow.
pub fn measured(what: &str, took: Duration) {
    println!("measured: {what} for {:.2} s", took.as_secs_f64());
}
