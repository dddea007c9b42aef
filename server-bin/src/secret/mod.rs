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
