//! How a signature names its signer.

use crate::crypto::{HashAlgorithm, hash};
use crate::x509::{Certificate, Name, SerialNumber};

/// How a signature says whose certificate to verify it with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignerName {
    /// The certificates beside it are the only candidates (`KeyInfo/X509Data/X509Certificate`, `BinarySecurityToken`): by
    /// position in [`Embedded::certificates`](super::Embedded).
    Embedded(Vec<usize>),
    /// Issuer and serial number.
    IssuerSerial {
        /// The issuer.
        issuer: Name,
        /// The serial number.
        serial: SerialNumber,
    },
    /// Issuer as text (RFC 4514, in any order, as gateways write it) and serial number.
    IssuerText {
        /// The issuer's name.
        issuer: String,
        /// The serial number.
        serial: SerialNumber,
    },
    /// Subject key identifier.
    KeyId(Vec<u8>),
    /// It does not say; any certificate beside it is a candidate.
    Unnamed,
}

impl SignerName {
    /// Whether `certificate`, standing at `position` among the embedded ones (`None`: it came from elsewhere), is one it
    /// means.
    #[must_use]
    pub fn names(&self, certificate: &Certificate, position: Option<usize>) -> bool {
        match self {
            Self::Embedded(positions) => position.is_some_and(|position| positions.contains(&position)),
            Self::IssuerSerial { issuer, serial } => {
                certificate.serial_number() == serial && certificate.issuer() == issuer
            }
            Self::IssuerText { issuer, serial } => {
                certificate.serial_number() == serial && certificate.issuer().is_written_as(issuer)
            }
            Self::KeyId(id) => certificate.extensions().subject_key_id.as_deref() == Some(id.as_slice()),
            Self::Unnamed => position.is_some(),
        }
    }
}

/// A reference to a certificate under the signature: signingCertificate, signingCertificateV2 (RFC 5035),
/// `SigningCertificate(V2)` (`XAdES`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateReference {
    /// The hash; `None` for SHA-1 (signingCertificate V1), which is compared with [`crate::crypto::sha1_of_certificate`].
    pub algorithm: Option<HashAlgorithm>,
    /// The digest of the certificate's DER.
    pub digest: Vec<u8>,
    /// Issuer and serial number, where the reference gives them in DER.
    pub issuer_serial: Option<(Name, SerialNumber)>,
    /// Issuer as text and serial number, where the reference gives them so (`XAdES` 1.3.2).
    pub issuer_text: Option<(String, SerialNumber)>,
}

impl CertificateReference {
    /// Whether it refers to `certificate`.
    #[must_use]
    pub fn refers_to(&self, certificate: &Certificate) -> bool {
        let digest_fits = match self.algorithm {
            Some(algorithm) => hash(algorithm, certificate.as_der()).as_bytes() == self.digest,
            None => crate::crypto::sha1_of_certificate(certificate.as_der()).as_slice() == self.digest,
        };
        let name_fits = self
            .issuer_serial
            .as_ref()
            .is_none_or(|(issuer, serial)| certificate.issuer() == issuer && certificate.serial_number() == serial);
        let text_fits = self.issuer_text.as_ref().is_none_or(|(issuer, serial)| {
            certificate.issuer().is_written_as(issuer) && certificate.serial_number() == serial
        });
        digest_fits && name_fits && text_fits
    }
}

#[cfg(test)]
mod tests {
    use rastau_mint::authority::Authority;
    use rastau_mint::certificate::CertificateBuilder;
    use rastau_mint::key::Key;

    use super::*;

    fn certificate(authority: &Authority, holder: &str) -> Certificate {
        let builder = CertificateBuilder::individual("650615100015").key(&Key::ed25519(holder));
        Certificate::from_der(&authority.issue(builder)).unwrap()
    }

    #[test]
    fn a_certificate_is_named_by_its_issuer_and_its_serial_number_together() {
        let [one, other] = ["one", "other"].map(|name| Authority::root(name, Key::ed25519(name)));
        let certificate = certificate(&one, "holder");
        let (issuer, serial) = (certificate.issuer().clone(), *certificate.serial_number());
        let foreign = Certificate::from_der(&other.certificate).unwrap();
        let by_der = |issuer: &Name, serial: &SerialNumber| {
            let name = SignerName::IssuerSerial { issuer: issuer.clone(), serial: *serial };
            name.names(&certificate, None)
        };
        assert!(by_der(&issuer, &serial));
        assert!(!by_der(foreign.subject(), &serial), "another authority may give the same number");
        assert!(!by_der(&issuer, foreign.serial_number()));
        let by_text = |issuer: &Name, serial: &SerialNumber| {
            let name = SignerName::IssuerText { issuer: issuer.to_string(), serial: *serial };
            name.names(&certificate, None)
        };
        assert!(by_text(&issuer, &serial));
        assert!(!by_text(foreign.subject(), &serial));
        assert!(!by_text(&issuer, foreign.serial_number()));
    }
}
