//! The request (RFC 6960 4.1): one certificate, unsigned.

use der::asn1::{AnyRef, OctetStringRef};
use der::{Encode as _, Sequence, Tag};

use super::cert_id::{CertId, IdHash};
use super::nonce::{Nonce, NoncePolicy};
use super::oid;
use crate::der::Oid;
use crate::x509::Certificate;

/// Media type of a request.
pub(super) const MEDIA_TYPE: &str = "application/ocsp-request";
/// Media type of a response.
pub(super) const RESPONSE_MEDIA_TYPE: &str = "application/ocsp-response";

/// `OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }`
#[derive(Sequence)]
struct Request<'a> {
    tbs: TbsRequest<'a>,
}

/// ```asn1
/// TBSRequest ::= SEQUENCE {
///     version           [0] EXPLICIT Version DEFAULT v1,
///     requestorName     [1] EXPLICIT GeneralName OPTIONAL,
///     requestList       SEQUENCE OF Request,
///     requestExtensions [2] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Sequence)]
struct TbsRequest<'a> {
    list: Vec<SingleRequest<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension<'a>>>,
}

/// `Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }`
#[derive(Sequence)]
struct SingleRequest<'a> {
    id: Id<'a>,
}

/// `CertID`
#[derive(Sequence)]
struct Id<'a> {
    hash: Hash,
    issuer_name: &'a OctetStringRef,
    issuer_key: &'a OctetStringRef,
    serial: AnyRef<'a>,
}

/// `AlgorithmIdentifier` with the NULL parameters that responders in use expect.
#[derive(Sequence)]
struct Hash {
    oid: Oid,
    parameters: der::asn1::Null,
}

#[derive(Sequence)]
struct Extension<'a> {
    oid: Oid,
    value: &'a OctetStringRef,
}

/// A request for the status of one certificate.
#[derive(Clone, Debug)]
pub struct OcspRequest {
    der: Vec<u8>,
    nonce: Option<Nonce>,
}

impl OcspRequest {
    /// Asks about `certificate`, issued by `issuer`, by SHA-256 hashes and with a fresh nonce unless the policy sends
    /// none. `None` when the issuer's key cannot be named or no nonce is to be had.
    #[must_use]
    pub fn new(certificate: &Certificate, issuer: &Certificate, policy: NoncePolicy) -> Option<Self> {
        let nonce = match policy {
            NoncePolicy::Off => None,
            NoncePolicy::IfEchoed | NoncePolicy::Require => Some(Nonce::random()?),
        };
        Self::with_nonce(&CertId::of(certificate, issuer, IdHash::Sha256)?, nonce)
    }

    /// Asks about `id`. `None` for an id whose hash is not known here.
    #[must_use]
    pub fn with_nonce(id: &CertId, nonce: Option<Nonce>) -> Option<Self> {
        let value = nonce.map(|nonce| nonce.extension_value());
        let extensions = match &value {
            Some(value) => Some(vec![Extension { oid: oid::NONCE, value: OctetStringRef::new(value).ok()? }]),
            None => None,
        };
        let id = Id {
            hash: Hash { oid: id.hash()?.oid(), parameters: der::asn1::Null },
            issuer_name: OctetStringRef::new(id.issuer_name_hash()).ok()?,
            issuer_key: OctetStringRef::new(id.issuer_key_hash()).ok()?,
            // Octet for octet as the certificate has it, negative or not.
            serial: AnyRef::new(Tag::Integer, id.serial_number().as_bytes()).ok()?,
        };
        let request = Request { tbs: TbsRequest { list: vec![SingleRequest { id }], extensions } };
        Some(Self { der: request.to_der().ok()?, nonce })
    }

    /// The DER bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The DER bytes, to be sent.
    #[must_use]
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }

    /// The nonce in it.
    #[must_use]
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }
}
