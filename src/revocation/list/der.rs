//! The bytes of a list: as they came, and with its parts found.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::crypto::Hasher;
use crate::der::TlvReader;
use crate::der::armour::{Label, decode_all};
use crate::revocation::bytes::Bytes;
use crate::revocation::error::ListError;
use crate::revocation::scan::Layout;

/// The bytes of one or several lists as they came: DER, PEM or base64. Never copied when they are DER.
pub struct ListBytes {
    pub(super) octets: Bytes,
    /// SHA-256 over the first of them, as far as it came while they were read.
    pub(super) begun: Option<Begun>,
}

/// A hash that was begun, and the octets it has taken in.
pub(super) struct Begun {
    pub hasher: Hasher,
    pub taken: usize,
}

impl Begun {
    /// The hash of all `octets`, the first of which it has taken in.
    pub fn finish(mut self, octets: &[u8]) -> Option<[u8; 32]> {
        self.hasher.update(octets.get(self.taken..)?);
        self.hasher.finish().as_bytes().try_into().ok()
    }
}

impl fmt::Debug for ListBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListBytes({})", self.octets.len())
    }
}

impl<T: Into<Vec<u8>>> From<T> for ListBytes {
    fn from(octets: T) -> Self {
        Bytes::from(octets.into()).into()
    }
}

impl From<Bytes> for ListBytes {
    fn from(octets: Bytes) -> Self {
        Self { octets, begun: None }
    }
}

impl ListBytes {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// The list in it, in DER, when there is exactly one.
    pub(super) fn one(self, limit: usize) -> Result<Self, ListError> {
        let mut lists = self.all(limit)?;
        match (lists.pop(), lists.len()) {
            (Some(list), 0) => Ok(list),
            _ => Err(ListError::Structure("more than one list in one PEM file")),
        }
    }

    /// Each list in it, in DER.
    pub(super) fn all(self, limit: usize) -> Result<Vec<Self>, ListError> {
        if self.octets.len() > limit {
            return Err(ListError::TooLarge { limit });
        }
        match self.octets.first() {
            None => Err(ListError::Empty),
            Some(0x30) => Ok(vec![self]),
            Some(_) => {
                let lists = decode_all(&self.octets, Label::Crl)?;
                // Armour can hide anything; a list begins with a SEQUENCE.
                match lists.iter().all(|der| TlvReader::new(der).peek_tag() == Some(0x30)) && !lists.is_empty() {
                    true => Ok(lists.into_iter().map(Self::from).collect()),
                    false => Err(ListError::Structure("it does not begin with a SEQUENCE")),
                }
            }
        }
    }
}

/// How long the work on a list took. Its parts run beside each other where there are cores for them, so the sum may be
/// more than the time that passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Took {
    /// Hashes: SHA-256 over the DER bytes, and the signature's own over the signed part, with the verification.
    pub hash: Duration,
    /// From the bytes to the index: reading every entry and putting it in its place.
    pub index: Duration,
}

/// The DER bytes of a list whose parts were found.
#[derive(Debug)]
pub struct DerList {
    octets: Bytes,
    parts: Parts,
    took: Took,
}

/// Where in the DER bytes the parts are that are needed after reading.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    issuer: Range<usize>,
    extensions: Option<Range<usize>>,
}

impl Parts {
    /// Of a layout that was read from `der`.
    pub fn of(layout: &Layout<'_>, der: &[u8]) -> Self {
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr().saturating_sub(der.as_ptr().addr());
            start..start.saturating_add(part.len()).min(der.len())
        };
        Self {
            tbs: place(layout.tbs),
            algorithm: place(layout.algorithm),
            signature: place(layout.signature),
            issuer: place(layout.issuer),
            extensions: layout.extensions.map(place),
        }
    }
}

impl DerList {
    pub(super) fn new(octets: Bytes, parts: Parts, took: Took) -> Self {
        Self { octets, parts, took }
    }

    /// How long the work on it took.
    #[must_use]
    pub fn took(&self) -> Took {
        self.took
    }

    /// All of it.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.octets
    }

    pub(super) fn tbs(&self) -> &[u8] {
        self.part(&self.parts.tbs)
    }

    pub(in crate::revocation) fn algorithm(&self) -> &[u8] {
        self.part(&self.parts.algorithm)
    }

    pub(super) fn signature(&self) -> &[u8] {
        self.part(&self.parts.signature)
    }

    /// The issuer's `Name`.
    pub(in crate::revocation) fn issuer(&self) -> &[u8] {
        self.part(&self.parts.issuer)
    }

    /// Contents of `[0] EXPLICIT Extensions`.
    pub(in crate::revocation) fn extensions(&self) -> Option<&[u8]> {
        self.parts.extensions.as_ref().map(|range| self.part(range))
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.octets.get(range.clone()).unwrap_or_default()
    }
}
