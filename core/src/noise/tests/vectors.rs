//! Published runs of `Noise_XX_25519_ChaChaPoly_BLAKE2s`, byte for byte.

use hex_literal::hex;

use super::super::{Handshake, Identity};
use super::{in_turn, open, read, seal, write};

struct Vector<'a> {
    prologue: &'a [u8],
    statics: [[u8; 32]; 2],
    ephemerals: [[u8; 32]; 2],
    hash: Option<[u8; 32]>,
    /// Payloads and what is sent for them, in turns from the initiator on.
    messages: &'a [(&'a [u8], &'a [u8])],
}

impl Vector<'_> {
    fn check(&self) {
        let [alice, bob] = self.statics.map(Identity::from_secret);
        let mut a = Handshake::with_prologue(true, &alice, self.ephemerals[0], self.prologue);
        let mut b = Handshake::with_prologue(false, &bob, self.ephemerals[1], self.prologue);
        let (handshake, records) = self.messages.split_at(3);
        for (i, (payload, sent)) in handshake.iter().enumerate() {
            let (from, to) = in_turn(i, &mut a, &mut b);
            assert_eq!(write(from, payload).as_deref(), Ok(*sent), "message {}", i + 1);
            assert_eq!(read(to, sent).as_deref(), Ok(*payload), "message {}", i + 1);
        }
        if let Some(hash) = &self.hash {
            assert_eq!(a.hash(), Some(&hash[..]));
            assert_eq!(b.hash(), Some(&hash[..]));
        }
        let (mut a, mut b) = (a.finish().unwrap(), b.finish().unwrap());
        for (i, (payload, sent)) in records.iter().enumerate() {
            // The third message was the initiator's, so the responder goes on.
            let (from, to) = in_turn(i, &mut b, &mut a);
            assert_eq!(&seal(from, payload), sent, "record {}", i + 1);
            assert_eq!(open(to, sent).as_deref(), Ok(*payload), "record {}", i + 1);
        }
    }
}

/// The Haskell implementation's: <https://github.com/centromere/cacophony>,
/// `vectors/cacophony.txt`.
const CACOPHONY: Vector<'_> = Vector {
    prologue: &hex!("4a6f686e2047616c74"),
    statics: [
        hex!("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
        hex!("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
    ],
    ephemerals: [
        hex!("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
        hex!("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
    ],
    hash: Some(hex!("6c4c56cf71612f72d05ceb96c0155e6f4ea54a26b504c93de632a2db4a49d200")),
    messages: &[
        (
            &hex!("4c756477696720766f6e204d69736573"),
            &hex!(
                "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
                "4c756477696720766f6e204d69736573"
            ),
        ),
        (
            &hex!("4d757272617920526f746862617264"),
            &hex!(
                "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
                "7c365eb362a1c991b0557fe8a7fb187d99346765d93ec63db6c1b01504ebeec5"
                "5a2298d2dbff80eff034d20595153f63a196a6cead1e11b2bb13e336fa13616d"
                "d3e8b0a070c882ed3f1a78c7c06c93"
            ),
        ),
        (
            &hex!("462e20412e20486179656b"),
            &hex!(
                "46c3307de83b014258717d97781c1f50936d8b7d50c0722a1739654d10392d41"
                "5b670c114f79b9a4f80541570f77ce88802efa4220cff733e7b5668ba38059ec"
                "904b4b8eef9448085faf51"
            ),
        ),
        (
            &hex!("4361726c204d656e676572"),
            &hex!("d5e83adfaac5dc324a68f1862df54549e56d209fba707205f328b2"),
        ),
        (
            &hex!("4a65616e2d426170746973746520536179"),
            &hex!(
                "d102c9029b1f55c788f561ba7737afbccef9c9f1bf2f238167fd40ba9c1c1348"
                "67"
            ),
        ),
        (
            &hex!("457567656e2042f6686d20766f6e2042617765726b"),
            &hex!(
                "cb1ce80960382c6d5d5e740ffb724d1432f0310b200fb6f8424120f506092744"
                "baa415e155"
            ),
        ),
    ],
};

/// The Rust implementation's: <https://github.com/mcginty/snow>, `tests/vectors/snow.txt`.
const SNOW: Vector<'_> = Vector {
    prologue: &hex!(
        "5468657265206973206e6f20726967687420616e642077726f6e672e20546865"
        "72652773206f6e6c792066756e20616e6420626f72696e672e"
    ),
    statics: [
        hex!("8a3165449030548b6fbea439622cf8eccfda9098360f497381f1fc4b239cc629"),
        hex!("4b29748ce2d03e99813d870c67691402a1f5e09cfded4ccb55111a7aa407ed3b"),
    ],
    ephemerals: [
        hex!("868b61a52b9891cb69a723b53834e97cf34a0d65937fcf6ba89a945e22a624e0"),
        hex!("256bdfc5df09e6fc9ff7b31d670a9fbdae5ae5b9f989dba907e77823529c528e"),
    ],
    hash: None,
    messages: &[
        (
            &hex!("c0a708f1b57fb2ff42e901cce5871b2a51ff801c067eafcb03d0d7b201340527"),
            &hex!(
                "063bf5a9800084985cb20a711ff8efb4f355eff3df009e8c26e0ecb7affae336"
                "c0a708f1b57fb2ff42e901cce5871b2a51ff801c067eafcb03d0d7b201340527"
            ),
        ),
        (
            &hex!("7aa1a8a592db2e6456694064f6564c006f8b2b2481af05036992b088556f3047"),
            &hex!(
                "36c8607da3294b23a7aa3a6ac9ee0650838c0e1fb8849978896f9903b330d903"
                "5b08d1a88cb80ea36d06c7ed96b3a6c3c648be604bcebfd82f6cbd7976378500"
                "3d95c4f29c5104d40121c987aef5b4a485a59238136e732d12193b6b6aa556ae"
                "1cecd4a39e4259bc804fa8d8016e5de4be3c2d6e75a75f5fa0cbff614b8cdd88"
            ),
        ),
        (
            &hex!("c51d9b0d96e14f167e83c5154b2daff194ef59a9c09ad818c35ee7c5f476c3ef"),
            &hex!(
                "a5a0d7616374f0a6caff8171c8a6efeebe12a5de59aa9248db14dd9f620b847a"
                "d2d752f065d1275990e1716b6bcf6297646145a5950a99e035d302b46a4d9ed5"
                "a852cda3490454721cd77dc4b38ac42eda2f03048d173d70797b618400149131"
            ),
        ),
        (
            &hex!("05b9f78b805e8b0cef7230075fe3ccba3058935be39a7d3bc89e3d07f5eeb06a"),
            &hex!(
                "a081a0816332fba78faca67c86d1e3110576e461825f40c55130778ad39a08a0"
                "3b96c292bb861cabff6839be8b4e96b2"
            ),
        ),
        (
            &hex!("0fb0b0a35d88f162ebd9430681ed4e70f8dda8ae2ce170d0a8284d0676207f84"),
            &hex!(
                "44982688c83a5af167cb3bd3b622993481e4ec1e6944c66ae1b92fcfb934792c"
                "ecf9228672fdf1a3428d75e1af8f3899"
            ),
        ),
    ],
};

#[test]
fn matches_the_vector_of_cacophony() {
    CACOPHONY.check();
}

#[test]
fn matches_the_vector_of_snow() {
    SNOW.check();
}
