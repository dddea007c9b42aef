use std::time::Duration;

use breeze_core::Mesh;

use crate::world::{AckMode, Member, Rng};

/// Draws the clients of a scenario: mostly ordinary hosts with a disk.
pub(super) fn draw(rng: &mut Rng, count: usize) -> Vec<Member> {
    // Apart, so that the other draws are those of the time before there were lists.
    let mut lists = Rng::new(rng.clone().bits());
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
            let member = Member::new(&user(number)).ack(ack).mesh(mesh).with_disk();
            let member = if rng.below(2) == 0 { member.remembers_keys() } else { member };
            if lists.below(4) == 0 {
                member.watching((0..count).filter(|other| *other != number).map(user))
            } else {
                member
            }
        })
        .collect()
}

fn user(number: usize) -> String {
    format!("c{number}")
}
