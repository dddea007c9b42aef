//! Hosts with two interfaces of which one is dead, and hosts that get other addresses. It happens
//! in network namespaces.

use std::time::Instant;

use breeze_tests::{
    Cable, Conversation, Host, Office, PATIENCE, TestClient, measured, wait_mesh, wait_single_links,
};

/// A limit of silence, in seconds, that no scenario waits for: whatever is noticed before was not
/// noticed by it.
const LONG_IDLE: u32 = 120;

/// Does something to the hosts of both users.
type Prepare = fn(&[Host; 2]);
/// Does something to a cable.
type Kill = fn(&Cable);

/// Drops all packets between two hosts by one of their cables.
fn part(hosts: &[Host; 2], index: usize) {
    hosts[0].cable(index).drop_from(hosts[1].cable(index));
    hosts[1].cable(index).drop_from(hosts[0].cable(index));
}

/// Returns the address at which a client has its direct link to the other one.
fn far_end(client: &TestClient, peer: &str) -> String {
    let event = client.wait_path(peer, "direct");
    event["addr"].as_str().unwrap_or_default().to_owned()
}

/// Tells whether an address is of the network that the second cables make.
fn is_second(addr: &str) -> bool {
    addr.starts_with("10.77.1.") || addr.starts_with("[fd77:0:0:1:")
}

/// The network that the server is in carries nothing between two users, or is all that they have:
/// whichever of their two interfaces is dead, and however, the direct link comes up by the other.
#[test]
fn of_two_interfaces_the_live_one_is_found() {
    let cases: [(&str, bool, Prepare); 4] = [
        ("the first interface loses all", true, |hosts| part(hosts, 0)),
        ("the second interface loses all", false, |hosts| part(hosts, 1)),
        ("the second cable is pulled", false, |hosts| hosts[1].cable(1).cut()),
        ("the second interface is off", false, |hosts| hosts[0].cable(1).switch_off()),
    ];
    for (what, second, prepare) in cases {
        let Some(office) = Office::of_two_cables(LONG_IDLE, prepare) else { return };
        let both = Instant::now();
        let [alice, bob] = office.pair();
        let mut there = Conversation::new(alice, bob);
        there.say(20);
        wait_mesh(&office.pair());
        measured(&format!("two interfaces, {what}: there was no direct link"), both.elapsed());
        assert_eq!(is_second(&far_end(alice, "bob")), second, "{what}");
        there.say(20);
        assert_eq!(there.heard().0, "direct");
        there.expect_all(&format!("two interfaces, {what}"), None);
        wait_single_links(&office.pair());
    }
}

/// When the network that a direct link goes by dies in mid conversation, messages move to the relay,
/// and a direct link comes up by the other one.
#[test]
fn the_other_interface_takes_over() {
    let cases: [(&str, Kill); 2] = [("falls silent", Cable::silence), ("is pulled", Cable::cut)];
    for (what, kill) in cases {
        // The server is in the first network: that of the second cables is the one to die.
        let Some(office) = Office::of_two_cables(LONG_IDLE, |hosts| part(hosts, 0)) else { return };
        let [alice, bob] = office.pair();
        wait_mesh(&office.pair());
        assert!(is_second(&far_end(alice, "bob")));
        let mut there = Conversation::new(alice, bob);
        let mut back = Conversation::new(bob, alice);
        there.say(20);
        back.say(20);
        assert_eq!(there.heard().0, "direct");
        office.hosts.iter().for_each(|host| host.cable(0).heal());
        kill(office.hosts[1].cable(1));
        let killed = Instant::now();
        there.say(20);
        back.say(20);
        there.heard();
        back.heard();
        alice.wait_for("a link by the first cables", 0, |event| {
            event["event"] == "path"
                && event["path"] == "direct"
                && event["addr"].as_str().is_some_and(|addr| !is_second(addr))
        });
        measured(&format!("the cable in use {what}: there was no direct link"), killed.elapsed());
        wait_mesh(&office.pair());
        there.say(20);
        assert_eq!(there.heard().0, "direct");
        there.expect_all(&format!("the cable in use {what}"), None);
        back.expect_all(&format!("the cable in use {what}"), None);
        wait_single_links(&office.pair());
    }
}

/// A host gets another address while its client talks, and the old one is gone without a word to
/// anybody: the client notices by itself, tells the server, and talks on directly, without ever having
/// been offline.
#[test]
fn a_client_moves_to_another_address() {
    for index in [0, 1] {
        let Some(office) = Office::open(LONG_IDLE) else { return };
        wait_mesh(&office.pair());
        let before = office.hosts[index].ip().to_string();
        let marks = office.pair().map(TestClient::mark);
        let mut host = office.hosts[index].clone();
        let [alice, bob] = office.pair();
        let mut there = Conversation::new(alice, bob);
        let mut back = Conversation::new(bob, alice);
        there.say(20);
        back.say(20);
        there.heard();
        back.heard();
        host.lose_addresses();
        host.take_addresses(99);
        let moved = Instant::now();
        there.say(20);
        back.say(20);
        let (mover, other) = (office.pair()[index], office.pair()[1 - index]);
        mover.wait_server("connected", marks[index]);
        measured("an address change: the server was missed", moved.elapsed());
        there.heard();
        back.heard();
        other.wait_for("the new address", marks[1 - index], |event| {
            let addr = event["addr"].as_str().unwrap_or_default();
            event["event"] == "path" && event["path"] == "direct" && !addr.contains(&before)
        });
        measured("an address change: there was no direct link", moved.elapsed());
        wait_mesh(&office.pair());
        there.say(20);
        back.say(20);
        assert_eq!(there.heard().0, "direct");
        assert_eq!(back.heard().0, "direct");
        there.expect_all("an address change", None);
        back.expect_all("an address change", None);
        wait_single_links(&office.pair());
        let offline =
            |event: &serde_json::Value| event["event"] == "presence" && event["online"] == false;
        assert!(!other.events().iter().any(|entry| offline(&entry.item)), "it was never gone");
    }
}

/// A host without any network for a while is back as soon as it has one again, however long the
/// pauses between the tries have become.
#[test]
fn a_client_returns_with_its_network() {
    let Some(office) = Office::open(LONG_IDLE) else { return };
    wait_mesh(&office.pair());
    let mut host = office.hosts[1].clone();
    let [alice, bob] = office.pair();
    let mark = bob.mark();
    host.lose_addresses();
    bob.wait_server("lost", mark);
    let tries = bob.process().log().wait_until(PATIENCE, |lines| {
        let failed = lines.iter().filter(|line| line.item.contains("cannot be reached")).count();
        (failed >= 4).then_some(())
    });
    tries.expect("tries after ever longer pauses");
    let mut there = Conversation::new(alice, bob);
    there.say(20);
    let mark = bob.mark();
    host.take_addresses(99);
    let back = Instant::now();
    bob.wait_server("connected", mark);
    measured("a network that returns: the server was missed from then on", back.elapsed());
    there.expect_all("a network that returns", Some(back));
    wait_mesh(&office.pair());
    wait_single_links(&office.pair());
}
