use breeze_core::error::LoginRefusal;

/// The refusals after which the node tries again.
const FOR_NOW: [LoginRefusal; 3] =
    [LoginRefusal::ServerFull, LoginRefusal::Unavailable, LoginRefusal::TooManyTries];

/// Tells whether an error of this name says that the server lets nobody in for now.
pub(super) fn is_put_off(code: &str) -> bool {
    FOR_NOW.iter().any(|refusal| refusal.code() == code)
}
