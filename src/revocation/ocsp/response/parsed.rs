//! A response before its signature was verified.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::super::error::{ErrorStatus, OcspError};
use super::super::extension;
use super::super::oid;
use super::responder_id::ResponderId;
use super::single::SingleResponse;
use crate::clock::Time;
use crate::crypto::{AlgorithmIdentifier, AlgorithmNotAllowed, SignatureAlgorithm, sha256};
use crate::der::armour::{Label, decode_one};
use crate::der::{Limits, Oid, Tlv, TlvReader, check_strict};
use crate::x509::{Certificate, time};

/// Largest response read, in octets; real ones have 1 to 4 kB.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;
/// Most answers in one response; one certificate is asked about at a time.
pub const MAX_SINGLES: usize = 64;
/// Most certificates in one response; one is needed.
pub const MAX_CERTIFICATES: usize = 8;

const LIMITS: Limits = Limits { bytes: MAX_RESPONSE_BYTES, depth: 16, elements: 16 * 1024 };

/// An extension of a response, for people.
#[derive(Clone, Debug)]
pub struct ResponseExtension {
    /// Its type.
    pub oid: Oid,
    /// Whether it is critical.
    pub critical: bool,
    /// Its value, undecoded.
    pub value: Box<[u8]>,
}

/// A response that was read, but not verified, and where it came from. Cheap to clone.
#[derive(Clone)]
pub struct ParsedResponse(Arc<Parsed>, Arc<str>);

struct Parsed {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Range<usize>,
    signature: Range<usize>,
    algorithm: Result<SignatureAlgorithm, AlgorithmNotAllowed>,
    responder: ResponderId,
    produced_at: Time,
    singles: Box<[SingleResponse]>,
    certificates: Box<[Certificate]>,
    extensions: Box<[ResponseExtension]>,
}

impl fmt::Debug for ParsedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedResponse").field("produced_at", &self.0.produced_at).finish_non_exhaustive()
    }
}

impl ParsedResponse {
    /// Reads one response: DER, or one in PEM or base64, of at most [`MAX_RESPONSE_BYTES`].
    ///
    /// # Errors
    ///
    /// [`OcspError`]; [`OcspError::Status`] is a responder's own error, which says nothing about any certificate.
    pub fn read(bytes: &[u8]) -> Result<Self, OcspError> {
        // Base64 takes four octets for three.
        if bytes.len() > MAX_RESPONSE_BYTES * 3 / 2 {
            return Err(OcspError::TooLarge { limit: MAX_RESPONSE_BYTES });
        }
        if bytes.is_empty() {
            return Err(OcspError::Empty);
        }
        Self::from_der(&decode_one(bytes, Label::OcspResponse)?)
    }

    /// Reads one DER response, as responders send it.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        if der.is_empty() {
            return Err(OcspError::Empty);
        }
        if der.len() > MAX_RESPONSE_BYTES {
            return Err(OcspError::TooLarge { limit: MAX_RESPONSE_BYTES });
        }
        Self::read_basic(der, basic_response(der)?)
    }

    /// Reads a DER `BasicOCSPResponse` without the wrapping of a responder's answer, as signed documents carry it.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn from_basic(der: &[u8]) -> Result<Self, OcspError> {
        check_strict(der, LIMITS)?;
        let mut outer = TlvReader::new(der);
        let basic = outer.expect(0x30)?.value;
        outer.finish()?;
        Self::read_basic(der, basic)
    }

    /// The contents of the `BasicOCSPResponse` inside `der`.
    fn read_basic(der: &[u8], basic: &[u8]) -> Result<Self, OcspError> {
        let mut parts = TlvReader::new(basic);
        let tbs = parts.expect(0x30)?;
        let algorithm = AlgorithmIdentifier::from_der(parts.expect(0x30)?.raw)
            .map_err(|_| OcspError::Structure("an algorithm identifier cannot be read"))?;
        let signature = parts.expect(0x03)?.signature_bits();
        let certificates = match parts.optional(0xa0)? {
            Some(explicit) => read_certificates(explicit.value)?,
            None => Box::default(),
        };
        parts.finish()?;
        let data = ResponseData::read(tbs.value)?;
        Ok(Self(
            Arc::new(Parsed {
                sha256: sha256(der),
                tbs: place(der, tbs.raw),
                signature: place(der, signature),
                algorithm: SignatureAlgorithm::from_identifier(&algorithm),
                responder: data.responder,
                produced_at: data.produced_at,
                singles: data.singles,
                certificates,
                extensions: data.extensions,
                der: der.into(),
            }),
            Arc::default(),
        ))
    }

    /// The same response, from a path, an address or a place in a request: for people who read the evidence.
    #[must_use]
    pub fn from_origin(self, origin: impl Into<Arc<str>>) -> Self {
        Self(self.0, origin.into())
    }

    /// Where it came from; empty when nobody said.
    #[must_use]
    pub fn origin(&self) -> &Arc<str> {
        &self.1
    }

    /// The DER bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the DER bytes.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// The signed part.
    pub(super) fn tbs(&self) -> &[u8] {
        self.0.der.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// The signature, in the byte order of its algorithm.
    pub(super) fn signature(&self) -> &[u8] {
        self.0.der.get(self.0.signature.clone()).unwrap_or_default()
    }

    /// The algorithm it says it is signed with.
    ///
    /// # Errors
    ///
    /// [`AlgorithmNotAllowed`] names an algorithm that is not accepted.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, &AlgorithmNotAllowed> {
        self.0.algorithm.as_ref().copied()
    }

    /// Who says to have signed it.
    #[must_use]
    pub fn responder(&self) -> &ResponderId {
        &self.0.responder
    }

    /// producedAt: when it was signed.
    #[must_use]
    pub fn produced_at(&self) -> Time {
        self.0.produced_at
    }

    /// Its answers, at least one.
    #[must_use]
    pub fn singles(&self) -> &[SingleResponse] {
        &self.0.singles
    }

    /// The certificates that came with it.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// Its extensions.
    #[must_use]
    pub fn extensions(&self) -> &[ResponseExtension] {
        &self.0.extensions
    }

    /// A critical extension of the response or of one of its answers that is not processed: it can be read, and nobody may
    /// rely on it.
    #[must_use]
    pub fn unusable(&self) -> Option<Oid> {
        let known = [oid::NONCE, oid::EXTENDED_REVOKE];
        let unknown = self.0.extensions.iter().find(|extension| extension.critical && !known.contains(&extension.oid));
        unknown.map(|extension| extension.oid).or_else(|| self.singles().iter().find_map(SingleResponse::unusable))
    }

    /// The value of the nonce extension, undecoded.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.extensions.iter().find(|extension| extension.oid == oid::NONCE).map(|extension| &*extension.value)
    }
}

/// `OCSPResponse`, and in it `BasicOCSPResponse`, whose contents are returned:
///
/// ```asn1
/// OCSPResponse      ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT ResponseBytes OPTIONAL }
/// ResponseBytes     ::= SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING }
/// BasicOCSPResponse ::= SEQUENCE {
///     tbsResponseData    ResponseData,
///     signatureAlgorithm AlgorithmIdentifier,
///     signature          BIT STRING,
///     certs              [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
/// ```
fn basic_response(der: &[u8]) -> Result<&[u8], OcspError> {
    check_strict(der, LIMITS)?;
    let mut fields = TlvReader::new(TlvReader::new(der).expect(0x30)?.value);
    let status = fields.expect(0x0a)?.value;
    let bytes = fields.optional(0xa0)?;
    fields.finish()?;
    match (status, bytes) {
        ([0], Some(bytes)) => {
            let mut outer = TlvReader::new(bytes.value);
            let mut fields = TlvReader::new(outer.expect(0x30)?.value);
            outer.finish()?;
            let kind = fields.expect(0x06)?.value;
            let response = fields.expect(0x04)?.value;
            fields.finish()?;
            if kind != oid::BASIC.as_bytes() {
                return Err(OcspError::Structure("another type of response than basic"));
            }
            check_strict(response, LIMITS)?;
            Ok(TlvReader::new(response).expect(0x30)?.value)
        }
        ([0], None) => Err(OcspError::Structure("successful, and no response")),
        ([code], None) => Err(ErrorStatus::from_code(*code)
            .map_or(OcspError::Structure("a status that is not assigned"), OcspError::Status)),
        _ => Err(OcspError::Structure("a response beside an error status")),
    }
}

/// What is signed.
struct ResponseData {
    responder: ResponderId,
    produced_at: Time,
    singles: Box<[SingleResponse]>,
    extensions: Box<[ResponseExtension]>,
}

impl ResponseData {
    /// ```asn1
    /// ResponseData ::= SEQUENCE {
    ///     version            [0] EXPLICIT Version DEFAULT v1,
    ///     responderID        ResponderID,
    ///     producedAt         GeneralizedTime,
    ///     responses          SEQUENCE OF SingleResponse,
    ///     responseExtensions [1] EXPLICIT Extensions OPTIONAL }
    /// ```
    fn read(contents: &[u8]) -> Result<Self, OcspError> {
        let mut fields = TlvReader::new(contents);
        // DER leaves the default out; some responders write it, and nothing hangs on it.
        if fields.optional(0xa0)?.is_some_and(|version| version.value != [0x02, 0x01, 0x00]) {
            return Err(OcspError::Structure("another version than 1"));
        }
        let responder = ResponderId::read(fields.read()?)?;
        let produced_at = generalized_time(fields.read()?)?;
        let mut list = TlvReader::new(fields.expect(0x30)?.value);
        let mut singles = Vec::new();
        while !list.is_empty() {
            if singles.len() == MAX_SINGLES {
                return Err(OcspError::TooMany { what: "answers", limit: MAX_SINGLES });
            }
            singles.push(SingleResponse::read(list.expect(0x30)?.value)?);
        }
        if singles.is_empty() {
            return Err(OcspError::Structure("no answer in it"));
        }
        let extensions = match fields.optional(0xa1)? {
            Some(explicit) => read_extensions(explicit.value)?,
            None => Box::default(),
        };
        fields.finish()?;
        Ok(Self { responder, produced_at, singles: singles.into(), extensions })
    }
}

fn read_extensions(explicit: &[u8]) -> Result<Box<[ResponseExtension]>, OcspError> {
    let read = extension::read_all(explicit)?.into_iter().map(|extension| ResponseExtension {
        oid: extension.oid,
        critical: extension.critical,
        value: extension.value.into(),
    });
    Ok(read.collect())
}

fn read_certificates(explicit: &[u8]) -> Result<Box<[Certificate]>, OcspError> {
    let mut outer = TlvReader::new(explicit);
    let mut list = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() == MAX_CERTIFICATES {
            return Err(OcspError::TooMany { what: "certificates", limit: MAX_CERTIFICATES });
        }
        found.push(Certificate::from_der(list.expect(0x30)?.raw)?);
    }
    Ok(found.into())
}

/// Whole seconds in UTC, as RFC 5280 4.1.2.5.2 has it; never the short form.
pub(super) fn generalized_time(tlv: Tlv<'_>) -> Result<Time, OcspError> {
    let time = (tlv.tag == 0x18).then(|| time::read(tlv.tag, tlv.value)).flatten();
    time.ok_or(OcspError::Structure("a date is not a GeneralizedTime in whole seconds of UTC"))
}

/// Where `part`, a slice of `whole`, lies in it.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len()).min(whole.len())
}
