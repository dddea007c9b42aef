//! Numbers of bytes, as people write and read them: with units of 1024.

/// What may follow a number, and how many bits it adds to it.
const UNITS: [(&str, u32); 5] = [("B", 0), ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

/// Reads a size such as `500000`, `64K`, `10M`, `10 MiB` or `1g`; one that is beyond all bounds is
/// the largest number.
pub fn parse_size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim_start();
    let is_unit = |name: &str| {
        unit.eq_ignore_ascii_case(name)
            || (!unit.is_empty() && unit.eq_ignore_ascii_case(&name[..1]))
    };
    let bits = match unit {
        "" => 0,
        _ => UNITS.iter().find(|(name, _)| is_unit(name))?.1,
    };
    Some(number.saturating_mul(1 << bits))
}

/// Shows a size with one decimal place in the largest unit of which there is one.
pub fn show_size(bytes: u64) -> String {
    let unit = UNITS.iter().rev().find(|(_, bits)| *bits > 0 && bytes >> bits > 0);
    match unit {
        None => format!("{bytes} B"),
        Some((name, bits)) => {
            // Rounded down, so that what is shown is there.
            let tenths = (bytes >> (bits - 10)) * 10 / 1024;
            match tenths % 10 {
                0 => format!("{} {name}", tenths / 10),
                tenth => format!("{}.{tenth} {name}", tenths / 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        for (text, bytes) in [
            ("0", 0),
            ("500000", 500_000),
            ("12B", 12),
            ("64K", 64 << 10),
            ("64k", 64 << 10),
            ("10 MiB", 10 << 20),
            ("10mib", 10 << 20),
            ("1G", 1 << 30),
            ("2TiB", 2 << 40),
            ("18446744073709551615G", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for text in ["", "M", "-1", "1.5M", "10X", "10MB", "1 0", "99999999999999999999"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (64 << 20, "64 MiB"),
            ((1 << 30) - 1, "1023.9 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(show_size(bytes), text);
        }
    }
}
