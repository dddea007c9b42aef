use breeze_core::Custody;
use breeze_core::error::RelayRefusal;
use breeze_core::id::Epoch;

use super::schema::CustodyRow;

/// Writes down what is known of a sender's messages to a recipient, with the time of its last
/// change.
pub(super) fn write(custody: &Custody, touched_ms: u64) -> CustodyRow {
    let Custody { epoch, retired, acked, read, lost, reason, last } = *custody;
    let (epoch, retired) = (epoch.to_bits(), retired.map(Epoch::to_bits));
    (epoch, retired, acked, read, lost, reason_to_row(reason), last, touched_ms)
}

/// Reads what [`write()`] wrote, without the time.
pub(super) fn read(row: CustodyRow) -> Result<Custody, redb::Error> {
    let (epoch, retired, acked, read, lost, reason, last, _) = row;
    let (epoch, retired) = (Epoch::from_bits(epoch), retired.map(Epoch::from_bits));
    Ok(Custody { epoch, retired, acked, read, lost, reason: reason_from_row(reason)?, last })
}

/// Reads the time of the last change.
pub(super) fn touched_ms(row: CustodyRow) -> u64 {
    row.7
}

const REASONS: [RelayRefusal; 9] = [
    RelayRefusal::Offline,
    RelayRefusal::UnknownUser,
    RelayRefusal::Busy,
    RelayRefusal::TooLarge,
    RelayRefusal::Quota,
    RelayRefusal::KeyChanged,
    RelayRefusal::Expired,
    RelayRefusal::Unavailable,
    RelayRefusal::NoEnvelope,
];

fn reason_to_row(reason: RelayRefusal) -> u8 {
    match reason {
        RelayRefusal::Offline => 0,
        RelayRefusal::UnknownUser => 1,
        RelayRefusal::Busy => 2,
        RelayRefusal::TooLarge => 3,
        RelayRefusal::Quota => 4,
        RelayRefusal::KeyChanged => 5,
        RelayRefusal::Expired => 6,
        RelayRefusal::Unavailable => 7,
        RelayRefusal::NoEnvelope => 8,
    }
}

fn reason_from_row(row: u8) -> Result<RelayRefusal, redb::Error> {
    let reason = REASONS.get(usize::from(row)).copied();
    reason.ok_or_else(|| redb::Error::Corrupted(format!("there is no refusal {row}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_custody_is_read_as_it_was_written() {
        for (n, reason) in REASONS.into_iter().enumerate() {
            assert_eq!(usize::from(reason_to_row(reason)), n);
            let custody = Custody {
                epoch: Epoch::from_bits(1),
                retired: (n % 2 == 0).then_some(Epoch::from_bits(2)),
                acked: 3,
                read: 4,
                lost: 5,
                reason,
                last: 6,
            };
            let row = write(&custody, 7);
            assert_eq!(read(row).expect("read"), custody);
            assert_eq!(touched_ms(row), 7);
        }
        assert!(reason_from_row(9).is_err());
    }
}
