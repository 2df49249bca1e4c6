//! A certificate builder in which every field can be anything.
//!
//! ```text
//! Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }        -- RFC 5280 section 4.1
//! ```

use crate::authority::Authority;
use crate::der;
use crate::extension::{self, Extension};
use crate::key::Key;
use crate::name::Name;

/// A certificate to be. Fields hold encoded TLVs, so that any of them can be replaced by nonsense; the methods fill
/// them with sense. Start from a profile ([`crate::profile`]) or from [`CertificateBuilder::new`].
#[derive(Clone, Debug)]
pub struct CertificateBuilder {
    /// The number in `version [0]`: 2 for version 3; `None` leaves the field out.
    pub version: Option<u64>,
    /// The serial number's INTEGER.
    pub serial: Vec<u8>,
    /// `tbsCertificate.signature`; the signing key's own by default.
    pub inner_algorithm: Option<Vec<u8>>,
    /// The encoded issuer.
    pub issuer: Vec<u8>,
    /// The encoded notBefore.
    pub not_before: Vec<u8>,
    /// The encoded notAfter.
    pub not_after: Vec<u8>,
    /// The encoded subject.
    pub subject: Vec<u8>,
    /// The encoded `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// Bytes between the public key and the extensions: unique identifiers or anything else.
    pub before_extensions: Vec<u8>,
    /// The extensions in their order; none leaves the field out.
    pub extensions: Vec<Extension>,
    /// Bytes after the extensions, still inside tbsCertificate.
    pub after_extensions: Vec<u8>,
    /// The outer `signatureAlgorithm`; the signing key's own by default.
    pub outer_algorithm: Option<Vec<u8>>,
}

impl CertificateBuilder {
    /// A version 3 certificate of a subject and its key, valid 2022-01-01 to 2049-12-31, with a subject key identifier,
    /// no other extension and no issuer yet. The serial number follows from the key identifier as the National CA
    /// makes it: the top bit cleared and the first octet at least 0x10.
    pub fn new(subject: &Name, key: &Key) -> CertificateBuilder {
        let builder = CertificateBuilder {
            version: Some(2),
            serial: Vec::new(),
            inner_algorithm: None,
            issuer: Name::new().encode(),
            not_before: der::time("2022-01-01T00:00:00Z"),
            not_after: der::time("2049-12-31T23:59:59Z"),
            subject: subject.encode(),
            spki: Vec::new(),
            before_extensions: Vec::new(),
            extensions: Vec::new(),
            after_extensions: Vec::new(),
            outer_algorithm: None,
        };
        builder.key(key)
    }

    /// Another subject key: public key, subject key identifier and serial number.
    pub fn key(mut self, key: &Key) -> CertificateBuilder {
        self.spki = key.spki();
        self.serial = der::integer_raw(&serial_from(&key.identifier()));
        self.replace(Extension::subject_key_identifier(&key.identifier()))
    }

    /// Another subject.
    pub fn subject(self, subject: &Name) -> CertificateBuilder {
        CertificateBuilder { subject: subject.encode(), ..self }
    }

    /// Another issuer name, without an authority key identifier.
    pub fn issuer(self, issuer: &Name) -> CertificateBuilder {
        CertificateBuilder { issuer: issuer.encode(), ..self }
    }

    /// The issuer's name and key identifier; [`Authority::issue`] does it.
    pub fn issued_by(mut self, authority: &Authority) -> CertificateBuilder {
        self.issuer.clone_from(&authority.name);
        self.replace(Extension::authority_key_identifier(&authority.key_identifier))
    }

    /// Validity from and to, each `2022-01-01T00:00:00Z`.
    pub fn valid(self, from: &str, to: &str) -> CertificateBuilder {
        CertificateBuilder { not_before: der::time(from), not_after: der::time(to), ..self }
    }

    /// The serial number's contents octets, as they are: negative, zero, padded or long.
    pub fn serial(self, contents: &[u8]) -> CertificateBuilder {
        CertificateBuilder { serial: der::integer_raw(contents), ..self }
    }

    /// The serial number's contents octets, where its INTEGER has one length octet.
    pub fn serial_contents(&self) -> Vec<u8> {
        self.serial[2..].to_vec()
    }

    /// Adds an extension at the end, even if there is one of its type.
    pub fn with(mut self, extension: Extension) -> CertificateBuilder {
        self.extensions.push(extension);
        self
    }

    /// Puts an extension in the place of those of its type, or at the end.
    pub fn replace(mut self, extension: Extension) -> CertificateBuilder {
        match self.extensions.iter().position(|other| other.oid == extension.oid) {
            Some(position) => self.extensions[position] = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// Drops the extensions of a type.
    pub fn without(mut self, oid: &str) -> CertificateBuilder {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    /// Makes an authority of it: basicConstraints, and keyUsage keyCertSign + cRLSign.
    pub fn authority(self, path_length: Option<u64>) -> CertificateBuilder {
        self.replace(Extension::basic_constraints(true, path_length)).replace(Extension::key_usage(0x06))
    }

    /// The encoded tbsCertificate as `key` would sign it.
    pub fn tbs(&self, key: &Key) -> Vec<u8> {
        let version = self.version.map(|version| der::explicit(0, &der::integer(version))).unwrap_or_default();
        let algorithm = self.inner_algorithm.clone().unwrap_or_else(|| key.algorithm_identifier());
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            some => der::explicit(3, &der::sequence(&some.iter().map(Extension::encode).collect::<Vec<_>>())),
        };
        der::sequence(&[
            version.as_slice(),
            &self.serial,
            &algorithm,
            &self.issuer,
            &der::sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.spki,
            &self.before_extensions,
            &extensions,
            &self.after_extensions,
        ])
    }

    /// The signed certificate in DER.
    pub fn sign(&self, key: &Key) -> Vec<u8> {
        let tbs = self.tbs(key);
        let algorithm = self.outer_algorithm.clone().unwrap_or_else(|| key.algorithm_identifier());
        assemble(&tbs, &algorithm, &key.sign(&tbs))
    }

    /// The certificate signed, and the signature's octets changed afterwards.
    pub fn sign_and_tamper(&self, key: &Key, tamper: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let tbs = self.tbs(key);
        let mut signature = key.sign(&tbs);
        tamper(&mut signature);
        assemble(&tbs, &self.outer_algorithm.clone().unwrap_or_else(|| key.algorithm_identifier()), &signature)
    }

    /// A self-signed certificate: the subject is the issuer, without an authority key identifier.
    pub fn self_sign(&self, key: &Key) -> Vec<u8> {
        let own = CertificateBuilder { issuer: self.subject.clone(), ..self.clone() };
        own.without(extension::AUTHORITY_KEY_IDENTIFIER).sign(key)
    }
}

/// `SEQUENCE { tbs, algorithm, BIT STRING signature }`: a certificate or a list.
pub fn assemble(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    der::sequence(&[tbs, algorithm, &der::bit_string(signature)])
}

/// The serial number the National CA would derive from a key identifier: positive and of full length.
pub fn serial_from(key_identifier: &[u8]) -> Vec<u8> {
    let mut serial = key_identifier.to_vec();
    if let Some(first) = serial.first_mut() {
        *first &= 0x7f;
        if *first < 0x10 {
            *first |= 0x10;
        }
    }
    serial
}
