//! The properties of `XAdES` as they are written (EN 319 132-1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::source::escaped;
use crate::clock::Time;
use crate::crypto::HashAlgorithm;
use crate::signed::{Embedded, IssuedFacts, MakeError, Terms};
use crate::x509::Certificate;
use crate::xmldsig::algorithms::digest_identifier;
use crate::xmldsig::namespaces::{DS, EXCLUSIVE, ISSUED, XADES, XADES_141};

/// The commitment of whoever signs an issued document (EN 319 132-1 5.2.3): its content is approved.
const PROOF_OF_APPROVAL: &str = "http://uri.etsi.org/01903/v1.2.2#ProofOfApproval";

/// `SignedProperties` of level B: when, with which certificate, what kind of content, and of an issued document what it is.
/// `signature` is the identifier of the signature, from which those of its parts follow.
pub fn signed(signature: &str, certificate: &Certificate, terms: &Terms<'_>) -> Result<String, MakeError> {
    // Fractions of a second say nothing about a claim.
    let time = Time::from_unix(terms.signing_time.unix_seconds());
    let sha_256 = digest_identifier(HashAlgorithm::Sha256).unwrap_or_default();
    let digest = STANDARD.encode(certificate.sha256());
    let commitment = terms.facts.map(commitment).transpose()?.unwrap_or_default();
    Ok(format!(
        "<xades:SignedProperties Id=\"{signature}-p\"><xades:SignedSignatureProperties>\
         <xades:SigningTime>{time}</xades:SigningTime>\
         <xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"{sha_256}\"/>\
         <ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>\
         </xades:SignedSignatureProperties><xades:SignedDataObjectProperties>\
         <xades:DataObjectFormat ObjectReference=\"#{signature}-r\"><xades:MimeType>text/xml</xades:MimeType>\
         </xades:DataObjectFormat>{commitment}</xades:SignedDataObjectProperties></xades:SignedProperties>"
    ))
}

fn commitment(facts: &IssuedFacts) -> Result<String, MakeError> {
    let IssuedFacts { kind, service, number, holder } = facts;
    let mut attributes = String::new();
    for (name, value) in [("kind", kind), ("service", service), ("number", number), ("holder", holder)] {
        // XML 1.0, production 2: these characters cannot even be escaped.
        let is_character = |one: char| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        if !value.chars().all(is_character) {
            let what = format!("the {name} of the issued document has a character that XML cannot carry");
            return Err(MakeError::Document(what));
        }
        attributes.push_str(&format!(" {name}=\"{}\"", escaped(value)));
    }
    Ok(format!(
        "<xades:CommitmentTypeIndication><xades:CommitmentTypeId><xades:Identifier>{PROOF_OF_APPROVAL}</xades:Identifier>\
         </xades:CommitmentTypeId><xades:AllSignedDataObjects/><xades:CommitmentTypeQualifiers><xades:CommitmentTypeQualifier>\
         <r:issued xmlns:r=\"{ISSUED}\"{attributes}/></xades:CommitmentTypeQualifier></xades:CommitmentTypeQualifiers>\
         </xades:CommitmentTypeIndication>"
    ))
}

/// The `Object` with the properties of a signature.
pub fn object(signature: &str, signed: &str, unsigned: &str) -> String {
    let unsigned = if unsigned.is_empty() { String::new() } else { unsigned_properties(&of_signature(unsigned)) };
    format!(
        "<ds:Object xmlns:ds=\"{DS}\"><xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#{}\">{signed}{unsigned}\
         </xades:QualifyingProperties></ds:Object>",
        escaped(signature)
    )
}

/// `UnsignedProperties`.
pub fn unsigned_properties(inner: &str) -> String {
    format!("<xades:UnsignedProperties xmlns:xades=\"{XADES}\">{inner}</xades:UnsignedProperties>")
}

/// `UnsignedSignatureProperties`.
pub fn of_signature(inner: &str) -> String {
    format!("<xades:UnsignedSignatureProperties xmlns:xades=\"{XADES}\">{inner}</xades:UnsignedSignatureProperties>")
}

/// `SignatureTimeStamp` (EN 319 132-1 5.3): a token over the exclusive canonical form of `SignatureValue`, which is the same
/// wherever the signature is put.
pub fn signature_timestamp(token: &[u8]) -> String {
    format!(
        "<xades:SignatureTimeStamp xmlns:xades=\"{XADES}\" xmlns:ds=\"{DS}\">\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <xades:EncapsulatedTimeStamp>{}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
        STANDARD.encode(token)
    )
}

/// `CertificateValues` and `RevocationValues` (EN 319 132-1 5.4.1 and 5.4.3), without what is empty. Where a signature has
/// them already and they may be under a timestamp, what comes later is put into a `TimeStampValidationData` (5.5.1).
pub fn values(evidence: &Embedded, has_values: bool) -> String {
    let list = |outer: &str, inner: &str, each: &[Vec<u8>]| {
        if each.is_empty() {
            return String::new();
        }
        let each: String =
            each.iter().map(|der| format!("<xades:{inner}>{}</xades:{inner}>", STANDARD.encode(der))).collect();
        format!("<xades:{outer} xmlns:xades=\"{XADES}\">{each}</xades:{outer}>")
    };
    let certificates = list("CertificateValues", "EncapsulatedX509Certificate", &evidence.certificates);
    let lists = list("CRLValues", "EncapsulatedCRLValue", &evidence.lists);
    let responses = list("OCSPValues", "EncapsulatedOCSPValue", &evidence.responses);
    let revocation = if lists.is_empty() && responses.is_empty() {
        String::new()
    } else {
        format!("<xades:RevocationValues xmlns:xades=\"{XADES}\">{lists}{responses}</xades:RevocationValues>")
    };
    if has_values {
        return format!(
            "<xades141:TimeStampValidationData xmlns:xades141=\"{XADES_141}\">{certificates}{revocation}\
             </xades141:TimeStampValidationData>"
        );
    }
    certificates + &revocation
}
