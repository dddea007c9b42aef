use serde::{Deserialize, Serialize};

use super::{Done, Refusal, RefusalCode};

/// Answers a [`Request`](super::Request); one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// It is done.
    Ok(Done),
    /// It is not.
    Error(Refusal),
}

impl Reply {
    /// Returns the line, with its end.
    pub(crate) fn to_line(&self) -> String {
        let text = serde_json::to_string(self).or_else(|error| {
            serde_json::to_string(&Self::Error(Refusal::new(RefusalCode::Other, error)))
        });
        // Names and numbers have a form in JSON, whatever they are.
        text.unwrap_or_default() + "\n"
    }
}

impl From<Result<Done, Refusal>> for Reply {
    fn from(result: Result<Done, Refusal>) -> Self {
        match result {
            Ok(done) => Self::Ok(done),
            Err(refusal) => Self::Error(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_in_the_manual() {
        for (reply, line) in [
            (Reply::Ok(Done::Added), r#"{"ok":"added"}"#),
            (Reply::Ok(Done::Removed { given_up: 3 }), r#"{"ok":{"removed":{"given_up":3}}}"#),
            (Reply::Ok(Done::Backup { bytes: 4096 }), r#"{"ok":{"backup":{"bytes":4096}}}"#),
            (
                Reply::Error(Refusal::new(RefusalCode::UnknownUser, "no user")),
                r#"{"error":{"code":"unknown_user","message":"no user"}}"#,
            ),
        ] {
            assert_eq!(reply.to_line(), format!("{line}\n"));
            assert_eq!(serde_json::from_str::<Reply>(line).expect(line), reply);
        }
        let newer = r#"{"error":{"code":"tired","message":"later"}}"#;
        let Reply::Error(refusal) = serde_json::from_str(newer).expect("parse") else {
            panic!("{newer}");
        };
        assert_eq!(refusal.code, RefusalCode::Other);
    }
}
