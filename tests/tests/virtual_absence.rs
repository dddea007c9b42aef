//! Shows that a host that keeps its messages can wait for users that are not online, and goes on
//! with its numbers after a restart.

use std::time::Duration;

use breeze_core::Mesh;
use breeze_core::error::DeliveryFailure;
use breeze_tests::world::{HostId, Member, World};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn pair(world: &mut World, mesh: Mesh) -> [HostId; 2] {
    let pair = ["alice", "bob"].map(|name| world.join(Member::new(name).mesh(mesh).patient()));
    assert!(world.run_until(SECOND * 5, |w| w.sees(pair[0], pair[1]) && w.sees(pair[1], pair[0])));
    pair
}

#[test]
fn messages_wait_for_a_user_that_is_away() {
    for mesh in [Mesh::Eager, Mesh::OnDemand, Mesh::Off] {
        let mut world = World::new(1);
        let [alice, bob] = pair(&mut world, mesh);
        world.kill(bob);
        assert!(world.run_until(SECOND * 2, |w| !w.sees(alice, bob)));
        for n in 0..20 {
            world.send(alice, bob, &format!("{n}")).expect("accepted");
        }
        world.run(HOUR);
        assert_eq!(world.open_messages(), 20, "neither failed nor lost, {mesh:?}");
        world.restart(bob);
        assert!(world.run_until(SECOND * 5, |w| w.open_messages() == 0), "{mesh:?}");
        world.assert_all_delivered();
    }
}

#[test]
fn messages_wait_across_a_restart_of_the_server() {
    let mut world = World::new(2);
    let [alice, bob] = pair(&mut world, Mesh::Off);
    world.kill(bob);
    world.kill(World::SERVER);
    world.send(alice, bob, "are you there?").expect("accepted");
    world.run(SECOND * 60);
    world.restart(World::SERVER);
    world.run(HOUR);
    assert_eq!(world.open_messages(), 1);
    world.restart(bob);
    assert!(world.run_until(SECOND * 15, |w| w.open_messages() == 0));
    world.assert_all_delivered();
}

#[test]
fn a_user_that_nobody_knows_fails_at_once() {
    let mut world = World::new(3);
    let [alice, _] = pair(&mut world, Mesh::Eager);
    let id = world.send_to(alice, "nobody", "hello?").expect("accepted");
    let failed = Some(Err(DeliveryFailure::UnknownUser));
    assert!(world.run_until(SECOND, |w| w.outcome(id) == failed));
}
