//! Extensions of a certificate (RFC 5280 4.2), each read once.

use x509_parser::extensions::{GeneralName as ParsedName, ParsedExtension, X509Extension};

use super::certificate::CertificateError;
use super::distribution_point::{CrlDistributionPoint, distribution_points};
use super::general_name::{AddressPlace, GeneralName};
use super::name::Name;
use super::serial::SerialNumber;
use super::{oid, policies, strict};
use crate::der::{Limits, Oid, check_strict};

/// Most extensions in one certificate; real ones have about a dozen.
const MAX_EXTENSIONS: usize = 64;

/// basicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is an authority.
    pub ca: bool,
    /// How many non-self-issued intermediates may follow.
    pub path_len: Option<u32>,
}

/// keyUsage, one bit a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// Bit `n` of the mask is bit `n` of the BIT STRING: 0 is digitalSignature.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }

    /// digitalSignature.
    #[must_use]
    pub fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// nonRepudiation, also called contentCommitment.
    #[must_use]
    pub fn non_repudiation(self) -> bool {
        self.0 & 2 != 0
    }

    /// keyCertSign.
    #[must_use]
    pub fn key_cert_sign(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// cRLSign.
    #[must_use]
    pub fn crl_sign(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// The names of the bits that are set, as the standard spells them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

/// authorityKeyIdentifier; a hint for the search, never a reason to refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityKeyId {
    /// keyIdentifier.
    pub key_id: Option<Box<[u8]>>,
    /// The directory names of authorityCertIssuer: who issued the issuer's certificate.
    pub issuer: Box<[Name]>,
    /// authorityCertSerialNumber: the serial number of the issuer's certificate.
    pub serial_number: Option<SerialNumber>,
}

/// nameConstraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints {
    /// permittedSubtrees.
    pub permitted: Box<[GeneralName]>,
    /// excludedSubtrees.
    pub excluded: Box<[GeneralName]>,
}

/// policyConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// requireExplicitPolicy: after so many certificates.
    pub require_explicit_policy: Option<u32>,
    /// inhibitPolicyMapping: after so many certificates.
    pub inhibit_policy_mapping: Option<u32>,
}

/// What the extensions of a certificate say.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// authorityKeyIdentifier.
    pub authority_key_id: Option<AuthorityKeyId>,
    /// basicConstraints.
    pub basic_constraints: Option<BasicConstraints>,
    /// id-ad-caIssuers addresses of authorityInfoAccess.
    pub ca_issuer_urls: Box<[Box<str>]>,
    /// cRLDistributionPoints.
    pub crl_distribution_points: Box<[CrlDistributionPoint]>,
    /// extKeyUsage: empty means that the extension is absent. A purpose that [`Oid`] cannot hold stands here as
    /// [`oid::UNREADABLE`].
    pub extended_key_usage: Box<[Oid]>,
    /// freshestCRL.
    pub freshest_crl: Box<[CrlDistributionPoint]>,
    /// inhibitAnyPolicy.
    pub inhibit_any_policy: Option<u32>,
    /// keyUsage.
    pub key_usage: Option<KeyUsage>,
    /// nameConstraints.
    pub name_constraints: Option<NameConstraints>,
    /// id-ad-ocsp addresses of authorityInfoAccess.
    pub ocsp_urls: Box<[Box<str>]>,
    /// id-pkix-ocsp-nocheck is present.
    pub ocsp_no_check: bool,
    /// certificatePolicies; empty means that the extension is absent, unless [`Self::policies_left_out`].
    pub policies: Box<[Oid]>,
    /// certificatePolicies names a policy that [`Oid`] cannot hold, and nobody can therefore ask for. It is left out
    /// and not replaced, because two such policies must not look the same.
    pub policies_left_out: bool,
    /// policyConstraints.
    pub policy_constraints: Option<PolicyConstraints>,
    /// policyMappings: (issuer's, subject's).
    pub policy_mappings: Box<[(Oid, Oid)]>,
    /// subjectAltName.
    pub subject_alt_names: Box<[GeneralName]>,
    /// subjectKeyIdentifier.
    pub subject_key_id: Option<Box<[u8]>>,
    /// Critical extensions this code does not process; a path through them is refused (RFC 5280 6.1.4 (o)).
    pub unhandled_critical: Box<[Oid]>,
    /// Every extension: type, critical or not. A type that [`Oid`] cannot hold stands here as [`oid::UNREADABLE`].
    pub all: Box<[(Oid, bool)]>,
}

impl Extensions {
    pub(super) fn from_parsed(parsed: &[X509Extension<'_>]) -> Result<Self, CertificateError> {
        if parsed.len() > MAX_EXTENSIONS {
            return Err(CertificateError::TooManyExtensions(MAX_EXTENSIONS));
        }
        let mut extensions = Self::default();
        let mut all: Vec<(Oid, bool)> = Vec::with_capacity(parsed.len());
        let mut unhandled = Vec::new();
        for (position, extension) in parsed.iter().enumerate() {
            let id = oid_of(&extension.oid);
            // By the octets, so that two types that cannot be held are still told apart.
            if parsed.iter().take(position).any(|earlier| earlier.oid.as_bytes() == extension.oid.as_bytes()) {
                return Err(CertificateError::DuplicateExtension(id.unwrap_or(oid::UNREADABLE)));
            }
            all.push((id.unwrap_or(oid::UNREADABLE), extension.critical));
            let Some(id) = id else {
                if extension.critical {
                    unhandled.push(oid::UNREADABLE);
                }
                continue;
            };
            let handled =
                extensions.take(id, extension).map_err(|reason| CertificateError::Extension { oid: id, reason })?;
            if extension.critical && !handled {
                unhandled.push(id);
            }
        }
        extensions.all = all.into();
        extensions.unhandled_critical = unhandled.into();
        Ok(extensions)
    }

    /// Stores one extension; `false` when its type is not processed.
    fn take(&mut self, id: Oid, extension: &X509Extension<'_>) -> Result<bool, &'static str> {
        let parsed = extension.parsed_extension();
        if matches!(parsed, ParsedExtension::UnsupportedExtension { .. } | ParsedExtension::Unparsed) {
            return self.take_unparsed(id, extension.value);
        }
        check_strict(extension.value, Limits::CERTIFICATE).map_err(|_| "its value is not DER")?;
        if self.take_policy(id, extension.value)? {
            return Ok(true);
        }
        match parsed {
            ParsedExtension::AuthorityKeyIdentifier(aki) => {
                let names = aki.authority_cert_issuer.iter().flatten().filter_map(|name| match name {
                    ParsedName::DirectoryName(name) => Name::from_parsed(name).ok(),
                    _ => None,
                });
                self.authority_key_id = Some(AuthorityKeyId {
                    key_id: aki.key_identifier.as_ref().map(|id| id.0.into()),
                    issuer: names.collect(),
                    serial_number: aki.authority_cert_serial.and_then(SerialNumber::new),
                });
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.into()),
            // Without a bit it allows nothing; whose it is has no use for it, but can be named.
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(KeyUsage(usage.flags)),
            ParsedExtension::BasicConstraints(_) => {
                self.basic_constraints = Some(strict::basic_constraints(extension.value)?);
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                self.subject_alt_names = general_names(names.general_names.iter())?;
                if !self.subject_alt_names.iter().all(|name| name.has_length_of(AddressPlace::Name)) {
                    return Err("an address in it has neither 4 nor 16 octets");
                }
            }
            ParsedExtension::NameConstraints(_) => {
                self.name_constraints = Some(strict::name_constraints(extension.value)?);
            }
            ParsedExtension::CRLDistributionPoints(_) => {
                self.crl_distribution_points = distribution_points(extension.value)?;
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                let urls = |method: Oid| {
                    let of_method = access.iter().filter(|one| one.access_method.as_bytes() == method.as_bytes());
                    of_method.filter_map(|one| http_url(&one.access_location)).collect()
                };
                self.ocsp_urls = urls(oid::AD_OCSP);
                self.ca_issuer_urls = urls(oid::AD_CA_ISSUERS);
            }
            _ => return self.take_usage(parsed),
        }
        Ok(true)
    }

    /// What certificate policies are processed from; `false` when it is another extension.
    fn take_policy(&mut self, id: Oid, value: &[u8]) -> Result<bool, &'static str> {
        match id {
            oid::CERTIFICATE_POLICIES => {
                let policies::Policies { held, left_out } = policies::certificate_policies(value)?;
                (self.policies, self.policies_left_out) = (held, left_out);
            }
            oid::POLICY_MAPPINGS => self.policy_mappings = policies::policy_mappings(value)?,
            oid::POLICY_CONSTRAINTS => self.policy_constraints = Some(strict::policy_constraints(value)?),
            oid::INHIBIT_ANY_POLICY => self.inhibit_any_policy = Some(strict::inhibit_any_policy(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take_usage(&mut self, parsed: &ParsedExtension<'_>) -> Result<bool, &'static str> {
        match parsed {
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let named = [
                    (usage.any, oid::EKU_ANY),
                    (usage.server_auth, Oid::new_unwrap("1.3.6.1.5.5.7.3.1")),
                    (usage.client_auth, oid::EKU_CLIENT_AUTH),
                    (usage.code_signing, Oid::new_unwrap("1.3.6.1.5.5.7.3.3")),
                    (usage.email_protection, oid::EKU_EMAIL_PROTECTION),
                    (usage.time_stamping, oid::EKU_TIME_STAMPING),
                    (usage.ocsp_signing, oid::EKU_OCSP_SIGNING),
                ];
                let mut all: Vec<Oid> = named.into_iter().filter(|(present, _)| *present).map(|(_, id)| id).collect();
                // One that cannot be held must not make the list look shorter, let alone absent.
                all.extend(usage.other.iter().map(|other| oid_of(other).unwrap_or(oid::UNREADABLE)));
                if all.is_empty() {
                    return Err("it is empty");
                }
                self.extended_key_usage = all.into();
            }
            ParsedExtension::IssuerAlternativeName(_) | ParsedExtension::SubjectInfoAccess(_) => {}
            ParsedExtension::ParseError { .. } => return Err("it is malformed"),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take_unparsed(&mut self, id: Oid, value: &[u8]) -> Result<bool, &'static str> {
        match id {
            oid::FRESHEST_CRL => {
                check_strict(value, Limits::CERTIFICATE).map_err(|_| "its value is not DER")?;
                self.freshest_crl = distribution_points(value)?;
                Ok(true)
            }
            oid::OCSP_NO_CHECK => {
                self.ocsp_no_check = true;
                Ok(true)
            }
            oid::KZ_KEY_STORAGE => Ok(true),
            _ => Ok(false),
        }
    }
}

/// `None` for an identifier that is longer, or has larger numbers, than [`Oid`] holds.
fn oid_of(parsed: &x509_parser::asn1_rs::Oid<'_>) -> Option<Oid> {
    Oid::from_bytes(parsed.as_bytes()).ok()
}

fn general_names<'n, 'a: 'n>(
    names: impl Iterator<Item = &'n ParsedName<'a>>,
) -> Result<Box<[GeneralName]>, &'static str> {
    names.map(|name| GeneralName::from_parsed(name).map_err(|_| "a name in it is malformed")).collect()
}

fn http_url(name: &ParsedName<'_>) -> Option<Box<str>> {
    match name {
        ParsedName::URI(url) if url.starts_with("http://") || url.starts_with("https://") => Some((*url).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::KeyUsage;

    #[test]
    fn bits_are_named_as_in_the_standard() {
        let names = |bits| KeyUsage(bits).names().collect::<Vec<_>>();
        assert_eq!(names(0b1_0011), ["digitalSignature", "nonRepudiation", "keyAgreement"]);
        assert_eq!(names(0b110_0000), ["keyCertSign", "cRLSign"]);
        assert_eq!(names(1 << 8), ["decipherOnly"]);
        assert!(names(0).is_empty());
    }
}
