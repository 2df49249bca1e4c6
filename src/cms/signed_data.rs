//! What stands beside the content: certificates, revocation values, signers (RFC 5652 5.1, 10.2).

use super::limits::{MAX_CERTIFICATES, MAX_REVOCATION_VALUES, MAX_SIGNERS};
use super::oid;
use super::signer_info::SignerInfo;
use crate::der::{Tlv, TlvReader};
use crate::signed::FormatError;

/// Its elements, borrowed.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// Every element of certificates, whatever the choice.
    pub certificate_choices: Vec<&'a [u8]>,
    /// Those that are X.509 certificates.
    pub certificates: Vec<&'a [u8]>,
    /// Every element of crls, whatever the choice.
    pub revocation_choices: Vec<&'a [u8]>,
    /// Those that are lists.
    pub lists: Vec<&'a [u8]>,
    /// OCSP responses among them (RFC 5940).
    pub responses: Vec<&'a [u8]>,
    /// The signers.
    pub signers: Vec<SignerInfo<'a>>,
    /// What was passed over.
    pub warnings: Vec<(&'static str, String)>,
}

impl<'a> Parts<'a> {
    /// Reads what follows encapContentInfo.
    pub fn read(tail: &'a [u8]) -> Result<Self, FormatError> {
        let mut fields = TlvReader::new(tail);
        let mut parts = Self::default();
        if let Some(set) = fields.optional(0xa0)? {
            parts.read_certificates(set.value)?;
        }
        if let Some(set) = fields.optional(0xa1)? {
            parts.read_revocation(set.value)?;
        }
        let signers = fields.expect(0x31)?;
        fields.finish()?;
        let mut signers = TlvReader::new(signers.value);
        while !signers.is_empty() {
            if parts.signers.len() == MAX_SIGNERS {
                return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNERS as u64 });
            }
            parts.signers.push(SignerInfo::read(signers.read()?)?);
        }
        Ok(parts)
    }

    /// `CertificateChoices`: a certificate, or by tag an extended one (obsolete), an attribute certificate, another.
    fn read_certificates(&mut self, set: &'a [u8]) -> Result<(), FormatError> {
        let mut reader = TlvReader::new(set);
        let mut passed = 0;
        while !reader.is_empty() {
            if self.certificate_choices.len() == MAX_CERTIFICATES {
                return Err(FormatError::TooMuch { what: "certificates", limit: MAX_CERTIFICATES as u64 });
            }
            let choice = reader.read()?;
            self.certificate_choices.push(choice.raw);
            match choice.tag {
                0x30 => self.certificates.push(choice.raw),
                0xa0..=0xa3 => passed += 1,
                _ => return Err(FormatError::malformed("something among the certificates is none")),
            }
        }
        if passed > 0 {
            let text = format!("{passed} of the certificates are of another kind than X.509 and were not used");
            self.warnings.push(("certificate-choice", text));
        }
        Ok(())
    }

    /// `RevocationInfoChoice ::= CHOICE { crl CertificateList, other [1] IMPLICIT OtherRevocationInfoFormat }`
    fn read_revocation(&mut self, set: &'a [u8]) -> Result<(), FormatError> {
        let mut reader = TlvReader::new(set);
        let mut passed = 0;
        while !reader.is_empty() {
            if self.revocation_choices.len() == MAX_REVOCATION_VALUES {
                return Err(FormatError::TooMuch { what: "revocation values", limit: MAX_REVOCATION_VALUES as u64 });
            }
            let choice = reader.read()?;
            self.revocation_choices.push(choice.raw);
            match (choice.tag, other_revocation_info(choice)) {
                (0x30, _) => self.lists.push(choice.raw),
                (0xa1, Some(response)) => self.responses.push(response),
                (0xa1, None) => passed += 1,
                _ => return Err(FormatError::malformed("something among the revocation lists is none")),
            }
        }
        if passed > 0 {
            self.warnings
                .push(("revocation-choice", format!("{passed} revocation values of unknown kinds were not used")));
        }
        Ok(())
    }
}

/// `OtherRevocationInfoFormat ::= SEQUENCE { otherRevInfoFormat OBJECT IDENTIFIER, otherRevInfo ANY }`: the OCSP response in
/// it.
fn other_revocation_info(choice: Tlv<'_>) -> Option<&[u8]> {
    let mut fields = TlvReader::new(choice.value);
    let kind = fields.expect(0x06).ok()?.value;
    let response = fields.expect(0x30).ok()?.raw;
    fields.finish().ok()?;
    [oid::RI_OCSP_RESPONSE, oid::OCSP_BASIC].iter().any(|known| known.as_bytes() == kind).then_some(response)
}
