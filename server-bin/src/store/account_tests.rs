use breeze_core::error::LoginRefusal;
use breeze_core::id::PublicKey;

use super::bench::*;
use super::*;

const ONE: PublicKey = PublicKey::from_bytes([1; 32]);
const TWO: PublicKey = PublicKey::from_bytes([2; 32]);

fn store() -> Store {
    store_of(&[], Limits::default()).1
}

fn claim_as(store: &Store, name: &str, key: PublicKey) -> Result<(), LoginRefusal> {
    claim_if(store, name, key, Registration::Open)
}

fn claim_if(
    store: &Store,
    name: &str,
    key: PublicKey,
    registration: Registration,
) -> Result<(), LoginRefusal> {
    claimed(apply(store, Change::Claim { user: user(name), key, max_frame: 0, registration }))
}

fn enrol(store: &Store, name: &str, key: PublicKey, secret: &Secret) -> Result<(), LoginRefusal> {
    enrol_if(store, name, key, secret, Registration::Invite)
}

fn enrol_if(
    store: &Store,
    name: &str,
    key: PublicKey,
    secret: &Secret,
    registration: Registration,
) -> Result<(), LoginRefusal> {
    let (user, secret) = (user(name), secret.clone());
    claimed(apply(store, Change::Enrol { user, key, max_frame: 600, secret, registration }))
}

fn claimed(outcome: Outcome) -> Result<(), LoginRefusal> {
    match outcome {
        Outcome::Claimed(claimed) => claimed.map(|given_up| assert_eq!(given_up, [])),
        other => panic!("{other:?}"),
    }
}

fn key(store: &Store, name: &str) -> Option<PublicKey> {
    store.key(&user(name)).expect("key")
}

#[test]
fn claims_of_one_batch_see_each_other() {
    let store = store();
    let batch = [("al", ONE), ("al", TWO), ("bo", ONE), ("bo", TWO)]
        .map(|(name, key)| claim_with(name, key, 0));
    let claimed = |batch| {
        let outcomes = store.apply(batch, NOW).expect("apply");
        outcomes.into_iter().map(claimed).collect::<Vec<_>>()
    };
    let refused = [LoginRefusal::NameTaken, LoginRefusal::KeyHasOtherName].map(Err);
    assert_eq!(claimed(&batch), [Ok(()), refused[0], refused[1], Ok(())]);
    assert_eq!(claimed(&batch), [Ok(()), refused[0], refused[0], Ok(())]);
}

#[test]
fn the_first_key_owns_the_name_from_then_on() {
    let (disk, store) = store_of(&[], Limits::default());
    assert_eq!(key(&store, "al"), None);
    for _ in 0..2 {
        assert_eq!(claim_as(&store, "al", ONE), Ok(()));
    }
    assert_eq!(key(&store, "al"), Some(ONE));
    drop(store);

    let store = open(&disk, Limits::default()).expect("reopen");
    assert_eq!(key(&store, "al"), Some(ONE));
    assert_eq!(claim_as(&store, "al", ONE), Ok(()));
    assert_eq!(claim_as(&store, "al", TWO), Err(LoginRefusal::NameTaken));
    assert_eq!(claim_as(&store, "bo", ONE), Err(LoginRefusal::KeyHasOtherName));
    assert_eq!(key(&store, "bo"), None);
    assert_eq!(claim_as(&store, "bo", TWO), Ok(()));
    // Each of the two belongs to somebody else: the name is what the user asked for.
    assert_eq!(claim_as(&store, "bo", ONE), Err(LoginRefusal::NameTaken));
}

#[test]
fn registration_is_for_new_users_only() {
    let store = store();
    assert_eq!(claim_as(&store, "al", ONE), Ok(()));
    for (registration, refusal) in [
        (Registration::Invite, LoginRefusal::InviteRequired),
        (Registration::Closed, LoginRefusal::RegistrationClosed),
    ] {
        let claim = |name, key| claim_if(&store, name, key, registration);
        assert_eq!(claim("al", ONE), Ok(()));
        assert_eq!(claim("al", TWO), Err(LoginRefusal::NameTaken));
        assert_eq!(claim("bo", ONE), Err(LoginRefusal::KeyHasOtherName));
        assert_eq!(claim("bo", TWO), Err(refusal));
        assert_eq!(key(&store, "bo"), None);
    }
}

#[test]
fn of_claims_at_the_same_instant_one_wins() {
    let store = store();
    let answers = std::thread::scope(|scope| {
        let start = |n| {
            let store = &store;
            scope.spawn(move || claim_as(store, "al", PublicKey::from_bytes([n; 32])))
        };
        let threads: Vec<_> = (0..8).map(start).collect();
        threads.into_iter().map(|t| t.join().expect("thread")).collect::<Vec<_>>()
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = answers.iter().filter(|a| **a == Err(LoginRefusal::NameTaken)).count();
    assert_eq!(refused, 7);
}

#[test]
fn a_claim_that_is_known_costs_no_wait_for_the_disk() {
    let (disk, store) = store_of(&["al"], Limits::default());
    let frames = |max_frame| {
        let before = disk.position();
        let outcome = apply(&store, claim_with("al", key_of("al"), max_frame));
        assert_eq!(outcome, Outcome::Claimed(Ok(Vec::new())));
        disk.position() - before
    };
    assert_eq!(frames(0), 0);
    assert!(frames(2000) > 0);
    assert_eq!(frames(2000), 0);
    assert_eq!(frames(0), 0, "unknown is no news");
    assert!(frames(2001) > 0);
    let before = disk.position();
    assert_eq!(claim_as(&store, "al", ONE), Err(LoginRefusal::NameTaken));
    assert_eq!(disk.position(), before);
}

#[test]
fn a_reserved_name_takes_its_code_and_that_once() {
    let store = store();
    assert!(store.add_user(&user("al"), &code("a")).expect("add"));
    assert!(!store.add_user(&user("al"), &code("b")).expect("add"), "there is one");
    assert_eq!(store.secret(&user("al")).expect("secret"), Some(code("a")));
    for registration in [Registration::Open, Registration::Invite, Registration::Closed] {
        let claimed = claim_if(&store, "al", ONE, registration);
        assert_eq!(claimed, Err(LoginRefusal::CodeRequired));
    }
    assert_eq!(key(&store, "al"), None);
    assert_eq!(enrol(&store, "al", ONE, &code("b")), Err(LoginRefusal::WrongCode));
    assert_eq!(enrol(&store, "al", ONE, &password("a")), Err(LoginRefusal::WrongCode));
    assert_eq!(enrol(&store, "bo", ONE, &code("a")), Err(LoginRefusal::WrongCode), "nobody");
    assert_eq!(enrol(&store, "al", ONE, &code("a")), Ok(()));
    assert_eq!(store.secret(&user("al")).expect("secret"), None);
    assert_eq!(claim_if(&store, "al", ONE, Registration::Closed), Ok(()));
    assert_eq!(claim_as(&store, "bo", ONE), Err(LoginRefusal::KeyHasOtherName));
    assert_eq!(enrol(&store, "al", TWO, &code("a")), Err(LoginRefusal::WrongCode), "used");
    assert_eq!(claim_as(&store, "al", TWO), Err(LoginRefusal::NameTaken));
}

#[test]
fn of_two_who_show_one_code_one_is_enrolled() {
    let store = store();
    store.add_user(&user("al"), &code("a")).expect("add");
    let enrol = |key| Change::Enrol {
        user: user("al"),
        key,
        max_frame: 0,
        secret: code("a"),
        registration: Registration::Open,
    };
    let outcomes = store.apply(&[enrol(ONE), enrol(TWO)], NOW).expect("apply");
    let refused = Outcome::Claimed(Err(LoginRefusal::WrongCode));
    assert_eq!(outcomes, [Outcome::Claimed(Ok(vec![])), refused]);
    assert_eq!(key(&store, "al"), Some(ONE));
}

#[test]
fn a_password_enrols_one_key_in_place_of_another() {
    let store = store();
    store.add_user(&user("al"), &password("a")).expect("add");
    assert_eq!(enrol(&store, "al", ONE, &password("a")), Ok(()));
    assert_eq!(claim_as(&store, "al", TWO), Err(LoginRefusal::NameTaken), "without it");
    assert_eq!(enrol(&store, "al", TWO, &password("a")), Ok(()));
    assert_eq!(key(&store, "al"), Some(TWO));
    assert_eq!(store.secret(&user("al")).expect("secret"), Some(password("a")));
    // The key before is free, the present one is not.
    assert_eq!(claim_as(&store, "bo", TWO), Err(LoginRefusal::KeyHasOtherName));
    assert_eq!(claim_as(&store, "bo", ONE), Ok(()));
    assert_eq!(enrol(&store, "al", ONE, &password("a")), Err(LoginRefusal::KeyHasOtherName));
    assert_eq!(key(&store, "al"), Some(TWO));
}

#[test]
fn a_code_survives_what_does_not_enrol() {
    let store = store();
    assert_eq!(claim_as(&store, "bo", ONE), Ok(()));
    store.add_user(&user("al"), &code("a")).expect("add");
    assert_eq!(enrol(&store, "al", ONE, &code("a")), Err(LoginRefusal::KeyHasOtherName));
    let closed = enrol_if(&store, "al", TWO, &code("a"), Registration::Closed);
    assert_eq!(closed, Err(LoginRefusal::RegistrationClosed));
    assert_eq!(enrol(&store, "al", TWO, &code("a")), Ok(()));
}

#[test]
fn a_key_that_was_reset_is_replaced_even_where_nobody_new_is_let_in() {
    let store = store();
    assert_eq!(store.reset_key(&user("al"), &code("b"), NOW).expect("reset"), None);
    store.add_user(&user("al"), &code("a")).expect("add");
    assert_eq!(enrol(&store, "al", ONE, &code("a")), Ok(()));
    let removal = store.reset_key(&user("al"), &code("b"), NOW).expect("reset");
    assert_eq!(removal, Some(Removal::default()));
    assert_eq!(key(&store, "al"), None);
    assert_eq!(claim_as(&store, "al", ONE), Err(LoginRefusal::CodeRequired));
    assert_eq!(enrol(&store, "al", ONE, &code("a")), Err(LoginRefusal::WrongCode));
    let closed = enrol_if(&store, "al", TWO, &code("b"), Registration::Closed);
    assert_eq!(closed, Ok(()));
    assert_eq!(claim_as(&store, "bo", ONE), Ok(()), "forgotten");
}

#[test]
fn a_user_that_is_removed_is_gone_with_its_key_and_secret() {
    let store = store();
    assert_eq!(store.remove_user(&user("al"), NOW).expect("remove"), None);
    store.add_user(&user("al"), &password("a")).expect("add");
    assert_eq!(enrol(&store, "al", ONE, &password("a")), Ok(()));
    let removal = store.remove_user(&user("al"), NOW).expect("remove");
    assert_eq!(removal, Some(Removal::default()));
    assert_eq!(store.users().expect("users"), []);
    assert_eq!(store.secret(&user("al")).expect("secret"), None);
    assert_eq!(claim_as(&store, "bo", ONE), Ok(()));
    assert_eq!(claim_as(&store, "al", TWO), Ok(()));
}

#[test]
fn users_are_listed_in_order_with_all_that_is_known() {
    let store = store();
    store.add_user(&user("z"), &code("a")).expect("add");
    assert_eq!(claim_as(&store, "m", ONE), Ok(()));
    store.add_user(&user("a"), &password("b")).expect("add");
    assert_eq!(enrol(&store, "a", TWO, &password("b")), Ok(()));
    let quota = Quota { messages: Some(3), bytes: None };
    assert!(store.set_quota(&user("m"), quota).expect("quota"));
    assert!(!store.set_quota(&user("nobody"), quota).expect("quota"));
    let mut message = message("a", "m", 1, b"12345");
    message.envelope = ONE.hint().to_vec();
    assert_eq!(apply(&store, Change::Keep { keep: message }), stored(1));
    let row = |name, key, has_secret| UserRow {
        user: user(name),
        key,
        has_secret,
        quota: Quota::default(),
        messages: 0,
        bytes: 0,
    };
    let expected = [
        row("a", Some(TWO), Some(SecretKind::Password)),
        UserRow { quota, messages: 1, bytes: 13, ..row("m", Some(ONE), None) },
        row("z", None, Some(SecretKind::Code)),
    ];
    assert_eq!(store.users().expect("users"), expected);
}

#[test]
fn a_log_shows_no_hash() {
    let secret = password("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA");
    assert!(!format!("{secret:?}").contains("argon"));
}
