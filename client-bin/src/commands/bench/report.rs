use std::fmt::Write;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::latency::Quantiles;

/// Is what a benchmark found, in the order in which it is shown.
///
/// A table and JSON are made of the same names, each of which says the unit. What is not known is
/// not there, in either.
#[derive(Debug)]
pub(super) struct Report {
    bench: &'static str,
    rows: Vec<(&'static str, Figure)>,
    /// Messages that never arrived: then all else is worth nothing.
    pub(super) lost: u64,
}

/// Is one figure of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Figure {
    Text(String),
    Count(u64),
    /// Shown without digits behind the point where there are enough before it.
    Number(f64),
    Latency(Quantiles),
}

impl From<u64> for Figure {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Figure {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<f64> for Figure {
    fn from(number: f64) -> Self {
        Self::Number((number * 1000.0).round() / 1000.0)
    }
}

impl From<String> for Figure {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Quantiles> for Figure {
    fn from(quantiles: Quantiles) -> Self {
        Self::Latency(quantiles)
    }
}

impl Report {
    pub(super) fn of(bench: &'static str) -> Self {
        Self { bench, rows: Vec::new(), lost: 0 }
    }

    /// Adds a figure.
    pub(super) fn add(&mut self, name: &'static str, figure: impl Into<Figure>) {
        self.rows.push((name, figure.into()));
    }

    /// Adds a figure if it is known.
    pub(super) fn add_known(&mut self, name: &'static str, figure: Option<impl Into<Figure>>) {
        if let Some(figure) = figure {
            self.add(name, figure);
        }
    }

    /// Returns the report as one line of JSON.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).expect("names and numbers") + "\n"
    }

    /// Returns the report as a table.
    pub(super) fn table(&self) -> String {
        let width = self.rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut table = format!("breeze bench {}\n", self.bench);
        for (name, figure) in &self.rows {
            let name = name.replace('_', " ");
            writeln!(table, "  {name:width$}  {}", figure.shown()).expect("memory");
        }
        table
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.rows.len()))?;
        map.serialize_entry("bench", self.bench)?;
        for (name, figure) in &self.rows {
            map.serialize_entry(name, figure)?;
        }
        map.end()
    }
}

impl Figure {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => grouped(*count),
            Self::Number(number) => shown(*number),
            Self::Latency(Quantiles { count, p50, p99, p999, max }) => {
                let [p50, p99, p999, max] = [p50, p99, p999, max].map(|micros| shown(*micros));
                let count = grouped(*count);
                format!("p50 {p50}   p99 {p99}   p99.9 {p999}   max {max}   of {count}")
            }
        }
    }
}

/// Writes a number with about as many digits as one can take in.
fn shown(number: f64) -> String {
    let whole = number.abs();
    match whole {
        // Whole numbers up to 2^53 are exact.
        _ if whole >= 1000.0 => grouped(whole.round() as u64),
        _ if whole >= 100.0 => format!("{number:.0}"),
        _ if whole >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Writes a number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::of("relay");
        report.add("pairs", 3_u32);
        report.add("messages_per_second", 1_234_567.891_23);
        report.add_known("messages_per_server_cpu_second", None::<f64>);
        let quantiles =
            Quantiles { count: 1000, p50: 12.5, p99: 123.45, p999: 4567.8, max: 9000.0 };
        report.add_known("one_way_us", Some(quantiles));
        report
    }

    #[test]
    fn json_has_the_figures_that_are_known() {
        assert_eq!(
            report().json(),
            "{\"bench\":\"relay\",\"pairs\":3,\"messages_per_second\":1234567.891,\"one_way_us\":\
             {\"count\":1000,\"p50\":12.5,\"p99\":123.45,\"p999\":4567.8,\"max\":9000.0}}\n"
        );
    }

    #[test]
    fn the_table_has_the_same() {
        let table = "\
breeze bench relay
  pairs                3
  messages per second  1,234,568
  one way us           p50 12.5   p99 123   p99.9 4,568   max 9,000   of 1,000
";
        assert_eq!(report().table(), table);
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in
            [(0.0, "0.00"), (9.876, "9.88"), (98.76, "98.8"), (987.6, "988"), (1e6, "1,000,000")]
        {
            assert_eq!(shown(number), text);
        }
        assert_eq!([0, 999, 1000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
    }
}
