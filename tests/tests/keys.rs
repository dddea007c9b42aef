//! A user has another key than before: nobody else gets what was meant for it.

use breeze_tests::{Cli, ClientOptions, Home, TestClient, TestServer};
use serde_json::Value;
use tempfile::TempDir;

/// Alice, who stands still and knows a bob that is gone, and a server that does not know him any more.
struct Scene {
    server: TestServer,
    alice: TestClient,
    /// Bob's home.
    bob: Home,
    fingerprint: String,
    /// The server's data when it knew bob.
    before: TempDir,
    /// The reference of a message to bob that has not arrived.
    waiting: String,
}

fn fingerprint(client: &TestClient) -> String {
    client.ready()["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

impl Scene {
    #[track_caller]
    fn set(verified: bool) -> Self {
        let mut server = TestServer::start();
        let alice = TestClient::start("alice", &server);
        let without_bob = server.back_up();
        let bob = TestClient::start("bob", &server);
        let (home, fingerprint) = (bob.home().clone(), fingerprint(&bob));
        alice.wait_presence("bob", true);
        if verified {
            Cli::breeze_at(alice.home()).args(["verify", "bob", "--yes"]).run().expect(0);
        }
        let reference = alice.send("bob", "for the first bob");
        alice.wait_state(&reference, "delivered");
        bob.quit();
        alice.wait_presence("bob", false);
        let before = server.back_up();
        let waiting = alice.send("bob", "too late");
        alice.wait_state(&waiting, "queued");
        // A server that knows no bob at all would refuse the message before the other bob is there.
        alice.freeze();
        server.restore(&without_bob);
        Self { server, alice, bob: home, fingerprint, before, waiting }
    }

    /// Lets somebody else register as bob, and waits until alice is told.
    #[track_caller]
    fn replace(&self, blocked: bool) -> TestClient {
        let bob = TestClient::start("bob", &self.server);
        bob.ready();
        self.alice.thaw();
        let told = self.alice.wait_for("the change", 0, |event| event["event"] == "key_changed");
        assert_eq!(told["old"], self.fingerprint.as_str());
        assert_eq!(told["new"], fingerprint(&bob).as_str());
        assert_eq!(told["blocked"], blocked);
        let failed = self.alice.wait_state(&self.waiting, "failed");
        assert_eq!(failed["reason"], "key_changed");
        bob
    }

    /// Checks that one more text reaches bob, and that it is all that did.
    #[track_caller]
    fn expect_only(&self, bob: &TestClient, text: &str) {
        let reference = self.alice.send("bob", text);
        self.alice.wait_state(&reference, "delivered");
        bob.expect_texts("alice", &[text]);
    }
}

/// Of an unverified contact the new key is taken over, after a warning; what was written before is
/// not sent to it.
#[test]
fn an_unverified_key_is_replaced_and_told_of() {
    let scene = Scene::set(false);
    let bob = scene.replace(false);
    scene.expect_only(&bob, "for the second bob");
    let shown = Cli::breeze_at(scene.alice.home()).args(["verify", "bob", "--yes"]).run().expect(0);
    assert!(shown.stdout.contains(&fingerprint(&bob)), "{shown:?}");
}

/// To a verified contact nothing is sent until people have accepted the new key.
#[test]
fn a_verified_key_is_replaced_by_people_alone() {
    let scene = Scene::set(true);
    let bob = scene.replace(true);
    let home = scene.alice.home().clone();
    scene.alice.send("bob", "to whom?");
    scene.alice.wait_error("blocked");
    let words = ["bob has a new key", "breeze verify bob --accept"];
    Cli::breeze_at(&home).args(["send", "bob", "to whom?"]).run().expect_failure(&words);
    let refused =
        Cli::breeze_at(&home).args(["verify", "bob", "--yes"]).run().expect_failure(&["--accept"]);
    for part in ["WARNING", &scene.fingerprint, &fingerprint(&bob)] {
        assert!(refused.stdout.contains(part), "{part}: {refused:?}");
    }
    Cli::breeze_at(&home).args(["verify", "bob", "--accept", "--yes"]).run().expect(0);
    scene.expect_only(&bob, "for the second bob");
}

/// The change is remembered when the node ends, and can be accepted without one.
#[test]
fn a_change_is_accepted_without_a_node() {
    let scene = Scene::set(true);
    let bob = scene.replace(true);
    let home = scene.alice.home().clone();
    let Scene { server, alice, .. } = scene;
    alice.quit();
    Cli::breeze_at(&home).args(["verify", "bob", "--yes"]).run().expect_failure(&["--accept"]);
    Cli::breeze_at(&home).args(["verify", "bob", "--accept", "--yes"]).run().expect(0);
    let alice = ClientOptions::new("alice", &server).home(&home).start();
    let reference = alice.send("bob", "for the second bob");
    alice.wait_state(&reference, "delivered");
    bob.expect_texts("alice", &["for the second bob"]);
    let changed = |event: &Value| event["event"] == "key_changed";
    assert!(!alice.events().iter().any(|event| changed(&event.item)));
}

/// A user who is back with the verified key is written to again, though nobody accepted anything.
#[test]
fn the_verified_key_is_good_when_it_is_back() {
    let mut scene = Scene::set(true);
    scene.replace(true).quit();
    scene.alice.wait_presence("bob", false);
    let mark = scene.alice.mark();
    scene.server.restore(&scene.before);
    scene.alice.wait_server("connected", mark);
    let bob = ClientOptions::new("bob", &scene.server).home(&scene.bob).start();
    scene.alice.wait_for("bob", mark, |event| {
        event["event"] == "presence" && event["user"] == "bob" && event["online"] == true
    });
    scene.expect_only(&bob, "for the first bob again");
    let shown = Cli::breeze_at(scene.alice.home()).args(["verify", "bob"]).run().expect(0);
    assert!(shown.stdout.contains("bob is verified"), "{shown:?}");
}
