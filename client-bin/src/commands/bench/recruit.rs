use breeze_core::id::{DisplayName, UserId};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::{Config, Interest, Mesh};
use breeze_server::host::KeyError;

use super::any_client::AnyClient;
use super::capacity::Capacity;
use super::duty::Duty;
use super::roll::Roll;
use super::squad::Squad;

/// Describes one session of the load, which can log in again and again.
#[derive(Clone, Debug)]
pub(super) struct Recruit {
    pub(super) user: UserId,
    pub(super) identity: Identity,
    pub(super) squad: Squad,
    pub(super) duty: Duty,
    pub(super) capacity: Capacity,
    pub(super) mesh: Mesh,
    pub(super) interest: Interest,
    /// Whom it converses with, and has to see online first.
    pub(super) partner: Option<UserId>,
}

impl Recruit {
    /// Makes a session that relays, hears of its partner alone, and rests.
    pub(super) fn new(user: UserId, squad: Squad, capacity: Capacity) -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self {
            user,
            identity: Identity::from_secret(secret),
            squad,
            duty: Duty::Rest,
            capacity,
            mesh: Mesh::Off,
            interest: Interest::Known,
            partner: None,
        })
    }

    /// Makes two sessions, the first of which writes to the second.
    pub(super) fn pair(
        roll: &mut Roll,
        capacity: Capacity,
        mesh: Mesh,
        duties: [Duty; 2],
    ) -> Result<[Self; 2], KeyError> {
        let names = [roll.name(), roll.name()];
        let [first, second] = duties;
        let recruit = |user: usize, duty| -> Result<Self, KeyError> {
            let partner = Some(names[1 - user].clone());
            let plain = Self::new(names[user].clone(), Squad::Talkers, capacity)?;
            Ok(Self { duty, mesh, partner, ..plain })
        };
        Ok([recruit(0, first)?, recruit(1, second)?])
    }

    /// Makes the client.
    pub(super) fn client(&self, now: Instant) -> Result<Box<dyn AnyClient>, KeyError> {
        let (mut secret_seed, mut seed) = ([0; 32], [0; 8]);
        getrandom::fill(&mut secret_seed)?;
        getrandom::fill(&mut seed)?;
        let name = DisplayName::new("bench").expect("a name");
        let mut config = Config::new(self.user.clone(), name, u64::from_le_bytes(seed));
        config.mesh = self.mesh;
        config.interest = self.interest;
        let mut client = self.capacity.client(config, self.identity.clone(), secret_seed, now);
        if let Some(partner) = &self.partner {
            client.watch(now, partner).expect("room for the first peer");
        }
        Ok(client)
    }
}
