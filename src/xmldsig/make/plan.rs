//! What is to be signed and where the signature goes: all that the two forms differ in.

use super::scope::Scope;
use super::source::{Edit, Frame};
use crate::clock::Time;
use crate::crypto::{Digest, HashAlgorithm, sha256};
use crate::signed::MakeError;
use crate::x509::Certificate;
use crate::xmldsig::ids::Ids;

/// What a form has decided.
#[derive(Debug)]
pub struct Plan {
    /// The `URI` of the reference to the content.
    pub uri: String,
    /// Its transforms.
    pub transforms: &'static [&'static str],
    /// How `SignedInfo` is canonicalized.
    pub canonicalization: &'static str,
    /// The digest of the content in its canonical form.
    pub digest: Digest,
    /// An identifier for the signature that nothing else has; none begins with it.
    pub id: String,
    /// How the certificate is given.
    pub naming: Naming,
    /// What is in scope where the signature goes.
    pub scope: Scope,
    /// Where it goes.
    pub frame: Frame,
    /// What is changed besides.
    pub edit: Option<Edit>,
    /// How many signatures the document has, and how many of them stand before the new one.
    pub earlier: Earlier,
}

/// The signatures of a document that is signed again.
#[derive(Clone, Copy, Debug)]
pub struct Earlier {
    /// All.
    pub all: usize,
    /// Those that stand before the place of the new one.
    pub before: usize,
}

/// How a signature gives its certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Naming {
    /// `X509Data`, with those of the authorities behind it.
    X509Data,
    /// A `SecurityTokenReference` with the certificate in its `KeyIdentifier`, as NCANode writes it.
    KeyIdentifier,
}

/// By whom, when and with which hash.
#[derive(Clone, Copy, Debug)]
pub struct By<'s> {
    /// The hash of the references.
    pub hash: HashAlgorithm,
    /// The signer's certificate.
    pub certificate: &'s Certificate,
    /// When.
    pub time: Time,
}

impl By<'_> {
    /// An identifier for a signature over content: two signatures over the same are still two.
    pub fn fresh_id(&self, ids: &Ids<'_>, content: &Digest) -> Result<String, MakeError> {
        let time = self.time.to_string();
        fresh_id(ids, "S-", &[content.as_bytes(), self.certificate.sha256(), time.as_bytes()].concat())
    }
}

/// An identifier that no element has and none begins with. It follows from the seed: nothing here has a source of
/// randomness, and what is signed differs from document to document.
pub fn fresh_id(ids: &Ids<'_>, prefix: &str, seed: &[u8]) -> Result<String, MakeError> {
    use std::fmt::Write as _;
    let seed = sha256(seed);
    for attempt in 0..=u8::MAX {
        let mut id = prefix.to_owned();
        for octet in sha256(&[&seed[..], &[attempt]].concat()).iter().take(16) {
            // Writing into a String does not fail.
            let _ = write!(id, "{octet:02x}");
        }
        if !ids.any_begins_with(&id) {
            return Ok(id);
        }
    }
    // Only for a document that was made for it.
    Err(MakeError::Document("every identifier for the signature is taken".into()))
}
