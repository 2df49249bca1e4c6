//! OCSP responses (RFC 6960 section 4.2) and the certificates of responders: good ones as the National CA's, and any
//! other.

use crate::authority::Authority;
use crate::certificate::{CertificateBuilder, assemble};
use crate::der;
use crate::extension::Extension;
use crate::hash::Hash;
use crate::key::Key;
use crate::name::Name;

/// id-pkix-ocsp-nonce.
pub const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
/// id-pkix-ocsp-nocheck, an extension of a responder's certificate.
pub const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
/// id-pkix-ocsp-archive-cutoff, an extension of one answer.
pub const ARCHIVE_CUTOFF: &str = "1.3.6.1.5.5.7.48.1.6";
/// id-pkix-ocsp-extended-revoke.
pub const EXTENDED_REVOKE: &str = "1.3.6.1.5.5.7.48.1.9";
/// id-kp-OCSPSigning.
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// A `CertID` by any hash.
pub fn cert_id(hash: Hash, issuer_name: &[u8], issuer_key_bits: &[u8], serial: &[u8]) -> Vec<u8> {
    der::sequence(&[
        der::sequence(&[der::oid(hash.oid()), der::null()]),
        der::octet_string(&hash.digest(issuer_name)),
        der::octet_string(&hash.digest(issuer_key_bits)),
        der::integer_raw(serial),
    ])
}

/// The encoded `CertStatus` good.
pub fn good() -> Vec<u8> {
    der::implicit(0, &[])
}

/// The encoded `CertStatus` revoked, at a time `2026-01-01T00:00:00Z` and perhaps for a reason.
pub fn revoked(date: &str, reason: Option<u8>) -> Vec<u8> {
    let reason = reason.map(|reason| der::explicit(0, &der::enumerated(reason))).unwrap_or_default();
    der::implicit_constructed(1, &[generalized(date), reason])
}

/// The encoded `CertStatus` unknown.
pub fn unknown() -> Vec<u8> {
    der::implicit(2, &[])
}

/// `GeneralizedTime` from `2026-01-01T00:00:00Z`.
pub fn generalized(rfc3339: &str) -> Vec<u8> {
    let digits: String = rfc3339.chars().filter(char::is_ascii_digit).collect();
    der::generalized_time(&format!("{digits}Z"))
}

/// One answer. Fields hold encoded TLVs.
#[derive(Clone, Debug)]
pub struct Single {
    /// Which certificate it is about.
    pub id: Vec<u8>,
    /// `CertStatus`.
    pub status: Vec<u8>,
    /// thisUpdate.
    pub this_update: Vec<u8>,
    /// nextUpdate, without its tag.
    pub next_update: Option<Vec<u8>>,
    /// singleExtensions.
    pub extensions: Vec<Extension>,
}

impl Single {
    /// An answer without nextUpdate.
    pub fn new(id: Vec<u8>, status: Vec<u8>, this_update: &str) -> Single {
        Single { id, status, this_update: generalized(this_update), next_update: None, extensions: Vec::new() }
    }

    /// With a nextUpdate.
    pub fn until(self, next_update: &str) -> Single {
        Single { next_update: Some(generalized(next_update)), ..self }
    }

    /// With one more extension.
    pub fn with(mut self, extension: Extension) -> Single {
        self.extensions.push(extension);
        self
    }

    fn encode(&self) -> Vec<u8> {
        let next = self.next_update.as_ref().map(|next| der::explicit(0, next)).unwrap_or_default();
        let parts = [&self.id[..], &self.status, &self.this_update, &next, &explicit_extensions(&self.extensions)];
        der::sequence(&parts)
    }
}

/// A response to be.
#[derive(Clone, Debug)]
pub struct ResponseBuilder {
    /// responseStatus, encoded.
    pub status: Vec<u8>,
    /// responseType, encoded.
    pub kind: Vec<u8>,
    /// What stands before responderID: an explicit version, or nothing.
    pub version: Vec<u8>,
    /// responderID, encoded with its tag.
    pub responder: Vec<u8>,
    /// producedAt, encoded.
    pub produced_at: Vec<u8>,
    /// The answers.
    pub singles: Vec<Single>,
    /// responseExtensions.
    pub extensions: Vec<Extension>,
    /// signatureAlgorithm; the signing key's own by default.
    pub algorithm: Option<Vec<u8>>,
    /// Certificates that come with it, encoded.
    pub certificates: Vec<Vec<u8>>,
}

impl ResponseBuilder {
    /// A response without answers, whose responder is `responder` by name, with the extended-revoke extension that the
    /// National CA always sends.
    pub fn new(responder: &[u8], produced_at: &str) -> ResponseBuilder {
        ResponseBuilder {
            status: der::enumerated(0),
            kind: der::oid("1.3.6.1.5.5.7.48.1.1"),
            version: Vec::new(),
            responder: der::explicit(1, responder),
            produced_at: generalized(produced_at),
            singles: Vec::new(),
            extensions: vec![Extension::new(EXTENDED_REVOKE, der::null())],
            algorithm: None,
            certificates: Vec::new(),
        }
    }

    /// The responder by the hash of its key.
    pub fn by_key(self, key: &Key) -> ResponseBuilder {
        ResponseBuilder { responder: der::explicit(2, &der::octet_string(&key.identifier())), ..self }
    }

    /// With one more answer.
    pub fn answer(mut self, single: Single) -> ResponseBuilder {
        self.singles.push(single);
        self
    }

    /// With one more extension.
    pub fn with(mut self, extension: Extension) -> ResponseBuilder {
        self.extensions.push(extension);
        self
    }

    /// With a nonce from its extnValue: echo what [`nonce_of`] found.
    pub fn nonce(self, extension_value: &[u8]) -> ResponseBuilder {
        self.with(Extension::new(NONCE, extension_value.to_vec()))
    }

    /// With a certificate.
    pub fn certificate(mut self, certificate: &[u8]) -> ResponseBuilder {
        self.certificates.push(certificate.to_vec());
        self
    }

    /// The encoded tbsResponseData.
    pub fn tbs(&self) -> Vec<u8> {
        der::sequence(&[
            &self.version[..],
            &self.responder,
            &self.produced_at,
            &der::sequence(&self.singles.iter().map(Single::encode).collect::<Vec<_>>()),
            &explicit_extensions(&self.extensions),
        ])
    }

    /// The signed response in DER.
    pub fn sign(&self, key: &Key) -> Vec<u8> {
        let tbs = self.tbs();
        self.wrap(key, &tbs, &key.sign(&tbs))
    }

    /// The signed `BasicOCSPResponse` alone, as signed documents carry it.
    pub fn sign_basic(&self, key: &Key) -> Vec<u8> {
        let tbs = self.tbs();
        self.basic(key, &tbs, &key.sign(&tbs))
    }

    fn basic(&self, key: &Key, tbs: &[u8], signature: &[u8]) -> Vec<u8> {
        let algorithm = self.algorithm.clone().unwrap_or_else(|| key.algorithm_identifier());
        match self.certificates.as_slice() {
            [] => assemble(tbs, &algorithm, signature),
            some => {
                der::sequence(&[tbs, &algorithm, &der::bit_string(signature), &der::explicit(0, &der::sequence(some))])
            }
        }
    }

    /// The response around any signed part and signature.
    pub fn wrap(&self, key: &Key, tbs: &[u8], signature: &[u8]) -> Vec<u8> {
        let basic = self.basic(key, tbs, signature);
        let bytes = der::sequence(&[&self.kind[..], &der::octet_string(&basic)]);
        der::sequence(&[&self.status[..], &der::explicit(0, &bytes)])
    }
}

/// A response that is an error status: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized.
pub fn error_status(code: u8) -> Vec<u8> {
    der::sequence(&[der::enumerated(code)])
}

/// The contents of the nonce's extnValue in a request.
pub fn nonce_of(request: &[u8]) -> Option<Vec<u8>> {
    let id = der::oid(NONCE);
    let position = request.windows(id.len()).position(|window| window == id)?;
    match request.get(position + id.len()..)? {
        [0x04, length, rest @ ..] => rest.get(..usize::from(*length)).map(<[u8]>::to_vec),
        _ => None,
    }
}

impl Authority {
    /// A `CertID` by SHA-256 of a certificate of this authority.
    pub fn cert_id(&self, serial: &[u8]) -> Vec<u8> {
        cert_id(Hash::Sha256, &self.name, &self.key.public_bits(), serial)
    }

    /// The certificate of a responder of this authority, as the National CA's are: extKeyUsage `OCSPSigning`, nocheck,
    /// keyUsage digitalSignature. Not issued yet.
    pub fn responder(&self, common_name: &str, key: &Key) -> CertificateBuilder {
        CertificateBuilder::new(&Name::authority(common_name), key)
            .with(Extension::extended_key_usage(&[OCSP_SIGNING]))
            .with(Extension::new(NO_CHECK, der::null()))
            .with(Extension::key_usage(0x80))
    }
}

fn explicit_extensions(extensions: &[Extension]) -> Vec<u8> {
    match extensions {
        [] => Vec::new(),
        some => der::explicit(1, &der::sequence(&some.iter().map(Extension::encode).collect::<Vec<_>>())),
    }
}
