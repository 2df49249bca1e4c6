//! Archive timestamps of version 3 (EN 319 122-1 5.5): over content, signer and an index of hashes of what travels beside.
//!
//! ```text
//! ATSHashIndexV3 ::= SEQUENCE { hashIndAlgorithm AlgorithmIdentifier, certificatesHashIndex SEQUENCE OF OCTET STRING,
//!     crlsHashIndex SEQUENCE OF OCTET STRING, unsignedAttrValuesHashIndex SEQUENCE OF OCTET STRING }
//! ```

use std::collections::HashSet;

use super::attributes::Attributes;
use super::content::Content;
use super::limits::MAX_ARCHIVED;
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
    /// How many octets more are hashed.
    left: usize,
    /// Hashes of the certificates and lists, by the algorithms that were asked for.
    beside: Vec<Beside>,
}

/// What an archive timestamp is over.
pub(super) struct Archived {
    /// What its imprint must be of.
    pub covered: Covered,
    /// Whether its index names everything that travels with the signature, so that nothing of it was added or put in another
    /// thing's place since.
    pub complete: bool,
}

struct Beside {
    algorithm: HashAlgorithm,
    certificates: HashSet<Vec<u8>>,
    lists: HashSet<Vec<u8>>,
}

impl<'p, 'a> Archive<'p, 'a> {
    pub fn new(parts: &'p Parts<'a>, content_type: &'p [u8]) -> Self {
        Self { parts, content_type, left: MAX_ARCHIVED, beside: Vec::new() }
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
        let algorithm =
            imprint_algorithm(token).ok_or("the hash of the archive timestamp is not known or not allowed")?;
        let content = content.digest(algorithm).ok_or("the content is not at hand")?;
        let index = hash_index(token).ok_or("the archive timestamp has no ats-hash-index-v3")?;
        let complete = self.check_index(index.value, &signer.unsigned)?;
        self.spend(signer.fields.len() + index.raw.len())?;
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
    fn check_index(&mut self, index: &[u8], unsigned: &Attributes<'_>) -> Result<bool, &'static str> {
        let unreadable = "ats-hash-index-v3 cannot be read";
        let mut fields = TlvReader::new(index);
        let mut next = || fields.expect(0x30).map_err(|_| unreadable);
        let (identifier, certificates, lists, attributes) = (next()?, next()?, next()?, next()?);
        fields.finish().map_err(|_| unreadable)?;
        let identifier = AlgorithmIdentifier::from_der(identifier.raw).map_err(|_| unreadable)?;
        let algorithm =
            HashAlgorithm::from_oid(&identifier.oid).map_err(|_| "the hash of ats-hash-index-v3 is not allowed")?;
        self.spend(unsigned.octets())?;
        let beside = self.beside(algorithm)?;
        let (evidence, known) = attribute_hashes(algorithm, unsigned);
        let mut complete = true;
        for (list, known, wanted) in [
            (certificates, &beside.certificates, &beside.certificates),
            (lists, &beside.lists, &beside.lists),
            (attributes, &known, &evidence),
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

    /// The hashes of what travels beside, computed once for an algorithm.
    fn beside(&mut self, algorithm: HashAlgorithm) -> Result<&Beside, &'static str> {
        if self.beside.iter().all(|beside| beside.algorithm != algorithm) {
            let (certificates, lists) = (&self.parts.certificate_choices, &self.parts.revocation_choices);
            self.spend(certificates.iter().chain(lists).map(|element| element.len()).sum())?;
            let all = |elements: &[&[u8]]| {
                elements.iter().map(|element| hash(algorithm, element).as_bytes().to_vec()).collect()
            };
            self.beside.push(Beside { algorithm, certificates: all(certificates), lists: all(lists) });
        }
        self.beside.iter().find(|beside| beside.algorithm == algorithm).ok_or("no hashes")
    }

    fn spend(&mut self, octets: usize) -> Result<(), &'static str> {
        self.left = self.left.checked_sub(octets).ok_or("too much is under archive timestamps")?;
        Ok(())
    }
}

/// Each value of each unsigned attribute, hashed together with its type: those that are no archive timestamps themselves, and
/// all of them.
fn attribute_hashes(algorithm: HashAlgorithm, unsigned: &Attributes<'_>) -> (HashSet<Vec<u8>>, HashSet<Vec<u8>>) {
    let (mut evidence, mut all) = (HashSet::new(), HashSet::new());
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
    (evidence, all)
}

/// The index, which stands in the unsigned attributes of the timestamp's own signer.
fn hash_index(token: &[u8]) -> Option<Tlv<'_>> {
    let parts = Parts::read(Outline::read(token).ok()?.tail).ok()?;
    let [signer] = parts.signers.as_slice() else { return None };
    signer.unsigned.only(oid::ATS_HASH_INDEX_V3).ok()?.filter(|index| index.tag == 0x30)
}
