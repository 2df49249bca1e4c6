//! crlExtensions (RFC 5280 5.2): what a list says about itself.

use super::error::{ListError, Unusable};
use super::number::ListNumber;
use crate::der::{Limits, Oid, Tlv, TlvReader, check_strict};
use crate::x509::oid;

/// Most extensions of one list; real ones have two or three.
const MAX_LIST_EXTENSIONS: usize = 32;

/// expiredCertsOnCRL of X.509 8.5.2.12: the list keeps certificates past their expiry.
const EXPIRED_CERTS_ON_CRL: Oid = Oid::new_unwrap("2.5.29.60");

/// Which certificates of the issuer a list is about, besides the issuer itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// onlyContainsUserCerts.
    pub only_users: bool,
    /// onlyContainsCACerts.
    pub only_authorities: bool,
    /// Addresses of its distribution point; a certificate must name one of them. `None`: every certificate.
    pub point: Option<Box<[Box<str>]>>,
}

/// What the list extensions say.
#[derive(Clone, Debug, Default)]
pub(super) struct ListExtensions {
    pub number: Option<ListNumber>,
    /// `BaseCRLNumber` of a delta; a delta list is judged by it once deltas are merged.
    pub base_number: Option<ListNumber>,
    pub scope: Scope,
    pub keeps_expired: bool,
    pub unusable: Option<Unusable>,
}

impl ListExtensions {
    /// Reads the contents of `[0] EXPLICIT Extensions`.
    pub fn read(explicit: &[u8]) -> Result<Self, ListError> {
        // Each is small in a list that is not hostile, so the strict walk over all of them costs nothing.
        check_strict(explicit, Limits::CERTIFICATE)?;
        let mut read = Self::default();
        let mut seen: Vec<Oid> = Vec::new();
        let mut outer = TlvReader::new(explicit);
        let mut list = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        while !list.is_empty() {
            if seen.len() == MAX_LIST_EXTENSIONS {
                return Err(ListError::TooManyExtensions(MAX_LIST_EXTENSIONS));
            }
            let extension = Extension::read(list.expect(0x30)?)?;
            if seen.contains(&extension.oid) {
                return Err(ListError::Extension { oid: extension.oid, reason: "appears twice" });
            }
            seen.push(extension.oid);
            read.take(&extension)?;
        }
        Ok(read)
    }

    fn take(&mut self, extension: &Extension<'_>) -> Result<(), ListError> {
        let malformed = |reason| ListError::Extension { oid: extension.oid, reason };
        match extension.oid {
            oid::CRL_NUMBER => {
                self.number = Some(read_number(extension.value).ok_or(malformed("is not a CRL number"))?);
            }
            oid::DELTA_CRL_INDICATOR => {
                self.base_number = Some(read_number(extension.value).ok_or(malformed("is not a CRL number"))?);
                self.cannot_use(Unusable::Delta);
            }
            oid::FRESHEST_CRL if extension.critical => self.cannot_use(Unusable::Delta),
            oid::ISSUING_DISTRIBUTION_POINT => {
                self.read_point(extension.value).map_err(|_| malformed("is not an issuing distribution point"))?;
            }
            EXPIRED_CERTS_ON_CRL => self.keeps_expired = true,
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
    fn read_point(&mut self, value: &[u8]) -> Result<(), ListError> {
        check_strict(value, Limits::CERTIFICATE)?;
        let mut fields = TlvReader::new(TlvReader::new(value).expect(0x30)?.value);
        if let Some(name) = fields.optional(0xa0)? {
            match read_full_name(name.value)? {
                Some(addresses) => self.scope.point = Some(addresses),
                None => self.cannot_use(Unusable::UnnamedPoint),
            }
        }
        self.scope.only_users = read_flag(&mut fields, 0x81)?;
        self.scope.only_authorities = read_flag(&mut fields, 0x82)?;
        if fields.optional(0x83)?.is_some() {
            self.cannot_use(Unusable::SomeReasons);
        }
        if read_flag(&mut fields, 0x84)? {
            self.cannot_use(Unusable::Indirect);
        }
        if read_flag(&mut fields, 0x85)? {
            self.cannot_use(Unusable::AttributeCertificates);
        }
        Ok(fields.finish()?)
    }
}

/// One `Extension`, of a list or of an entry.
pub(super) struct Extension<'a> {
    pub oid: Oid,
    pub critical: bool,
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// `SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
    pub fn read(tlv: Tlv<'a>) -> Result<Self, ListError> {
        let mut fields = TlvReader::new(tlv.value);
        let id = fields.expect(0x06)?;
        let oid =
            Oid::from_bytes(id.value).map_err(|_| ListError::Structure("the type of an extension is unreadable"))?;
        let critical = match fields.optional(0x01)?.map(|flag| flag.value) {
            None | Some([0]) => false,
            Some([0xff]) => true,
            Some(_) => return Err(ListError::Extension { oid, reason: "its critical flag is not DER" }),
        };
        let value = fields.expect(0x04)?.value;
        fields.finish()?;
        Ok(Self { oid, critical, value })
    }
}

fn read_number(value: &[u8]) -> Option<ListNumber> {
    check_strict(value, Limits::CERTIFICATE).ok()?;
    ListNumber::new(TlvReader::new(value).expect(0x02).ok()?.value)
}

fn read_flag(fields: &mut TlvReader<'_>, tag: u8) -> Result<bool, ListError> {
    match fields.optional(tag)?.map(|flag| flag.value) {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(ListError::Structure("a flag is not a BOOLEAN")),
    }
}

/// The addresses of `fullName [0] GeneralNames`; `None` when there is none among the names, or the name is relative.
fn read_full_name(choice: &[u8]) -> Result<Option<Box<[Box<str>]>>, ListError> {
    let mut reader = TlvReader::new(choice);
    let name = reader.read()?;
    reader.finish()?;
    if name.tag != 0xa0 {
        return Ok(None);
    }
    let mut names = TlvReader::new(name.value);
    let mut addresses = Vec::new();
    while !names.is_empty() {
        let name = names.read()?;
        // uniformResourceIdentifier [6] IA5String
        if let (0x86, Ok(address)) = (name.tag, std::str::from_utf8(name.value)) {
            addresses.push(address.into());
        }
    }
    Ok((!addresses.is_empty()).then(|| addresses.into()))
}
