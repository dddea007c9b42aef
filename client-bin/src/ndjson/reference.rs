use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// Bytes of a reference: room for a UUID or a hash; it is kept for as long as its message.
const MAX_REFERENCE: usize = 128;

/// Holds what a script calls a command by, and is echoed exactly as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reference {
    /// A text: what scripts should use.
    Text(String),
    /// A whole number.
    Number(Number),
}

impl Reference {
    /// Takes a reference out of a command; none, if it is absent or null.
    pub(super) fn of(value: Option<&Value>) -> Result<Option<Self>, &'static str> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() <= MAX_REFERENCE => {
                Ok(Some(Self::Text(text.clone())))
            }
            Some(Value::String(_)) => Err("'ref' has more than 128 bytes"),
            // Others would come back rounded.
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
                Ok(Some(Self::Number(number.clone())))
            }
            Some(_) => Err("'ref' must be a text or a whole number"),
        }
    }
}
