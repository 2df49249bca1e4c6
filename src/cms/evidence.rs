//! Certificates and revocation values that travel in the document, from wherever they stand in it.

use std::collections::HashSet;

use super::attributes::Attributes;
use super::limits::{MAX_CERTIFICATES, MAX_REVOCATION_VALUES};
use super::oid;
use super::signed_data::Parts;
use crate::der::{DerError, Tlv, TlvReader};
use crate::signed::{Embedded, FormatError};

/// What was found, no two alike.
#[derive(Default)]
pub(super) struct Evidence<'a> {
    seen: HashSet<&'a [u8]>,
    certificates: Vec<&'a [u8]>,
    lists: Vec<&'a [u8]>,
    responses: Vec<&'a [u8]>,
}

impl<'a> Evidence<'a> {
    /// Takes all of a document: beside the signers, and under their signatures (certificate-values, revocation-values).
    pub fn gather(parts: &Parts<'a>, warnings: &mut Vec<(&'static str, String)>) -> Result<Embedded, FormatError> {
        let mut evidence = Self::default();
        parts.certificates.iter().for_each(|certificate| evidence.add(Kind::Certificate, certificate));
        parts.lists.iter().for_each(|list| evidence.add(Kind::List, list));
        parts.responses.iter().for_each(|response| evidence.add(Kind::Response, response));
        for (index, signer) in parts.signers.iter().enumerate() {
            if evidence.add_values(&signer.unsigned).is_err() {
                let text = format!("signer {}: certificate-values or revocation-values cannot be read", index + 1);
                warnings.push(("embedded-evidence", text));
            }
        }
        evidence.finish()
    }

    fn add(&mut self, kind: Kind, element: &'a [u8]) {
        if self.seen.insert(element) {
            match kind {
                Kind::Certificate => self.certificates.push(element),
                Kind::List => self.lists.push(element),
                Kind::Response => self.responses.push(element),
            }
        }
    }

    /// ```text
    /// CertificateValues ::= SEQUENCE OF Certificate
    /// RevocationValues  ::= SEQUENCE { crlVals [0] EXPLICIT SEQUENCE OF CertificateList OPTIONAL,
    ///     ocspVals [1] EXPLICIT SEQUENCE OF BasicOCSPResponse OPTIONAL, otherRevVals [2] OtherRevVals OPTIONAL }
    /// ```
    fn add_values(&mut self, unsigned: &Attributes<'a>) -> Result<(), DerError> {
        for value in unsigned.values_of(oid::CERT_VALUES) {
            self.add_sequence(Kind::Certificate, value)?;
        }
        for value in unsigned.values_of(oid::REVOCATION_VALUES) {
            let mut fields = TlvReader::new(sequence(value)?);
            if let Some(lists) = fields.optional(0xa0)? {
                self.add_sequence(Kind::List, TlvReader::new(lists.value).read()?)?;
            }
            if let Some(responses) = fields.optional(0xa1)? {
                self.add_sequence(Kind::Response, TlvReader::new(responses.value).read()?)?;
            }
            fields.optional(0xa2)?;
            fields.finish()?;
        }
        Ok(())
    }

    fn add_sequence(&mut self, kind: Kind, element: Tlv<'a>) -> Result<(), DerError> {
        let mut reader = TlvReader::new(sequence(element)?);
        while !reader.is_empty() {
            self.add(kind, reader.expect(0x30)?.raw);
        }
        Ok(())
    }

    fn finish(self) -> Result<Embedded, FormatError> {
        for (what, found, limit) in [
            ("certificates", self.certificates.len(), MAX_CERTIFICATES),
            ("revocation lists", self.lists.len(), MAX_REVOCATION_VALUES),
            ("OCSP responses", self.responses.len(), MAX_REVOCATION_VALUES),
        ] {
            if found > limit {
                return Err(FormatError::TooMuch { what, limit: limit as u64 });
            }
        }
        let copy = |all: Vec<&[u8]>| all.into_iter().map(<[u8]>::to_vec).collect();
        Ok(Embedded { certificates: copy(self.certificates), lists: copy(self.lists), responses: copy(self.responses) })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Certificate,
    List,
    Response,
}

fn sequence(element: Tlv<'_>) -> Result<&[u8], DerError> {
    TlvReader::new(element.raw).expect(0x30).map(|sequence| sequence.value)
}
