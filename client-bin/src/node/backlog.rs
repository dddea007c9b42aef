use super::booking::Booking;

/// Bookings that may wait for the disk, and their bytes, before links and commands are left unread.
const MANY: usize = 4096;
const MANY_BYTES: usize = 16 * 1024 * 1024;

/// Measures the bookings that are not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backlog {
    count: usize,
    bytes: usize,
}

impl Backlog {
    pub(super) fn add(&mut self, booking: &Booking) {
        self.count += 1;
        self.bytes += booking.weight();
    }

    pub(super) fn remove(&mut self, booking: &Booking) {
        self.count = self.count.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(booking.weight());
    }

    /// Tells whether nothing waits.
    pub(super) fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Tells whether more may be taken in, from links and from commands.
    pub(super) fn has_room(self) -> bool {
        self.count < MANY && self.bytes < MANY_BYTES
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::UserId;

    use super::super::asker::Asker;
    use super::super::seat_id::SeatId;
    use super::*;

    fn accept(text: usize) -> Booking {
        let to = UserId::new("bob").expect("user");
        let asker = Asker { seat: SeatId(1), reference: None };
        Booking::Accept { to, text: "x".repeat(text), sent_ms: 0, asker, key_changes: 0 }
    }

    #[test]
    fn is_full_by_number_or_by_bytes() {
        for (text, most) in [(0, MANY), (64 * 1024, MANY_BYTES / (64 * 1024))] {
            let (mut backlog, booking) = (Backlog::default(), accept(text));
            let mut count = 0;
            while backlog.has_room() {
                backlog.add(&booking);
                count += 1;
            }
            assert!((most - 1..=most).contains(&count), "{count}");
            backlog.remove(&booking);
            assert!(backlog.has_room());
            for _ in 1..count {
                backlog.remove(&booking);
            }
            assert!(backlog.is_empty());
            assert_eq!(backlog, Backlog::default());
        }
    }
}
