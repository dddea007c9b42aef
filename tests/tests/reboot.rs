//! The server's host loses its power and comes back. It happens in network namespaces.

use std::time::Instant;

use breeze_tests::{ClientOptions, Conversation, Office, TestClient, measured, wait_mesh};

/// The limit of silence, in seconds: who has nothing to say to the server misses it after that.
const IDLE: u32 = 4;

/// The server's host vanishes: no connection is closed, nobody is told, and its system remembers
/// nothing of them when it is back with its disk. Direct conversations go on meanwhile. Clients
/// return by themselves, and what was on its way through the server, or kept there, arrives once and in
/// order.
#[test]
fn the_servers_host_is_rebooted() {
    let Some(mut office) = Office::open(IDLE) else { return };
    wait_mesh(&office.pair());
    let host = |user: &str| office.lan.host(user);
    // These two have the relay only, and one more is not there.
    let [carol, dave] = ["carol", "dave"].map(|user| {
        let options = ClientOptions::new(user, &office.server).on(&host(user)).mesh("off");
        let client = options.start();
        client.ready();
        client
    });
    let erin_host = host("erin");
    let erin = ClientOptions::new("erin", &office.server).on(&erin_host).mesh("off");
    let once = erin.start();
    let home = once.home().clone();
    carol.wait_presence("dave", true);
    carol.wait_presence("erin", true);
    once.quit();
    carol.wait_presence("erin", false);

    let Office { clients: [alice, bob], server, server_host, .. } = &mut office;
    let mut direct = Conversation::new(alice, bob);
    let mut relayed = Conversation::new(&carol, &dave);
    direct.say(20);
    relayed.say(20);
    assert_eq!(relayed.heard().0, "relay");
    let kept: Vec<String> = (0..20).map(|number| format!("kept {number}")).collect();
    let kept_references = carol.send_all("erin", &kept);
    carol.wait_state(&kept_references[19], "stored");

    let all = [&*alice, &*bob, &carol, &dave];
    let marks = all.map(TestClient::mark);
    relayed.say(20);
    server_host.cut();
    let cut = Instant::now();
    server.kill();
    relayed.say(20);
    direct.say(20);
    assert_eq!(direct.heard().0, "direct");
    carol.wait_server("lost", marks[2]);
    measured("a rebooted server: its loss went unnoticed by who wrote to it", cut.elapsed());
    relayed.say(20);
    server_host.restart();
    server.restart();
    let back = Instant::now();
    for (client, mark) in all.iter().zip(marks) {
        client.wait_server("connected", mark);
        measured(&format!("a rebooted server: {} missed it", client.user()), back.elapsed());
    }
    relayed.say(20);
    direct.say(20);
    assert_eq!(direct.heard().0, "direct");
    direct.expect_all("a rebooted server, direct", None);
    relayed.expect_all("a rebooted server, relayed", Some(back));
    let erin = ClientOptions::new("erin", server).on(&erin_host).home(&home).mesh("off").start();
    erin.expect_texts("carol", &kept);
    carol.wait_delivered(&kept_references);
}
