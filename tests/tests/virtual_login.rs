//! Shows that guessing codes gets nobody anywhere, and keeps nobody else from logging in.

use std::time::Duration;

use breeze_core::error::LoginRefusal;
use breeze_core::io::Event;
use breeze_core::limits::{TRIES_PER_ADDRESS, TRIES_PER_NAME};
use breeze_tests::world::{HostId, Member, World};

const SECOND: Duration = Duration::from_secs(1);

fn guess(user: &str, secret: u8, ticket: &str) -> Member {
    Member { secret: Some([secret; 32]), ticket: ticket.into(), ..Member::new(user) }
}

/// What the server has answered to the logins of a client's present run.
fn refusal(world: &World, host: HostId) -> Option<LoginRefusal> {
    let mut refusals = world.view(host).events().filter_map(|(_, event)| match event {
        Event::LoginRefused { refusal } => Some(*refusal),
        _ => None,
    });
    refusals.next_back()
}

#[test]
fn a_code_enrols_another_key() {
    let mut world = World::new(1);
    let alice = world.join(Member::new("alice"));
    world.run(SECOND);
    world.close(alice);
    world.set_code("alice", "open sesame");
    let without = world.join(guess("alice", 7, ""));
    let wrong = world.join(guess("alice", 8, "open says me"));
    let right = world.join(guess("alice", 9, "open sesame"));
    world.run(SECOND);
    assert_eq!(refusal(&world, without), Some(LoginRefusal::NameTaken));
    assert_eq!(refusal(&world, wrong), Some(LoginRefusal::WrongCode));
    assert!(world.view(right).is_connected);
}

#[test]
fn guesses_for_a_name_are_slowed_down_and_its_owner_is_not() {
    let mut world = World::new(2);
    let alice = world.join(Member::new("alice"));
    world.run(SECOND);
    world.set_code("alice", "right");
    let (burst, interval) = TRIES_PER_NAME;
    let crowd: Vec<_> = (0..3 * burst)
        .map(|n| {
            let guesser = world.join(guess("alice", n as u8 + 50, "wrong"));
            world.run(SECOND / 10);
            guesser
        })
        .collect();
    let (looked_into, slowed) = crowd.split_at(burst as usize);
    for &guesser in looked_into {
        assert_eq!(refusal(&world, guesser), Some(LoginRefusal::WrongCode));
    }
    for &guesser in slowed {
        assert_eq!(refusal(&world, guesser), Some(LoginRefusal::TooManyTries));
        world.kill(guesser);
    }
    // Not even the right code is looked at now, but the right key is.
    let late = world.join(guess("alice", 99, "right"));
    world.run(SECOND);
    assert_eq!(refusal(&world, late), Some(LoginRefusal::TooManyTries));
    world.restart(alice);
    let bob = world.join(Member::new("bob"));
    world.run(SECOND);
    assert!(world.view(alice).is_connected && world.view(bob).is_connected);
    assert!(world.run_until(interval * 2, |w| w.view(late).is_connected), "patience helps");
}

#[test]
fn guesses_from_an_address_are_slowed_down_whatever_the_names() {
    let mut world = World::new(3);
    let names: Vec<_> = (0..2 * TRIES_PER_ADDRESS.0).map(|n| format!("user{n}")).collect();
    for name in &names {
        let owner = world.join(Member::new(name));
        world.run(SECOND / 20);
        world.close(owner);
    }
    let mallory = world.join(guess("mallory", 1, ""));
    let mut slowed = 0;
    for name in &names {
        world.become_user(mallory, name);
        world.restart(mallory);
        world.run(SECOND / 20);
        slowed += u32::from(refusal(&world, mallory) == Some(LoginRefusal::TooManyTries));
    }
    assert!(slowed >= TRIES_PER_ADDRESS.0 - 2, "{slowed}");
    let other = world.join(guess("user1", 1, ""));
    world.run(SECOND);
    assert_eq!(refusal(&world, other), Some(LoginRefusal::NameTaken), "another address");
}
