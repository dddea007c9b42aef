use std::sync::Arc;

use breeze_core::Server;
use breeze_core::error::LoginRefusal;
use breeze_core::id::{LinkId, UserId};
use breeze_core::io::Backlog;
use breeze_core::time::Instant;
use smol::channel::Receiver;

use super::lookup::Lookup;
use super::server_machine::ServerMachine;
use crate::driver::SharedHub;
use crate::store::{Change, Outcome, Registration, Store};

/// Questions that are answered in one go.
const BATCH: usize = 256;

/// The answer, with what it is about.
enum Answer {
    Claim { link: LinkId, user: UserId, answer: Result<(), LoginRefusal> },
}

/// Answers questions to the accounts, on threads that may wait for the disk.
pub(super) async fn answer_lookups(
    hub: SharedHub<ServerMachine>,
    store: Arc<Store>,
    registration: Registration,
    questions: Receiver<Lookup>,
) {
    while let Ok(first) = questions.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = questions.try_recv()
        {
            batch.push(next);
        }
        let store = store.clone();
        let answers = smol::unblock(move || answer_batch(&store, registration, batch)).await;
        let mut hub = hub.borrow_mut();
        for answer in answers {
            hub.input(|machine, now| answer.give(&mut machine.server, now));
        }
    }
}

impl Answer {
    fn give(self, server: &mut Server, now: Instant) {
        match self {
            Answer::Claim { link, answer: Ok(()), .. } => {
                server.admit(now, link, Backlog::default())
            }
            Answer::Claim { link, user, answer: Err(refusal) } => {
                log::info!("{user} is refused: {refusal}");
                server.refuse(now, link, refusal);
            }
        }
    }
}

fn answer_batch(store: &Store, registration: Registration, batch: Vec<Lookup>) -> Vec<Answer> {
    let claim = |Lookup::Claim { user, key, .. }: &Lookup| Change::Claim {
        user: user.clone(),
        key: *key,
        max_frame: 0,
        registration,
    };
    let claims: Vec<_> = batch.iter().map(claim).collect();
    let claimed: Vec<_> = match store.apply(&claims, 0) {
        Ok(outcomes) => outcomes
            .into_iter()
            .map(|outcome| match outcome {
                Outcome::Claimed(claimed) => claimed.map(drop),
                Outcome::Kept(_) | Outcome::Answers(_) | Outcome::GivenUp(_) | Outcome::Done => {
                    Err(LoginRefusal::Unavailable)
                }
            })
            .collect(),
        Err(error) => {
            log::error!("nobody can log in: {error}");
            vec![Err(LoginRefusal::Unavailable); claims.len()]
        }
    };
    let mut claimed = claimed.into_iter();
    batch
        .into_iter()
        .map(|question| match question {
            Lookup::Claim { link, user, .. } => {
                let answer = claimed.next().unwrap_or(Err(LoginRefusal::Unavailable));
                Answer::Claim { link, user, answer }
            }
        })
        .collect()
}
