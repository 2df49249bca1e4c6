//! certificatePolicies and policyMappings, read from their octets.

use super::certificate::CertificateError;
use super::strict::sequence;
use crate::der::{Oid, TlvReader};

const MALFORMED: &str = "it is malformed";
const EMPTY: &str = "it is empty";

/// certificatePolicies.
pub(super) struct Policies {
    /// Those that [`Oid`] can hold.
    pub(super) held: Box<[Oid]>,
    /// There are others.
    pub(super) left_out: bool,
}

/// RFC 5280 4.2.1.4. Qualifiers are not read beyond their list.
pub(super) fn certificate_policies(value: &[u8]) -> Result<Policies, &'static str> {
    let octets = policy_identifiers(value).map_err(|_| MALFORMED)?;
    if octets.is_empty() {
        return Err(EMPTY);
    }
    let mut sorted = octets.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| matches!(pair, [first, second] if first == second)) {
        return Err("a policy appears twice");
    }
    let held: Box<[Oid]> = octets.iter().filter_map(|octets| Oid::from_bytes(octets).ok()).collect();
    Ok(Policies { left_out: held.len() < octets.len(), held })
}

fn policy_identifiers(value: &[u8]) -> Result<Vec<&[u8]>, CertificateError> {
    let mut list = sequence(value)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut policy = TlvReader::new(list.expect(0x30)?.value);
        found.push(policy.expect(0x06)?.value);
        let qualifiers = policy.optional(0x30)?;
        policy.finish()?;
        if let Some(qualifiers) = qualifiers {
            let mut qualifiers = TlvReader::new(qualifiers.value);
            loop {
                TlvReader::new(qualifiers.expect(0x30)?.value).expect(0x06)?;
                if qualifiers.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(found)
}

/// RFC 5280 4.2.1.5: (issuer's, subject's). One that cannot be held makes the extension unreadable: to pass over it would
/// leave the issuer's policy standing where it was mapped away.
pub(super) fn policy_mappings(value: &[u8]) -> Result<Box<[(Oid, Oid)]>, &'static str> {
    let read = || {
        let mut list = sequence(value)?;
        let mut pairs = Vec::new();
        while !list.is_empty() {
            let mut mapping = TlvReader::new(list.expect(0x30)?.value);
            pairs.push((mapping.expect(0x06)?.value, mapping.expect(0x06)?.value));
            mapping.finish()?;
        }
        Ok::<_, CertificateError>(pairs)
    };
    let pairs = read().map_err(|_| MALFORMED)?;
    if pairs.is_empty() {
        return Err(EMPTY);
    }
    let hold =
        |(issuers, subjects): (&[u8], &[u8])| Some((Oid::from_bytes(issuers).ok()?, Oid::from_bytes(subjects).ok()?));
    pairs.into_iter().map(hold).collect::<Option<_>>().ok_or("an OID is unreadable")
}
