//! Random changes against a model.

use std::time::Duration;

use breeze_core::id::LinkId;
use breeze_core::io::Keep;
use proptest::prelude::*;

use super::bench::*;
use super::model::Model;
use super::*;
use crate::test_disk::TestDisk;

const LIMITS: Limits = Limits {
    messages: 6,
    bytes: 100,
    total_messages: 9,
    total_bytes: 160,
    age: Duration::from_millis(30 * DAY_MS),
};
/// Names of which one begins like another.
const NAMES: [&str; 3] = ["al", "al-2", "b"];

/// Is what a test does in one go.
#[derive(Clone, Debug)]
enum Step {
    Changes(Vec<Change>),
    AddUser(usize, Secret),
    RemoveUser(usize),
    ResetKey(usize, Secret),
    SetQuota(usize, Quota),
    /// What was read and not told is told to a user, as at its login.
    TellRead(usize),
    Restart,
}

fn name() -> impl Strategy<Value = usize> {
    0..NAMES.len()
}

fn secret() -> impl Strategy<Value = Secret> {
    prop::sample::select(vec![code("a"), code("b"), password("a")])
}

/// Mostly the user's own key, so that not everything is refused.
fn claimant() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![4 => name().prop_map(|n| (n, n)), 1 => (name(), 0..4usize)]
}

fn key(n: usize) -> breeze_core::id::PublicKey {
    key_of(NAMES.get(n).unwrap_or(&"another"))
}

fn registration() -> impl Strategy<Value = Registration> {
    prop_oneof![
        4 => Just(Registration::Open),
        1 => Just(Registration::Invite),
        1 => Just(Registration::Closed)
    ]
}

fn message_id() -> impl Strategy<Value = breeze_core::id::MessageId> {
    (prop_oneof![5 => Just(1u64), 1 => Just(2)], 1..9u64).prop_map(|(epoch, seq)| id(epoch, seq))
}

fn a_keep() -> impl Strategy<Value = Change> {
    let back = prop_oneof![6 => Just(None), 1 => (0..8u64).prop_map(Some)];
    let gap = prop_oneof![6 => Just(0u64), 1 => 0..4u64];
    (name(), claimant(), message_id(), (back, gap), 0..30usize).prop_map(
        |(from, (to, sealed_for), id, (back, gap), size)| {
            let back = back.unwrap_or(id.seq - 1).min(id.seq - 1);
            let gap = gap.min(back);
            let envelope = key(sealed_for).hint().to_vec();
            let body = vec![size as u8; size];
            let (from, to) = (user(NAMES[from]), user(NAMES[to]));
            let link = LinkId::from_bits(1);
            Change::Keep { keep: Keep { link, from, to, id, back, gap, envelope, body } }
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let frame = || prop::sample::select(vec![0u32, 150, 4000]);
    let pair = || (name(), name()).prop_map(|(from, to)| (user(NAMES[from]), user(NAMES[to])));
    prop_oneof![
        8 => (claimant(), frame(), registration()).prop_map(|((n, k), max_frame, registration)| {
            Change::Claim { user: user(NAMES[n]), key: key(k), max_frame, registration }
        }),
        2 => (claimant(), frame(), secret(), registration()).prop_map(
            |((n, k), max_frame, secret, registration)| {
                let user = user(NAMES[n]);
                Change::Enrol { user, key: key(k), max_frame, secret, registration }
            },
        ),
        20 => a_keep(),
        5 => (pair(), message_id()).prop_map(|((from, to), id)| Change::Acked { from, to, id }),
        3 => (pair(), message_id()).prop_map(|((from, to), id)| Change::Read { from, to, id }),
        3 => (pair(), 1..3u64).prop_map(|((from, to), epoch)| {
            ask(from.as_str(), to.as_str(), epoch)
        }),
        2 => Just(Change::Purge),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let bound = || prop::option::of(0..60u64);
    prop_oneof![
        16 => prop::collection::vec(change(), 1..12).prop_map(Step::Changes),
        2 => (name(), secret()).prop_map(|(n, secret)| Step::AddUser(n, secret)),
        1 => name().prop_map(Step::RemoveUser),
        1 => (name(), secret()).prop_map(|(n, secret)| Step::ResetKey(n, secret)),
        1 => (name(), bound(), bound()).prop_map(|(n, messages, bytes)| {
            Step::SetQuota(n, Quota { messages, bytes })
        }),
        2 => name().prop_map(Step::TellRead),
        2 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_plain_lists_do(
        steps in prop::collection::vec((step(), 0..12u64), 1..40)
    ) {
        let mut model = Model::new(LIMITS);
        let mut disk = TestDisk::default();
        let mut store = open(&disk, LIMITS).expect("open");
        let mut now_ms = NOW;
        for (step, days) in steps {
            now_ms += days * DAY_MS;
            let told = |store: &Store, n: usize| {
                let user = user(NAMES[n]);
                let read = store.backlog(&user).expect("backlog").read;
                vec![Change::ReadTold { user, read }]
            };
            let changes = match &step {
                Step::Changes(changes) => changes.clone(),
                Step::TellRead(n) => told(&store, *n),
                Step::AddUser(n, secret) => {
                    let user = user(NAMES[*n]);
                    let added = store.add_user(&user, secret).expect("add");
                    prop_assert_eq!(added, model.add_user(&user, secret));
                    vec![]
                }
                Step::RemoveUser(n) => {
                    let user = user(NAMES[*n]);
                    let removal = store.remove_user(&user, now_ms).expect("remove");
                    prop_assert_eq!(removal, model.remove_user(&user, now_ms));
                    vec![]
                }
                Step::ResetKey(n, secret) => {
                    let user = user(NAMES[*n]);
                    let removal = store.reset_key(&user, secret, now_ms).expect("reset");
                    prop_assert_eq!(removal, model.reset_key(&user, secret, now_ms));
                    vec![]
                }
                Step::SetQuota(n, quota) => {
                    let user = user(NAMES[*n]);
                    let set = store.set_quota(&user, *quota).expect("quota");
                    prop_assert_eq!(set, model.set_quota(&user, *quota));
                    vec![]
                }
                Step::Restart => {
                    drop(store);
                    disk = TestDisk::new(disk.image());
                    store = open(&disk, LIMITS).expect("reopen");
                    vec![]
                }
            };
            let outcomes = store.apply(&changes, now_ms).expect("apply");
            let expected: Vec<_> =
                changes.iter().map(|change| model.apply(change, now_ms)).collect();
            prop_assert_eq!(&outcomes, &expected, "{:?}", step);
            model.check(&store);
        }
    }
}
