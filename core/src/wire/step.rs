/// Tells what one call of [`Deframer::next`](super::Deframer::next) found.
#[derive(Debug, PartialEq, Eq)]
pub struct Step<'b> {
    /// Bytes at the front of the buffer that the host drops once it is done with the frame and
    /// before it calls again.
    pub consumed: usize,
    /// The content of the next frame, without its length; what is sealed in it can be opened in
    /// place. If there is none, more bytes have to arrive first.
    pub frame: Option<&'b mut [u8]>,
    /// Without a frame: what the buffer must be able to hold, counted from the first byte that is
    /// not consumed, for the next thing to be decoded. Exact if the length of the record that is
    /// awaited has arrived, else the least that it can be. Zero with a frame.
    pub need: usize,
}
