//! A cipher for tests of framing: it garbles, counts records and detects any change to one.

use crate::error::CloseReason;
use crate::limits::TAG;

fn garble(bytes: &mut [u8], nonce: u64) {
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte ^= (nonce.wrapping_mul(31) as u8).wrapping_add(i as u8) ^ 0x5a;
    }
}

fn tag(sealed: &[u8], nonce: u64) -> [u8; TAG] {
    let mut sum = 0xcbf2_9ce4_8422_2325 ^ nonce;
    for &byte in sealed {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut tag = [0; TAG];
    tag[..8].copy_from_slice(&sum.to_be_bytes());
    tag[8..].copy_from_slice(&(!sum).to_be_bytes());
    tag
}

/// Makes a closure that seals record after record.
pub(super) fn seal() -> impl FnMut(&mut [u8], usize) -> Result<usize, CloseReason> {
    let mut nonce = 0;
    move |place, len| {
        assert_eq!(place.len(), len + TAG, "the place of the tag, and no more");
        assert!(len > 0, "no record is empty");
        let (content, end) = place.split_at_mut(len);
        garble(content, nonce);
        end.copy_from_slice(&tag(content, nonce));
        nonce += 1;
        Ok(len + TAG)
    }
}

/// Makes a closure that opens what [`seal`] sealed, in the same order.
pub(super) fn open() -> impl FnMut(&mut [u8]) -> Result<usize, CloseReason> {
    let mut nonce = 0;
    move |record| {
        let Some(len) = record.len().checked_sub(TAG) else {
            return Err(CloseReason::BadRecord);
        };
        let (content, end) = record.split_at_mut(len);
        if *end != tag(content, nonce) {
            return Err(CloseReason::BadRecord);
        }
        garble(content, nonce);
        // A real cipher leaves the tag, or anything, behind the plaintext.
        end.fill(0xee);
        nonce += 1;
        Ok(len)
    }
}

/// Leaves the content as it is and fills the tag with `0xcc`.
pub(super) fn no_seal(place: &mut [u8], len: usize) -> Result<usize, CloseReason> {
    place[len..].fill(0xcc);
    Ok(place.len())
}

/// Opens what [`no_seal`] sealed, and anything else.
pub(super) fn no_open(record: &mut [u8]) -> Result<usize, CloseReason> {
    record.len().checked_sub(TAG).ok_or(CloseReason::BadRecord)
}
