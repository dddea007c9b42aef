//! Serialises byte slices at once; serde on its own goes byte by byte, to the same encoding.

use serde::Serializer;

pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
