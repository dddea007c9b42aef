//! Log-ins with tickets and what administrators do, in the order of the queue.

use std::sync::Arc;

use breeze_core::error::LoginRefusal;
use breeze_core::id::{LinkId, PublicKey, Ticket, UserId};
use smol::channel::{self, Receiver};
use tempfile::TempDir;

use super::administration::Administration;
use super::clerk::Clerk;
use super::reply::Reply;
use super::request::{PageRequest, Request};
use super::requests::{self, Asker, Requests};
use super::verifier::TicketLogin;
use crate::admin::{self, Done, Refusal};
use crate::store::{Change, Limits, Registration, Secret, SecretKind, Store};

const ONE: PublicKey = PublicKey::from_bytes([1; 32]);
const TWO: PublicKey = PublicKey::from_bytes([2; 32]);

/// A queue, and who answers it.
struct Office {
    _dir: TempDir,
    store: Arc<Store>,
    clerk: Clerk,
    asker: Asker,
    requests: Requests,
}

impl Office {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let store = Arc::new(Store::open(dir.path(), Limits::default()).expect("open"));
        let (asker, requests) = requests::queue();
        let clerk = Clerk::new(store.clone());
        Self { _dir: dir, store, clerk, asker, requests }
    }

    fn ask(&self, request: Request) {
        self.asker.ask(request).map_err(drop).expect("room");
    }

    /// Has a command wait for its turn, and returns where its answer comes.
    fn administer(&self, request: admin::Request) -> Receiver<Result<Done, Refusal>> {
        let (answer, answers) = channel::bounded(1);
        self.ask(Request::Administer(Box::new(Administration::new(request, answer))));
        answers
    }

    /// Answers the requests of one batch.
    fn answer(&self) -> Vec<Reply> {
        self.clerk.answer(smol::block_on(self.requests.next_batch()), 0)
    }

    fn answer_one(&self, request: Request) -> Reply {
        self.ask(request);
        let mut replies = self.answer();
        assert_eq!(replies.len(), 1, "{replies:?}");
        replies.remove(0)
    }
}

fn user(name: &str) -> UserId {
    UserId::new(name).expect("user")
}

fn link(number: u64) -> LinkId {
    LinkId::from_bits(number)
}

fn secret(phc: &str) -> Secret {
    Secret { kind: SecretKind::Code, phc: phc.into() }
}

fn claim(number: u64, name: &str, key: PublicKey, ticket: &str) -> Request {
    let ticket = Ticket::new(ticket.as_bytes()).expect("ticket");
    let registration = if ticket.is_empty() { Registration::Open } else { Registration::Closed };
    let login = TicketLogin { link: link(number), user: user(name), key, ticket, max_frame: 0 };
    Request::Login {
        link: link(number),
        user: user(name),
        change: Change::Claim { user: user(name), key, max_frame: 0, registration },
        ticket: (!login.ticket.is_empty()).then(|| Box::new(login)),
    }
}

#[track_caller]
fn expect_admitted(reply: &Reply, number: u64) {
    assert!(matches!(reply, Reply::Admitted { link: of, .. } if *of == link(number)), "{reply:?}");
}

#[track_caller]
fn expect_refused(reply: &Reply, why: LoginRefusal) {
    assert!(matches!(reply, Reply::Refused { refusal, .. } if *refusal == why), "{reply:?}");
}

#[track_caller]
fn expect_expelled(reply: &Reply, name: &str) {
    let Reply::Administered(administered) = reply else { panic!("{reply:?}") };
    let expelled = administered.executed.expelled.as_ref().map(|expelled| &expelled.user);
    assert_eq!(expelled, Some(&user(name)), "{reply:?}");
}

#[test]
fn a_ticket_is_verified_only_for_a_key_that_is_not_enrolled() {
    let office = Office::open();
    expect_admitted(&office.answer_one(claim(1, "al", ONE, "")), 1);
    expect_admitted(&office.answer_one(claim(2, "al", ONE, "a ticket")), 2);
    office.store.add_user(&user("cy"), &secret("x")).expect("store");
    for (name, key) in [("al", TWO), ("bo", TWO), ("bo", ONE), ("cy", TWO)] {
        match office.answer_one(claim(3, name, key, "a ticket")) {
            Reply::Verify(login) => {
                assert_eq!((login.link, &login.user, login.key), (link(3), &user(name), key));
                assert_eq!(login.ticket.as_bytes(), b"a ticket");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    // A ticket registers nobody.
    assert_eq!(office.store.key(&user("bo")).expect("store"), None);
    expect_refused(&office.answer_one(claim(4, "al", TWO, "")), LoginRefusal::NameTaken);
    expect_refused(&office.answer_one(claim(5, "cy", TWO, "")), LoginRefusal::CodeRequired);
}

#[test]
fn a_key_is_enrolled_while_its_ticket_is_good() {
    let office = Office::open();
    office.store.add_user(&user("al"), &secret("first")).expect("store");
    let enrol = |number, phc: &str| Request::Login {
        link: link(number),
        user: user("al"),
        change: Change::Enrol {
            user: user("al"),
            key: ONE,
            max_frame: 0,
            secret: secret(phc),
            registration: Registration::Invite,
        },
        ticket: None,
    };
    // It was right when it was verified, and is replaced by now.
    office.store.reset_key(&user("al"), &secret("second"), 0).expect("store");
    expect_refused(&office.answer_one(enrol(1, "first")), LoginRefusal::WrongCode);
    expect_admitted(&office.answer_one(enrol(2, "second")), 2);
    expect_refused(&office.answer_one(enrol(3, "second")), LoginRefusal::WrongCode);
    assert_eq!(office.store.key(&user("al")).expect("store"), Some(ONE));
}

/// Whoever logs in as its account goes is either admitted first, and then ended, or refused.
#[test]
fn a_removal_has_its_turn_among_log_ins() {
    let office = Office::open();
    office.ask(claim(1, "al", ONE, ""));
    let removed = office.administer(admin::Request::UserRemove { user: user("al") });
    let mut closed = claim(2, "al", ONE, "");
    if let Request::Login { change: Change::Claim { registration, .. }, .. } = &mut closed {
        *registration = Registration::Closed;
    }
    office.ask(closed);
    let page = PageRequest { link: link(3), user: user("bo"), after: 0 };
    office.ask(Request::Page(page));

    let first = office.answer();
    assert_eq!(first.len(), 2, "{first:?}");
    expect_admitted(&first[0], 1);
    expect_expelled(&first[1], "al");
    let second = office.answer();
    assert_eq!(second.len(), 2, "{second:?}");
    expect_refused(&second[0], LoginRefusal::RegistrationClosed);
    // The answer comes once the session has been ended.
    assert!(removed.try_recv().is_err());
}
