//! A response whose signature holds, and by what right it was signed.

use std::fmt;
use std::sync::Arc;

use super::super::cert_id::CertIds;
use super::super::error::{DelegateError, OcspError};
use super::super::known::KnownResponders;
use super::parsed::ParsedResponse;
use super::single::SingleResponse;
use crate::clock::Time;
use crate::crypto::PublicKey;
use crate::x509::{Certificate, oid};

/// Most certificates of the responder's name tried on one response: each may cost two signatures.
const MAX_CANDIDATES: usize = 3;

/// Whose key signed a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// A responder that the issuer has delegated to, by this certificate.
    Delegate(Certificate),
    /// The issuer itself.
    Issuer,
}

/// A response that the issuer's key, or a responder it has delegated to, has signed. It answers for certificates of
/// that issuer only.
pub struct OcspResponse {
    parsed: ParsedResponse,
    issuer: Certificate,
    signer: Signer,
    texts: Texts,
}

/// What every answer that rests on the response says about it, put into words once.
struct Texts {
    issuer: Arc<str>,
    responder: Arc<str>,
    sha256: Arc<str>,
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspResponse").field("produced_at", &self.produced_at()).finish_non_exhaustive()
    }
}

impl ParsedResponse {
    /// As [`Self::verify_with`], where no responder's certificate is known but those in the response.
    ///
    /// # Errors
    ///
    /// As [`Self::verify_with`].
    pub fn verify(&self, issuer: &Certificate) -> Result<OcspResponse, OcspError> {
        self.verify_with(issuer, &KnownResponders::default())
    }

    /// Verifies that it speaks for `issuer` (RFC 6960 3.2 and 4.2.2.2): signed by the issuer's own key, or by a
    /// responder whose certificate is in it, or else among `known`, was issued by `issuer` directly, has the purpose `OCSPSigning` and was valid
    /// at producedAt. Whether a delegate is itself revoked is for [`super::super::Standing`] to say, whether the
    /// response is fresh for the question to say.
    ///
    /// # Errors
    ///
    /// [`OcspError`], of several candidates that of the last.
    pub fn verify_with(&self, issuer: &Certificate, known: &KnownResponders) -> Result<OcspResponse, OcspError> {
        if let Some(unknown) = self.unusable() {
            return Err(OcspError::CriticalExtension(unknown));
        }
        let signer = self.find_signer(issuer, known)?;
        let hex = self.sha256().iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let texts = Texts {
            issuer: issuer.subject().to_string().into(),
            responder: match &signer {
                Signer::Delegate(certificate) => certificate.subject().to_string().into(),
                Signer::Issuer => issuer.subject().to_string().into(),
            },
            sha256: hex.into(),
        };
        Ok(OcspResponse { parsed: self.clone(), issuer: issuer.clone(), signer, texts })
    }

    fn find_signer(&self, issuer: &Certificate, known: &KnownResponders) -> Result<Signer, OcspError> {
        let mut last = OcspError::SignerUnknown;
        if self.responder().is(issuer) {
            // The authority's own key needs no purpose, and its keyUsage, keyCertSign and cRLSign as a rule, no
            // digitalSignature: RFC 6960 4.2.2.2 asks for neither.
            match self.check_signature(issuer.public_key().map_err(|error| OcspError::Key(error.clone()))?) {
                Ok(()) => return Ok(Signer::Issuer),
                Err(error) => last = error,
            }
        }
        let named = self.certificates().iter().filter(|candidate| self.responder().is(candidate));
        let named = named.chain(known.named_by(self));
        for candidate in named.filter(|candidate| *candidate != issuer).take(MAX_CANDIDATES) {
            let checked = self.check_delegate(candidate, issuer).map_err(OcspError::Delegate).and_then(|()| {
                let key = candidate.public_key().map_err(|error| DelegateError::Key(error.clone()))?;
                self.check_signature(key)
            });
            match checked {
                Ok(()) => return Ok(Signer::Delegate(candidate.clone())),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// RFC 6960 4.2.2.2: what makes a certificate that of a responder of `issuer`; the cheap conditions first.
    fn check_delegate(&self, candidate: &Certificate, issuer: &Certificate) -> Result<(), DelegateError> {
        let extensions = candidate.extensions();
        if candidate.issuer() != issuer.subject() {
            return Err(DelegateError::NotDirect);
        }
        if !extensions.extended_key_usage.contains(&oid::EKU_OCSP_SIGNING) {
            return Err(DelegateError::Purpose);
        }
        // RFC 5280 4.2.1.12 has either with OCSPSigning, and there are responders with nonRepudiation alone.
        if extensions.key_usage.is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err(DelegateError::KeyUsage);
        }
        if let Some(unknown) = extensions.unhandled_critical.first() {
            return Err(DelegateError::CriticalExtension(*unknown));
        }
        if !candidate.validity().contains(self.produced_at()) {
            return Err(DelegateError::NotValid(self.produced_at()));
        }
        let algorithm =
            candidate.signature_algorithm().map_err(|refused| DelegateError::AlgorithmNotAllowed(refused.clone()))?;
        let key = issuer.public_key().map_err(|error| DelegateError::Key(error.clone()))?;
        key.verify(algorithm, candidate.tbs(), candidate.signature()).map_err(DelegateError::Signature)
    }

    fn check_signature(&self, key: &PublicKey) -> Result<(), OcspError> {
        let algorithm =
            self.signature_algorithm().map_err(|refused| OcspError::AlgorithmNotAllowed(refused.clone()))?;
        key.verify(algorithm, self.tbs(), self.signature()).map_err(OcspError::Signature)
    }
}

impl OcspResponse {
    /// The response as it was read.
    #[must_use]
    pub fn parsed(&self) -> &ParsedResponse {
        &self.parsed
    }

    /// The authority for whose certificates it answers.
    #[must_use]
    pub fn issuer(&self) -> &Certificate {
        &self.issuer
    }

    /// Whose key signed it.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// producedAt: when it was signed.
    #[must_use]
    pub fn produced_at(&self) -> Time {
        self.parsed.produced_at()
    }

    /// Its answers about the certificate that is named so, when the issuer is the authority that it speaks for.
    pub(in super::super) fn about(&self, ids: &CertIds<'_>) -> impl Iterator<Item = (usize, &SingleResponse)> {
        let issuer = ids.issuer();
        // The key is what the responder's right rests on; a renewed certificate of the same authority is as good.
        let same = issuer.subject() == self.issuer.subject()
            && matches!((issuer.public_key(), self.issuer.public_key()), (Ok(one), Ok(other)) if one == other);
        let singles = self.parsed.singles().iter().enumerate();
        singles.filter(move |(_, single)| same && ids.contain(single.id()))
    }

    /// The name of the authority, for people.
    #[must_use]
    pub fn issuer_text(&self) -> &Arc<str> {
        &self.texts.issuer
    }

    /// The name of who signed it, for people.
    #[must_use]
    pub fn responder_text(&self) -> &Arc<str> {
        &self.texts.responder
    }

    /// SHA-256 of the DER bytes in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_text(&self) -> &Arc<str> {
        &self.texts.sha256
    }
}
