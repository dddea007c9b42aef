/// Says to whose account a symbol goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The primitives, the Noise framework, and the module of the core that uses them.
    Crypto,
    /// Everything else.
    Protocol,
}

/// How the names begin of what is cryptography.
const CRYPTO: [&str; 16] = [
    "aead::",
    "blake2::",
    "block_buffer::",
    "breeze_core::noise::",
    "chacha20::",
    "chacha20poly1305::",
    "cipher::",
    "crypto_common::",
    "curve25519_dalek::",
    "digest::",
    "noise_protocol::",
    "poly1305::",
    "subtle::",
    "universal_hash::",
    "x25519_dalek::",
    "zeroize::",
];

impl Owner {
    /// Judges by a demangled name: the item's own path, or for one of another crate's, such as
    /// `core::ptr::drop_in_place`, what it was made for.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.trim_start_matches(['<', '&']);
        let name = name.strip_prefix("mut ").unwrap_or(name);
        let starts = |name: &str| CRYPTO.iter().any(|prefix| name.starts_with(prefix));
        let is_foreign = !name.starts_with("breeze_core::") && !name.starts_with("postcard::");
        let is_for_crypto = is_foreign && CRYPTO.iter().any(|prefix| name.contains(prefix));
        if starts(name) || is_for_crypto { Self::Crypto } else { Self::Protocol }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_by_the_path_of_the_item_itself() {
        for crypto in [
            "<blake2::Blake2sVarCore>::compress",
            "<&curve25519_dalek::field::FieldElement2625 as core::ops::arith::Mul>::mul",
            "breeze_core::noise::cipher_portable::open",
            "core::ptr::drop_in_place::<breeze_core::noise::handshake::Handshake>",
        ] {
            assert_eq!(Owner::of(crypto), Owner::Crypto, "{crypto}");
        }
        for protocol in [
            "<breeze_core::client::engine::Engine>::send",
            "<breeze_core::wire::Writer<breeze_core::noise::transport::Transport>>::push",
            "compiler_builtins::mem::memmove",
            "__aeabi_memset4",
        ] {
            assert_eq!(Owner::of(protocol), Owner::Protocol, "{protocol}");
        }
    }
}
