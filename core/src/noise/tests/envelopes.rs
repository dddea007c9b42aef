//! Envelopes, and the bodies sealed under their keys: honest, published, another implementation's,
//! and hostile ones.

use hex_literal::hex;
use std::vec::Vec;

use super::super::envelope;
use super::super::secret::Secret;
use super::super::{Context, Identity, OpeningKey, Purpose, SealingKey};
use super::{alice, bob};
use crate::id::{Epoch, PublicKey, UserId};

fn user(name: &str) -> UserId {
    UserId::new(name).expect("user")
}

fn sealed(key: &SealingKey, seq: u64, text: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    key.seal(seq, text.len(), text.chunks(7), &mut |piece| body.extend_from_slice(piece));
    body
}

/// A key of Alice's for Bob, and what it is bound to.
fn pair<T>(check: impl FnOnce(SealingKey, &Context<'_>) -> T) -> T {
    let (from, to) = (user("alice"), user("bob"));
    let context =
        Context { from: &from, to: &to, epoch: Epoch::from_bits(7), purpose: Purpose::Messages };
    let key = SealingKey::new(&alice(), &Secret([5; 32]), bob().public(), &context);
    check(key.expect("a good key"), &context)
}

#[test]
fn the_recipient_reads_and_knows_the_sender() {
    pair(|key, context| {
        assert!(key.envelope().starts_with(&bob().public().hint()));
        let opening = OpeningKey::new(&bob(), key.envelope(), context).expect("for bob");
        assert_eq!(opening.from, alice().public());
        assert!(opening.came_in(key.envelope(), context.epoch));
        for (seq, text) in [(1, &b"one"[..]), (300, b""), (2, b"two, again and again")] {
            let mut body = sealed(&key, seq, text);
            assert_eq!(opening.open(seq, &mut body).as_deref(), Some(text));
        }
    });
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn nobody_else_reads_and_nothing_else_passes() {
    pair(|key, context| {
        let envelope = key.envelope();
        assert!(OpeningKey::new(&alice(), envelope, context).is_none(), "another identity");
        let others = [user("alicf"), user("bo"), user("bob")];
        for context in [
            Context { from: &others[0], ..*context },
            Context { to: &others[1], ..*context },
            Context { epoch: Epoch::from_bits(8), ..*context },
            Context { from: &others[2], to: context.from, ..*context },
        ] {
            assert!(OpeningKey::new(&bob(), envelope, &context).is_none(), "{context:?}");
        }
        for len in 0..envelope.len() {
            assert!(OpeningKey::new(&bob(), &envelope[..len], context).is_none());
        }
        for place in super::super::sealing_key::HINT..envelope.len() {
            let mut changed = envelope.to_vec();
            changed[place] ^= 1;
            assert!(OpeningKey::new(&bob(), &changed, context).is_none(), "byte {place}");
        }
        let opening = OpeningKey::new(&bob(), envelope, context).expect("for bob");
        let body = sealed(&key, 3, b"text");
        assert!(opening.open(4, &mut body.clone()).is_none(), "another number");
        for place in 0..body.len() {
            let mut changed = body.clone();
            changed[place] ^= 0x80;
            assert!(opening.open(3, &mut changed).is_none(), "byte {place}");
            assert!(opening.open(3, &mut body[..place].to_vec()).is_none(), "cut at {place}");
        }
    });
}

#[test]
fn a_key_of_low_order_gets_no_envelope() {
    let (from, to) = (user("alice"), user("bob"));
    let context =
        Context { from: &from, to: &to, epoch: Epoch::from_bits(7), purpose: Purpose::Messages };
    let low = PublicKey::from_bytes([0; 32]);
    assert!(SealingKey::new(&alice(), &Secret([5; 32]), low, &context).is_none());
}

/// The Haskell implementation's: <https://github.com/centromere/cacophony>,
/// `vectors/cacophony.txt`, `Noise_X_25519_ChaChaPoly_BLAKE2s`.
#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn a_published_run_is_ours() {
    let own = hex!("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1");
    let ephemeral = hex!("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
    let to = hex!("31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62");
    let first = hex!(
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
        "8bc3b729d16d3944f1bfae9fa98e0d306234bfadc44880f99a69c6e55b6c1458"
        "e9c9dacab3f29aac44b435c57dc436d0830ae461a4479228789a38085be55b13"
        "e0128564987994de842e73dd0a5c328b"
    );
    let rest: [(&[u8], &[u8]); 2] = [
        (
            &hex!("4d757272617920526f746862617264"),
            &hex!("aee89720731c98ccf15f4495ae3f6f2f7ed8e2164a1494c9e785b076e69cfc"),
        ),
        (
            &hex!("462e20412e20486179656b"),
            &hex!("c88787701dc4365fe9dee7c0f23d91afdc214a459eadbc9f1d0220"),
        ),
    ];
    let to = PublicKey::from_bytes(to);
    let own = Identity::from_secret(own);
    let mut state = envelope::initiator(&own, &Secret(ephemeral), to, b"John Galt");
    let mut message = [0; 112];
    state.write_message(&hex!("4c756477696720766f6e204d69736573"), &mut message).expect("write");
    assert_eq!(message, first);
    let key = envelope::transport_key(&state);
    for (counter, (text, sent)) in (0..).zip(rest) {
        let mut sealer = super::super::sealer_portable::Sealer::new(&key, counter);
        let mut body = text.to_vec();
        sealer.encrypt(&mut body);
        body.extend(sealer.finish());
        assert_eq!(body, sent);
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn snow_reads_an_envelope_and_the_bodies() {
    pair(|key, context| {
        let own = bob();
        let mut other = snow::Builder::new("Noise_X_25519_ChaChaPoly_BLAKE2s".parse().unwrap())
            .local_private_key(own.secret_bytes())
            .unwrap()
            .prologue(&context.prologue())
            .unwrap()
            .build_responder()
            .unwrap();
        let noise = &key.envelope()[super::super::sealing_key::HINT..];
        assert_eq!(other.read_message(noise, &mut []).unwrap(), 0);
        assert_eq!(other.get_remote_static(), Some(&alice().public().as_bytes()[..]));
        let other = other.into_stateless_transport_mode().unwrap();
        let mut text = [0; 64];
        for seq in [1, 9, u64::from(u32::MAX)] {
            let len = other.read_message(seq, &sealed(&key, seq, b"to bob"), &mut text).unwrap();
            assert_eq!(&text[..len], b"to bob");
        }
    });
}
