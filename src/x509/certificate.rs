//! The certificate: bytes, what they say, their hash.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::extensions::Extensions;
use super::name::Name;
use super::serial::SerialNumber;
use super::{strict, time};
use crate::clock::Time;
use crate::crypto::{AlgorithmIdentifier, AlgorithmNotAllowed, KeyError, PublicKey, SignatureAlgorithm, sha256};
use crate::der::{DerError, Limits, Oid, TlvReader, check_strict};

/// Why bytes are not a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The two algorithm identifiers differ (RFC 5280 4.1.1.2).
    #[error("the signature algorithms inside and outside the signed part differ")]
    AlgorithmsDiffer,
    /// Not DER.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// The same extension twice (RFC 5280 4.2).
    #[error("extension {0} appears twice")]
    DuplicateExtension(Oid),
    /// An extension whose value cannot be read.
    #[error("extension {oid}: {reason}")]
    Extension {
        /// Its type.
        oid: Oid,
        /// What is wrong.
        reason: &'static str,
    },
    /// A distinguished or general name.
    #[error("name: {0}")]
    Name(&'static str),
    /// The serial number is empty or longer than 64 octets.
    #[error("serial number is longer than {} octets", SerialNumber::MAX)]
    Serial,
    /// Not the structure of a certificate.
    #[error("not a certificate: {0}")]
    Structure(&'static str),
    /// More extensions than the budget allows.
    #[error("more than {0} extensions")]
    TooManyExtensions(usize),
    /// Ends before it begins.
    #[error("the validity period ends before it begins")]
    Validity,
    /// Not version 1 to 3, extensions before version 3, or unique identifiers before version 2.
    #[error("version does not fit the contents")]
    Version,
}

/// The validity period, both ends included (RFC 5280 4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Time,
    /// Last moment.
    pub not_after: Time,
}

impl Validity {
    /// Two times in the only two forms that RFC 5280 4.1.2.5 allows, and nothing after them.
    fn read(contents: &[u8]) -> Result<Self, CertificateError> {
        let mut fields = TlvReader::new(contents);
        let mut next = || {
            let time = fields.read()?;
            time::read(time.tag, time.value).ok_or(CertificateError::Structure("a date is not a time in UTC"))
        };
        let (not_before, not_after) = (next()?, next()?);
        fields.finish()?;
        if not_after < not_before { Err(CertificateError::Validity) } else { Ok(Self { not_before, not_after }) }
    }

    /// Whether `at` lies in the period. The times of a certificate are whole seconds, and the last one belongs to
    /// the period to its end.
    #[must_use]
    pub fn contains(&self, at: Time) -> bool {
        self.not_before <= at && at.unix_seconds() <= self.not_after.unix_seconds()
    }
}

/// A parsed certificate: cheap to clone, compared by its bytes.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Range<usize>,
    version: u8,
    serial_number: SerialNumber,
    signature_algorithm: Result<SignatureAlgorithm, AlgorithmNotAllowed>,
    signature: Range<usize>,
    issuer: Name,
    subject: Name,
    validity: Validity,
    public_key: Result<PublicKey, KeyError>,
    extensions: Extensions,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    /// Neither names nor numbers: certificates end up in logs through `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth, ..] = self.0.sha256;
        write!(f, "Certificate({first:02x}{second:02x}{third:02x}{fourth:02x}…)")
    }
}

/// Where the parts of a certificate lie.
struct Layout<'a> {
    tbs: Range<usize>,
    serial: &'a [u8],
    inner_algorithm: &'a [u8],
    outer_algorithm: &'a [u8],
    issuer: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
    signature: Range<usize>,
    has_unique_ids: bool,
}

impl<'a> Layout<'a> {
    /// RFC 5280 4.1: `SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }`.
    fn read(der: &'a [u8]) -> Result<Self, CertificateError> {
        let mut outer = TlvReader::new(der);
        let certificate = outer.expect(0x30)?;
        outer.finish()?;
        let start = certificate.header_len();
        let mut parts = TlvReader::new(certificate.value);
        let tbs = parts.expect(0x30)?;
        let outer_algorithm = parts.expect(0x30)?;
        let signature = parts.expect(0x03)?;
        let signature_end = start + parts.offset();
        parts.finish()?;
        let bits = signature.signature_bits();
        let mut fields = TlvReader::new(tbs.value);
        if let Some(version) = fields.optional(0xa0)? {
            let mut version = TlvReader::new(version.value);
            version.expect(0x02)?;
            version.finish()?;
        }
        let serial = fields.expect(0x02)?;
        let inner_algorithm = fields.expect(0x30)?;
        let issuer = fields.expect(0x30)?;
        let validity = fields.expect(0x30)?;
        let subject = fields.expect(0x30)?;
        let spki = fields.expect(0x30)?;
        let mut has_unique_ids = false;
        for unique_identifier in [0x81, 0x82] {
            has_unique_ids |= fields.optional(unique_identifier)?.is_some();
        }
        if let Some(extensions) = fields.optional(0xa3)? {
            strict::check_extensions(extensions.value)?;
        }
        fields.finish()?;
        Ok(Self {
            tbs: start..start + tbs.raw.len(),
            serial: serial.value,
            inner_algorithm: inner_algorithm.raw,
            outer_algorithm: outer_algorithm.raw,
            issuer: issuer.raw,
            validity: validity.value,
            subject: subject.raw,
            spki: spki.raw,
            // Bits that are not whole octets leave the empty range, which is nobody's signature.
            signature: signature_end - bits.len()..signature_end,
            has_unique_ids,
        })
    }
}

impl Certificate {
    /// Reads one DER certificate.
    ///
    /// An algorithm or a key that is not allowed is no error here: the certificate parses, and
    /// [`Self::signature_algorithm`] or [`Self::public_key`] say so to whoever needs them.
    ///
    /// # Errors
    ///
    /// [`CertificateError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        check_strict(der, Limits::CERTIFICATE)?;
        let layout = Layout::read(der)?;
        let (_, parsed) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::Structure("a field cannot be read"))?;
        let signature_algorithm = read_algorithms(&layout)?;
        let validity = Validity::read(layout.validity)?;
        let version = match (parsed.version().0, parsed.extensions().is_empty()) {
            // RFC 5280 4.1.2.8: unique identifiers came with version 2.
            (0, true) if !layout.has_unique_ids => 1,
            (1, true) => 2,
            (2, _) => 3,
            _ => return Err(CertificateError::Version),
        };
        Ok(Self(Arc::new(Parsed {
            sha256: sha256(der),
            version,
            serial_number: SerialNumber::new(layout.serial).ok_or(CertificateError::Serial)?,
            signature_algorithm,
            issuer: Name::from_der(layout.issuer)?,
            subject: Name::from_der(layout.subject)?,
            validity,
            public_key: PublicKey::from_spki(layout.spki),
            extensions: Extensions::from_parsed(parsed.extensions())?,
            tbs: layout.tbs,
            signature: layout.signature,
            der: der.into(),
        })))
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

    /// The signed part, tbsCertificate.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.der.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// The signature, in the byte order of its algorithm; empty, hence wrong under every key, where the BIT STRING is not
    /// whole octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.der.get(self.0.signature.clone()).unwrap_or_default()
    }

    /// 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.0.version
    }

    /// The serial number.
    #[must_use]
    pub fn serial_number(&self) -> &SerialNumber {
        &self.0.serial_number
    }

    /// The algorithm it was signed with.
    ///
    /// # Errors
    ///
    /// [`AlgorithmNotAllowed`] names an algorithm that is not accepted.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, &AlgorithmNotAllowed> {
        self.0.signature_algorithm.as_ref().copied()
    }

    /// Who signed it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whom it names.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// When it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.0.validity
    }

    /// The subject's key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the key is malformed or of a kind that is not accepted.
    pub fn public_key(&self) -> Result<&PublicKey, &KeyError> {
        self.0.public_key.as_ref()
    }

    /// The contents of the subjectPublicKey BIT STRING without its octet of unused bits, which is what key identifiers
    /// (RFC 5280 4.2.1.2) and the issuerKeyHash of OCSP (RFC 6960 4.1.1) are taken over. Of a GOST key the header of
    /// the OCTET STRING inside belongs to it. `None` when the bits are not whole octets.
    #[must_use]
    pub fn public_key_bits(&self) -> Option<&[u8]> {
        let mut key = TlvReader::new(TlvReader::new(self.public_key_info()?).expect(0x30).ok()?.value);
        key.expect(0x30).ok()?;
        key.expect(0x03).ok()?.value.strip_prefix(&[0])
    }

    /// The `SubjectPublicKeyInfo` as it is encoded, which pins of keys are taken over (RFC 7469 2.4). Never `None`: the
    /// fields were read before.
    #[must_use]
    pub fn public_key_info(&self) -> Option<&[u8]> {
        let mut fields = TlvReader::new(TlvReader::new(self.tbs()).expect(0x30).ok()?.value);
        fields.optional(0xa0).ok()?;
        // serialNumber, signature, issuer, validity, subject.
        for tag in [0x02, 0x30, 0x30, 0x30, 0x30] {
            fields.expect(tag).ok()?;
        }
        fields.expect(0x30).ok().map(|key| key.raw)
    }

    /// What its extensions say.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// Whether issuer and subject are the same name (RFC 5280 6.1).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer == self.0.subject
    }
}

/// RFC 5280 4.1.1.2 wants both identifiers equal; the OIDs must be, and absent parameters count as
/// NULL because the National CA mixes the two.
fn read_algorithms(layout: &Layout<'_>) -> Result<Result<SignatureAlgorithm, AlgorithmNotAllowed>, CertificateError> {
    let read = |der| {
        AlgorithmIdentifier::from_der(der)
            .map_err(|_| CertificateError::Structure("an algorithm identifier cannot be read"))
    };
    let inner = read(layout.inner_algorithm)?;
    let outer = read(layout.outer_algorithm)?;
    let same_parameters =
        inner.parameters == outer.parameters || (inner.params_absent_or_null() && outer.params_absent_or_null());
    if inner.oid != outer.oid || !same_parameters {
        return Err(CertificateError::AlgorithmsDiffer);
    }
    Ok(SignatureAlgorithm::from_identifier(&outer))
}
