//! Bearer tokens (RFC 6750): how they are made, and what is kept of them.
//!
//! A token is 256 bits of the system's randomness, so its plain SHA-256 gives nothing away and needs no salt and no slow
//! hash: there is nothing to guess. Only the hash is configured; whoever reads the configuration cannot call.

use std::fmt;
use std::hash::{Hash, Hasher};

use ring::rand::{SecureRandom as _, SystemRandom};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::crypto::sha256;

/// How every token begins, so that scanners for leaked secrets know it when they see it.
pub const PREFIX: &str = "rastau_";

/// Octets of randomness in a token.
const RANDOM_OCTETS: usize = 32;
/// Characters of a token: the prefix and the randomness in hexadecimal, which a double click selects whole.
const TOKEN_CHARS: usize = PREFIX.len() + 2 * RANDOM_OCTETS;

/// A new token; wiped from memory when dropped, and nowhere in `Debug`.
pub struct Token(Zeroizing<String>);

/// That the system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness")]
pub struct NoRandomness;

impl Token {
    /// A token that nobody had before.
    ///
    /// # Errors
    /// [`NoRandomness`] when the system's source of randomness fails.
    pub fn mint() -> Result<Self, NoRandomness> {
        let mut random = Zeroizing::new([0; RANDOM_OCTETS]);
        SystemRandom::new().fill(random.as_mut()).map_err(|_| NoRandomness)?;
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_CHARS));
        text.push_str(PREFIX);
        for octet in random.iter() {
            for half in [octet >> 4, octet & 15] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
            }
        }
        Ok(Self(text))
    }

    /// The token, to be shown once.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a token.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Of the whole token, prefix included: what `printf %s "$TOKEN" | sha256sum` prints.
    #[must_use]
    pub fn of(token: &[u8]) -> Self {
        Self(sha256(token))
    }

    /// A digest that was written down.
    #[must_use]
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl PartialEq for TokenDigest {
    /// In constant time. What is compared is the hash of what a stranger sent, which they cannot choose; so not even a
    /// comparison that stops early would lead them to a token.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenDigest {}

impl Hash for TokenDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

impl fmt::LowerHex for TokenDigest {
    /// As it is written into the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The token in a field `Authorization`, or `None` for anything but `Bearer` and a token of ours.
///
/// The shape is exact, so that garbage costs no hash: the scheme in any case (RFC 9110 11.1), spaces, 71 characters.
pub(super) fn bearer(field: &[u8]) -> Option<TokenDigest> {
    let (scheme, token) = field.split_at_checked(field.iter().position(|octet| *octet == b' ')?)?;
    let token = token.trim_ascii();
    let random = token.strip_prefix(PREFIX.as_bytes())?;
    let ours = scheme.eq_ignore_ascii_case(b"bearer")
        && token.len() == TOKEN_CHARS
        && random.iter().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| TokenDigest::of(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_recognised_and_shows_itself_nowhere() {
        let (token, other) = (Token::mint().unwrap(), Token::mint().unwrap());
        assert_eq!(token.as_str().len(), TOKEN_CHARS);
        assert_ne!(token.as_str(), other.as_str());
        assert!(token.digest() == bearer(format!("Bearer {}", token.as_str()).as_bytes()).unwrap());
        assert!(token.digest() != other.digest());
        assert_eq!(format!("{token:?} {:?}", token.digest()), "Token(…) TokenDigest(…)");
        // FIPS 180-4, "abc".
        let digest = format!("{:x}", TokenDigest::of(b"abc"));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn anything_but_bearer_and_a_token_is_no_token() {
        let token = Token::mint().unwrap();
        let token = token.as_str();
        for good in [format!("Bearer {token}"), format!("bearer  {token} "), format!("BEARER {token}")] {
            assert!(bearer(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [
            String::new(),
            " ".to_owned(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            token.to_owned(),
            format!("Bearer{token}"),
            format!("Bearer\t{token}"),
            format!("Basic {token}"),
            format!("Bearer {token}0"),
            format!("Bearer {}", &token[..TOKEN_CHARS - 1]),
            format!("Bearer {}", token.to_uppercase()),
            format!("Bearer {}", token.replace("rastau_", "rastau-")),
            format!("Bearer {token} {token}"),
            format!("Bearer {token}, Bearer {token}"),
            format!("Bearer \"{token}\""),
            format!("Bearer rastau_{}", "é".repeat(32)),
            "Bearer ".to_owned() + &"a".repeat(1 << 16),
        ] {
            assert!(bearer(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(bearer(&[0xff; 71]).is_none());
    }
}
