//! Which certificate a request or an answer is about (`CertID`, RFC 6960 4.1.1).

use std::cell::OnceCell;
use std::fmt;

use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

use super::error::OcspError;
use crate::crypto::AlgorithmIdentifier;
use crate::der::{Oid, Tlv, TlvReader};
use crate::x509::{Certificate, SerialNumber};

/// A hash that identifies an issuer. Nothing is signed by it: a collision would have to be between two authorities that
/// are both trusted, so SHA-1, which every responder speaks, does no harm here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdHash {
    /// SHA-1.
    Sha1,
    /// SHA-256, which the National CA expects.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl IdHash {
    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its object identifier.
    #[must_use]
    pub fn oid(self) -> Oid {
        Oid::new_unwrap(match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        })
    }

    /// Its usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha-1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }

    /// The digest of `message`.
    pub(super) fn of(self, message: &[u8]) -> Box<[u8]> {
        digest(self.algorithm(), message).as_ref().into()
    }
}

/// Names one certificate by hashes of its issuer's name and key, and its serial number.
///
/// ```asn1
/// CertID ::= SEQUENCE {
///     hashAlgorithm  AlgorithmIdentifier,
///     issuerNameHash OCTET STRING,
///     issuerKeyHash  OCTET STRING,
///     serialNumber   CertificateSerialNumber }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CertId {
    /// `None`: a hash that is not known here, so that this names no certificate.
    hash: Option<IdHash>,
    issuer_name: Box<[u8]>,
    issuer_key: Box<[u8]>,
    serial: SerialNumber,
}

impl fmt::Debug for CertId {
    /// Without the serial number, which names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertId({:?})", self.hash)
    }
}

impl CertId {
    /// Names `certificate`, issued by `issuer`. The name that is hashed is the subject of the issuer's certificate, and
    /// the key its bits without the octet of unused bits. `None` when the issuer's key is not whole octets.
    #[must_use]
    pub fn of(certificate: &Certificate, issuer: &Certificate, hash: IdHash) -> Option<Self> {
        Some(Self {
            hash: Some(hash),
            issuer_name: hash.of(issuer.subject().as_der()),
            issuer_key: hash.of(issuer.public_key_bits()?),
            serial: *certificate.serial_number(),
        })
    }

    /// Whether it names `certificate` as one of `issuer`: name, key and serial number. The name counts in the form that
    /// stands in the certificate (RFC 6960 4.1.1) and in that of the issuer's own.
    #[must_use]
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        CertIds::of(certificate, issuer).contain(self)
    }

    /// Reads the contents of one `CertID` of DER that was checked.
    pub(super) fn read(contents: &[u8]) -> Result<Self, OcspError> {
        let mut fields = TlvReader::new(contents);
        let algorithm = AlgorithmIdentifier::from_der(fields.expect(0x30)?.raw)
            .map_err(|_| OcspError::Structure("the hash of a CertID cannot be read"))?;
        let hash = IdHash::ALL.into_iter().find(|hash| hash.oid() == algorithm.oid);
        let octets = |tlv: Tlv<'_>| Box::from(tlv.value);
        let id = Self {
            hash: hash.filter(|_| algorithm.params_absent_or_null()),
            issuer_name: octets(fields.expect(0x04)?),
            issuer_key: octets(fields.expect(0x04)?),
            serial: SerialNumber::new(fields.expect(0x02)?.value)
                .ok_or(OcspError::Structure("a serial number is too long"))?,
        };
        fields.finish()?;
        Ok(id)
    }

    /// The hash; `None` for one that is not known here.
    #[must_use]
    pub fn hash(&self) -> Option<IdHash> {
        self.hash
    }

    /// Hash of the issuer's name.
    #[must_use]
    pub fn issuer_name_hash(&self) -> &[u8] {
        &self.issuer_name
    }

    /// Hash of the issuer's key.
    #[must_use]
    pub fn issuer_key_hash(&self) -> &[u8] {
        &self.issuer_key
    }

    /// The serial number.
    #[must_use]
    pub fn serial_number(&self) -> &SerialNumber {
        &self.serial
    }
}

/// Everything that names one certificate. Each hash is taken once for a question, and only when an answer with the serial
/// number asks for it: a request may bring thousands of answers, and what they say is not verified yet.
pub(super) struct CertIds<'a> {
    certificate: &'a Certificate,
    issuer: &'a Certificate,
    /// By hash, in the order of [`IdHash::ALL`]; `None` where the issuer's key is not whole octets.
    hashed: [OnceCell<Option<IssuerHashes>>; IdHash::ALL.len()],
}

/// The issuer under one hash: its key, and its name in both forms.
struct IssuerHashes {
    key: Box<[u8]>,
    names: [Box<[u8]>; 2],
}

impl<'a> CertIds<'a> {
    /// Of `certificate`, issued by `issuer`.
    pub fn of(certificate: &'a Certificate, issuer: &'a Certificate) -> Self {
        Self { certificate, issuer, hashed: Default::default() }
    }

    /// Who issued it.
    pub fn issuer(&self) -> &'a Certificate {
        self.issuer
    }

    /// Whether `id` is one of them.
    pub fn contain(&self, id: &CertId) -> bool {
        id.serial == *self.certificate.serial_number()
            && id
                .hash
                .and_then(|hash| self.under(hash))
                .is_some_and(|issuer| issuer.key == id.issuer_key && issuer.names.contains(&id.issuer_name))
    }

    fn under(&self, hash: IdHash) -> Option<&IssuerHashes> {
        let cell = self.hashed.iter().zip(IdHash::ALL).find(|(_, known)| *known == hash)?.0;
        let take = || {
            let key = hash.of(self.issuer.public_key_bits().filter(|_| self.is_issued())?);
            let names = [self.issuer.subject(), self.certificate.issuer()].map(|name| hash.of(name.as_der()));
            Some(IssuerHashes { key, names })
        };
        cell.get_or_init(take).as_ref()
    }

    fn is_issued(&self) -> bool {
        self.certificate.issuer() == self.issuer.subject()
    }
}

#[cfg(test)]
mod tests {
    use rastau_mint::authority::Authority;
    use rastau_mint::certificate::CertificateBuilder;
    use rastau_mint::key::Key;

    use super::*;

    #[test]
    fn however_many_answers_there_are_an_issuer_is_hashed_once_by_each_hash_that_one_of_its_certificates_needs() {
        let authority = Authority::root("nca", Key::p256("nca"));
        let read = |der: &[u8]| Certificate::from_der(der).unwrap();
        let leaf =
            |serial: u8| read(&authority.issue(CertificateBuilder::individual("900101300017").serial(&[serial; 20])));
        let (issuer, leaf, another) = (read(&authority.certificate), leaf(0x21), leaf(0x22));
        let ids = CertIds::of(&leaf, &issuer);
        let taken = || ids.hashed.iter().filter(|cell| cell.get().is_some()).count();
        let own: Vec<CertId> = IdHash::ALL.iter().filter_map(|hash| CertId::of(&leaf, &issuer, *hash)).collect();
        let of_others = CertId::of(&another, &issuer, IdHash::Sha1).unwrap();
        assert!(!ids.contain(&of_others));
        assert_eq!(taken(), 0, "another serial number");
        for (count, id) in own.iter().enumerate() {
            let wrong = CertId { issuer_key: [7; 20].into(), ..id.clone() };
            assert!((0..1000).all(|_| ids.contain(id) && !ids.contain(&wrong)));
            assert_eq!(taken(), count + 1);
        }
        assert!(!CertIds::of(&leaf, &another).contain(own.first().unwrap()), "not its issuer");
    }
}
