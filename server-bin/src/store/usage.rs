/// Counts what is kept, for one recipient or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) messages: u64,
    /// Of bodies and envelopes.
    pub(super) bytes: u64,
}

impl Usage {
    /// Tells whether one more message of so many bytes stays within bounds.
    pub(super) fn has_room(self, bytes: u64, most: Self) -> bool {
        self.messages < most.messages && bytes <= most.bytes.saturating_sub(self.bytes)
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.messages += 1;
        self.bytes += bytes;
    }

    pub(super) fn remove(&mut self, gone: Self) {
        self.messages = self.messages.saturating_sub(gone.messages);
        self.bytes = self.bytes.saturating_sub(gone.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_room_up_to_the_border() {
        let most = Usage { messages: 2, bytes: 10 };
        let mut usage = Usage::default();
        assert!(usage.has_room(10, most) && !usage.has_room(11, most));
        usage.add(4);
        assert!(usage.has_room(6, most) && !usage.has_room(7, most));
        usage.add(0);
        assert!(!usage.has_room(0, most));
        usage.remove(Usage { messages: 1, bytes: 4 });
        assert_eq!(usage, Usage { messages: 1, bytes: 0 });
        // The bounds were narrowed since.
        let most = Usage { messages: 2, bytes: 3 };
        assert!(!Usage { messages: 1, bytes: 4 }.has_room(0, Usage { messages: 1, ..most }));
        assert!(Usage { messages: 1, bytes: 4 }.has_room(0, most));
        assert!(!Usage { messages: 1, bytes: 4 }.has_room(1, most));
    }
}
