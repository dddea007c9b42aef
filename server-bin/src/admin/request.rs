use std::path::PathBuf;

use breeze_core::id::UserId;
use serde::{Deserialize, Serialize};

use crate::store::Secret;

/// Says what is to be done; one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Add a user who enrols a key with a code or a password.
    UserAdd { user: UserId, secret: Secret },
    /// Tell what there is to tell of all users.
    UserList,
    /// Remove a user and what is kept for it, and end its session.
    UserRemove { user: UserId },
    /// Forget a user's key, end its session, and let it enrol another.
    UserResetKey { user: UserId, secret: Secret },
    /// Tell how much is kept for a user at most, once what is given here is set.
    UserQuota { user: UserId, messages: Option<Limit>, bytes: Option<Limit> },
    /// Write a copy of the store to a new file.
    Backup { path: PathBuf },
}

/// Says how much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    /// What the server keeps for everybody who has no limit of its own.
    Default,
    /// So much.
    Of(u64),
}

impl Limit {
    /// Returns the number, none for the default.
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            Self::Default => None,
            Self::Of(number) => Some(number),
        }
    }
}

impl Request {
    /// Tells whether doing it twice is the same as doing it once, the reply included.
    pub(crate) fn is_repeatable(&self) -> bool {
        match self {
            Self::UserList | Self::UserQuota { .. } => true,
            Self::UserAdd { .. }
            | Self::UserRemove { .. }
            | Self::UserResetKey { .. }
            | Self::Backup { .. } => false,
        }
    }

    /// Tells whether it may change what a login or a message meets, so that its turn among them
    /// matters.
    pub(crate) fn changes_accounts(&self) -> bool {
        match self {
            Self::UserAdd { .. } | Self::UserRemove { .. } | Self::UserResetKey { .. } => true,
            Self::UserQuota { messages, bytes, .. } => messages.is_some() || bytes.is_some(),
            Self::UserList | Self::Backup { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SecretKind;

    #[test]
    fn the_lines_are_those_in_the_manual() {
        let user = UserId::new("bob").expect("user");
        let secret = Secret { kind: SecretKind::Code, phc: "$argon2id$…".into() };
        let quota = |messages, bytes| Request::UserQuota { user: user.clone(), messages, bytes };
        for (request, line) in [
            (
                Request::UserAdd { user: user.clone(), secret: secret.clone() },
                r#"{"cmd":"user_add","user":"bob","secret":{"kind":"code","phc":"$argon2id$…"}}"#,
            ),
            (Request::UserList, r#"{"cmd":"user_list"}"#),
            (Request::UserRemove { user: user.clone() }, r#"{"cmd":"user_remove","user":"bob"}"#),
            (
                quota(Some(Limit::Of(5)), Some(Limit::Default)),
                r#"{"cmd":"user_quota","user":"bob","messages":{"of":5},"bytes":"default"}"#,
            ),
            (Request::Backup { path: "/b".into() }, r#"{"cmd":"backup","path":"/b"}"#),
        ] {
            assert_eq!(serde_json::to_string(&request).expect(line), line);
            assert_eq!(serde_json::from_str::<Request>(line).expect(line), request);
        }
        let short = r#"{"cmd":"user_quota","user":"bob"}"#;
        assert_eq!(serde_json::from_str::<Request>(short).expect(short), quota(None, None));
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        for line in [
            "",
            "{}",
            "[]",
            r#"{"cmd":"fly"}"#,
            r#"{"cmd":"user_add","user":"bob"}"#,
            r#"{"cmd":"user_remove","user":"Bob"}"#,
            r#"{"cmd":"user_quota","user":"bob","messages":{"of":-1}}"#,
        ] {
            assert!(serde_json::from_str::<Request>(line).is_err(), "{line}");
        }
    }
}
