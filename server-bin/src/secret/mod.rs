//! What a user shows once to enrol a key: a code that the server's administrator hands out, or a
//! password.
//!
//! Only their Argon2id hashes are kept. A code is good for one enrolment and has 120 bits; the
//! hash's cost is there for passwords, and the same for both.

mod code;
mod password;
mod phc;

pub(crate) use code::EnrolmentCode;
pub(crate) use password::{Password, PasswordError};
pub(crate) use phc::{HashError, is_hash};

use crate::store::{Secret, SecretKind};

/// Hashes a code. It blocks for some hundredths of a second, as the other two do.
pub(crate) fn hash_code(code: &EnrolmentCode) -> Result<Secret, HashError> {
    Ok(Secret { kind: SecretKind::Code, phc: phc::hash(code.as_bytes())? })
}

/// Hashes a password.
pub(crate) fn hash_password(password: &Password) -> Result<Secret, HashError> {
    Ok(Secret { kind: SecretKind::Password, phc: phc::hash(password.as_bytes())? })
}

/// Tells whether what somebody showed is the code or the password of a user.
///
/// It takes as long for a user who has none, or who does not exist: how long it takes tells nobody
/// who is a user here.
pub(crate) fn matches(secret: Option<&Secret>, shown: &[u8]) -> bool {
    let Some(Secret { kind, phc }) = secret.filter(|secret| is_hash(&secret.phc)) else {
        return phc::verify(shown, phc::NOBODY);
    };
    match kind {
        SecretKind::Code => phc::verify(&EnrolmentCode::canonical(shown), phc),
        SecretKind::Password => phc::verify(shown, phc),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_as_it_is_typed_and_a_password_as_it_is() {
        let code = EnrolmentCode::draw().expect("random");
        let secret = hash_code(&code).expect("hash");
        let typed = code.to_string().to_lowercase().replace('-', " ");
        assert!(matches(Some(&secret), typed.as_bytes()));
        assert!(!matches(Some(&secret), &typed.as_bytes()[..typed.len() - 1]));

        let password = Password::read(&b"Tr0ub-4dor"[..]).expect("password");
        let secret = hash_password(&password).expect("hash");
        assert!(matches(Some(&secret), b"Tr0ub-4dor"));
        assert!(!matches(Some(&secret), b"tr0ub-4dor") && !matches(Some(&secret), b"Tr0ub4dor"));
    }

    #[test]
    fn whoever_has_no_secret_is_shown_none() {
        let damaged = Secret { kind: SecretKind::Code, phc: "K7QX".into() };
        for shown in [&b""[..], b"K7QX", phc::NOBODY.as_bytes()] {
            assert!(!matches(None, shown));
            assert!(!matches(Some(&damaged), shown));
        }
    }
}
