//! Timestamps of a signer: where they stand, and what each must be over.

use super::archive::{Archive, Archived};
use super::attributes::Attribute;
use super::content::Content;
use super::limits::MAX_TIMESTAMPS;
use super::oid;
use super::outline::Outline;
use super::signer_info::SignerInfo;
use crate::crypto::{AlgorithmIdentifier, Digest, HashAlgorithm};
use crate::der::{Oid, TlvReader};
use crate::signed::{Covered, FormatError, TimestampKind, TimestampToken};

/// Signed attributes that hold timestamps, and unsigned ones.
const UNSIGNED: [(Oid, TimestampKind); 4] = [
    (oid::SIGNATURE_TIMESTAMP, TimestampKind::Signature),
    (oid::ARCHIVE_TIMESTAMP_V3, TimestampKind::Archive),
    (oid::ARCHIVE_TIMESTAMP_V2, TimestampKind::Archive),
    (oid::ARCHIVE_TIMESTAMP, TimestampKind::Archive),
];

/// All timestamps of a signer.
pub(super) fn timestamps(
    signer: &SignerInfo<'_>,
    content: &Content<'_>,
    archive: &mut Archive<'_, '_>,
) -> Result<Vec<TimestampToken>, FormatError> {
    let mut found = Vec::new();
    for token in content_tokens(signer) {
        let covered = imprint_algorithm(token)
            .and_then(|algorithm| content.digest(algorithm))
            .map_or(Covered::Unknown("the content is not at hand"), |digest| Covered::Digests(vec![digest]));
        let kind = TimestampKind::Content;
        found.push(TimestampToken { kind, token: token.to_vec(), covered, over_evidence: false });
    }
    for (attribute, kind) in UNSIGNED {
        for token in signer.unsigned.of(attribute).flat_map(Attribute::values) {
            let nothing_more = |covered| Archived { covered, complete: false };
            let Archived { covered, complete } = match kind {
                TimestampKind::Signature => nothing_more(Covered::Bytes(signer.signature.to_vec())),
                _ if attribute == oid::ARCHIVE_TIMESTAMP_V3 => archive.covered(signer, content, token.raw),
                _ => nothing_more(Covered::Unknown("archive timestamps of the versions 1 and 2 are not verified here")),
            };
            found.push(TimestampToken { kind, token: token.raw.to_vec(), covered, over_evidence: complete });
        }
    }
    if found.len() > MAX_TIMESTAMPS {
        return Err(FormatError::TooMuch { what: "timestamps of a signer", limit: MAX_TIMESTAMPS as u64 });
    }
    Ok(found)
}

/// Tokens under the signature, over the content.
fn content_tokens<'a>(signer: &SignerInfo<'a>) -> impl Iterator<Item = &'a [u8]> {
    let signed = signer.signed.as_ref().map(|signed| signed.each.clone()).unwrap_or_default();
    let tokens: Vec<&'a [u8]> = signed.values_of(oid::CONTENT_TIMESTAMP).map(|token| token.raw).collect();
    tokens.into_iter()
}

/// By which hashes a signer's timestamps need the content.
pub(super) fn content_algorithms(signer: &SignerInfo<'_>) -> Vec<HashAlgorithm> {
    let archive = signer.unsigned.of(oid::ARCHIVE_TIMESTAMP_V3).flat_map(Attribute::values).map(|token| token.raw);
    content_tokens(signer).chain(archive).take(MAX_TIMESTAMPS).filter_map(imprint_algorithm).collect()
}

/// By which hash a token has its imprint, if it can be told and is allowed; the token is read for good by `tsp`.
pub(super) fn imprint_algorithm(token: &[u8]) -> Option<HashAlgorithm> {
    imprint_fields(token).map(|(algorithm, _)| algorithm)
}

/// The imprint of a token, likewise.
pub(super) fn imprint(token: &[u8]) -> Option<Digest> {
    let (algorithm, digest) = imprint_fields(token)?;
    Digest::new(algorithm, digest)
}

/// ```text
/// TSTInfo ::= SEQUENCE { version INTEGER, policy OBJECT IDENTIFIER, messageImprint SEQUENCE { hashAlgorithm
///     AlgorithmIdentifier, hashedMessage OCTET STRING }, .. }
/// ```
fn imprint_fields(token: &[u8]) -> Option<(HashAlgorithm, &[u8])> {
    let content = Outline::read(token).ok()?.content?;
    let mut info = TlvReader::new(TlvReader::new(content).expect(0x30).ok()?.value);
    info.expect(0x02).ok()?;
    info.expect(0x06).ok()?;
    let mut imprint = TlvReader::new(info.expect(0x30).ok()?.value);
    let identifier = imprint.expect(0x30).ok()?;
    let algorithm = HashAlgorithm::from_oid(&AlgorithmIdentifier::from_der(identifier.raw).ok()?.oid).ok()?;
    Some((algorithm, imprint.expect(0x04).ok()?.value))
}
