//! Secrets at rest: sealed with XChaCha20-Poly1305 under a key that lives elsewhere.
//!
//! Pure: the caller brings key and nonce. The store seals what it keeps, the agent seals the environments it must be
//! able to start again. What is sealed is bound to its place by the associated data, so that a row moved elsewhere
//! does not open. Sources: RFC 8439 and draft-irtf-cfrg-xchacha-03.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// A secret in memory: wiped when dropped, never shown, never serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<String>);

impl SecretValue {
    /// Takes a secret in.
    pub fn new(text: String) -> SecretValue {
        SecretValue(Zeroizing::new(text))
    }

    /// The secret itself. Call it only where it leaves for a workload's environment or a cloud's own secret store.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Says only that there is one.
impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(***)")
    }
}

/// A key of 32 bytes.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// Bytes in one key.
    pub const LENGTH: usize = 32;

    /// Takes a key in.
    pub fn new(bytes: [u8; 32]) -> SealKey {
        SealKey(Zeroizing::new(bytes))
    }
}

/// Says only that there is one.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(***)")
    }
}

/// Bytes in one nonce; random ones do not repeat in practice.
pub const NONCE_LENGTH: usize = 24;

/// Why something does not open: another key, another place, or changed bytes. They cannot be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open: it was sealed under another key or its bytes were changed")]
pub struct SealBroken;

/// Seals bytes for a place: the nonce, then the ciphertext with its tag.
///
/// # Errors
/// Only for more than 256 GiB.
pub fn seal(
    key: &SealKey,
    nonce: [u8; NONCE_LENGTH],
    place: &str,
    plain: &[u8],
) -> Result<Vec<u8>, SealBroken> {
    let cipher = XChaCha20Poly1305::new(&Key::from(*key.0));
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealBroken)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal`] made for the same place.
///
/// # Errors
/// When key, place or bytes are not the same.
pub fn open(key: &SealKey, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(SealBroken)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key.0));
    let payload = Payload { msg: rest, aad: place.as_bytes() };
    cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealBroken)
}

#[cfg(test)]
mod tests {
    use super::{SealKey, SecretValue, open, seal};

    #[test]
    fn opens_only_with_the_same_key_place_and_bytes() {
        let key = SealKey::new([7; 32]);
        let sealed = seal(&key, [1; 24], "secrets/db", b"hunter2").unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_eq!(open(&key, "secrets/db", &sealed).unwrap().as_slice(), b"hunter2");
        assert!(open(&key, "secrets/other", &sealed).is_err());
        assert!(open(&SealKey::new([8; 32]), "secrets/db", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&key, "secrets/db", &changed).is_err(), "byte {index}");
        }
        assert!(open(&key, "secrets/db", &sealed[..10]).is_err());
    }

    #[test]
    fn is_never_shown() {
        assert_eq!(format!("{:?}", SecretValue::new("hunter2".into())), "SecretValue(***)");
        assert_eq!(format!("{:?}", SealKey::new([7; 32])), "SealKey(***)");
    }
}
