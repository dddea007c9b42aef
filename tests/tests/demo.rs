//! The product in one command.

use breeze_tests::{Cli, PATIENCE};

/// The demonstration ends well, which it does only if all that it shows has happened.
#[test]
fn the_demo_succeeds() {
    // It shows things at a pace that people can follow.
    let output = Cli::breeze().args(["demo"]).patience(3 * PATIENCE).run().expect(0);
    let narration = output.stdout.to_lowercase();
    for word in ["direct", "relay", "offline"] {
        assert!(narration.contains(word), "no {word} in {output:#?}");
    }
}
