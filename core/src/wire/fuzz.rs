//! What the fuzzer does to frames and messages.

use std::format;
use std::vec::Vec;

use arbitrary::Unstructured;

use super::test_host::{Host, SMALL, record};
use super::{
    ChatBody, EntriesWriter, Hello, Message, RelayItem, append_frame, encoded_len, sealed_item,
    varint,
};
#[cfg(feature = "files")]
use super::{FileItem, Relay};
use crate::error::CloseReason;
use crate::fuzz::pieces;
use crate::limits::{MAX_ENTRIES, MAX_ENTRIES_BYTES, MIN_MAX_FRAME, RECORD_HEADER, TAG};

/// Cuts records out of bytes, or makes them, and takes them apart in two ways: as a host does it, in
/// pieces and in place, and as a simple parser does it that has everything at hand. Both find the
/// same frames and the same fault.
pub(crate) fn deframer(data: &[u8]) {
    let mut choices = Unstructured::new(data);
    let limits = [
        SMALL,
        Hello::HOST,
        Hello { max_record: 8, max_frame: 20, ..SMALL },
        Hello { max_record: u16::MAX - TAG as u16, max_frame: u32::MAX, ..SMALL },
    ];
    let (Ok(limits), Ok(is_content)) = (choices.choose(&limits), choices.arbitrary::<bool>())
    else {
        return;
    };
    let count = choices.int_in_range(1..=8).unwrap_or(1);
    let sizes = choices.bytes(count).unwrap_or(&[0]);
    let mut stream = choices.take_rest().to_vec();
    if is_content {
        // Bytes as they come rarely make a record whose length is right.
        stream = pieces(&stream, sizes).enumerate().fold(Vec::new(), |mut all, (i, content)| {
            let mut content = content.to_vec();
            content.iter_mut().for_each(|byte| *byte ^= i as u8);
            all.extend(record(&content));
            all
        });
    }
    let (frames, fault) = parse(*limits, &stream);
    let enough = limits.receive_buffer().min(stream.len() + 128);
    let mut host = Host::new(*limits, enough);
    let mut open = opener();
    let mut met = None;
    for mut piece in pieces(&stream, sizes) {
        while !piece.is_empty() && met.is_none() {
            match host.receive(piece, &mut open) {
                Ok(taken) => {
                    assert!(taken > 0, "a full buffer goes on");
                    piece = &piece[taken..];
                }
                Err(reason) => met = Some(reason),
            }
        }
    }
    assert_eq!(met, fault);
    assert_eq!(host.frames, frames);
    assert!(host.most <= limits.receive_buffer());
    if let Some(reason) = met {
        assert_eq!(host.receive(&[], &mut open), Err(reason), "a fault is final");
    }
}

/// Makes a toy that opens records: each only in its turn, and none whose tag ends with 0xff.
fn opener() -> impl FnMut(&mut [u8]) -> Result<usize, CloseReason> {
    let mut turn: u8 = 0;
    move |sealed| {
        let (content, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or(CloseReason::BadRecord)?;
        if tag[TAG - 1] == 0xff {
            return Err(CloseReason::BadRecord);
        }
        content.iter_mut().for_each(|byte| *byte ^= turn);
        turn = turn.wrapping_add(1);
        // What lies behind the plaintext is nobody's.
        tag.fill(0xee);
        Ok(content.len())
    }
}

/// Takes a stream of records apart, with all of it at hand: its frames, and what is wrong with it.
fn parse(limits: Hello, mut stream: &[u8]) -> (Vec<Vec<u8>>, Option<CloseReason>) {
    let (mut plain, mut frames, mut open) = (Vec::new(), Vec::new(), opener());
    let mut parse = || -> Result<(), CloseReason> {
        loop {
            if let Some((len, start)) = frame_len(&plain)? {
                if len == 0 {
                    return Err(CloseReason::Malformed);
                }
                if len > u64::from(limits.max_frame) {
                    return Err(CloseReason::TooLarge);
                }
                let end = start + len as usize;
                if end <= plain.len() {
                    frames.push(plain[start..end].to_vec());
                    plain.drain(..end);
                    continue;
                }
            }
            let Some((header, rest)) = stream.split_first_chunk::<RECORD_HEADER>() else {
                return Ok(());
            };
            let len = usize::from(u16::from_be_bytes(*header));
            if len <= TAG {
                return Err(CloseReason::Malformed);
            }
            if len - TAG > usize::from(limits.max_record) {
                return Err(CloseReason::TooLarge);
            }
            let Some((sealed, rest)) = rest.split_at_checked(len) else { return Ok(()) };
            let mut sealed = sealed.to_vec();
            let len = open(&mut sealed)?;
            plain.extend_from_slice(&sealed[..len]);
            stream = rest;
        }
    };
    let fault = parse().err();
    (frames, fault)
}

/// Reads the length before a frame as PROTOCOL.md puts it, and says where the frame starts.
fn frame_len(plain: &[u8]) -> Result<Option<(u64, usize)>, CloseReason> {
    let longest = &plain[..plain.len().min(varint::MAX_LEN)];
    let Some(last) = longest.iter().position(|byte| byte & 0x80 == 0) else {
        // Five bytes without an end are one too many, if the fifth is there.
        return match longest.len() == varint::MAX_LEN {
            true => Err(CloseReason::Malformed),
            false => Ok(None),
        };
    };
    let value =
        longest[..=last].iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
    let is_minimal = last == 0 || longest[last] != 0;
    if !is_minimal || value > u64::from(u32::MAX) {
        return Err(CloseReason::Malformed);
    }
    Ok(Some((value, last + 1)))
}

/// Decodes a frame. What comes out is encoded in no more bytes, and means the same.
pub(crate) fn message(data: &[u8]) {
    let _ = ChatBody::decode(data).map(|body| {
        let again = postcard::to_extend(&body, Vec::new()).expect("room");
        assert!(again.len() <= data.len());
        assert_eq!(ChatBody::decode(&again), Ok(body));
    });
    let _ = Hello::decode(data).map(|hello| {
        let again = hello.encode();
        assert!(again.len() <= data.len() && again[..6] == data[..6]);
        assert_eq!(Hello::decode(&again), Ok(hello));
    });
    let Ok(message) = Message::decode(data) else { return };
    let mut stream = Vec::new();
    append_frame(&mut stream, &message);
    let (len, start) = varint::decode(&stream).expect("a length").expect("all of it");
    let frame = &stream[start..];
    assert_eq!(frame.len(), len as usize);
    assert_eq!(frame.len(), encoded_len(&message));
    assert!(frame.len() <= data.len(), "the shortest encoding is the longer one");
    assert_eq!(Message::decode(frame).as_ref(), Ok(&message));
    // What is logged of it.
    let _ = format!("{message:?}");
    let is_mail =
        matches!(&message, Message::Relay(relay) if matches!(relay.item, RelayItem::Sealed(_)));
    assert_eq!(sealed_item(frame).is_some(), is_mail);
    // In a frame that others wrote, a number may be longer than it need be.
    assert!(sealed_item(data).is_none() || is_mail);
    match &message {
        Message::PeersReply { entries, .. } | Message::Presence { entries, .. } => {
            let mut buf = [0; MAX_ENTRIES_BYTES];
            let mut writer = EntriesWriter::new(&mut buf);
            let read: Vec<_> = entries.iter().collect();
            let sound: Vec<_> = read.iter().flatten().collect();
            assert!(sound.len() <= MAX_ENTRIES && read.len() <= sound.len() + 1);
            let written = sound.iter().take_while(|entry| writer.push(entry)).count();
            let again: Vec<_> = writer.finish().iter().map(|entry| entry.expect("sound")).collect();
            assert!(again.iter().eq(sound[..written].iter().copied()));
        }
        Message::Login(login) => {
            assert!(frame.len() - login.ticket.len() < MIN_MAX_FRAME);
        }
        Message::Chat(_) => {}
        Message::Relay(_) if is_mail => {}
        #[cfg(feature = "files")]
        Message::File(_) => {}
        #[cfg(feature = "files")]
        Message::Relay(Relay { item: RelayItem::File(file), .. }) => {
            let _ = FileItem::decode(file.body);
            assert!(super::file_item(frame).is_some());
        }
        _ => assert!(frame.len() < MIN_MAX_FRAME, "the smallest device takes it"),
    }
}
