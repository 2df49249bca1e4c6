//! What x509-parser reads too leniently, read again: it skips what follows a structure inside its parent, so that an
//! extension could say more to its issuer than to us.

use x509_parser::extensions::GeneralName as ParsedName;
use x509_parser::prelude::FromDer as _;

use super::certificate::CertificateError;
use super::extensions::{BasicConstraints, NameConstraints, PolicyConstraints};
use super::general_name::{AddressPlace, GeneralName};
use crate::der::{Tlv, TlvReader};

const MALFORMED: &str = "it is malformed";

/// `Extensions ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue }`, the
/// contents of `[3]`: nothing in between and nothing after.
pub(super) fn check_extensions(explicit: &[u8]) -> Result<(), CertificateError> {
    let mut list = sequence(explicit)?;
    if list.is_empty() {
        return Err(CertificateError::Structure("an empty list of extensions"));
    }
    while !list.is_empty() {
        let mut fields = TlvReader::new(list.expect(0x30)?.value);
        fields.expect(0x06)?;
        fields.optional(0x01)?;
        fields.expect(0x04)?;
        fields.finish()?;
    }
    Ok(())
}

/// The contents of one SEQUENCE and nothing after it.
pub(super) fn sequence(der: &[u8]) -> Result<TlvReader<'_>, CertificateError> {
    let mut outer = TlvReader::new(der);
    let contents = outer.expect(0x30)?.value;
    outer.finish()?;
    Ok(TlvReader::new(contents))
}

/// RFC 5280 4.2.1.9.
pub(super) fn basic_constraints(value: &[u8]) -> Result<BasicConstraints, &'static str> {
    let read = || {
        let mut fields = sequence(value)?;
        let ca = fields.optional(0x01)?.is_some_and(|flag| flag.value == [0xff]);
        let path_len = fields.optional(0x02)?;
        fields.finish()?;
        Ok::<_, CertificateError>((ca, path_len))
    };
    let (ca, path_len) = read().map_err(|_| MALFORMED)?;
    Ok(BasicConstraints { ca, path_len: path_len.map(count).transpose()? })
}

/// RFC 5280 4.2.1.11.
pub(super) fn policy_constraints(value: &[u8]) -> Result<PolicyConstraints, &'static str> {
    let read = || {
        let mut fields = sequence(value)?;
        let both = (fields.optional(0x80)?, fields.optional(0x81)?);
        fields.finish()?;
        Ok::<_, CertificateError>(both)
    };
    let (explicit, mapping) = read().map_err(|_| MALFORMED)?;
    if explicit.is_none() && mapping.is_none() {
        return Err("it is empty");
    }
    Ok(PolicyConstraints {
        require_explicit_policy: explicit.map(count).transpose()?,
        inhibit_policy_mapping: mapping.map(count).transpose()?,
    })
}

/// RFC 5280 4.2.1.14.
pub(super) fn inhibit_any_policy(value: &[u8]) -> Result<u32, &'static str> {
    let mut reader = TlvReader::new(value);
    let number = reader.expect(0x02).map_err(|_| MALFORMED)?;
    reader.finish().map_err(|_| MALFORMED)?;
    count(number)
}

/// `INTEGER (0..MAX)`; more than 32 bits are as good as 32.
fn count(integer: Tlv<'_>) -> Result<u32, &'static str> {
    let digits = match integer.value {
        [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => return Err("a number in it is negative or not DER"),
        [0, digits @ ..] | digits => digits,
    };
    if digits.len() > 4 {
        return Ok(u32::MAX);
    }
    Ok(digits.iter().fold(0, |sum, &octet| (sum << 8) | u32::from(octet)))
}

/// RFC 5280 4.2.1.10. minimum must be zero and maximum absent.
pub(super) fn name_constraints(value: &[u8]) -> Result<NameConstraints, &'static str> {
    let mut fields = sequence(value).map_err(|_| MALFORMED)?;
    let permitted = fields.optional(0xa0).map_err(|_| MALFORMED)?;
    let excluded = fields.optional(0xa1).map_err(|_| MALFORMED)?;
    fields.finish().map_err(|_| MALFORMED)?;
    let read = |list: Option<Tlv<'_>>| list.map_or(Ok(Box::default()), subtrees);
    Ok(NameConstraints { permitted: read(permitted)?, excluded: read(excluded)? })
}

fn subtrees(list: Tlv<'_>) -> Result<Box<[GeneralName]>, &'static str> {
    let mut list = TlvReader::new(list.value);
    let mut bases = Vec::new();
    while !list.is_empty() {
        let read = |subtree: Tlv<'_>| {
            let mut fields = TlvReader::new(subtree.value);
            let base = fields.read()?.raw;
            let minimum = fields.optional(0x80)?.is_none_or(|minimum| minimum.value == [0]);
            fields.finish()?;
            match ParsedName::from_der(base) {
                Ok(([], name)) if minimum => GeneralName::from_parsed(&name)
                    .ok()
                    .filter(|name| name.has_length_of(AddressPlace::Subtree))
                    .ok_or(CertificateError::Name("not the base of a subtree")),
                _ => Err(CertificateError::Name("not the base of a subtree")),
            }
        };
        let base = list.expect(0x30).map_err(CertificateError::from).and_then(read);
        bases.push(base.map_err(|_| "a subtree in it is malformed")?);
    }
    if bases.is_empty() { Err("a list of subtrees in it is empty") } else { Ok(bases.into()) }
}
