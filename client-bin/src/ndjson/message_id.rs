//! The text by which scripts call a message.

use breeze_core::id::{Epoch, MessageId};

/// Hexadecimal digits of the epoch.
const EPOCH_DIGITS: usize = 16;

/// Reads what the `id` of an event says; only the very text that was written is taken.
pub(super) fn parse(text: &str) -> Option<MessageId> {
    let (epoch, seq) = text.split_at_checked(EPOCH_DIGITS)?;
    let epoch = Epoch::from_bits(u64::from_str_radix(epoch, 16).ok()?);
    let id = MessageId { epoch, seq: seq.strip_prefix('-')?.parse().ok()? };
    // Signs, capitals and leading zeros are no part of an id.
    (id.to_string() == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        for (epoch, seq) in [(0, 0), (1, 1), (u64::MAX, u64::MAX), (0x86f2_f6f2_0124_03c7, 12)] {
            let id = MessageId { epoch: Epoch::from_bits(epoch), seq };
            assert_eq!(parse(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn nothing_else_is_an_id() {
        for text in [
            "",
            "1",
            "86f2f6f2012403c7",
            "86f2f6f2012403c7-",
            "86f2f6f2012403c7-x",
            "86f2f6f2012403c7-01",
            "86f2f6f2012403c7-+1",
            "86f2f6f2012403c7--1",
            "86F2F6F2012403C7-1",
            "+6f2f6f2012403c7-1",
            "86f2f6f2012403c-1",
            "86f2f6f2012403c7-18446744073709551616",
            " 86f2f6f2012403c7-1",
            "86f2f6f20124é3c-1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
