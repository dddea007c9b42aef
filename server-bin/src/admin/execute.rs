use std::path::Path;

use breeze_core::id::UserId;

use super::{Done, Limit, ListedUser, Refusal, RefusalCode, Request};
use crate::secret;
use crate::store::{GivenUp, Quota, Removal, Secret, Store, StoreError};

/// Is what came of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Executed {
    /// What the command is told.
    pub(crate) result: Result<Done, Refusal>,
    /// What a server that runs has to see to.
    pub(crate) expelled: Option<Expelled>,
}

/// Is a user whose account, or whose key, is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expelled {
    pub(crate) user: UserId,
    /// The messages that went with it.
    pub(crate) given_up: Vec<GivenUp>,
}

/// Does what is asked for. It blocks, for as long as the disk takes.
///
/// `now_ms` is the time of day, in milliseconds since 1970.
pub(crate) fn execute(store: &Store, request: Request, now_ms: u64) -> Executed {
    let mut expelled = None;
    let result = attempt(store, request, now_ms, &mut expelled);
    Executed { result, expelled }
}

fn attempt(
    store: &Store,
    request: Request,
    now_ms: u64,
    expelled: &mut Option<Expelled>,
) -> Result<Done, Refusal> {
    let mut expel = |user: UserId, removal: Removal| {
        let given_up = removal.given_up.len();
        *expelled = Some(Expelled { user, given_up: removal.given_up });
        Done::Removed { given_up }
    };
    match request {
        Request::UserAdd { user, secret } => add(store, &user, &secret),
        Request::UserList => {
            Ok(Done::Users(store.users()?.into_iter().map(ListedUser::from).collect()))
        }
        Request::UserRemove { user } => match store.remove_user(&user, now_ms)? {
            Some(removal) => Ok(expel(user, removal)),
            None => Err(unknown(&user)),
        },
        Request::UserResetKey { user, secret } => {
            is_sound(&secret)?;
            match store.reset_key(&user, &secret, now_ms)? {
                Some(removal) => Ok(expel(user, removal)),
                None => Err(unknown(&user)),
            }
        }
        Request::UserQuota { user, messages, bytes } => quota(store, &user, messages, bytes),
        Request::Backup { path } => backup(store, &path),
    }
}

fn add(store: &Store, user: &UserId, secret: &Secret) -> Result<Done, Refusal> {
    is_sound(secret)?;
    if store.add_user(user, secret)? {
        Ok(Done::Added)
    } else {
        let message = format!(
            "there is a user '{user}' already; to give it a new code, run \
             'breeze-server user reset-key {user}'"
        );
        Err(Refusal::new(RefusalCode::UserExists, message))
    }
}

fn quota(
    store: &Store,
    user: &UserId,
    messages: Option<Limit>,
    bytes: Option<Limit>,
) -> Result<Done, Refusal> {
    let row = store.users()?.into_iter().find(|row| row.user == *user);
    let Quota { messages: had_messages, bytes: had_bytes } =
        row.ok_or_else(|| unknown(user))?.quota;
    let quota = Quota {
        messages: messages.map_or(had_messages, Limit::number),
        bytes: bytes.map_or(had_bytes, Limit::number),
    };
    let changes = messages.is_some() || bytes.is_some();
    if changes && !store.set_quota(user, quota)? {
        return Err(unknown(user));
    }
    Ok(Done::Quota { messages: quota.messages, bytes: quota.bytes })
}

fn backup(store: &Store, path: &Path) -> Result<Done, Refusal> {
    store.backup(path)?;
    let size = path.metadata().map_err(|error| {
        let message = format!("the backup {} cannot be found: {error}", path.display());
        Refusal::new(RefusalCode::Store, message)
    });
    Ok(Done::Backup { bytes: size?.len() })
}

/// Checks that a secret could enrol a key at all.
fn is_sound(secret: &Secret) -> Result<(), Refusal> {
    if secret::is_hash(&secret.phc) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::BadRequest, "the secret is no Argon2id hash that is taken here"))
}

fn unknown(user: &UserId) -> Refusal {
    let message = format!("there is no user '{user}'; 'breeze-server user list' shows all");
    Refusal::new(RefusalCode::UnknownUser, message)
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::new(RefusalCode::Store, error)
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::PublicKey;
    use tempfile::TempDir;

    use super::*;
    use crate::secret::{Password, hash_password};
    use crate::store::{Change, Limits, Registration, SecretKind};

    fn store() -> (TempDir, Store) {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(dir.path(), Limits::default()).expect("open");
        (dir, store)
    }

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    fn secret() -> Secret {
        // The reference implementation's first example: nothing is verified here.
        let phc = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$\
                   bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        Secret { kind: SecretKind::Code, phc: phc.into() }
    }

    fn done(store: &Store, request: Request) -> Result<Done, RefusalCode> {
        execute(store, request, 0).result.map_err(|refusal| refusal.code)
    }

    fn log_in(store: &Store, name: &str) {
        let claim = Change::Claim {
            user: user(name),
            key: PublicKey::from_bytes([1; 32]),
            max_frame: 0,
            registration: Registration::Open,
        };
        store.apply(&[claim], 0).expect("store");
    }

    #[test]
    fn users_come_and_go() {
        let (_dir, store) = store();
        let add = || Request::UserAdd { user: user("al"), secret: secret() };
        assert_eq!(done(&store, add()), Ok(Done::Added));
        assert_eq!(done(&store, add()), Err(RefusalCode::UserExists));
        assert_eq!(store.secret(&user("al")).expect("store"), Some(secret()));
        let remove = || Request::UserRemove { user: user("al") };
        let executed = execute(&store, remove(), 0);
        assert_eq!(executed.result, Ok(Done::Removed { given_up: 0 }));
        assert_eq!(executed.expelled.expect("a session to end").user, user("al"));
        let executed = execute(&store, remove(), 0);
        assert_eq!(executed.result.expect_err("gone").code, RefusalCode::UnknownUser);
        assert!(executed.expelled.is_none());
        assert_eq!(done(&store, Request::UserList), Ok(Done::Users(Vec::new())));
    }

    #[test]
    fn a_key_is_forgotten_for_a_new_secret() {
        let (_dir, store) = store();
        log_in(&store, "al");
        let reset = |secret| Request::UserResetKey { user: user("al"), secret };
        let unsound = Secret { phc: "K7QX".into(), ..secret() };
        assert_eq!(done(&store, reset(unsound)), Err(RefusalCode::BadRequest));
        assert!(store.key(&user("al")).expect("store").is_some());
        let password = Password::read(&b"tr0ub4dor"[..]).expect("password");
        let password = hash_password(&password).expect("hash");
        let executed = execute(&store, reset(password.clone()), 0);
        assert_eq!(executed.result, Ok(Done::Removed { given_up: 0 }));
        assert!(executed.expelled.is_some());
        assert_eq!(store.key(&user("al")).expect("store"), None);
        assert_eq!(store.secret(&user("al")).expect("store"), Some(password));
        let nobody = Request::UserResetKey { user: user("bo"), secret: secret() };
        assert_eq!(done(&store, nobody), Err(RefusalCode::UnknownUser));
    }

    #[test]
    fn a_quota_is_set_in_part_and_shown_whole() {
        let (_dir, store) = store();
        log_in(&store, "al");
        let quota = |messages, bytes| {
            done(&store, Request::UserQuota { user: user("al"), messages, bytes })
        };
        let shown = |messages, bytes| Ok(Done::Quota { messages, bytes });
        assert_eq!(quota(None, None), shown(None, None));
        assert_eq!(quota(Some(Limit::Of(5)), None), shown(Some(5), None));
        assert_eq!(quota(None, Some(Limit::Of(9))), shown(Some(5), Some(9)));
        assert_eq!(quota(Some(Limit::Default), None), shown(None, Some(9)));
        assert_eq!(quota(None, None), shown(None, Some(9)));
        let nobody = Request::UserQuota { user: user("bo"), messages: None, bytes: None };
        assert_eq!(done(&store, nobody), Err(RefusalCode::UnknownUser));
    }

    #[test]
    fn users_are_listed_with_their_keys() {
        let (_dir, store) = store();
        log_in(&store, "bo");
        let add = Request::UserAdd { user: user("al"), secret: secret() };
        assert_eq!(done(&store, add), Ok(Done::Added));
        let Ok(Done::Users(users)) = done(&store, Request::UserList) else { panic!("no list") };
        let [al, bo] = &users[..] else { panic!("{users:?}") };
        assert_eq!((al.fingerprint.as_ref(), al.secret), (None, Some(SecretKind::Code)));
        let fingerprint = PublicKey::from_bytes([1; 32]).fingerprint().to_string();
        assert_eq!((bo.fingerprint.as_ref(), bo.secret), (Some(&fingerprint), None));
    }
}
