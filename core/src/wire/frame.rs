use super::Message;
#[cfg(feature = "alloc")]
use crate::id::UserId;

/// Computes the bytes of a message's frame, without the length before it.
pub fn encoded_len(message: &Message<'_>) -> usize {
    // Counting cannot fail for our types. If it ever did, no peer's limit would let this pass.
    postcard::experimental::serialized_size(message).unwrap_or(usize::MAX)
}

/// Appends a message to a stream of frames: its length, then its bytes.
#[cfg(feature = "alloc")]
pub fn append_frame(out: &mut alloc::vec::Vec<u8>, message: &Message<'_>) {
    use super::varint;

    let Ok(len) = u32::try_from(encoded_len(message)) else {
        return;
    };
    out.reserve(varint::MAX_LEN + len as usize);
    out.extend_from_slice(varint::encode(len, &mut [0; varint::MAX_LEN]));
    // Writing to a vector cannot fail either.
    let _ = postcard::serialize_with_flavor(message, Sink(out));
}

/// Appends the frame of a relayed message to a stream: whom it is from, and its item, encoded.
///
/// It is what [`append_frame`] makes of the whole, which need not be encoded anew.
#[cfg(feature = "alloc")]
pub(crate) fn append_relayed(out: &mut alloc::vec::Vec<u8>, peer: &UserId, item: &[u8]) {
    use super::sealed::RELAY;
    use super::varint;

    let name = peer.as_str().as_bytes();
    // No name is longer than its length's one byte can say.
    let head = [RELAY, name.len() as u8];
    let Ok(len) = u32::try_from(relayed_len(peer, item)) else { return };
    out.reserve(varint::MAX_LEN + len as usize);
    out.extend_from_slice(varint::encode(len, &mut [0; varint::MAX_LEN]));
    out.extend_from_slice(&head);
    out.extend_from_slice(name);
    out.extend_from_slice(item);
}

/// Computes the bytes of such a frame, without the length before it.
#[cfg(feature = "alloc")]
pub(crate) fn relayed_len(peer: &UserId, item: &[u8]) -> usize {
    2 + peer.as_str().len() + item.len()
}

/// Lets postcard append to a vector.
#[cfg(feature = "alloc")]
struct Sink<'v>(&'v mut alloc::vec::Vec<u8>);

#[cfg(feature = "alloc")]
impl postcard::ser_flavors::Flavor for Sink<'_> {
    type Output = ();

    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(data);
        Ok(())
    }

    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.push(data);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
