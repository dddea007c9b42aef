//! Hashes of secrets, as strings in the PHC format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// KiB of memory that one hash takes: OWASP's first choice for Argon2id, with two passes.
const MEMORY: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes of it.
const LANES: u32 = 1;
/// Bytes of salt, as the format's specification advises.
const SALT: usize = 16;

/// KiB of memory that verifying may take: a later version's hashes may cost more than this one's,
/// a damaged one must not take all there is.
const MAX_MEMORY: u32 = 8 * MEMORY;
/// Passes that verifying may take.
const MAX_PASSES: u32 = 8 * PASSES;
/// Lanes that a hash may have.
const MAX_LANES: u32 = 16;
/// Bytes of a hash's text at most.
const MAX_TEXT: usize = 256;

/// The hash of nothing: to verify with it costs the same as with another, and always fails.
pub(super) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    q+CjxZJmE8dRz6sNTuUd4A$8HnPzGn1hQ5fcu1Jb8gVyNm8Tq4nXh9n8S9tT0oJmhM";

/// Says why a secret was not hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    /// There is no salt.
    #[error("the system gives no random numbers: {0}; no secret can be kept without them")]
    Random(#[from] getrandom::Error),
    /// Argon2 failed.
    #[error("the secret cannot be hashed: {0}; there may be too little memory")]
    Failed(argon2::password_hash::Error),
}

/// Hashes a secret with a new salt. It takes some hundredths of a second, and 19 MiB.
pub(super) fn hash(secret: &[u8]) -> Result<String, HashError> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt)?;
    let params = Params::new(MEMORY, PASSES, LANES, None)
        .map_err(|error| HashError::Failed(error.into()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(secret, &salt).map_err(HashError::Failed)?;
    Ok(hash.to_string())
}

/// Tells whether a hash is that of this secret. It takes as long as hashing does; a text that is no
/// hash of ours is that of nothing.
pub(super) fn verify(secret: &[u8], phc: &str) -> bool {
    parse(phc).is_some_and(|hash| Argon2::default().verify_password(secret, &hash).is_ok())
}

/// Tells whether a text is a hash that [`verify`] takes.
pub(crate) fn is_hash(phc: &str) -> bool {
    parse(phc).is_some()
}

fn parse(phc: &str) -> Option<PasswordHash> {
    if phc.len() > MAX_TEXT {
        return None;
    }
    let hash = PasswordHash::new(phc).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let fits = params.m_cost() <= MAX_MEMORY
        && params.t_cost() <= MAX_PASSES
        && params.p_cost() <= MAX_LANES;
    (fits && hash.algorithm.as_str() == "argon2id" && hash.salt.is_some() && hash.hash.is_some())
        .then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation's test vectors for Argon2id, version 0x13 (phc-winner-argon2,
    /// `src/test.c`).
    const REFERENCE: [(&str, &str); 4] = [
        (
            "password",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ),
        (
            "password",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ),
        (
            "differentpassword",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
        ),
        (
            "password",
            "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw",
        ),
    ];

    #[test]
    fn published_hashes_are_verified() {
        for (secret, phc) in REFERENCE {
            assert!(verify(secret.as_bytes(), phc), "{phc}");
            assert!(!verify(b"Password", phc), "{phc}");
        }
    }

    #[test]
    fn a_hash_is_of_one_secret_and_salted() {
        let phc = hash(b"K7QX").expect("hash");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(is_hash(&phc) && verify(b"K7QX", &phc));
        assert!(!verify(b"K7QY", &phc) && !verify(b"", &phc) && !verify(b"K7QX ", &phc));
        assert_ne!(hash(b"K7QX").expect("hash"), phc);
    }

    #[test]
    fn nobody_costs_what_others_do() {
        let params = |phc: &str| {
            let params = Params::try_from(&PasswordHash::new(phc).expect("parse")).expect("params");
            (params.m_cost(), params.t_cost(), params.p_cost(), params.output_len())
        };
        assert!(is_hash(NOBODY) && !verify(b"", NOBODY));
        assert_eq!(params(NOBODY), params(&hash(b"x").expect("hash")));
    }

    #[test]
    fn what_is_no_hash_or_costs_too_much_is_that_of_nothing() {
        let long = format!("$argon2id$v=19$m=256,t=2,p=2${}$AAAAAAAAAAA", "A".repeat(300));
        for phc in [
            "",
            "$",
            "K7QX",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=256,t=9999,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
            &long,
        ] {
            assert!(!is_hash(phc) && !verify(b"password", phc), "{phc}");
        }
    }
}
