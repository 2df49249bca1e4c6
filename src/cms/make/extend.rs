//! What is added to a signature without its key: a timestamp (level T), evidence (level LT).

use std::io::Write;

use super::super::limits::{MAX_CERTIFICATES, MAX_REVOCATION_VALUES, MAX_TAIL};
use super::super::oid;
use super::super::signer_info::SignerInfo;
use super::envelope::Envelope;
use super::{Pending, no_signer};
use crate::crypto::HashAlgorithm;
use crate::der::{Oid, TlvReader, write};
use crate::signed::{Document, Draft, Embedded, FormatError, MakeError};

/// The hash by which content is recognised when it is copied; nothing is signed by it.
const RECOGNISED_BY: HashAlgorithm = HashAlgorithm::Sha256;

/// A signature of a message, to be given a timestamp: `which` counts from zero in the order of
/// [`SignedDocument::signatures`](crate::signed::SignedDocument). Whether it holds is not looked at. Nothing that is signed
/// changes.
///
/// # Errors
///
/// [`MakeError`]: no such signature, or a message that cannot be kept as it is.
pub fn extend_with_timestamp(document: Document<'_>, which: usize) -> Result<Box<dyn Draft + '_>, MakeError> {
    let envelope = Envelope::read(document, RECOGNISED_BY)?;
    let element = envelope.signers.get(which).ok_or_else(no_signer)?;
    let tlv = TlvReader::new(element).read().map_err(FormatError::from)?;
    let value = SignerInfo::read(tlv)?.signature.to_vec();
    Ok(Box::new(Pending { envelope, signer: which, value, is_new: false }))
}

/// Puts certificates, revocation lists and OCSP responses beside the signatures of a message (EN 319 122-1 clause 6.3, B-LT:
/// in `SignedData`.certificates and .crls; responses as RFC 5940 has them), and writes it. What is there already stays and
/// is not added twice. Nothing that is signed changes.
///
/// # Errors
///
/// [`MakeError`]: something that is no such evidence, more than a reader takes, or a message that cannot be kept as it is.
pub fn extend_with_evidence(document: Document<'_>, evidence: &Embedded, out: &mut dyn Write) -> Result<(), MakeError> {
    let mut envelope = Envelope::read(document, RECOGNISED_BY)?;
    for certificate in &evidence.certificates {
        envelope.certificates.add(whole_sequence(certificate, "a certificate")?);
    }
    for list in &evidence.lists {
        envelope.revocation.add(whole_sequence(list, "a revocation list")?);
    }
    for response in &evidence.responses {
        let response = whole_sequence(response, "an OCSP response")?;
        let kind = write::oid(response_format(&response));
        envelope.revocation.add(write::element(0xa1, &[kind, response]));
        // RFC 5652 5.1: crls has an element of another kind than lists.
        envelope.version = 5;
    }
    let (certificates, revocation) = (&envelope.certificates, &envelope.revocation);
    let octets = certificates.iter().chain(revocation.iter()).chain(&envelope.signers).map(Vec::len).sum::<usize>();
    for (what, found, limit) in [
        ("certificates", certificates.iter().len(), MAX_CERTIFICATES),
        ("revocation values", revocation.iter().len(), MAX_REVOCATION_VALUES),
        ("bytes beside the content", octets, MAX_TAIL),
    ] {
        if found > limit {
            return Err(FormatError::TooMuch { what, limit: limit as u64 }.into());
        }
    }
    envelope.write(out)
}

/// One element, a SEQUENCE, and nothing after it.
fn whole_sequence(der: &[u8], what: &str) -> Result<Vec<u8>, MakeError> {
    let mut reader = TlvReader::new(der);
    let read = reader.expect(0x30).and_then(|_| reader.finish());
    read.map_err(|error| MakeError::Document(format!("{what} among the evidence cannot be read: {error}")))?;
    Ok(der.to_vec())
}

/// `OCSPResponse` starts with its status, an ENUMERATED; `BasicOCSPResponse` does not.
fn response_format(response: &[u8]) -> Oid {
    let fields = TlvReader::new(response).expect(0x30).map(|response| response.value);
    match fields {
        Ok([0x0a, ..]) => oid::RI_OCSP_RESPONSE,
        _ => oid::OCSP_BASIC,
    }
}
