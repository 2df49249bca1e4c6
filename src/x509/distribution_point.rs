//! Distribution points (RFC 5280 4.2.1.13): where the lists about a certificate are, and whose they are. Lists name
//! the point they are for with the same types (5.2.5).
//!
//! ```asn1
//! DistributionPoint ::= SEQUENCE {
//!     distributionPoint [0] DistributionPointName OPTIONAL,
//!     reasons           [1] ReasonFlags OPTIONAL,
//!     cRLIssuer         [2] GeneralNames OPTIONAL }
//! DistributionPointName ::= CHOICE {
//!     fullName                [0] GeneralNames,
//!     nameRelativeToCRLIssuer [1] RelativeDistinguishedName }
//! ```

use std::borrow::Cow;
use std::fmt;

use x509_parser::extensions::GeneralName as ParsedName;
use x509_parser::prelude::FromDer as _;

use super::certificate::CertificateError;
use super::general_name::GeneralName;
use super::name::Name;
use super::strict;
use crate::der::{Tlv, TlvReader};

/// A set of reasons for revocation, one bit each (`ReasonFlags`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReasonFlags(u16);

impl ReasonFlags {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// Every reason that is assigned: the bits 1 to 8. Bit 0 is unused and means nothing.
    pub const ALL: Self = Self(0b1_1111_1110);

    const NAMES: [&'static str; 9] = [
        "unused",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "privilegeWithdrawn",
        "aACompromise",
    ];

    /// From the contents octets of a BIT STRING; bits that are not assigned are passed over. `None` when it is none.
    #[must_use]
    pub fn from_bit_string(contents: &[u8]) -> Option<Self> {
        let (&unused, octets) = contents.split_first()?;
        let last = octets.last().copied().unwrap_or(0);
        let padding = 1_u16.checked_shl(u32::from(unused)).filter(|_| unused < 8)? - 1;
        if (octets.is_empty() && unused > 0) || u16::from(last) & padding != 0 {
            return None;
        }
        let bit = |place: usize| octets.get(place / 8).is_some_and(|octet| octet & (0x80 >> (place % 8)) != 0);
        let bits = (1..Self::NAMES.len()).filter(|&place| bit(place)).fold(0, |bits, place| bits | 1 << place);
        Some(Self(bits))
    }

    /// The reasons of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons that are in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The reasons that are not in it.
    #[must_use]
    pub const fn missing(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every reason is in it.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.0 == Self::ALL.0
    }

    /// The reasons, as the standard spells them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

impl fmt::Debug for ReasonFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// `DistributionPointName`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointName {
    /// fullName. A name in it of a form that is not read is [`GeneralName::Unsupported`].
    Full(Box<[GeneralName]>),
    /// nameRelativeToCRLIssuer: the contents octets of the relative distinguished name.
    Relative(Box<[u8]>),
}

impl PointName {
    /// Reads the contents of `[0] DistributionPointName`.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] when it is neither alternative or a name in it is malformed.
    pub fn read(choice: &[u8]) -> Result<Self, CertificateError> {
        let mut reader = TlvReader::new(choice);
        let name = reader.read()?;
        reader.finish()?;
        match name.tag {
            0xa0 => Ok(Self::Full(read_general_names(name)?)),
            0xa1 => Ok(Self::Relative(name.value.into())),
            _ => Err(CertificateError::Name("not the name of a distribution point")),
        }
    }

    /// The names it comes to when lists of `issuer` are there; `None` when a relative name makes no name.
    #[must_use]
    pub fn resolve(&self, issuer: &Name) -> Option<Cow<'_, [GeneralName]>> {
        match self {
            Self::Full(names) => Some(Cow::Borrowed(names)),
            Self::Relative(rdn) => {
                let name = issuer.with_relative(rdn).ok()?;
                Some(Cow::Owned(vec![GeneralName::Directory(name)]))
            }
        }
    }
}

/// One point of cRLDistributionPoints or freshestCRL. Several names in it are one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlDistributionPoint {
    /// http and https addresses.
    pub urls: Box<[Box<str>]>,
    /// Whether the point covers all reasons and is issued by the certificate's issuer.
    pub plain: bool,
    /// distributionPoint: every name, whatever its form.
    pub name: Option<PointName>,
    /// reasons: the list there is about these only; absent: about all.
    pub reasons: Option<ReasonFlags>,
    /// cRLIssuer: who issues the list there; absent: the certificate's issuer.
    pub crl_issuer: Option<Box<[GeneralName]>>,
}

/// `CRLDistributionPoints ::= SEQUENCE OF DistributionPoint`.
pub(super) fn distribution_points(value: &[u8]) -> Result<Box<[CrlDistributionPoint]>, &'static str> {
    let mut list = strict::sequence(value).map_err(|_| "it is malformed")?;
    let mut points = Vec::new();
    while !list.is_empty() {
        let point = list.expect(0x30).map_err(CertificateError::from).and_then(|point| read_point(point.value));
        points.push(point.map_err(|_| "a distribution point in it is malformed")?);
    }
    Ok(points.into())
}

fn read_point(contents: &[u8]) -> Result<CrlDistributionPoint, CertificateError> {
    let mut fields = TlvReader::new(contents);
    let name = fields.optional(0xa0)?.map(|name| PointName::read(name.value)).transpose()?;
    let reasons = fields.optional(0x81)?.map(|flags| {
        ReasonFlags::from_bit_string(flags.value).ok_or(CertificateError::Name("the reasons are not a BIT STRING"))
    });
    let reasons = reasons.transpose()?;
    let crl_issuer = fields.optional(0xa2)?.map(read_general_names).transpose()?;
    fields.finish()?;
    let urls = match &name {
        Some(PointName::Full(names)) => names.iter().filter_map(http_url).collect(),
        _ => Box::default(),
    };
    Ok(CrlDistributionPoint { urls, plain: reasons.is_none() && crl_issuer.is_none(), name, reasons, crl_issuer })
}

/// The names of a `GeneralNames`, whatever its tag.
///
/// # Errors
///
/// [`CertificateError::Name`] when one of them is malformed.
pub fn read_general_names(list: Tlv<'_>) -> Result<Box<[GeneralName]>, CertificateError> {
    let mut reader = TlvReader::new(list.value);
    let mut names = Vec::new();
    while !reader.is_empty() {
        let name = reader.read()?;
        let malformed = CertificateError::Name("a general name is malformed");
        match ParsedName::from_der(name.raw) {
            Ok((_, ParsedName::Invalid(..))) | Err(_) => return Err(malformed),
            // One that breaks a finer rule is kept as one that nothing matches.
            Ok(([], parsed)) => {
                let read = GeneralName::from_parsed(&parsed);
                names.push(read.unwrap_or(GeneralName::Unsupported(name.tag & 0x1f)));
            }
            Ok(_) => return Err(malformed),
        }
    }
    Ok(names.into())
}

fn http_url(name: &GeneralName) -> Option<Box<str>> {
    match name {
        GeneralName::Uri(url) if url.starts_with("http://") || url.starts_with("https://") => Some(url.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::ReasonFlags;

    #[test]
    fn bits_are_reasons_and_what_is_no_bit_string_is_refused() {
        let names = |octets: &[u8]| Some(ReasonFlags::from_bit_string(octets)?.names().collect::<Vec<_>>());
        assert_eq!(names(&[6, 0x40]), Some(vec!["keyCompromise"]));
        assert_eq!(names(&[7, 0x00, 0x80]), Some(vec!["aACompromise"]));
        assert_eq!(names(&[7, 0xff, 0x80]).map(|names| names.len()), Some(8), "bit 0 is no reason");
        assert_eq!(names(&[0]), Some(vec![]));
        assert_eq!(names(&[0, 0, 0, 0xff]), Some(vec![]), "what is not assigned is passed over");
        for broken in [&[][..], &[1], &[8, 0], &[255, 0x40], &[7, 0x40]] {
            assert_eq!(names(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn two_halves_are_a_whole() {
        let some = ReasonFlags::from_bit_string(&[5, 0x60]).unwrap();
        assert!(!some.is_all() && !some.is_empty());
        assert!(some.union(some.missing()).is_all());
        assert!(some.intersection(some.missing()).is_empty());
        assert!(ReasonFlags::ALL.is_all() && ReasonFlags::ALL.missing().is_empty());
    }
}
