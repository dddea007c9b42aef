//! Messages that the fuzzer composes: well-formed, and otherwise as absurd as it likes.

use std::sync::OnceLock;
use std::vec;
use std::vec::Vec;

use arbitrary::{Result, Unstructured};

use crate::error::{CloseReason, LoginRefusal, RelayRefusal};
#[cfg(feature = "files")]
use crate::error::{FileEnd, FileRefusal};
use crate::id::{DisplayName, Endpoint, Epoch, Instance, MessageId, PublicKey, UserId};
use crate::limits::{MAX_TEXT, SEALED_ENVELOPE};
use crate::noise::Identity;
use crate::wire::{
    Ack, Chat, ChatBody, EntriesWriter, Introduction, Login, Message, PeerEntry, Relay, RelayItem,
    Sealed, Setup, SetupOk, Welcome, append_frame,
};
#[cfg(feature = "files")]
use crate::wire::{FileDetails, FileItem, FileKind, HoldReason, Offer, RelayedFile};

/// Who there is. The last one is registered nowhere.
pub(crate) const USERS: [&str; 5] = ["al", "bo", "cy", "di", "eve"];

/// Returns a user's identity, or, beyond them, the server's.
pub(crate) fn identity(of: usize) -> &'static Identity {
    static ALL: OnceLock<[Identity; USERS.len() + 1]> = OnceLock::new();
    let all =
        ALL.get_or_init(|| core::array::from_fn(|i| Identity::from_secret([i as u8 + 1; 32])));
    &all[of.min(USERS.len())]
}

pub(crate) fn user_at(index: usize) -> UserId {
    UserId::new(USERS[index % USERS.len()]).expect("a user id")
}

pub(crate) fn user(choices: &mut Unstructured<'_>) -> Result<UserId> {
    Ok(user_at(choices.choose_index(USERS.len())?))
}

/// Draws small numbers mostly, and those around which arithmetic breaks.
pub(crate) fn number(choices: &mut Unstructured<'_>) -> Result<u64> {
    const EDGES: [u64; 8] =
        [u64::MAX, u64::MAX - 1, 1 << 63, u64::MAX / 2, 1 << 32, u32::MAX as u64, 300, 256];
    let byte = choices.arbitrary::<u8>()?;
    Ok(byte.checked_sub(0xf8).map_or(byte.into(), |edge| EDGES[usize::from(edge)]))
}

pub(crate) fn epoch(choices: &mut Unstructured<'_>) -> Result<Epoch> {
    Ok(Epoch::from_bits(choices.int_in_range(1..=3)?))
}

pub(crate) fn message_id(choices: &mut Unstructured<'_>) -> Result<MessageId> {
    Ok(MessageId { epoch: epoch(choices)?, seq: number(choices)? })
}

pub(crate) fn refusal(choices: &mut Unstructured<'_>) -> Result<RelayRefusal> {
    Ok(*choices.choose(&[
        RelayRefusal::Offline,
        RelayRefusal::UnknownUser,
        RelayRefusal::Busy,
        RelayRefusal::TooLarge,
        RelayRefusal::Quota,
        RelayRefusal::KeyChanged,
        RelayRefusal::Expired,
        RelayRefusal::Unavailable,
        RelayRefusal::NoEnvelope,
    ])?)
}

pub(crate) fn login_refusal(choices: &mut Unstructured<'_>) -> Result<LoginRefusal> {
    Ok(*choices.choose(&[
        LoginRefusal::NameTaken,
        LoginRefusal::KeyHasOtherName,
        LoginRefusal::InviteRequired,
        LoginRefusal::RegistrationClosed,
        LoginRefusal::ServerFull,
        LoginRefusal::Unavailable,
        LoginRefusal::CodeRequired,
        LoginRefusal::WrongCode,
        LoginRefusal::TooManyTries,
    ])?)
}

/// Draws a key: a user's, the server's, or one that is nobody's and of low order.
pub(crate) fn key(choices: &mut Unstructured<'_>) -> Result<PublicKey> {
    Ok(match choices.int_in_range(0..=USERS.len() + 1)? {
        0 => PublicKey::from_bytes([0; 32]),
        of => identity(of - 1).public(),
    })
}

/// Draws how often somebody pings, and for how long it bears silence.
fn rhythm(choices: &mut Unstructured<'_>) -> Result<(u32, u32)> {
    Ok(match choices.int_in_range(0..=3)? {
        0 | 1 => (15_000, 45_000),
        2 => (100, 101),
        _ => (number(choices)? as u32, number(choices)? as u32),
    })
}

fn endpoints(choices: &mut Unstructured<'_>) -> Result<heapless::Vec<Endpoint, 8>> {
    let count = choices.int_in_range(0..=8)?;
    (0..count).map(|_| endpoint(choices)).collect()
}

fn endpoint(choices: &mut Unstructured<'_>) -> Result<Endpoint> {
    let (host, port) = (choices.arbitrary::<u8>()?, choices.arbitrary::<u8>()?);
    Ok(Endpoint::new(match host {
        0..0xc0 => ([192, 0, 2, host], port.into()).into(),
        _ => ([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(host)], port.into()).into(),
    }))
}

fn entry(choices: &mut Unstructured<'_>) -> Result<PeerEntry> {
    let index = choices.choose_index(USERS.len())?;
    let name = DisplayName::new(choices.choose(&["", "微风", "a\u{1b}[2J"])?).expect("a name");
    let online = match choices.int_in_range(0..=3)? {
        0 => None,
        1 => Some(Introduction {
            key: key(choices)?,
            instance: instance(choices)?,
            endpoints: endpoints(choices)?,
        }),
        _ => Some(Introduction {
            key: identity(index).public(),
            instance: Instance::from_bits(1),
            endpoints: [Endpoint::new(([192, 0, 2, index as u8], 1).into())].into_iter().collect(),
        }),
    };
    Ok(PeerEntry { user: user_at(index), name, online })
}

fn instance(choices: &mut Unstructured<'_>) -> Result<Instance> {
    Ok(Instance::from_bits(choices.int_in_range(0..=2)?))
}

/// Draws what a message holds: what a person could have written, or anything.
pub(crate) fn body(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = match choices.int_in_range(0..=7)? {
        0 => {
            let len = choices.arbitrary::<u8>()?.into();
            return Ok(choices.bytes(len)?.to_vec());
        }
        1 => MAX_TEXT - 2 + choices.int_in_range(0..=4)?,
        2 => choices.arbitrary::<u16>()?.into(),
        _ => choices.arbitrary::<u8>()?.into(),
    };
    let text = "x".repeat(len);
    let body = ChatBody { name: "微风", sent_ms: 1, text: &text };
    Ok(postcard::to_extend(&body, vec![]).expect("room"))
}

/// Appends a message, as a frame.
pub(crate) fn put_word(choices: &mut Unstructured<'_>, out: &mut Vec<u8>) -> Result<()> {
    let mut buf = [0; 4096];
    let mut writer = EntriesWriter::new(&mut buf);
    let body_buf;
    let message = match choices.int_in_range(0..=31)? {
        0 => Message::Login(Login {
            user: user(choices)?,
            name: DisplayName::default(),
            instance: instance(choices)?,
            keepalive_ms: number(choices)? as u32,
            presence: choices.arbitrary()?,
            endpoints: endpoints(choices)?,
            ticket: choices.choose(&[&b""[..], b"code", &[7; 200]])?,
        }),
        1 => {
            let (keepalive_ms, idle_ms) = rhythm(choices)?;
            Message::Welcome(Welcome { observed: endpoint(choices)?, keepalive_ms, idle_ms })
        }
        2 => Message::LoginRefused(login_refusal(choices)?),
        3 => Message::PeersRequest {
            after: if choices.arbitrary()? { Some(user(choices)?) } else { None },
        },
        which @ (4 | 5) => {
            for _ in 0..choices.int_in_range(0..=5)? {
                writer.push(&entry(choices)?);
            }
            let (entries, flag) = (writer.finish(), choices.arbitrary()?);
            match which {
                4 => Message::PeersReply { entries, more: flag },
                _ => Message::Presence { entries, resync: flag },
            }
        }
        6 => {
            let (keepalive_ms, idle_ms) = rhythm(choices)?;
            let (from, to, instance) = (user(choices)?, user(choices)?, instance(choices)?);
            Message::Setup(Setup { from, to, instance, keepalive_ms, idle_ms })
        }
        7 => {
            let (keepalive_ms, idle_ms) = rhythm(choices)?;
            Message::SetupOk(SetupOk { instance: instance(choices)?, keepalive_ms, idle_ms })
        }
        8 => {
            let MessageId { epoch, seq } = message_id(choices)?;
            let (back, gap) = (number(choices)?, number(choices)?);
            body_buf = body(choices)?;
            Message::Chat(Chat { epoch, seq, back, gap, body: &body_buf })
        }
        9 => Message::Ack(ack(choices)?),
        which @ 10..=15 => {
            let peer = user(choices)?;
            let item = match which {
                10 => RelayItem::Ack(ack(choices)?),
                11 => RelayItem::Read(ack(choices)?),
                12 => RelayItem::Unreadable { epoch: epoch(choices)? },
                _ => {
                    let MessageId { epoch, seq } = message_id(choices)?;
                    let (back, gap) = (number(choices)?, number(choices)?);
                    let envelope = *choices.choose(&[&[9; SEALED_ENVELOPE][..], &[], &[1; 7]])?;
                    body_buf = body(choices)?;
                    let body = &body_buf[..];
                    RelayItem::Sealed(Sealed { epoch, seq, back, gap, envelope, body })
                }
            };
            Message::Relay(Relay { peer, item })
        }
        16 => {
            let (peer, MessageId { epoch, seq }) = (user(choices)?, message_id(choices)?);
            Message::Refused { peer, epoch, seq, reason: refusal(choices)? }
        }
        17 => Message::Ping,
        18 => Message::Pong,
        19 => Message::Close(*choices.choose(&[
            CloseReason::Goodbye,
            CloseReason::Replaced,
            CloseReason::Duplicate,
            CloseReason::ServerStopping,
        ])?),
        20 => {
            let (peer, MessageId { epoch, seq: upto }) = (user(choices)?, message_id(choices)?);
            Message::Stored { peer, epoch, upto }
        }
        21 => {
            let (peer, MessageId { epoch, seq: upto }) = (user(choices)?, message_id(choices)?);
            Message::Dropped { peer, epoch, upto, reason: refusal(choices)? }
        }
        22 => Message::Ask { peer: user(choices)?, epoch: epoch(choices)? },
        23 => Message::KeyRequest { user: user(choices)? },
        24 => Message::KeyReply {
            user: user(choices)?,
            key: if choices.arbitrary()? { Some(key(choices)?) } else { None },
        },
        25 => Message::Read(ack(choices)?),
        26 => Message::Watch { place: number(choices)? as u16, user: user(choices)? },
        #[cfg(feature = "files")]
        27 => {
            body_buf = file_bytes(choices)?;
            Message::File(file_item(choices, &body_buf)?)
        }
        #[cfg(feature = "files")]
        28 => {
            let (peer, number) = (user(choices)?, number(choices)?);
            Message::FileRefused { peer, number, reason: file_refusal(choices)? }
        }
        #[cfg(feature = "files")]
        29 => Message::FileLimits { rate: number(choices)?, max: number(choices)? },
        #[cfg(feature = "files")]
        30 => {
            let (peer, epoch) = (user(choices)?, epoch(choices)?);
            let (number, size, count) = (number(choices)?, number(choices)?, number(choices)?);
            let envelope = *choices.choose(&[&[9; SEALED_ENVELOPE][..], &[], &[1; 7]])?;
            body_buf = body(choices)?;
            let body = &body_buf[..];
            let file = RelayedFile { number, size, epoch, count, envelope, body };
            Message::Relay(Relay { peer, item: RelayItem::File(file) })
        }
        _ => {
            // A frame of any content, which may be a message that is not known here.
            let len = choices.arbitrary::<u8>()? >> 1;
            out.push(len);
            out.extend_from_slice(choices.bytes(len.into())?);
            return Ok(());
        }
    };
    append_frame(out, &message);
    Ok(())
}

#[cfg(feature = "files")]
fn file_refusal(choices: &mut Unstructured<'_>) -> Result<FileRefusal> {
    Ok(match choices.int_in_range(0..=4)? {
        0 => FileRefusal::Off,
        1 => FileRefusal::TooLarge { max: number(choices)? },
        2 => FileRefusal::Offline,
        3 => FileRefusal::NotTaken,
        _ => FileRefusal::Busy,
    })
}

/// Draws what an item holds of a stream, or of its tree.
#[cfg(feature = "files")]
pub(crate) fn file_bytes(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = match choices.int_in_range(0..=3)? {
        0 => 32 * choices.int_in_range(0..=47)?,
        1 => choices.int_in_range(0..=16_300)?,
        _ => usize::from(choices.arbitrary::<u8>()?),
    };
    Ok(vec![choices.arbitrary()?; len])
}

/// Draws an item about one of few transfers.
#[cfg(feature = "files")]
pub(crate) fn file_item<'b>(
    choices: &mut Unstructured<'_>,
    bytes: &'b [u8],
) -> Result<FileItem<'b>> {
    let (transfer, round) = (choices.int_in_range(0..=2)?, choices.int_in_range(0..=3)?);
    Ok(match choices.int_in_range(0..=6)? {
        0 => {
            let name = *choices.choose(&["film", "..", "con", "a/b", ""])?;
            let kind = match choices.arbitrary()? {
                true => FileKind::File(FileDetails { modified: -1, executable: true }),
                false => FileKind::Folder { entries: 3, list: number(choices)? as u32 },
            };
            let offer = Offer { name, kind, size: number(choices)?, root: [0; 32] };
            FileItem::Offer { number: transfer, offer }
        }
        1 => {
            let (from, upto) = (number(choices)?, number(choices)?);
            FileItem::Want { number: transfer, round, from, upto }
        }
        2 | 3 => FileItem::Data { number: transfer, round, at: number(choices)?, bytes },
        4 => {
            let block = number(choices)?;
            FileItem::Proof { number: transfer, round, block, hashes: bytes }
        }
        5 => FileItem::Held { number: transfer, reason: HoldReason::Paused },
        _ => {
            let end = *choices.choose(&[FileEnd::Done, FileEnd::Unknown, FileEnd::Cancelled])?;
            FileItem::Ended { number: transfer, by_sender: choices.arbitrary()?, end }
        }
    })
}

fn ack(choices: &mut Unstructured<'_>) -> Result<Ack> {
    let MessageId { epoch, seq: upto } = message_id(choices)?;
    Ok(Ack { epoch, upto })
}
