//! What the machine makes of offers, without network and disk.

use breeze_core::Path;
use breeze_core::error::FileEnd;
use breeze_core::files::{FileDetails, FileKind, Offer};
use breeze_core::id::PublicKey;
use breeze_core::io::{Event as CoreEvent, FileNews, ReceivedFile};
use breeze_core::wire::FileItem;

use super::state::UNANSWERED;
use crate::ndjson::{Command, Reference};
use crate::node::bench::{Bench, NOW, user};

fn item(bench: &mut Bench, item: FileItem<'_>) {
    let what = FileNews::Item(item);
    let received = ReceivedFile { from: user("bob"), path: Path::Direct, what };
    bench.machine.on_file(NOW, &received);
}

fn offered(bench: &mut Bench, number: u64, name: &str) -> Vec<String> {
    let kind = FileKind::File(FileDetails { modified: 0, executable: false });
    let offer = Offer { name, kind, size: 7, root: [9; 32] };
    item(bench, FileItem::Offer { number, offer });
    bench.events()
}

#[test]
fn an_offer_is_told_once_however_often_it_comes() {
    let mut bench = Bench::new();
    let told = offered(&mut bench, 0xab, "film");
    assert!(told[0].starts_with(r#""file_offer","transfer":"00000000000000ab","from":"bob""#));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(offered(&mut bench, 0xab, "film").is_empty());
}

#[test]
fn a_user_may_have_so_many_unanswered_offers_and_no_more() {
    let mut bench = Bench::new();
    for number in 0..UNANSWERED as u64 {
        assert_eq!(offered(&mut bench, number, "film").len(), 1);
    }
    assert!(offered(&mut bench, 99, "film").is_empty());
    let reference = Some(Reference::Text("r".into()));
    bench.command(Command::Reject { transfer: format!("{:016x}", 3), reference });
    assert!(bench.events()[0].contains(r#""ref":"r","from":"bob""#));
    assert_eq!(offered(&mut bench, 99, "film").len(), 1, "there is room for one again");
}

#[test]
fn what_was_rejected_is_not_offered_again() {
    let mut bench = Bench::new();
    offered(&mut bench, 5, "film");
    bench.command(Command::Reject { transfer: format!("{:016x}", 5), reference: None });
    let told = bench.events();
    assert!(told[0].contains(r#""reason":"rejected""#), "{told:?}");
    assert!(offered(&mut bench, 5, "film").is_empty());
}

/// What was offered to, or by, the holder of one key is no business of the holder of another.
#[test]
fn another_key_ends_all_transfers_with_its_user() {
    let mut bench = Bench::new();
    offered(&mut bench, 5, "film");
    let [pinned, found] = [1, 2].map(|byte| PublicKey::from_bytes([byte; 32]));
    let user = user("bob");
    bench.core(CoreEvent::KeyChanged { user, pinned, found, blocked: false });
    let told = bench.events();
    let failed = told.iter().find(|line| line.starts_with(r#""file_failed""#));
    assert!(failed.is_some_and(|line| line.contains(r#""reason":"key_changed""#)), "{told:?}");
}

#[test]
fn the_other_side_may_take_its_offer_back() {
    let mut bench = Bench::new();
    offered(&mut bench, 5, "film");
    item(&mut bench, FileItem::Ended { number: 5, by_sender: true, end: FileEnd::Cancelled });
    let told = bench.events();
    assert!(told[0].contains(r#""reason":"cancelled""#), "{told:?}");
    let command =
        Command::Accept { transfer: "5".into(), dir: None, replace: false, reference: None };
    bench.command(command);
    assert!(bench.events()[0].contains("unknown_transfer"), "it is called 00…05");
}
