//! crlExtensions (RFC 5280 5.2): what a list says about itself.

use super::error::{ListError, Unusable};
use super::number::ListNumber;
use super::scope::{Scope, is_comparable};
use super::source::Source;
use crate::clock::Time;
use crate::der::{Limits, Oid, Tlv, TlvReader, check_strict};
use crate::x509::{GeneralName, Name, PointName, ReasonFlags, oid, time};

/// Most extensions of one list; real ones have two or three.
const MAX_LIST_EXTENSIONS: usize = 32;

/// expiredCertsOnCRL of X.509 8.5.2.12: the list keeps certificates that expired at that time or later.
const EXPIRED_CERTS_ON_CRL: Oid = Oid::new_unwrap("2.5.29.60");

/// What the list extensions say.
#[derive(Clone, Debug, Default)]
pub(super) struct ListExtensions {
    pub number: Option<ListNumber>,
    /// `BaseCRLNumber`: the list that a delta continues, or a later one.
    pub base_number: Option<ListNumber>,
    /// It lists changes only: by its deltaCRLIndicator, by a critical freshestCRL (the 2026 profiles), or because it
    /// came from a place of delta lists. Such a list is never taken for a full one.
    pub delta: bool,
    pub scope: Scope,
    /// expiredCertsOnCRL: certificates that expired from then on stay in the list. What cannot be read promises nothing.
    pub keeps_expired_since: Option<Time>,
    pub unusable: Option<Unusable>,
}

impl ListExtensions {
    /// Reads the contents of `[0] EXPLICIT Extensions` of a list of `issuer` that came from `source`.
    pub fn of(explicit: Option<&[u8]>, issuer: &Name, source: &Source) -> Result<Self, ListError> {
        let mut read = explicit.map(|explicit| Self::read(explicit, issuer)).transpose()?.unwrap_or_default();
        read.delta |= source.is_delta();
        if read.delta && read.base_number.is_none() {
            read.cannot_use(Unusable::DeltaWithoutBase);
        }
        if read.delta && read.number.is_none() {
            read.cannot_use(Unusable::DeltaWithoutNumber);
        }
        Ok(read)
    }

    fn read(explicit: &[u8], issuer: &Name) -> Result<Self, ListError> {
        // Each is small in a list that is not hostile, so the strict walk over all of them costs nothing.
        check_strict(explicit, Limits::CERTIFICATE)?;
        let mut read = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut outer = TlvReader::new(explicit);
        let mut list = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        while !list.is_empty() {
            if seen.len() == MAX_LIST_EXTENSIONS {
                return Err(ListError::TooManyExtensions(MAX_LIST_EXTENSIONS));
            }
            let extension = Extension::read(list.expect(0x30)?)?;
            // By the octets, so that two types that cannot be held are still told apart.
            if seen.contains(&extension.kind) {
                return Err(ListError::Extension { oid: extension.oid, reason: "appears twice" });
            }
            seen.push(extension.kind);
            read.take(&extension, issuer)?;
        }
        Ok(read)
    }

    fn take(&mut self, extension: &Extension<'_>, issuer: &Name) -> Result<(), ListError> {
        let malformed = |reason| ListError::Extension { oid: extension.oid, reason };
        match extension.oid {
            oid::CRL_NUMBER => {
                self.number = Some(read_number(extension.value).ok_or(malformed("is not a CRL number"))?);
            }
            oid::DELTA_CRL_INDICATOR => {
                self.base_number = Some(read_number(extension.value).ok_or(malformed("is not a CRL number"))?);
                self.delta = true;
            }
            oid::FRESHEST_CRL if extension.critical => self.delta = true,
            oid::ISSUING_DISTRIBUTION_POINT => {
                self.read_point(extension.value, issuer)
                    .map_err(|_| malformed("is not an issuing distribution point"))?;
            }
            EXPIRED_CERTS_ON_CRL => self.keeps_expired_since = read_time(extension.value),
            // Hints for finding things; nothing is decided by them here.
            oid::AUTHORITY_KEY_ID | oid::ISSUER_ALT_NAME | oid::AUTHORITY_INFO_ACCESS | oid::FRESHEST_CRL => {}
            unknown if extension.critical => self.cannot_use(Unusable::CriticalExtension(unknown)),
            _ => {}
        }
        Ok(())
    }

    /// Keeps the first reason.
    fn cannot_use(&mut self, why: Unusable) {
        self.unusable.get_or_insert(why);
    }

    /// RFC 5280 5.2.5:
    ///
    /// ```asn1
    /// IssuingDistributionPoint ::= SEQUENCE {
    ///     distributionPoint          [0] DistributionPointName OPTIONAL,
    ///     onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
    ///     onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
    ///     onlySomeReasons            [3] ReasonFlags OPTIONAL,
    ///     indirectCRL                [4] BOOLEAN DEFAULT FALSE,
    ///     onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
    /// ```
    fn read_point(&mut self, value: &[u8], issuer: &Name) -> Result<(), ListError> {
        check_strict(value, Limits::CERTIFICATE)?;
        let mut outer = TlvReader::new(value);
        let mut fields = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        if let Some(name) = fields.optional(0xa0)? {
            match read_name(name.value, issuer)? {
                Some(names) => self.scope.point = Some(names),
                None => self.cannot_use(Unusable::UnnamedPoint),
            }
        }
        self.scope.only_users = read_flag(&mut fields, 0x81)?;
        self.scope.only_authorities = read_flag(&mut fields, 0x82)?;
        if let Some(flags) = fields.optional(0x83)? {
            self.scope.reasons = ReasonFlags::from_bit_string(flags.value)
                .ok_or(ListError::Structure("the reasons are not a BIT STRING"))?;
        }
        self.scope.indirect = read_flag(&mut fields, 0x84)?;
        if read_flag(&mut fields, 0x85)? {
            self.cannot_use(Unusable::AttributeCertificates);
        }
        Ok(fields.finish()?)
    }
}

/// One `Extension`, of a list or of an entry.
pub(super) struct Extension<'a> {
    /// Its type; [`oid::UNREADABLE`] for one that [`Oid`] cannot hold.
    pub oid: Oid,
    /// The octets of its type.
    pub kind: &'a [u8],
    pub critical: bool,
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// `SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
    pub fn read(tlv: Tlv<'a>) -> Result<Self, ListError> {
        let mut fields = TlvReader::new(tlv.value);
        let kind = fields.expect(0x06)?.value;
        let oid = Oid::from_bytes(kind).unwrap_or(oid::UNREADABLE);
        let critical = match fields.optional(0x01)?.map(|flag| flag.value) {
            None | Some([0]) => false,
            Some([0xff]) => true,
            Some(_) => return Err(ListError::Extension { oid, reason: "its critical flag is not DER" }),
        };
        let value = fields.expect(0x04)?.value;
        fields.finish()?;
        Ok(Self { oid, kind, critical, value })
    }
}

fn read_number(value: &[u8]) -> Option<ListNumber> {
    check_strict(value, Limits::CERTIFICATE).ok()?;
    ListNumber::new(TlvReader::new(value).expect(0x02).ok()?.value)
}

/// A GeneralizedTime in whole seconds of UTC, and nothing else.
fn read_time(value: &[u8]) -> Option<Time> {
    check_strict(value, Limits::CERTIFICATE).ok()?;
    let mut reader = TlvReader::new(value);
    let read = reader.expect(0x18).ok()?;
    reader.finish().ok()?;
    time::read(read.tag, read.value)
}

fn read_flag(fields: &mut TlvReader<'_>, tag: u8) -> Result<bool, ListError> {
    match fields.optional(tag)?.map(|flag| flag.value) {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(ListError::Structure("a flag is not a BOOLEAN")),
    }
}

/// The names of the list's own distribution point, a relative one put behind the name of its issuer; `None` when none
/// of them can be compared with those of a certificate.
fn read_name(choice: &[u8], issuer: &Name) -> Result<Option<Box<[GeneralName]>>, ListError> {
    let name = PointName::read(choice).map_err(|_| ListError::Structure("the name of a distribution point"))?;
    let names = name.resolve(issuer).map(|names| names.into_owned().into_boxed_slice());
    Ok(names.filter(|names| names.iter().any(is_comparable)))
}
