//! CMS signed data (RFC 5652): good messages as NCALayer, NCANode and OpenSSL write them, and any other.
//!
//! ```text
//! let message = Cms::over(b"content").certificate(&leaf).signer(Signer::new(&key, &leaf)).encode();
//! ```

use std::sync::Arc;

use crate::der;
use crate::hash::Hash;
use crate::key::Key;

/// id-data.
pub const DATA: &str = "1.2.840.113549.1.7.1";
/// id-signedData.
pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// contentType.
pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
/// messageDigest.
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// signingTime.
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
/// `CMSAlgorithmProtection`.
pub const ALGORITHM_PROTECTION: &str = "1.2.840.113549.1.9.52";
/// countersignature.
pub const COUNTER_SIGNATURE: &str = "1.2.840.113549.1.9.6";
/// signingCertificate.
pub const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
/// signature-time-stamp.
pub const SIGNATURE_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.14";
/// content-time-stamp.
pub const CONTENT_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.20";
/// certificate-values.
pub const CERT_VALUES: &str = "1.2.840.113549.1.9.16.2.23";
/// revocation-values.
pub const REVOCATION_VALUES: &str = "1.2.840.113549.1.9.16.2.24";
/// signingCertificateV2.
pub const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// archive-time-stamp-v3.
pub const ARCHIVE_TIMESTAMP_V3: &str = "0.4.0.1733.2.4";
/// ats-hash-index-v3.
pub const ATS_HASH_INDEX_V3: &str = "0.4.0.19122.1.5";

/// `Attribute ::= SEQUENCE { type, SET OF value }`, the values encoded.
pub fn attribute<T: AsRef<[u8]>>(oid: &str, values: &[T]) -> Vec<u8> {
    der::sequence(&[der::oid(oid), der::set(values)])
}

/// The type of an attribute and its values, one after the other, without the SET around them.
pub(crate) fn type_and_value(attribute: &[u8]) -> Vec<u8> {
    let (kind, values) = split(contents(attribute));
    [kind, contents(values)].concat()
}

/// A signed attribute, made when the signer signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// contentType of the message.
    ContentType,
    /// messageDigest of the content.
    MessageDigest,
    /// Any, encoded.
    Raw(Vec<u8>),
    /// signingCertificate with SHA-1.
    SigningCertificate,
    /// signingCertificateV2 with SHA-256.
    SigningCertificateV2,
    /// signingTime, from `2026-01-01T00:00:00Z`.
    SigningTime(&'static str),
}

/// Makes an unsigned attribute out of the signature value.
pub type Unsigned = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// A signer to be.
#[derive(Clone)]
pub struct Signer {
    /// Who signs.
    pub key: Key,
    /// The certificate that the reference attributes name.
    pub certificate: Vec<u8>,
    /// version of `SignerInfo`.
    pub version: u64,
    /// The encoded sid.
    pub sid: Vec<u8>,
    /// The hash over the content.
    pub hash: Hash,
    /// The encoded digestAlgorithm, if it is not that of `hash` with NULL.
    pub digest_algorithm: Option<Vec<u8>>,
    /// The signed attributes; none leaves the field out.
    pub signed: Vec<Signed>,
    /// Whether they are put into the order of DER; else they stay as they are.
    pub sorted: bool,
    /// The encoded signatureAlgorithm, if it is not the key's own.
    pub signature_algorithm: Option<Vec<u8>>,
    /// The signature value, if it is not to be a good one.
    pub value: Option<Vec<u8>>,
    /// The unsigned attributes.
    pub unsigned: Vec<Unsigned>,
}

impl Signer {
    /// As NCALayer signs: issuer and serial number, contentType, signingTime, signingCertificateV2, messageDigest.
    pub fn new(key: &Key, certificate: &[u8]) -> Signer {
        let (issuer, serial) = issuer_and_serial(certificate);
        Signer {
            key: key.clone(),
            certificate: certificate.to_vec(),
            version: 1,
            sid: der::sequence(&[issuer, serial]),
            hash: hash_of(key),
            digest_algorithm: None,
            signed: vec![
                Signed::ContentType,
                Signed::SigningTime("2026-07-20T09:08:06Z"),
                Signed::SigningCertificateV2,
                Signed::MessageDigest,
            ],
            sorted: true,
            signature_algorithm: None,
            value: None,
            unsigned: Vec::new(),
        }
    }

    /// Named by the key identifier of its certificate, version 3.
    pub fn by_key_id(self) -> Signer {
        Signer { version: 3, sid: der::implicit(0, &self.key.identifier()), ..self }
    }

    /// Without signed attributes: the value is over the content.
    pub fn bare(self) -> Signer {
        Signer { signed: Vec::new(), ..self }
    }

    /// With one more signed attribute.
    pub fn with(mut self, attribute: Signed) -> Signer {
        self.signed.push(attribute);
        self
    }

    /// Without a signed attribute.
    pub fn without(mut self, attribute: &Signed) -> Signer {
        self.signed.retain(|other| other != attribute);
        self
    }

    /// With an unsigned attribute made of the signature value.
    pub fn unsigned(mut self, make: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Signer {
        self.unsigned.push(Arc::new(make));
        self
    }

    /// With a timestamp over the signature value: `make` gets that value and gives a token.
    pub fn timestamp(self, make: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Signer {
        self.unsigned(move |value| attribute(SIGNATURE_TIMESTAMP, &[make(value)]))
    }

    /// The key's own identifier in the place of the signature's, without parameters, as the native library writes.
    pub fn named_by_key(self) -> Signer {
        let oid = match &self.key {
            Key::Ecdsa(_) => "1.2.840.10045.2.1",
            Key::Ed25519(_) => "1.3.101.112",
            Key::Gost(key) => key.scheme.key_oid(),
            Key::Rsa(..) => "1.2.840.113549.1.1.1",
        };
        Signer { signature_algorithm: Some(der::sequence(&[der::oid(oid)])), ..self }
    }

    fn digest_algorithm(&self) -> Vec<u8> {
        let own = || der::sequence(&[der::oid(self.hash.oid()), der::null()]);
        self.digest_algorithm.clone().unwrap_or_else(own)
    }

    fn attribute(&self, kind: &Signed, content_type: &str, content: &[u8]) -> Vec<u8> {
        match kind {
            Signed::ContentType => attribute(CONTENT_TYPE, &[der::oid(content_type)]),
            Signed::MessageDigest => attribute(MESSAGE_DIGEST, &[der::octet_string(&self.hash.digest(content))]),
            Signed::Raw(raw) => raw.clone(),
            Signed::SigningCertificate => {
                attribute(SIGNING_CERTIFICATE, &[ess(&[ess_id(Hash::Sha1, &self.certificate)])])
            }
            Signed::SigningCertificateV2 => {
                attribute(SIGNING_CERTIFICATE_V2, &[ess(&[ess_id(Hash::Sha256, &self.certificate)])])
            }
            Signed::SigningTime(time) => attribute(SIGNING_TIME, &[der::time(time)]),
        }
    }

    /// The fields of the `SignerInfo` over content of a type up to the unsigned attributes, and the signature value.
    pub fn fields(&self, content_type: &str, content: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut attributes: Vec<Vec<u8>> =
            self.signed.iter().map(|kind| self.attribute(kind, content_type, content)).collect();
        if self.sorted {
            attributes.sort();
        }
        let value = match (&self.value, attributes.as_slice()) {
            (Some(value), _) => value.clone(),
            (None, []) => self.key.sign(content),
            (None, some) => self.key.sign(&der::set(some)),
        };
        let signed = match attributes.as_slice() {
            [] => Vec::new(),
            some => der::implicit_constructed(0, some),
        };
        let fields = [
            der::integer(self.version),
            self.sid.clone(),
            self.digest_algorithm(),
            signed,
            self.signature_algorithm.clone().unwrap_or_else(|| self.key.algorithm_identifier()),
            der::octet_string(&value),
        ];
        (fields.concat(), value)
    }

    /// The encoded `SignerInfo` over content of a type.
    pub fn encode(&self, content_type: &str, content: &[u8]) -> Vec<u8> {
        let (fields, value) = self.fields(content_type, content);
        let unsigned: Vec<Vec<u8>> = self.unsigned.iter().map(|make| make(&value)).collect();
        let unsigned = if unsigned.is_empty() { Vec::new() } else { der::implicit_constructed(1, &unsigned) };
        der::sequence(&[fields, unsigned])
    }

    /// A countersignature attribute over a signature value.
    pub fn counter(self) -> impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static {
        move |value| attribute(COUNTER_SIGNATURE, &[self.clone().without(&Signed::ContentType).encode(DATA, value)])
    }
}

/// A message to be.
#[derive(Clone)]
pub struct Cms {
    /// The type of the whole.
    pub kind: &'static str,
    /// version of `SignedData`.
    pub version: u64,
    /// The encoded digestAlgorithms, if they are not those of the signers.
    pub digest_algorithms: Option<Vec<u8>>,
    /// eContentType.
    pub content_type: String,
    /// The content.
    pub content: Vec<u8>,
    /// Whether the content stays outside.
    pub detached: bool,
    /// Encoded certificates, or other choices.
    pub certificates: Vec<Vec<u8>>,
    /// Encoded lists, or other choices.
    pub revocation: Vec<Vec<u8>>,
    /// The signers.
    pub signers: Vec<Signer>,
}

impl Cms {
    /// A message with its content inside and nobody's signature yet.
    pub fn over(content: &[u8]) -> Cms {
        Cms {
            kind: SIGNED_DATA,
            version: 1,
            digest_algorithms: None,
            content_type: DATA.to_owned(),
            content: content.to_vec(),
            detached: false,
            certificates: Vec::new(),
            revocation: Vec::new(),
            signers: Vec::new(),
        }
    }

    /// With its content outside.
    pub fn detached(self) -> Cms {
        Cms { detached: true, ..self }
    }

    /// With one more certificate.
    pub fn certificate(mut self, certificate: &[u8]) -> Cms {
        self.certificates.push(certificate.to_vec());
        self
    }

    /// With one more list, or another revocation value.
    pub fn revocation(mut self, value: &[u8]) -> Cms {
        self.revocation.push(value.to_vec());
        self
    }

    /// With one more signer.
    pub fn signer(mut self, signer: Signer) -> Cms {
        self.signers.push(signer);
        self
    }

    fn digest_algorithms(&self) -> Vec<u8> {
        let mut all: Vec<Vec<u8>> = self.signers.iter().map(Signer::digest_algorithm).collect();
        all.sort();
        all.dedup();
        self.digest_algorithms.clone().unwrap_or_else(|| der::set(&all))
    }

    fn optional_set(number: u8, elements: &[Vec<u8>]) -> Vec<u8> {
        if elements.is_empty() { Vec::new() } else { der::implicit_constructed(number, elements) }
    }

    fn signer_infos(&self) -> Vec<Vec<u8>> {
        self.signers.iter().map(|signer| signer.encode(&self.content_type, &self.content)).collect()
    }

    /// The message in DER, but for the order of the signers.
    pub fn encode(&self) -> Vec<u8> {
        let octets = der::explicit(0, &der::octet_string(&self.content));
        let content = if self.detached { Vec::new() } else { octets };
        let data = der::sequence(&[
            der::integer(self.version),
            self.digest_algorithms(),
            der::sequence(&[der::oid(&self.content_type), content]),
            Cms::optional_set(0, &self.certificates),
            Cms::optional_set(1, &self.revocation),
            der::set(&self.signer_infos()),
        ]);
        der::sequence(&[der::oid(self.kind), der::explicit(0, &data)])
    }

    /// The message in BER: every element around content, certificates and signers of indefinite length, the content in
    /// pieces of so many octets.
    pub fn encode_ber(&self, piece: usize) -> Vec<u8> {
        let pieces: Vec<Vec<u8>> = self.content.chunks(piece.max(1)).map(der::octet_string).collect();
        let content = if self.detached { Vec::new() } else { indefinite(0xa0, &[indefinite(0x24, &pieces)]) };
        let set = |number: u8, elements: &[Vec<u8>]| {
            if elements.is_empty() { Vec::new() } else { indefinite(0xa0 | number, elements) }
        };
        let data = indefinite(
            0x30,
            &[
                der::integer(self.version),
                self.digest_algorithms(),
                indefinite(0x30, &[der::oid(&self.content_type), content]),
                set(0, &self.certificates),
                set(1, &self.revocation),
                indefinite(0x31, &self.signer_infos()),
            ],
        );
        indefinite(0x30, &[der::oid(self.kind), indefinite(0xa0, &[data])])
    }
}

/// One element of indefinite length (X.690 section 8.1.3.6).
pub fn indefinite<T: AsRef<[u8]>>(tag: u8, parts: &[T]) -> Vec<u8> {
    let mut out = vec![tag, 0x80];
    parts.iter().for_each(|part| out.extend_from_slice(part.as_ref()));
    out.extend_from_slice(&[0, 0]);
    out
}

/// `SigningCertificate` or `SigningCertificateV2` of encoded `ESSCertID`s.
pub fn ess(ids: &[Vec<u8>]) -> Vec<u8> {
    der::sequence(&[der::sequence(ids)])
}

/// `ESSCertID` (SHA-1) or `ESSCertIDv2` (any other hash, SHA-256 being the default that is left out) of a certificate.
pub fn ess_id(hash: Hash, certificate: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha1 | Hash::Sha256 => Vec::new(),
        other => der::sequence(&[der::oid(other.oid())]),
    };
    der::sequence(&[algorithm, der::octet_string(&hash.digest(certificate))])
}

/// `IssuerSerial` of a certificate.
pub fn issuer_serial(certificate: &[u8]) -> Vec<u8> {
    let (issuer, serial) = issuer_and_serial(certificate);
    der::sequence(&[der::sequence(&[der::explicit(4, &issuer)]), serial])
}

/// `CMSAlgorithmProtection` of the identifiers of a hash and of a signature, both encoded.
pub fn algorithm_protection(digest: &[u8], signature: &[u8]) -> Vec<u8> {
    der::sequence(&[digest, &der::implicit_constructed(1, &[contents(signature)])])
}

/// The hash that goes with a key.
pub fn hash_of(key: &Key) -> Hash {
    match key {
        Key::Ecdsa(key) => key.curve.hash(),
        Key::Ed25519(_) => Hash::Sha512,
        Key::Gost(key) => key.scheme.hash(),
        Key::Rsa(_, hash) => *hash,
    }
}

/// The encoded issuer and serial number of a certificate.
///
/// # Panics
/// If it is not a certificate of version 3.
pub fn issuer_and_serial(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let tbs = split(contents(certificate)).0;
    let (_version, rest) = split(contents(tbs));
    let (serial, rest) = split(rest);
    let (_algorithm, rest) = split(rest);
    (split(rest).0.to_vec(), serial.to_vec())
}

/// The contents of the first element.
fn contents(bytes: &[u8]) -> &[u8] {
    &split(bytes).0[header(bytes).0..]
}

/// The first element and what follows it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = header(bytes);
    bytes.split_at(header + length)
}

/// Octets of the header and of the contents.
fn header(bytes: &[u8]) -> (usize, usize) {
    match bytes[1] {
        short @ ..0x80 => (2, usize::from(short)),
        long => {
            let octets = &bytes[2..2 + usize::from(long & 0x7f)];
            (2 + octets.len(), octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet)))
        }
    }
}
