use hdrhistogram::Histogram;

/// Latencies above a minute are all the same.
const MOST: u64 = 60_000_000_000;
/// Within a thousandth.
const DIGITS: u8 = 3;

/// Counts latencies.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    nanos: Histogram<u64>,
}

/// Says what latencies were, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(super) struct Quantiles {
    pub(super) count: u64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    pub(super) max: f64,
}

impl Default for Latency {
    fn default() -> Self {
        let nanos = Histogram::new_with_max(MOST, DIGITS).expect("bounds that are in order");
        Self { nanos }
    }
}

impl Latency {
    pub(super) fn record(&mut self, nanos: u64) {
        self.nanos.saturating_record(nanos);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.nanos.add(&other.nanos).expect("the same bounds");
    }

    /// Returns the quantiles; none of nothing.
    pub(super) fn quantiles(&self) -> Option<Quantiles> {
        let at = |quantile| micros(self.nanos.value_at_quantile(quantile));
        (!self.nanos.is_empty()).then(|| Quantiles {
            count: self.nanos.len(),
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: micros(self.nanos.max()),
        })
    }
}

/// Rounds to what the histogram distinguishes, and no clock tells more of.
fn micros(nanos: u64) -> f64 {
    (nanos as f64 / 10.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_quantiles_of_what_was_recorded() {
        let mut latency = Latency::default();
        assert_eq!(latency.quantiles(), None);
        for micros in 1..=500 {
            latency.record(micros * 1000);
        }
        let mut other = Latency::default();
        for micros in 501..=1000 {
            other.record(micros * 1000);
        }
        latency.add(&other);
        let quantiles = latency.quantiles().expect("quantiles");
        assert_eq!(quantiles.count, 1000);
        for (found, expected) in
            [(quantiles.p50, 500.0), (quantiles.p99, 990.0), (quantiles.p999, 999.0)]
        {
            assert!((found / expected - 1.0_f64).abs() < 0.002, "{found}, not {expected}");
        }
        latency.record(u64::MAX);
        assert!(latency.quantiles().expect("quantiles").max >= 60e6);
    }
}
