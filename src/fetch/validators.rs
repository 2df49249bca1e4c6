//! What a server says to recognise its answer by later (RFC 9110 8.8).

use serde::{Deserialize, Serialize};

/// Longest validator that is kept, in octets; entity tags in use have some dozens.
const MAX_VALIDATOR: usize = 256;

/// `ETag` and `Last-Modified` of an answer, to be sent back as `If-None-Match` and `If-Modified-Since`. Both are kept as
/// the server wrote them: they are its words, not ours to understand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    etag: Option<Box<str>>,
    last_modified: Option<Box<str>>,
}

impl Validators {
    /// Keeps what can be sent back as it is; what is too long or not plain text is left out, as if it had not come.
    #[must_use]
    pub fn new(etag: Option<&str>, last_modified: Option<&str>) -> Self {
        let keep = |text: Option<&str>| text.filter(|text| is_plain(text)).map(Into::into);
        Self { etag: keep(etag), last_modified: keep(last_modified) }
    }

    /// The entity tag.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// When the server says the answer was modified.
    #[must_use]
    pub fn last_modified(&self) -> Option<&str> {
        self.last_modified.as_deref()
    }

    /// Whether there is nothing to send back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// The same, checked again: validators that were stored are as little trusted as those of a server.
    #[must_use]
    pub fn checked(&self) -> Self {
        Self::new(self.etag(), self.last_modified())
    }
}

/// Printable ASCII with blanks inside: nothing that could end a header line.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_VALIDATOR && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::{MAX_VALIDATOR, Validators};

    #[test]
    fn what_cannot_stand_in_a_header_is_left_out() {
        let kept = Validators::new(Some("W/\"a b\""), Some("Thu, 20 Aug 2026 00:00:00 GMT"));
        assert_eq!((kept.etag(), kept.last_modified()), (Some("W/\"a b\""), Some("Thu, 20 Aug 2026 00:00:00 GMT")));
        for odd in ["", "a\r\nhost: b", "a\nb", "\u{0}", "ғ", &"x".repeat(MAX_VALIDATOR + 1)] {
            assert!(Validators::new(Some(odd), Some(odd)).is_empty(), "{odd:?}");
        }
        let stored: Validators = serde_json::from_str(r#"{"etag": "a\r\nb: c", "last_modified": null}"#).unwrap();
        assert!(stored.checked().is_empty());
    }
}
