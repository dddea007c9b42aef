use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Holds a time in milliseconds, which scripts read as a decimal number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds {
    pub(crate) ms: u64,
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.ms as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is negative becomes none, and what is beyond all bounds the longest time.
        f64::deserialize(deserializer).map(|seconds| Self { ms: (seconds * 1000.0).round() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_to_three_decimals() {
        for (ms, text) in [(0, "0.0"), (1, "0.001"), (500, "0.5"), (12_340, "12.34")] {
            let seconds = Seconds { ms };
            assert_eq!(serde_json::to_string(&seconds).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<Seconds>(text).expect(text), seconds);
        }
    }

    #[test]
    fn any_number_is_a_time() {
        for (text, ms) in [("7", 7000), ("-1.5", 0), ("1e300", u64::MAX), ("0.0004", 0)] {
            assert_eq!(serde_json::from_str::<Seconds>(text).expect(text).ms, ms, "{text}");
        }
    }
}
