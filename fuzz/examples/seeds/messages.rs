//! One message of every kind, and streams of them.

use breeze_core::error::{CloseReason, LoginRefusal, RelayRefusal};
use breeze_core::id::{DisplayName, Endpoint, Epoch, Instance, PublicKey, UserId};
use breeze_core::limits::SEALED_ENVELOPE;
use breeze_core::wire::{
    Ack, Chat, EntriesWriter, Introduction, Login, Message, PeerEntry, Relay, RelayItem, Sealed,
    Setup, SetupOk, Welcome, append_frame,
};

/// Returns the content of frames.
pub(super) fn all() -> Vec<Vec<u8>> {
    let (user, instance) = (UserId::new("bo").expect("a user"), Instance::from_bits(1 << 40));
    let (epoch, key) = (Epoch::from_bits(0xab << 32), PublicKey::from_bytes([7; 32]));
    let name = DisplayName::new("微风").expect("a name");
    let endpoints = ["192.0.2.7:7733", "[2001:db8::7]:54321", "[::ffff:192.0.2.8]:1"]
        .map(|addr| Endpoint::new(addr.parse().expect("an address")));
    let listed = endpoints.into_iter().collect::<heapless::Vec<_, 8>>();
    let online = Introduction { key, instance, endpoints: listed.clone() };
    let mut buf = [0; 1024];
    let mut writer = EntriesWriter::new(&mut buf);
    writer.push(&PeerEntry { user: user.clone(), name: name.clone(), online: Some(online) });
    writer.push(&PeerEntry { user: user.clone(), name: name.clone(), online: None });
    let entries = writer.finish();
    let ack = Ack { epoch, upto: 300 };
    let (seq, back, gap, body) = (300, 2, 1, &b"\x02Bo\x80\x01\x02hi"[..]);
    let sealed = Sealed { epoch, seq, back, gap, envelope: &[9; SEALED_ENVELOPE], body };
    let relay = |item| Message::Relay(Relay { peer: user.clone(), item });
    let (peer, upto, reason) = (user.clone(), 300, RelayRefusal::Quota);
    let (keepalive_ms, idle_ms) = (15_000, 45_000);
    let messages = [
        Message::Login(Login {
            user: user.clone(),
            name,
            instance,
            keepalive_ms,
            presence: true,
            endpoints: listed,
            ticket: b"code",
        }),
        Message::Welcome(Welcome { observed: endpoints[0], keepalive_ms, idle_ms }),
        Message::LoginRefused(LoginRefusal::WrongCode),
        Message::PeersRequest { after: Some(user.clone()) },
        Message::PeersReply { entries, more: true },
        Message::Presence { entries, resync: false },
        Message::Setup(Setup {
            from: user.clone(),
            to: user.clone(),
            instance,
            keepalive_ms,
            idle_ms,
        }),
        Message::SetupOk(SetupOk { instance, keepalive_ms, idle_ms }),
        Message::Chat(Chat { epoch, seq, back, gap, body }),
        Message::Ack(ack),
        relay(RelayItem::Sealed(sealed)),
        relay(RelayItem::Sealed(Sealed { envelope: &[], ..sealed })),
        relay(RelayItem::Ack(ack)),
        relay(RelayItem::Read(ack)),
        relay(RelayItem::Unreadable { epoch }),
        Message::Refused { peer: user.clone(), epoch, seq, reason },
        Message::Ping,
        Message::Pong,
        Message::Close(CloseReason::Replaced),
        Message::Stored { peer: user.clone(), epoch, upto },
        Message::Dropped { peer, epoch, upto, reason },
        Message::Ask { peer: user.clone(), epoch },
        Message::KeyRequest { user: user.clone() },
        Message::KeyReply { user, key: Some(key) },
        Message::Read(ack),
    ];
    messages.iter().map(frame).collect()
}

fn frame(message: &Message<'_>) -> Vec<u8> {
    let mut stream = Vec::new();
    append_frame(&mut stream, message);
    let len = stream.iter().position(|byte| byte & 0x80 == 0).expect("a length") + 1;
    stream.split_off(len)
}

/// Returns streams of frames, after the choices of the deframer's target: the limits, whether what
/// follows is the content of records, and in which pieces it comes.
pub(super) fn streams(frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut stream = Vec::new();
    for frame in frames {
        let len = frame.len() as u8;
        // A varint.
        stream.extend(if len < 0x80 { vec![len] } else { vec![len, 1] });
        stream.extend(frame);
    }
    let mut streams = Vec::new();
    for limits in 0..4 {
        for sizes in [&[0xff][..], &[0], &[0xff, 3, 0x40, 7]] {
            let mut input = vec![limits, 1, sizes.len() as u8 - 1];
            input.extend(sizes);
            input.extend(&stream);
            streams.push(input);
        }
        // Two records as they are on the wire, with the second one's content masked.
        let mut input = vec![limits, 0, 0, 4, 0, 19, 2, 12, 1];
        input.extend([0; 16]);
        input.extend([0, 17, 13 ^ 1]);
        input.extend([0; 16]);
        streams.push(input);
    }
    streams
}
