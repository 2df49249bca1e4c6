//! Extensions of a certificate or a list in words.

use serde::Serialize;

use crate::der::{Oid, TlvReader};
use crate::x509::{Certificate, CrlDistributionPoint, Extensions, GeneralName, oid};

use super::super::output::{Clean, FAINT, HEADING, Hex, Output, Styled};

/// Octets of an unread extension that are shown.
const MAX_SHOWN: usize = 64;

/// One extension as it is shown.
#[derive(Serialize)]
pub struct ExtensionView {
    pub oid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    pub critical: bool,
    pub value: String,
}

/// Prints extensions for people, under their heading.
pub fn print(output: &mut Output, extensions: &[ExtensionView]) {
    output.line(Styled(HEADING, "Extensions"));
    if extensions.is_empty() {
        output.line("  none");
    }
    for extension in extensions {
        let name = extension.name.unwrap_or(&extension.oid);
        let critical = if extension.critical { " (critical)" } else { "" };
        output.line(format_args!("  {}{critical}: {}", Styled(FAINT, name), Clean(&extension.value)));
    }
}

/// The name that a standard gives an extension, a key usage or another identifier.
pub fn name(id: &Oid) -> Option<&'static str> {
    const TABLE: &[(Oid, &str)] = &[
        (oid::SUBJECT_KEY_ID, "subjectKeyIdentifier"),
        (oid::KEY_USAGE, "keyUsage"),
        (oid::SUBJECT_ALT_NAME, "subjectAltName"),
        (oid::ISSUER_ALT_NAME, "issuerAltName"),
        (oid::BASIC_CONSTRAINTS, "basicConstraints"),
        (oid::CRL_NUMBER, "cRLNumber"),
        (oid::DELTA_CRL_INDICATOR, "deltaCRLIndicator"),
        (oid::ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint"),
        (oid::NAME_CONSTRAINTS, "nameConstraints"),
        (oid::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
        (oid::CERTIFICATE_POLICIES, "certificatePolicies"),
        (oid::POLICY_MAPPINGS, "policyMappings"),
        (oid::AUTHORITY_KEY_ID, "authorityKeyIdentifier"),
        (oid::POLICY_CONSTRAINTS, "policyConstraints"),
        (oid::EXTENDED_KEY_USAGE, "extKeyUsage"),
        (oid::FRESHEST_CRL, "freshestCRL"),
        (oid::INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
        (oid::AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
        (oid::SUBJECT_INFO_ACCESS, "subjectInfoAccess"),
        (oid::OCSP_NO_CHECK, "ocsp-nocheck"),
        (oid::OCSP_NONCE, "ocsp-nonce"),
        (oid::OCSP_EXTENDED_REVOKE, "ocsp-extended-revoke"),
        (oid::KZ_KEY_STORAGE, "key storage (National CA)"),
        (oid::EKU_ANY, "anyExtendedKeyUsage"),
        (oid::EKU_CLIENT_AUTH, "clientAuth"),
        (oid::EKU_EMAIL_PROTECTION, "emailProtection"),
        (oid::EKU_TIME_STAMPING, "timeStamping"),
        (oid::EKU_OCSP_SIGNING, "OCSPSigning"),
        (oid::KZ_IDENTIFIED_AT_CENTRE, "identified at a centre"),
        (oid::KZ_IDENTIFIED_REMOTELY, "identified remotely"),
    ];
    TABLE.iter().find(|(known, _)| known == id).map(|(_, name)| *name)
}

/// What one extension of `certificate` says.
pub fn value(certificate: &Certificate, id: &Oid) -> String {
    let extensions = certificate.extensions();
    match *id {
        oid::SUBJECT_KEY_ID => hex(extensions.subject_key_id.as_deref()),
        oid::AUTHORITY_KEY_ID => {
            hex(extensions.authority_key_id.as_ref().and_then(|authority| authority.key_id.as_deref()))
        }
        oid::KEY_USAGE => extensions.key_usage.map(|usage| join(usage.names())).unwrap_or_default(),
        oid::EXTENDED_KEY_USAGE => join(extensions.extended_key_usage.iter().map(usage)),
        oid::CERTIFICATE_POLICIES => join(extensions.policies.iter()),
        oid::CRL_DISTRIBUTION_POINTS => points(&extensions.crl_distribution_points),
        oid::FRESHEST_CRL => points(&extensions.freshest_crl),
        oid::AUTHORITY_INFO_ACCESS => join(extensions.ocsp_urls.iter().map(|url| format!("OCSP {url}"))),
        oid::SUBJECT_ALT_NAME => join(extensions.subject_alt_names.iter().map(general_name)),
        oid::POLICY_MAPPINGS => join(extensions.policy_mappings.iter().map(|(from, to)| format!("{from} -> {to}"))),
        oid::OCSP_NO_CHECK => "yes".to_owned(),
        oid::BASIC_CONSTRAINTS | oid::NAME_CONSTRAINTS | oid::POLICY_CONSTRAINTS | oid::INHIBIT_ANY_POLICY => {
            constraint(extensions, id)
        }
        _ => unread(certificate, id),
    }
}

fn constraint(extensions: &Extensions, id: &Oid) -> String {
    match *id {
        oid::BASIC_CONSTRAINTS => match extensions.basic_constraints {
            Some(basic) if basic.ca => match basic.path_len {
                Some(length) => format!("authority, at most {length} authorities below"),
                None => "authority".to_owned(),
            },
            _ => "no authority".to_owned(),
        },
        oid::NAME_CONSTRAINTS => match &extensions.name_constraints {
            Some(names) => format!(
                "permitted: {}; excluded: {}",
                join(names.permitted.iter().map(general_name)),
                join(names.excluded.iter().map(general_name))
            ),
            None => String::new(),
        },
        oid::POLICY_CONSTRAINTS => {
            let limits = extensions.policy_constraints;
            let explicit = limits.and_then(|limits| limits.require_explicit_policy);
            let mapping = limits.and_then(|limits| limits.inhibit_policy_mapping);
            join(
                [
                    explicit.map(|after| format!("explicit policy after {after}")),
                    mapping.map(|after| format!("no mapping after {after}")),
                ]
                .into_iter()
                .flatten(),
            )
        }
        _ => extensions.inhibit_any_policy.map(|after| format!("after {after}")).unwrap_or_default(),
    }
}

/// A key usage by role, by name, or as it is.
pub fn usage(id: &Oid) -> String {
    match (crate::subject::Role::from_oid(id), name(id)) {
        (Some(role), _) => format!("{} ({id})", role.as_str()),
        (None, Some(name)) => name.to_owned(),
        (None, None) => id.to_string(),
    }
}

/// A general name with its kind.
pub fn general_name(name: &GeneralName) -> String {
    match name {
        GeneralName::Directory(name) => format!("directory {name}"),
        GeneralName::Dns(name) => format!("DNS {name}"),
        GeneralName::Email(name) => format!("e-mail {name}"),
        GeneralName::Ip(octets) => format!("IP {}", address(octets)),
        GeneralName::Other(id) => format!("other name of type {id}"),
        GeneralName::RegisteredId(id) => format!("registered {id}"),
        GeneralName::Unsupported(tag) => format!("name of kind {tag}"),
        GeneralName::SmtpUtf8Mailbox(address) => format!("e-mail {address}"),
        GeneralName::Uri(uri) => format!("URI {uri}"),
    }
}

fn address(octets: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        std::net::Ipv4Addr::from(four).to_string()
    } else if let Ok(sixteen) = <[u8; 16]>::try_from(octets) {
        std::net::Ipv6Addr::from(sixteen).to_string()
    } else {
        match octets.split_at_checked(octets.len() / 2) {
            Some((network, mask)) if octets.len() == 8 || octets.len() == 32 => {
                format!("{}/{}", address(network), mask.iter().map(|octet| octet.count_ones()).sum::<u32>())
            }
            _ => Hex(octets).to_string(),
        }
    }
}

fn points(points: &[CrlDistributionPoint]) -> String {
    join(points.iter().map(|point| point.urls.join(" or ")))
}

fn hex(octets: Option<&[u8]>) -> String {
    octets.map(|octets| Hex(octets).to_string()).unwrap_or_default()
}

fn join(items: impl Iterator<Item = impl ToString>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// The octets of an extension that nothing here reads.
fn unread(certificate: &Certificate, id: &Oid) -> String {
    raw(certificate.tbs(), id).map(octets).unwrap_or_default()
}

/// The beginning of a value that nothing here reads.
pub fn octets(octets: &[u8]) -> String {
    let (shown, rest) = octets.split_at(octets.len().min(MAX_SHOWN));
    match rest.len() {
        0 => format!("#{}", Hex(shown)),
        more => format!("#{}… and {more} more octets", Hex(shown)),
    }
}

/// The value of an extension: `[3] { SEQUENCE OF SEQUENCE { OID, BOOLEAN DEFAULT FALSE, OCTET STRING } }` at the end
/// of tbsCertificate (RFC 5280 section 4.1).
fn raw<'a>(tbs: &'a [u8], id: &Oid) -> Option<&'a [u8]> {
    let mut fields = TlvReader::new(TlvReader::new(tbs).read().ok()?.value);
    while !fields.is_empty() {
        let field = fields.read().ok()?;
        if field.raw.first() != Some(&0xa3) {
            continue;
        }
        let mut list = TlvReader::new(TlvReader::new(field.value).read().ok()?.value);
        while !list.is_empty() {
            let mut extension = TlvReader::new(list.read().ok()?.value);
            if extension.expect(0x06).ok()?.value == id.as_bytes() {
                extension.optional(0x01).ok()?;
                return Some(extension.expect(0x04).ok()?.value);
            }
        }
    }
    None
}
