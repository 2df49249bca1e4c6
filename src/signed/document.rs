//! The document as a whole: its format, its signatures, what they sign.

use std::ops::Range;

use super::content::Document;
use super::signature::Signature;
use crate::x509::GeneralName;

/// The format of a signed document.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// ASiC-E (EN 319 162-1 clause 4.4).
    AsicE,
    /// ASiC-S (EN 319 162-1 clause 4.3).
    AsicS,
    /// CMS or `CAdES`.
    Cms,
    /// The zip container of Kazakh systems: `META-INF/NCAManifest.xml` and detached CMS over it.
    KazakhZip,
    /// PDF.
    Pdf,
    /// SOAP with WS-Security.
    Soap,
    /// XML signature or `XAdES`.
    Xml,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [Self::AsicE, Self::AsicS, Self::Cms, Self::KazakhZip, Self::Pdf, Self::Soap, Self::Xml];

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// The name in reports and requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsicE => "asic-e",
            Self::AsicS => "asic-s",
            Self::Cms => "cms",
            Self::KazakhZip => "kz-zip",
            Self::Pdf => "pdf",
            Self::Soap => "wsse",
            Self::Xml => "xml",
        }
    }
}

/// Evidence that travels inside a document, unverified: DER of each, no two alike.
#[derive(Clone, Debug, Default)]
pub struct Embedded {
    /// Certificates, in the order of the document.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub lists: Vec<Vec<u8>>,
    /// OCSP responses: `OCSPResponse` or `BasicOCSPResponse`.
    pub responses: Vec<Vec<u8>>,
}

/// The signatures of a document: at least one. Nothing signed can never pass for something verified.
#[derive(Clone, Debug)]
pub struct Signatures(Vec<Signature>);

impl Signatures {
    /// `None` when there are none.
    #[must_use]
    pub fn new(signatures: Vec<Signature>) -> Option<Self> {
        if signatures.is_empty() { None } else { Some(Self(signatures)) }
    }

    /// Them, in the order of the document.
    pub fn iter(&self) -> std::slice::Iter<'_, Signature> {
        self.0.iter()
    }

    /// How many; never zero.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty, which is the point of the type")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Them, as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<Signature> {
        self.0
    }
}

impl<'a> IntoIterator for &'a Signatures {
    type Item = &'a Signature;
    type IntoIter = std::slice::Iter<'a, Signature>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Where signed bytes are.
#[derive(Clone, Eq, PartialEq)]
pub enum ContentBytes {
    /// In the document as it was given: its octets from, to. Nothing is copied that nobody asked for.
    InDocument(Range<usize>),
    /// Nowhere here: the content is detached, or was read as a stream.
    NotKept,
    /// Bytes that do not stand in the document as they are: canonical XML, pieces put together, decoded armour.
    Owned(Vec<u8>),
}

/// What was signed, as extraction hands it out: exactly the bytes that the signatures cover.
#[derive(Clone)]
pub struct SignedContent {
    /// A file name where the format has one (containers), else `None`.
    pub name: Option<String>,
    /// The bytes: encapsulated content, canonical XML, the signed revision of a PDF.
    pub bytes: ContentBytes,
}

impl SignedContent {
    /// Content without a name.
    #[must_use]
    pub fn of(bytes: ContentBytes) -> Self {
        Self { name: None, bytes }
    }

    /// The bytes, with the document they were read from.
    #[must_use]
    pub fn bytes<'a>(&'a self, document: Document<'a>) -> Option<&'a [u8]> {
        match (&self.bytes, document) {
            (ContentBytes::InDocument(range), Document::Bytes(document)) => document.get(range.clone()),
            (ContentBytes::Owned(bytes), _) => Some(bytes),
            (ContentBytes::InDocument(_) | ContentBytes::NotKept, _) => None,
        }
    }
}

impl std::fmt::Debug for SignedContent {
    /// The size at most.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = match &self.bytes {
            ContentBytes::InDocument(range) => Some(range.len()),
            ContentBytes::NotKept => None,
            ContentBytes::Owned(bytes) => Some(bytes.len()),
        };
        write!(f, "SignedContent({length:?})")
    }
}

/// A signed document as it was read. Nothing in it is believed yet.
#[derive(Clone, Debug)]
pub struct SignedDocument {
    /// Its format.
    pub format: Format,
    /// Its signatures.
    pub signatures: Signatures,
    /// What they sign; several in a container, in the order of its directory.
    pub contents: Vec<SignedContent>,
    /// There where the content is `TSTInfo`, so that the document is a timestamp token itself: the name that it gives its
    /// authority, if it does, else why it does not have the form of a token (RFC 3161 2.4.2, RFC 5816).
    pub timestamp_token: Option<Result<Option<GeneralName>, String>>,
    /// Oddities that make nothing bad, in plain English: stable code and detail.
    pub warnings: Vec<(&'static str, String)>,
}
