//! What a signer says, and whether what it is over is still what was signed.

use super::content::Content;
use super::oid;
use super::protection;
use super::signer_info::{SignedAttributes, SignerInfo};
use crate::clock::Time;
use crate::crypto::{AlgorithmNotAllowed, HashAlgorithm, SignatureAlgorithm, SignerAlgorithmError, hash};
use crate::der::{Oid, TlvReader};
use crate::signed::SignerName;
use crate::x509::time;

/// The hash of a signer, if it is allowed and without parameters.
pub(super) fn digest_algorithm(signer: &SignerInfo<'_>) -> Result<HashAlgorithm, AlgorithmNotAllowed> {
    let identifier = &signer.digest_algorithm;
    let algorithm = HashAlgorithm::from_oid(&identifier.oid)?;
    if identifier.params_absent_or_null() {
        return Ok(algorithm);
    }
    let oid = identifier.oid.to_string();
    Err(AlgorithmNotAllowed { oid, name: Some(algorithm.name()), unexpected_parameters: true })
}

/// What a signer says about itself, each with why it cannot be used.
pub(super) struct Facts {
    /// The hash.
    pub digest: Result<HashAlgorithm, AlgorithmNotAllowed>,
    /// The algorithm of the value.
    pub signature: Result<SignatureAlgorithm, AlgorithmNotAllowed>,
    disagree: bool,
    /// signingTime.
    pub claimed_time: Result<Option<Time>, &'static str>,
}

impl Facts {
    /// Reads them.
    pub fn of(signer: &SignerInfo<'_>) -> Self {
        let digest = digest_algorithm(signer);
        // Without a hash nothing can be verified; the algorithm is still named.
        let assumed = digest.as_ref().ok().copied();
        let identifier = &signer.signature_algorithm;
        let algorithm = match assumed {
            Some(hash) => SignatureAlgorithm::of_signer(identifier, hash),
            None => SignatureAlgorithm::from_identifier(identifier).map_err(SignerAlgorithmError::from),
        };
        let (signature, disagree) = match algorithm {
            Ok(algorithm) => (Ok(algorithm), false),
            Err(SignerAlgorithmError::NotAllowed(refusal)) => (Err(refusal), false),
            // Named where it can be; whichever it is, the signature does not hold.
            Err(SignerAlgorithmError::Disagree) => (SignatureAlgorithm::from_identifier(identifier), true),
        };
        let claimed_time = signer.signed.as_ref().map_or(Ok(None), signing_time);
        Self { digest, signature, disagree, claimed_time }
    }

    /// What binds a signature over content, whatever the value.
    pub fn bound_to_content(
        &self,
        signer: &SignerInfo<'_>,
        content: &Content<'_>,
        content_type: &[u8],
        rewritten: bool,
    ) -> Result<(), &'static str> {
        self.usable()?;
        check_places(signer)?;
        if content.differs() {
            return Err("the content that was given is another than that in the document");
        }
        let Some(signed) = &signer.signed else {
            // RFC 5652 5.3.
            if content_type != oid::DATA.as_bytes() {
                return Err("signed attributes are missing, which content of this type must have");
            }
            if content.is_unseen() {
                return Err(
                    "without signed attributes the content itself is needed: a digest does not tell it from the \
                            signed attributes of another signature",
                );
            }
            if content.if_short().is_some_and(look_like_attributes) {
                return Err("the content is the signed attributes of another signature");
            }
            return Ok(());
        };
        Self::check_attributes(signer, signed, rewritten)?;
        match signed.each.only(oid::CONTENT_TYPE) {
            Ok(Some(value)) if value.tag == 0x06 && value.value == content_type => {}
            Ok(Some(_)) => return Err("the signed contentType is not that of the content"),
            Ok(None) => return Err("the signed contentType is missing"),
            Err(_) => return Err("there is not exactly one signed contentType"),
        }
        let wanted = message_digest(signed)?;
        let found = self.digest.as_ref().ok().and_then(|&algorithm| content.digest(algorithm));
        match found {
            Some(found) if found.as_bytes() == wanted => Ok(()),
            Some(_) => Err("the content is not what was signed"),
            None if content.is_missing() => Ok(()),
            None => Err("no digest of the content by the hash of the signature was given"),
        }
    }

    /// What binds a counter-signature to the value it is over.
    pub fn bound_to_value(&self, signer: &SignerInfo<'_>, value: &[u8]) -> Result<(), &'static str> {
        self.usable()?;
        check_places(signer)?;
        let Some(signed) = &signer.signed else { return Ok(()) };
        Self::check_attributes(signer, signed, false)?;
        // RFC 5652 11.4.
        if signed.each.of(oid::CONTENT_TYPE).next().is_some() {
            return Err("a counter-signature has a contentType");
        }
        let wanted = message_digest(signed)?;
        let found = self.digest.as_ref().ok().map(|&algorithm| hash(algorithm, value));
        match found {
            Some(found) if found.as_bytes() == wanted => Ok(()),
            _ => Err("the value is not what was counter-signed"),
        }
    }

    fn usable(&self) -> Result<(), &'static str> {
        if self.disagree {
            return Err("digest algorithm and signature algorithm disagree");
        }
        if self.digest.is_err() {
            return Err("the hash is not allowed");
        }
        self.claimed_time.map(|_| ())
    }

    fn check_attributes(
        signer: &SignerInfo<'_>,
        signed: &SignedAttributes<'_>,
        rewritten: bool,
    ) -> Result<(), &'static str> {
        if rewritten && !signed.are_sorted() {
            return Err("the signed attributes are neither in DER nor in its order");
        }
        protection::check(signer, signed)
    }

    /// Oddities.
    pub fn warnings(&self, signer: &SignerInfo<'_>) -> Vec<(&'static str, String)> {
        let by_key = matches!(signer.signer, SignerName::KeyId(_));
        let mut warnings = Vec::new();
        if by_key != (signer.version == 3) {
            warnings.push(("signer-version", "the version of the signer does not go with how it is named".to_owned()));
        }
        if signer.signed.is_none() {
            warnings.push(("no-signed-attributes", "the value is over the content itself".to_owned()));
        }
        warnings
    }
}

/// RFC 5652 11.1 to 11.4, RFC 5035 3, RFC 6211 2: what says something about the signature has to be under it, and what is over its value
/// cannot be. A reader that looks for them in the wrong place would believe what anybody added.
fn check_places(signer: &SignerInfo<'_>) -> Result<(), &'static str> {
    const SIGNED: [Oid; 6] = [
        oid::ALGORITHM_PROTECTION,
        oid::CONTENT_TYPE,
        oid::MESSAGE_DIGEST,
        oid::SIGNING_TIME,
        oid::SIGNING_CERTIFICATE,
        oid::SIGNING_CERTIFICATE_V2,
    ];
    if SIGNED.iter().any(|kind| signer.unsigned.of(*kind).next().is_some()) {
        return Err("an attribute that has to be signed stands among the unsigned ones");
    }
    let signed = signer.signed.as_ref();
    if signed.is_some_and(|signed| signed.each.of(oid::COUNTER_SIGNATURE).next().is_some()) {
        return Err("a counter-signature stands among the signed attributes");
    }
    Ok(())
}

/// RFC 5652 11.2: exactly one, an OCTET STRING.
fn message_digest<'a>(signed: &SignedAttributes<'a>) -> Result<&'a [u8], &'static str> {
    match signed.each.only(oid::MESSAGE_DIGEST) {
        Ok(Some(value)) if value.tag == 0x04 => Ok(value.value),
        Ok(Some(_)) => Err("the signed messageDigest is not an OCTET STRING"),
        Ok(None) => Err("the signed messageDigest is missing"),
        Err(_) => Err("there is not exactly one signed messageDigest"),
    }
}

/// RFC 5652 11.3: at most one, a time in UTC.
fn signing_time(signed: &SignedAttributes<'_>) -> Result<Option<Time>, &'static str> {
    match signed.each.only(oid::SIGNING_TIME) {
        Ok(None) => Ok(None),
        Ok(Some(value)) => {
            time::read(value.tag, value.value).map(Some).ok_or("the signed signingTime is not a time in UTC")
        }
        Err(_) => Err("there is more than one signed signingTime"),
    }
}

/// Whether content is the encoding of signed attributes: a signature over attributes, without them, would be one over
/// content that its signer never saw.
fn look_like_attributes(content: &[u8]) -> bool {
    let mut outer = TlvReader::new(content);
    let Ok(set) = outer.expect(0x31) else { return false };
    let mut reader = TlvReader::new(set.value);
    let bound: [Oid; 2] = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST];
    while let Ok(attribute) = reader.expect(0x30) {
        let kind = TlvReader::new(attribute.value).expect(0x06);
        if kind.is_ok_and(|kind| bound.iter().any(|oid| oid.as_bytes() == kind.value)) {
            return true;
        }
    }
    false
}
