//! The threading contract of the header: different clients on different threads at once.

mod host;

use std::thread;

use breeze::*;
use host::{Host, Network};

/// Conversations at once, each on a thread of its own.
const THREADS: usize = 4;

#[test]
fn different_clients_run_on_different_threads() {
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            thread::spawn(move || {
                let users = ["alice", "bob"];
                let hosts = users.map(|user| Host::new(user, n as u8 * 2 + 1, |_| {}));
                let mut network = Network::new(hosts.into());
                network.pass(1_000);
                for round in 0..20 {
                    let now = network.now;
                    network.hosts[0].send(now, "bob", &format!("{n} {round}"));
                    network.pass(20);
                }
                let said: Vec<_> =
                    network.hosts[1].messages.iter().map(|(_, text)| text.clone()).collect();
                let all: Vec<_> = (0..20).map(|round| format!("{n} {round}")).collect();
                assert_eq!(said, all);
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

/// A pointer that another thread may have.
struct Shared(*mut breeze_client);

// SAFETY: the test moves a client between threads, which the header allows.
unsafe impl Send for Shared {}

#[test]
fn a_client_may_go_from_thread_to_thread() {
    let mut host = Host::new("alice", 1, |_| {});
    for _ in 0..3 {
        let client = Shared(host.client);
        thread::spawn(move || {
            let client = client;
            // SAFETY: the client is there, and nobody else uses it meanwhile.
            assert_eq!(unsafe { breeze_client_timeout(client.0, 5) }, breeze_result::Ok);
        })
        .join()
        .expect("no panic");
        host.poll(5);
    }
}
