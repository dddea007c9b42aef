use std::sync::Arc;

use breeze_core::error::LoginRefusal;
use breeze_core::id::{LinkId, PublicKey, Ticket, UserId};
use smol::channel::{self, Receiver, Sender};
use smol::future;

use crate::secret;
use crate::store::{Secret, Store};

/// Tickets that may wait to be verified; whoever shows one more is asked to try later.
const MAX_WAITING: usize = 64;

/// Is a login that may show a ticket, to enrol a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TicketLogin {
    pub(super) link: LinkId,
    pub(super) user: UserId,
    pub(super) key: PublicKey,
    pub(super) ticket: Ticket,
    /// The longest frame that the client takes, in bytes.
    pub(super) max_frame: u32,
}

/// Verifies tickets beside everything else: each takes some hundredths of a second of one
/// processor, and 19 MiB. Two are verified at a time.
#[derive(Clone, Debug)]
pub(super) struct Verifier {
    waiting: Sender<Box<TicketLogin>>,
}

impl Verifier {
    /// Makes one, and what [`run`](Self::run) takes.
    pub(super) fn new() -> (Self, Receiver<Box<TicketLogin>>) {
        let (waiting, logins) = channel::bounded(MAX_WAITING);
        (Self { waiting }, logins)
    }

    /// Has a ticket verified, unless too many wait.
    pub(super) fn submit(&self, login: Box<TicketLogin>) -> Result<(), Box<TicketLogin>> {
        self.waiting.try_send(login).map_err(channel::TrySendError::into_inner)
    }

    /// Verifies tickets, and tells of each the secret that it is, or why it is none.
    pub(super) async fn run(
        store: Arc<Store>,
        logins: Receiver<Box<TicketLogin>>,
        tell: impl AsyncFn(Box<TicketLogin>, Result<Secret, LoginRefusal>),
    ) {
        let work = async || {
            while let Ok(login) = logins.recv().await {
                let store = store.clone();
                let verified = smol::unblock(move || {
                    let verdict = verify(&store, &login);
                    (login, verdict)
                });
                let (login, verdict) = verified.await;
                tell(login, verdict).await;
            }
        };
        future::zip(work(), work()).await;
    }
}

fn verify(store: &Store, login: &TicketLogin) -> Result<Secret, LoginRefusal> {
    let secret = store.secret(&login.user).map_err(|error| {
        log::error!("no ticket can be verified: {error}");
        LoginRefusal::Unavailable
    })?;
    // Without a secret it takes as long.
    match secret::matches(secret.as_ref(), login.ticket.as_bytes()) {
        true => secret.ok_or(LoginRefusal::WrongCode),
        false => Err(LoginRefusal::WrongCode),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tempfile::TempDir;

    use super::*;
    use crate::secret::{Password, hash_password};
    use crate::store::Limits;

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    fn login(number: u64, name: &str, ticket: &str) -> Box<TicketLogin> {
        Box::new(TicketLogin {
            link: LinkId::from_bits(number),
            user: user(name),
            key: PublicKey::from_bytes([1; 32]),
            ticket: Ticket::new(ticket.as_bytes()).expect("ticket"),
            max_frame: 0,
        })
    }

    /// A store in which al has the password `tr0ub4dor`.
    fn store() -> (TempDir, Arc<Store>, Secret) {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(dir.path(), Limits::default()).expect("open");
        let password = Password::read(&b"tr0ub4dor"[..]).expect("password");
        let secret = hash_password(&password).expect("hash");
        assert!(store.add_user(&user("al"), &secret).expect("store"));
        (dir, Arc::new(store), secret)
    }

    #[test]
    fn each_ticket_has_its_own_verdict() {
        let (_dir, store, secret) = store();
        let (verifier, logins) = Verifier::new();
        for (number, (name, ticket)) in
            [("al", "tr0ub4dor"), ("al", "Tr0ub4dor"), ("bo", "tr0ub4dor"), ("al", "tr0ub4dor")]
                .into_iter()
                .enumerate()
        {
            verifier.submit(login(number as u64, name, ticket)).expect("room");
        }
        drop(verifier);
        let told = RefCell::new(Vec::new());
        smol::block_on(Verifier::run(store, logins, async |login: Box<TicketLogin>, verdict| {
            told.borrow_mut().push((login.link.to_bits(), verdict));
        }));
        let mut told = told.into_inner();
        told.sort_by_key(|(number, _)| *number);
        let wrong = Err(LoginRefusal::WrongCode);
        let right = Ok(secret);
        let expected = [right.clone(), wrong.clone(), wrong, right];
        assert_eq!(told, (0..).zip(expected).collect::<Vec<_>>());
    }

    #[test]
    fn only_so_many_wait() {
        let (verifier, logins) = Verifier::new();
        for number in 0..MAX_WAITING {
            verifier.submit(login(number as u64, "al", "x")).expect("room");
        }
        let refused = verifier.submit(login(99, "al", "x")).expect_err("full");
        assert_eq!(refused.link.to_bits(), 99);
        logins.try_recv().expect("one that waits");
        verifier.submit(refused).expect("room again");
    }
}
