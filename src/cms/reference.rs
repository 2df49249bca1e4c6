//! Which certificate the signer says to sign with (RFC 5035 sections 5.4.1 and 5.4.2).
//!
//! ```text
//! SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies SEQUENCE OF PolicyInformation OPTIONAL }
//! ESSCertIDv2  ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING,
//!     issuerSerial IssuerSerial OPTIONAL }
//! ESSCertID    ::= SEQUENCE { certHash OCTET STRING, issuerSerial IssuerSerial OPTIONAL }      -- SHA-1
//! IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }
//! ```

use super::attributes::Attributes;
use super::oid;
use crate::crypto::{AlgorithmIdentifier, HashAlgorithm};
use crate::der::{DerError, Oid, Tlv, TlvReader};
use crate::signed::CertificateReference;
use crate::x509::{Name, SerialNumber};

const SHA_1: Oid = Oid::new_unwrap("1.3.14.3.2.26");

/// The reference to the signer's certificate of each signingCertificate attribute, the later version first. The first
/// `ESSCertID` of an attribute is the signer's; the others are of its chain and restrict what nobody relies on.
///
/// # Errors
///
/// Why the signature cannot hold.
pub(super) fn read(signed: &Attributes<'_>) -> Result<Vec<CertificateReference>, &'static str> {
    let mut found = Vec::new();
    for (kind, version) in [(oid::SIGNING_CERTIFICATE_V2, 2), (oid::SIGNING_CERTIFICATE, 1)] {
        let value = signed.only(kind).map_err(|_| "there is not exactly one signingCertificate")?;
        if let Some(value) = value {
            found.push(first(value, version)?);
        }
    }
    Ok(found)
}

fn first(value: Tlv<'_>, version: u8) -> Result<CertificateReference, &'static str> {
    let read = || {
        let mut outer = TlvReader::new(value.raw);
        let mut fields = TlvReader::new(outer.expect(0x30)?.value);
        let certificates = fields.expect(0x30)?;
        fields.optional(0x30)?;
        fields.finish()?;
        TlvReader::new(certificates.value).expect(0x30)
    };
    let id = read().map_err(|_| "signingCertificate cannot be read")?;
    let mut fields = TlvReader::new(id.value);
    let algorithm = match version {
        1 => None,
        _ => hash(&mut fields)?,
    };
    let rest = || {
        let digest = fields.expect(0x04)?.value;
        let issuer_serial = fields.optional(0x30)?;
        fields.finish()?;
        Ok::<_, DerError>((digest, issuer_serial))
    };
    let (digest, issuer_serial) = rest().map_err(|_| "signingCertificate cannot be read")?;
    let issuer_serial = issuer_serial.map(read_issuer_serial).transpose()?;
    Ok(CertificateReference { algorithm, digest: digest.to_vec(), issuer_serial, issuer_text: None })
}

/// hashAlgorithm; `None` is SHA-1, which some write here too.
fn hash(fields: &mut TlvReader<'_>) -> Result<Option<HashAlgorithm>, &'static str> {
    let unreadable = "the hash of signingCertificate cannot be read";
    let Some(element) = fields.optional(0x30).map_err(|_| unreadable)? else {
        return Ok(Some(HashAlgorithm::Sha256));
    };
    let identifier = AlgorithmIdentifier::from_der(element.raw).map_err(|_| unreadable)?;
    match HashAlgorithm::from_oid(&identifier.oid) {
        _ if !identifier.params_absent_or_null() => Err("the hash of signingCertificate has parameters"),
        Ok(algorithm) => Ok(Some(algorithm)),
        Err(_) if identifier.oid == SHA_1 => Ok(None),
        Err(_) => Err("the hash of signingCertificate is not allowed"),
    }
}

/// One directoryName, `[4] EXPLICIT Name`, and a serial number.
fn read_issuer_serial(element: Tlv<'_>) -> Result<(Name, SerialNumber), &'static str> {
    let read = || {
        let mut fields = TlvReader::new(element.value);
        let mut names = TlvReader::new(fields.expect(0x30)?.value);
        let mut name = TlvReader::new(names.expect(0xa4)?.value);
        names.finish()?;
        let issuer = name.expect(0x30)?.raw;
        name.finish()?;
        let serial = fields.expect(0x02)?.value;
        fields.finish()?;
        Ok::<_, DerError>((issuer, serial))
    };
    let unreadable = "issuerSerial of signingCertificate cannot be read";
    let (issuer, serial) = read().map_err(|_| unreadable)?;
    let issuer = Name::from_der(issuer).map_err(|_| unreadable)?;
    Ok((issuer, SerialNumber::new(serial).ok_or(unreadable)?))
}
