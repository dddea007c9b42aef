//! Packets vanish, hosts freeze and firewalls close, and conversations find their way. Most of it
//! happens on hosts in network namespaces.

use std::time::Instant;

use breeze_tests::{
    ClientOptions, Conversation, Host, Lan, Office, ServerOptions, TestClient, expect_direct_chat,
    measured, wait_mesh, wait_single_links,
};

/// A limit of silence, in seconds, that no scenario waits for: whatever is noticed before was not
/// noticed by it.
const LONG_IDLE: u32 = 120;

/// When the packets between two users vanish in mid conversation, with nothing said, their messages
/// move to the relay long before the idle limit, go direct again after the repair, and arrive once
/// and in order all along.
#[test]
fn silence_moves_a_conversation_to_the_relay_and_back() {
    let Some(office) = Office::open(LONG_IDLE) else {
        return;
    };
    let [alice, bob] = office.pair();
    wait_mesh(&office.pair());
    let mut there = Conversation::new(alice, bob);
    let mut back = Conversation::new(bob, alice);
    there.say(20);
    back.say(20);
    assert_eq!(there.heard().0, "direct");
    assert_eq!(back.heard().0, "direct");

    there.say(20);
    back.say(20);
    office.part();
    there.say(20);
    back.say(20);
    for one in [&there, &back] {
        assert_eq!(one.heard().0, "relay");
    }
    alice.wait_path("bob", "relay");
    bob.wait_path("alice", "relay");

    office.heal();
    let healed = Instant::now();
    wait_mesh(&office.pair());
    measured("silence between two users: the relay was used after the repair", healed.elapsed());
    there.say(20);
    back.say(20);
    assert_eq!(there.heard().0, "direct");
    assert_eq!(back.heard().0, "direct");
    there.expect_all("silence between two users", None);
    back.expect_all("silence between two users", None);
    wait_single_links(&office.pair());
}

/// When packets vanish in one direction only, the sender whose acknowledgements are missing moves
/// to the relay, and the recipient shows nothing twice.
#[test]
fn silence_in_one_direction_duplicates_nothing() {
    let Some(office) = Office::open(LONG_IDLE) else {
        return;
    };
    let [alice, bob] = office.pair();
    wait_mesh(&office.pair());
    let mut there = Conversation::new(alice, bob);
    there.say(5);
    assert_eq!(there.heard().0, "direct");
    office.hosts[0].drop_from(&office.hosts[1]);
    let parted = Instant::now();
    there.say(20);
    there.delivered();
    measured("silence in one direction: acknowledgements stalled", parted.elapsed());
    there.say(5);
    there.delivered();
    office.heal();
    wait_mesh(&office.pair());
    there.say(5);
    there.expect_all("silence in one direction", None);
}

/// A conversation that falls silent and heals several times loses nothing.
#[test]
fn a_bad_cable_loses_nothing() {
    let Some(office) = Office::open(LONG_IDLE) else {
        return;
    };
    let [alice, bob] = office.pair();
    wait_mesh(&office.pair());
    let mut there = Conversation::new(alice, bob);
    let mut back = Conversation::new(bob, alice);
    for _ in 0..3 {
        there.say(10);
        back.say(10);
        office.part();
        there.say(10);
        back.say(10);
        there.heard();
        office.heal();
        there.say(10);
        back.say(10);
        back.heard();
    }
    there.expect_all("a bad cable", None);
    back.expect_all("a bad cable", None);
    wait_mesh(&office.pair());
    wait_single_links(&office.pair());
}

/// A host whose packets all vanish is reported offline when the idle limit has passed and its
/// direct links end; it notices that itself, and returns by itself once healed.
#[test]
fn a_silenced_client_goes_offline_and_returns() {
    let Some(office) = Office::open(3) else {
        return;
    };
    wait_mesh(&office.pair());
    vanish_and_return(&office, "a silenced client", Host::silence);
    wait_single_links(&office.pair());
}

/// Has bob's host leave the network in some way and come back, while alice writes to him.
#[track_caller]
fn vanish_and_return(office: &Office, what: &str, vanish: impl Fn(&Host)) {
    let [alice, bob] = office.pair();
    let mark = bob.mark();
    let mut there = Conversation::new(alice, bob);
    there.say(5);
    assert_eq!(there.heard().0, "direct");
    vanish(&office.hosts[1]);
    let vanished = Instant::now();
    there.say(5);
    alice.wait_presence("bob", false);
    measured(&format!("{what}: with an idle limit of 3 s it seemed online"), vanished.elapsed());
    alice.wait_path("bob", "none");
    bob.wait_server("lost", mark);
    there.say(5);

    let mark = bob.mark();
    office.hosts[1].heal();
    let healed = Instant::now();
    bob.wait_server("connected", mark);
    alice.wait_presence("bob", true);
    there.expect_all(what, Some(healed));
    wait_mesh(&office.pair());
    expect_direct_chat(&office.pair(), what);
}

/// A pulled cable is no different.
#[test]
fn a_pulled_cable_is_survived() {
    let Some(office) = Office::open(3) else {
        return;
    };
    wait_mesh(&office.pair());
    vanish_and_return(&office, "a pulled cable", Host::cut);
}

/// When the server's host falls silent direct chats go on, its clients notice, and they return
/// to it once it is healed.
#[test]
fn a_silenced_server_is_noticed() {
    let Some(office) = Office::open(3) else { return };
    let [alice, bob] = office.pair();
    let pair = [alice, bob];
    wait_mesh(&pair);
    let marks = pair.map(TestClient::mark);
    let mut there = Conversation::new(alice, bob);
    there.say(5);
    office.server_host.silence();
    there.say(5);
    for (client, mark) in pair.iter().zip(marks) {
        client.wait_server("lost", mark);
    }
    there.say(5);
    assert_eq!(there.heard().0, "direct");
    let marks = pair.map(TestClient::mark);
    office.server_host.heal();
    let healed = Instant::now();
    for (client, mark) in pair.iter().zip(marks) {
        client.wait_server("connected", mark);
    }
    measured("a silenced server: it was missed after the repair", healed.elapsed());
    there.say(5);
    assert_eq!(there.heard().0, "direct");
    there.expect_all("a silenced server", None);
}

/// Between two firewalls the relay is used from the first message on, and the direct link is made
/// once they open.
#[test]
fn firewalls_mean_the_relay_until_they_open() {
    let Some(lan) = Lan::new() else { return };
    let closed = |hosts: &[Host; 2]| hosts.iter().for_each(Host::firewall);
    let office = Office::prepare(lan, LONG_IDLE, Lan::host, closed);
    let [alice, bob] = office.pair();
    let mut there = Conversation::new(alice, bob);
    let mut back = Conversation::new(bob, alice);
    there.say(1);
    assert_eq!(there.heard().0, "relay");
    back.say(1);
    assert_eq!(back.heard().0, "relay");
    there.say(20);
    assert_eq!(there.heard().0, "relay");

    office.heal();
    let opened = Instant::now();
    wait_mesh(&office.pair());
    measured("two firewalls: the relay was used after they opened", opened.elapsed());
    there.say(5);
    assert_eq!(there.heard().0, "direct");
    there.expect_all("two firewalls", None);
    back.expect_all("two firewalls", None);
    wait_single_links(&office.pair());
}

/// A firewall on one side alone keeps nobody apart: the side behind it dials, whichever came last.
#[test]
fn one_firewall_keeps_nobody_apart() {
    for firewalled in [0, 1] {
        let Some(lan) = Lan::new() else { return };
        let close = |hosts: &[Host; 2]| hosts[firewalled].firewall();
        let office = Office::prepare(lan, LONG_IDLE, Lan::host, close);
        let both = Instant::now();
        let mut there = Conversation::new(&office.clients[0], &office.clients[1]);
        there.say(5);
        wait_mesh(&office.pair());
        measured("one firewall: there was no direct link", both.elapsed());
        there.expect_all("one firewall", None);
        expect_direct_chat(&office.pair(), "in spite of a firewall");
        wait_single_links(&office.pair());
    }
}

/// On a LAN without IPv4 clients log in, dial each other and use the relay as ever.
#[test]
fn a_lan_without_ipv4_works() {
    let Some(lan) = Lan::ipv6_only() else { return };
    let office = Office::prepare(lan, LONG_IDLE, Lan::host, |_| {});
    let [alice, bob] = office.pair();
    assert_eq!(alice.ready()["server"], office.server.address().to_string());
    assert_eq!(alice.local().ip(), office.hosts[0].ipv6());
    wait_mesh(&office.pair());
    let mut there = Conversation::new(alice, bob);
    there.say(20);
    assert_eq!(there.heard().0, "direct");
    there.expect_all("IPv6 only", None);
    wait_single_links(&office.pair());
    let carol = ClientOptions::new("carol", &office.server)
        .on(&office.lan.host("carol"))
        .mesh("off")
        .start();
    carol.ready();
    carol.wait_presence("bob", true);
    carol.send("bob", "relayed over IPv6");
    assert_eq!(bob.wait_message("carol", "relayed over IPv6")["path"], "relay");
}

/// Frozen peers, whose listeners accept and say nothing, delay nobody else's link: a newcomer is
/// connected to the one that answers before it has given up any of those that do not.
#[test]
fn frozen_peers_delay_no_dial() {
    let server = ServerOptions::new().liveness(30, LONG_IDLE).start();
    let start = |user: &str| TestClient::start(user, &server);
    let frozen: Vec<TestClient> = (1..=6).map(|number| start(&format!("frozen{number}"))).collect();
    // Last by name and by time of login, should anybody dial one after the other.
    let zoe = start("zoe");
    let all: Vec<&TestClient> = frozen.iter().chain([&zoe]).collect();
    wait_mesh(&all);
    for client in &frozen {
        client.freeze();
    }
    let newcomer = start("newcomer");
    let logged_in = Instant::now();
    newcomer.wait_path("zoe", "direct");
    measured("frozen peers: there was no direct link to the one that answers", logged_in.elapsed());
    zoe.wait_path("newcomer", "direct");
    expect_direct_chat(&[&newcomer, &zoe], "among frozen peers");
    // They are reached as soon as they go on.
    for client in &frozen {
        client.thaw();
    }
    for client in &frozen {
        newcomer.wait_path(client.user(), "direct");
    }
}

/// A recipient that does not read is flooded through the relay, and holds up nobody else; once it
/// reads it has everything that was accepted for it, in order.
#[test]
fn a_frozen_reader_holds_up_nobody() {
    let server = ServerOptions::new().liveness(30, LONG_IDLE).start();
    let relayed = |user: &str| {
        let client = ClientOptions::new(user, &server).mesh("off").start();
        client.ready();
        client
    };
    let [alice, bob, carol, dan] = ["alice", "bob", "carol", "dan"].map(relayed);
    alice.wait_presence("bob", true);
    dan.wait_presence("alice", true);
    carol.wait_presence("dan", true);
    bob.freeze();
    // More than the server keeps for one session and the kernel for two connections.
    let texts: Vec<String> =
        (0..250).map(|number| format!("{number} {}", "风".repeat(20_000))).collect();
    let flood = alice.send_all("bob", &texts);

    // Neither others are held up nor what the flooder itself is to hear.
    let mut others = [Conversation::new(&carol, &dan), Conversation::new(&dan, &alice)];
    for one in &mut others {
        one.say(50);
    }
    for one in &others {
        one.expect_all("a frozen reader of others", None);
    }
    assert!(bob.texts_from("alice").len() < texts.len(), "the reader was not frozen");

    bob.thaw();
    let delivered = alice.wait_verdicts(&flood);
    let accepted: Vec<&String> = texts
        .iter()
        .zip(delivered)
        .filter_map(|(text, delivered)| delivered.then_some(text))
        .collect();
    assert!(!accepted.is_empty());
    bob.expect_texts("alice", &accepted);
}
