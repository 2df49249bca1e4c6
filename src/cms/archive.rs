//! Archive timestamps of version 3 (EN 319 122-1 5.5): over content, signer and an index of hashes of what travels beside.
//!
//! ```text
//! ATSHashIndexV3 ::= SEQUENCE { hashIndAlgorithm AlgorithmIdentifier, certificatesHashIndex SEQUENCE OF OCTET STRING,
//!     crlsHashIndex SEQUENCE OF OCTET STRING, unsignedAttrValuesHashIndex SEQUENCE OF OCTET STRING }
//! ```

use std::collections::HashSet;

use super::attributes::Attributes;
use super::content::Content;
use super::limits::MAX_ARCHIVE_TIMESTAMPS;
use super::oid;
use super::outline::Outline;
use super::signed_data::Parts;
use super::signer_info::SignerInfo;
use super::stamp::imprint_algorithm;
use crate::crypto::{AlgorithmIdentifier, Digest, HashAlgorithm, Hasher, hash};
use crate::der::{Tlv, TlvReader};
use crate::signed::Covered;

/// What archive timestamps of one document are over.
pub(super) struct Archive<'p, 'a> {
    parts: &'p Parts<'a>,
    content_type: &'p [u8],
    /// How many more are computed.
    left: usize,
    /// Hashes of the certificates and lists, by the algorithms that were asked for.
    beside: Vec<Beside>,
    /// Hashes of unsigned attributes, by signer and algorithm.
    attributes: Vec<OfSigner>,
}

/// What an archive timestamp is over.
pub(super) struct Archived {
    /// What its imprint must be of.
    pub covered: Covered,
    /// Whether its index names everything that travels with the signature, so that nothing of it was added or put in another
    /// thing's place since.
    pub complete: bool,
}

struct OfSigner {
    /// Where the signer stands in the bytes.
    place: usize,
    algorithm: HashAlgorithm,
    /// Of all values.
    all: HashSet<Vec<u8>>,
    /// Of those that are no archive timestamps themselves.
    evidence: HashSet<Vec<u8>>,
}

struct Beside {
    algorithm: HashAlgorithm,
    certificates: HashSet<Vec<u8>>,
    lists: HashSet<Vec<u8>>,
}

impl<'p, 'a> Archive<'p, 'a> {
    pub fn new(parts: &'p Parts<'a>, content_type: &'p [u8]) -> Self {
        Self { parts, content_type, left: MAX_ARCHIVE_TIMESTAMPS, beside: Vec::new(), attributes: Vec::new() }
    }

    /// What `token`, an archive timestamp of `signer`, must be over.
    pub fn covered(&mut self, signer: &SignerInfo<'_>, content: &Content<'_>, token: &[u8]) -> Archived {
        match self.digest(signer, content, token) {
            Ok((digest, complete)) => Archived { covered: Covered::Digests(vec![digest]), complete },
            Err(why) => Archived { covered: Covered::Unknown(why), complete: false },
        }
    }

    fn digest(
        &mut self,
        signer: &SignerInfo<'_>,
        content: &Content<'_>,
        token: &[u8],
    ) -> Result<(Digest, bool), &'static str> {
        self.left = self.left.checked_sub(1).ok_or("too many archive timestamps")?;
        let algorithm =
            imprint_algorithm(token).ok_or("the hash of the archive timestamp is not known or not allowed")?;
        let content = content.digest(algorithm).ok_or("the content is not at hand")?;
        let index = hash_index(token).ok_or("the archive timestamp has no ats-hash-index-v3")?;
        let complete = self.check_index(index.value, signer)?;
        let mut hasher = Hasher::new(algorithm);
        // eContentType with its header; longer ones than this do not exist.
        let length = u8::try_from(self.content_type.len()).ok().filter(|&length| length < 0x80);
        hasher.update(&[6, length.ok_or("the type of the content is too long")?]);
        for part in [self.content_type, content.as_bytes(), signer.fields, index.raw] {
            hasher.update(part);
        }
        Ok((hasher.finish(), complete))
    }

    /// Every hash of the index must be of something that is there (EN 319 122-1 5.5.2). Answers whether everything that is
    /// there has one.
    fn check_index(&mut self, index: &[u8], signer: &SignerInfo<'_>) -> Result<bool, &'static str> {
        let unreadable = "ats-hash-index-v3 cannot be read";
        let mut fields = TlvReader::new(index);
        let mut next = || fields.expect(0x30).map_err(|_| unreadable);
        let (identifier, certificates, lists, attributes) = (next()?, next()?, next()?, next()?);
        fields.finish().map_err(|_| unreadable)?;
        let identifier = AlgorithmIdentifier::from_der(identifier.raw).map_err(|_| unreadable)?;
        let algorithm =
            HashAlgorithm::from_oid(&identifier.oid).map_err(|_| "the hash of ats-hash-index-v3 is not allowed")?;
        let (beside, own) = self.hashes(algorithm, signer).ok_or(unreadable)?;
        let mut complete = true;
        for (list, known, wanted) in [
            (certificates, &beside.certificates, &beside.certificates),
            (lists, &beside.lists, &beside.lists),
            (attributes, &own.all, &own.evidence),
        ] {
            let mut hashes = TlvReader::new(list.value);
            let mut named: HashSet<&[u8]> = HashSet::new();
            while !hashes.is_empty() {
                let hash = hashes.expect(0x04).map_err(|_| unreadable)?.value;
                if !known.contains(hash) {
                    return Err("something that the archive timestamp covers is missing");
                }
                named.insert(hash);
            }
            complete &= wanted.iter().all(|hash| named.contains(hash.as_slice()));
        }
        Ok(complete)
    }

    /// The hashes of what travels beside, and of the unsigned attributes of a signer, each computed once.
    fn hashes(&mut self, algorithm: HashAlgorithm, signer: &SignerInfo<'_>) -> Option<(&Beside, &OfSigner)> {
        let place = signer.fields.as_ptr().addr();
        let is_it = |one: &OfSigner| one.place == place && one.algorithm == algorithm;
        if !self.attributes.iter().any(is_it) {
            self.attributes.push(OfSigner::new(place, algorithm, &signer.unsigned));
        }
        self.beside(algorithm)?;
        let beside = self.beside.iter().find(|beside| beside.algorithm == algorithm)?;
        Some((beside, self.attributes.iter().find(|one| is_it(one))?))
    }

    /// The hashes of what travels beside, computed once for an algorithm.
    fn beside(&mut self, algorithm: HashAlgorithm) -> Option<&Beside> {
        let known = self.beside.iter().position(|beside| beside.algorithm == algorithm);
        let position = known.unwrap_or_else(|| {
            let all = |elements: &[&[u8]]| {
                elements.iter().map(|element| hash(algorithm, element).as_bytes().to_vec()).collect()
            };
            let certificates = all(&self.parts.certificate_choices);
            self.beside.push(Beside { algorithm, certificates, lists: all(&self.parts.revocation_choices) });
            self.beside.len() - 1
        });
        self.beside.get(position)
    }
}

impl OfSigner {
    /// Each value of each unsigned attribute, hashed together with its type.
    fn new(place: usize, algorithm: HashAlgorithm, unsigned: &Attributes<'_>) -> Self {
        let (mut all, mut evidence) = (HashSet::new(), HashSet::new());
        for attribute in unsigned.iter() {
            let kind = attribute.kind;
            for value in attribute.values() {
                let mut hasher = Hasher::new(algorithm);
                hasher.update(kind.raw);
                hasher.update(value.raw);
                let hash = hasher.finish().as_bytes().to_vec();
                if kind.value != oid::ARCHIVE_TIMESTAMP_V3.as_bytes() {
                    evidence.insert(hash.clone());
                }
                all.insert(hash);
            }
        }
        Self { place, algorithm, all, evidence }
    }
}

/// The index, which stands in the unsigned attributes of the timestamp's own signer.
fn hash_index(token: &[u8]) -> Option<Tlv<'_>> {
    let parts = Parts::read(Outline::read(token).ok()?.tail).ok()?;
    let [signer] = parts.signers.as_slice() else { return None };
    signer.unsigned.only(oid::ATS_HASH_INDEX_V3).ok()?.filter(|index| index.tag == 0x30)
}
