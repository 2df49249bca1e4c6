//! Whose token it is, as far as the token tells by itself. Whether the authority is trusted is the judgement's.

use super::token::Token;
use crate::signed::{SignatureFault, VerifiedSignature};
use crate::x509::{Certificate, GeneralName, oid};

/// Why a certificate is not one of a timestamp authority.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PurposeFault {
    /// RFC 3161 section 2.3.
    #[error("the extended key usage of its signer is not timeStamping, alone and critical")]
    ExtendedKeyUsage,
    /// RFC 3161 section 2.4.2: tsa.
    #[error("the name that the timestamp gives its authority is none of its signer's")]
    Name,
    /// There is a keyUsage, and neither digitalSignature nor nonRepudiation in it.
    #[error("the keyUsage of its signer allows no signatures")]
    KeyUsage,
}

/// Why a token is not one of an authority that it names.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorityFault {
    /// The certificate is not in the token.
    #[error("the certificate of the timestamp authority is not in the token")]
    NoCertificate,
    /// The certificate was not valid at the moment that the token states.
    #[error("the certificate of the timestamp authority was not valid then")]
    NotValid,
    /// The certificate is another's.
    #[error(transparent)]
    Purpose(#[from] PurposeFault),
    /// The signature does not hold.
    #[error("the token's signature: {0}")]
    Signature(#[from] SignatureFault),
}

/// Extended key usage timeStamping, alone and critical (RFC 3161 section 2.3), and a keyUsage, where there is one, that
/// allows signatures.
///
/// # Errors
///
/// [`PurposeFault`].
pub fn check_purpose(certificate: &Certificate) -> Result<(), PurposeFault> {
    let extensions = certificate.extensions();
    let sole = *extensions.extended_key_usage == [oid::EKU_TIME_STAMPING];
    let critical = extensions.all.contains(&(oid::EXTENDED_KEY_USAGE, true));
    if !sole || !critical {
        return Err(PurposeFault::ExtendedKeyUsage);
    }
    if extensions.key_usage.is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
        return Err(PurposeFault::KeyUsage);
    }
    Ok(())
}

/// The name that a timestamp gives its authority, where it gives one, is one of the certificate's subject or of its
/// subjectAltName (RFC 3161 section 2.4.2). A name of a form that is not read here is passed over.
///
/// # Errors
///
/// [`PurposeFault::Name`].
pub fn check_name(authority: Option<&GeneralName>, certificate: &Certificate) -> Result<(), PurposeFault> {
    let named = match authority {
        None | Some(GeneralName::Other(_) | GeneralName::Unsupported(_)) => true,
        Some(GeneralName::Directory(name)) if name == certificate.subject() => true,
        Some(name) => certificate.extensions().subject_alt_names.contains(name),
    };
    if named { Ok(()) } else { Err(PurposeFault::Name) }
}

impl Token {
    /// Verifies the signature under the certificate in the token that it names, which must be one for timestamps, of the name
    /// that the token gives its authority, and valid at the moment that the token states.
    ///
    /// # Errors
    ///
    /// [`AuthorityFault`].
    pub fn verify(&self) -> Result<VerifiedSignature, AuthorityFault> {
        let mut fault = AuthorityFault::NoCertificate;
        let embedded = self.signature.embedded.certificates.iter().enumerate();
        for (position, der) in embedded {
            let Ok(certificate) = Certificate::from_der(der) else { continue };
            if !self.signature.signer.names(&certificate, Some(position)) {
                continue;
            }
            match self.signature.verify(&certificate) {
                Ok(verified) => {
                    check_purpose(&certificate)?;
                    check_name(self.authority.as_ref(), &certificate)?;
                    let valid = certificate.validity().contains(self.gen_time);
                    return if valid { Ok(verified) } else { Err(AuthorityFault::NotValid) };
                }
                Err(why) => fault = why.into(),
            }
        }
        Err(fault)
    }
}
