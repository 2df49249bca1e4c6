//! Ids by which an answer, a log line and a complaint are brought together.

use std::cell::RefCell;

use ring::rand::{SecureRandom, SystemRandom};

/// Longest id that is taken over from a caller: room for a UUID or a trace id, no room for a document.
pub const MAX_REQUEST_ID_BYTES: usize = 64;

/// Whether a caller's id may be repeated in answers and log lines: `[A-Za-z0-9-_.]{1,64}`.
pub fn is_sane_request_id(id: &[u8]) -> bool {
    let sane = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !id.is_empty() && id.len() <= MAX_REQUEST_ID_BYTES && id.iter().all(sane)
}

/// Octets of randomness in an id.
const ID_BYTES: usize = 16;
/// Ids for which randomness is fetched at once: asking the system costs more than the rest of an id.
const IDS_AT_ONCE: usize = 64;

/// Randomness fetched ahead.
struct Pool {
    bits: [u8; ID_BYTES * IDS_AT_ONCE],
    used: usize,
}

impl Pool {
    fn take(&mut self) -> [u8; ID_BYTES] {
        if self.used >= self.bits.len() {
            if SystemRandom::new().fill(&mut self.bits).is_err() {
                return [0; ID_BYTES];
            }
            self.used = 0;
        }
        let id = self.bits.get(self.used..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        self.used += ID_BYTES;
        id
    }
}

thread_local! {
    static POOL: RefCell<Pool> =
        const { RefCell::new(Pool { bits: [0; ID_BYTES * IDS_AT_ONCE], used: ID_BYTES * IDS_AT_ONCE }) };
}

/// 128 random bits in hexadecimal. When the system has no randomness the id is all zeros: an id is not worth
/// failing a request for.
pub fn new_request_id() -> [u8; 32] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bits = POOL.with_borrow_mut(Pool::take);
    let mut id = [b'0'; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(bits) {
        let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        pair.copy_from_slice(&digits);
    }
    id
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_new_and_sane() {
        let (one, two) = (new_request_id(), new_request_id());
        assert_ne!(one, two);
        assert!(is_sane_request_id(&one));
        // Over several fetches of randomness.
        let many: HashSet<_> = (0..5 * IDS_AT_ONCE).map(|_| new_request_id()).collect();
        assert_eq!(many.len(), 5 * IDS_AT_ONCE);
    }

    #[test]
    fn insane_ids_are_not_taken_over() {
        for id in [&b""[..], b"a b", b"a\"b", b"a\r\nx: y", "қ".as_bytes(), &[b'a'; 65], b"a,b", b"<a>"] {
            assert!(!is_sane_request_id(id), "{id:?}");
        }
        assert!(is_sane_request_id(&[b'a'; 64]));
        assert!(is_sane_request_id(b"0af7651916cd43dd-B7.ad_6"));
    }
}
