use std::time::Duration;

use breeze_core::Mesh;

use crate::world::{AckMode, Member, Rng};

/// Draws the clients of a scenario: mostly ordinary hosts with a disk.
pub(super) fn draw(rng: &mut Rng, count: usize) -> Vec<Member> {
    (0..count)
        .map(|number| {
            let ack = match rng.below(3) {
                0 => AckMode::After(Duration::from_millis(rng.below(1500))),
                _ => AckMode::AtOnce,
            };
            let mesh = match rng.below(8) {
                0 => Mesh::OnDemand,
                1 => Mesh::Off,
                _ => Mesh::Eager,
            };
            let member = Member::new(&format!("c{number}")).ack(ack).mesh(mesh).with_disk();
            if rng.below(2) == 0 { member.remembers_keys() } else { member }
        })
        .collect()
}
