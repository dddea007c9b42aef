use super::latency::Latency;
use super::stopwatch::Phase;

/// Counts what a load thread did and saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Messages accepted for sending, measured or not.
    pub(super) sent: u64,
    /// Messages that arrived, measured or not.
    pub(super) arrived: u64,
    /// Messages of which the core said that they will not arrive.
    pub(super) failed: u64,
    /// Bytes that came to those who hear of everybody.
    pub(super) subscribed_bytes: u64,
    /// Tries to open a direct link.
    pub(super) dials: u64,
    phases: [PhaseTally; Phase::COUNT],
}

/// Counts what was seen while a phase was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct PhaseTally {
    /// Messages that arrived.
    pub(super) messages: u64,
    /// Those among them that came by the server.
    pub(super) relayed: u64,
    /// Bytes of their texts.
    pub(super) bytes: u64,
    /// From sender to recipient.
    pub(super) one_way: Latency,
    /// There and back.
    pub(super) round_trip: Latency,
}

impl Tally {
    pub(super) fn phase(&self, phase: Phase) -> &PhaseTally {
        &self.phases[phase as usize]
    }

    pub(super) fn phase_mut(&mut self, phase: Phase) -> &mut PhaseTally {
        &mut self.phases[phase as usize]
    }

    /// Adds what another thread counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.arrived += other.arrived;
        self.failed += other.failed;
        self.subscribed_bytes += other.subscribed_bytes;
        self.dials += other.dials;
        for (phase, other) in self.phases.iter_mut().zip(&other.phases) {
            phase.messages += other.messages;
            phase.relayed += other.relayed;
            phase.bytes += other.bytes;
            phase.one_way.add(&other.one_way);
            phase.round_trip.add(&other.round_trip);
        }
    }

    /// Returns how many messages never arrived, once no more are under way.
    pub(super) fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.arrived)
    }
}
