//! Certificate and list extensions (RFC 5280 sections 4.2 and 5.2).

use crate::der;

/// subjectKeyIdentifier.
pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// keyUsage.
pub const KEY_USAGE: &str = "2.5.29.15";
/// subjectAltName.
pub const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
/// basicConstraints.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// cRLNumber.
pub const LIST_NUMBER: &str = "2.5.29.20";
/// reasonCode of a list entry.
pub const REASON_CODE: &str = "2.5.29.21";
/// invalidityDate of a list entry.
pub const INVALIDITY_DATE: &str = "2.5.29.24";
/// deltaCRLIndicator.
pub const DELTA_INDICATOR: &str = "2.5.29.27";
/// issuingDistributionPoint.
pub const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
/// certificateIssuer of a list entry.
pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";
/// nameConstraints.
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// cRLDistributionPoints.
pub const DISTRIBUTION_POINTS: &str = "2.5.29.31";
/// certificatePolicies.
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
/// policyMappings.
pub const POLICY_MAPPINGS: &str = "2.5.29.33";
/// authorityKeyIdentifier.
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
/// policyConstraints.
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
/// extKeyUsage.
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// freshestCRL.
pub const FRESHEST_LIST: &str = "2.5.29.46";
/// inhibitAnyPolicy.
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
/// authorityInfoAccess.
pub const AUTHORITY_INFORMATION_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
/// The Kazakh extension that says where the private key is stored.
pub const KEY_STORAGE: &str = "1.2.398.3.3.5";

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its type, dotted decimal.
    pub oid: String,
    /// `None` leaves the field out; `Some(false)` writes the default, which DER forbids.
    pub critical: Option<bool>,
    /// What the OCTET STRING contains.
    pub value: Vec<u8>,
    /// The whole extension instead, as it shall stand.
    pub raw: Option<Vec<u8>>,
}

impl Extension {
    /// A non-critical extension with an encoded value.
    pub fn new(oid: &str, value: Vec<u8>) -> Extension {
        Extension { oid: oid.to_owned(), critical: None, value, raw: None }
    }

    /// Bytes that stand where an extension is expected.
    pub fn raw(bytes: Vec<u8>) -> Extension {
        Extension { oid: String::new(), critical: None, value: Vec::new(), raw: Some(bytes) }
    }

    /// The same, critical.
    pub fn critical(self) -> Extension {
        Extension { critical: Some(true), ..self }
    }

    /// The same, not critical.
    pub fn not_critical(self) -> Extension {
        Extension { critical: None, ..self }
    }

    /// The encoded extension.
    pub fn encode(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let critical = self.critical.map(der::boolean).unwrap_or_default();
        der::sequence(&[der::oid(&self.oid), critical, der::octet_string(&self.value)])
    }

    /// basicConstraints, critical.
    pub fn basic_constraints(authority: bool, path_length: Option<u64>) -> Extension {
        let authority = if authority { der::boolean(true) } else { Vec::new() };
        let path_length = path_length.map(der::integer).unwrap_or_default();
        Extension::new(BASIC_CONSTRAINTS, der::sequence(&[authority, path_length])).critical()
    }

    /// keyUsage, critical, from its first octet: `0xc8` is digitalSignature + nonRepudiation + keyAgreement.
    pub fn key_usage(first_octet: u8) -> Extension {
        Extension::new(KEY_USAGE, der::named_bits(first_octet)).critical()
    }

    /// extKeyUsage.
    pub fn extended_key_usage(purposes: &[&str]) -> Extension {
        Extension::new(EXTENDED_KEY_USAGE, der::sequence(&oids(purposes)))
    }

    /// certificatePolicies, each with a CPS pointer unless it is empty.
    pub fn certificate_policies(policies: &[&str], cps: &str) -> Extension {
        let information = policies.iter().map(|policy| match cps {
            "" => der::sequence(&[der::oid(policy)]),
            cps => {
                let qualifier = der::sequence(&[der::oid("1.3.6.1.5.5.7.2.1"), der::ia5(cps)]);
                der::sequence(&[der::oid(policy), der::sequence(&[qualifier])])
            }
        });
        Extension::new(CERTIFICATE_POLICIES, der::sequence(&information.collect::<Vec<_>>()))
    }

    /// policyMappings, critical: policies of the issuer's domain, each with one of the subject's.
    pub fn policy_mappings(mappings: &[(&str, &str)]) -> Extension {
        let pairs = mappings.iter().map(|(issuers, subjects)| der::sequence(&[der::oid(issuers), der::oid(subjects)]));
        Extension::new(POLICY_MAPPINGS, der::sequence(&pairs.collect::<Vec<_>>())).critical()
    }

    /// policyConstraints, critical: requireExplicitPolicy and inhibitPolicyMapping, each after so many certificates.
    pub fn policy_constraints(explicit: Option<u64>, mapping: Option<u64>) -> Extension {
        let field = |number: u8, after: Option<u64>| {
            after.map_or_else(Vec::new, |after| {
                let mut integer = der::integer(after);
                integer[0] = 0x80 | number;
                integer
            })
        };
        Extension::new(POLICY_CONSTRAINTS, der::sequence(&[field(0, explicit), field(1, mapping)])).critical()
    }

    /// inhibitAnyPolicy, critical, after so many certificates.
    pub fn inhibit_any_policy(after: u64) -> Extension {
        Extension::new(INHIBIT_ANY_POLICY, der::integer(after)).critical()
    }

    /// subjectKeyIdentifier.
    pub fn subject_key_identifier(identifier: &[u8]) -> Extension {
        Extension::new(SUBJECT_KEY_IDENTIFIER, der::octet_string(identifier))
    }

    /// authorityKeyIdentifier with the key identifier alone, as in leaves and lists.
    pub fn authority_key_identifier(identifier: &[u8]) -> Extension {
        Extension::new(AUTHORITY_KEY_IDENTIFIER, der::sequence(&[der::implicit(0, identifier)]))
    }

    /// authorityKeyIdentifier with issuer and serial number too, as in CA certificates.
    pub fn authority_key_identifier_full(identifier: &[u8], issuer: &[u8], serial: &[u8]) -> Extension {
        let issuer = der::explicit(1, &directory_name(issuer));
        let value = der::sequence(&[der::implicit(0, identifier), issuer, der::implicit(2, serial)]);
        Extension::new(AUTHORITY_KEY_IDENTIFIER, value)
    }

    /// cRLDistributionPoints: one point for every inner list, whose URLs are mirrors of one list.
    pub fn distribution_points(points: &[&[&str]]) -> Extension {
        Extension::new(DISTRIBUTION_POINTS, distribution_points(points))
    }

    /// cRLDistributionPoints out of any points.
    pub fn points(points: &[Point]) -> Extension {
        Extension::new(DISTRIBUTION_POINTS, der::sequence(&points.iter().map(Point::encode).collect::<Vec<_>>()))
    }

    /// certificateIssuer of a list entry, critical: whose certificate it is, by its encoded name.
    pub fn certificate_issuer(name: &[u8]) -> Extension {
        Extension::new(CERTIFICATE_ISSUER, der::sequence(&[directory_name(name)])).critical()
    }

    /// freshestCRL, which points at the delta list.
    pub fn freshest_list(points: &[&[&str]]) -> Extension {
        Extension::new(FRESHEST_LIST, distribution_points(points))
    }

    /// authorityInfoAccess with the URLs of the issuer's certificate and, if there is one, of its OCSP responder.
    pub fn authority_information_access(issuer: &str, responder: Option<&str>) -> Extension {
        let access = |method: &str, url: &str| der::sequence(&[der::oid(method), uri(url)]);
        let issuer = access("1.3.6.1.5.5.7.48.2", issuer);
        let responder = responder.map(|url| access("1.3.6.1.5.5.7.48.1", url)).unwrap_or_default();
        Extension::new(AUTHORITY_INFORMATION_ACCESS, der::sequence(&[issuer, responder]))
    }

    /// nameConstraints, critical, from general names.
    pub fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
        let subtrees = |tag: u8, names: &[Vec<u8>]| match names {
            [] => Vec::new(),
            names => {
                der::implicit_constructed(tag, &names.iter().map(|name| der::sequence(&[name])).collect::<Vec<_>>())
            }
        };
        Extension::new(NAME_CONSTRAINTS, der::sequence(&[subtrees(0, permitted), subtrees(1, excluded)])).critical()
    }

    /// subjectAltName from general names.
    pub fn subject_alternative_name(names: &[Vec<u8>]) -> Extension {
        Extension::new(SUBJECT_ALTERNATIVE_NAME, der::sequence(names))
    }

    /// Where the key is stored, say `1.2.398.3.3.5.1.1` for a PKCS#12 file.
    pub fn key_storage(storage: &str) -> Extension {
        Extension::new(KEY_STORAGE, der::sequence(&[der::oid(storage)]))
    }

    /// An extension nobody knows, to be made critical or not. Its type is in the arc kept for examples (2.999).
    pub fn unknown() -> Extension {
        Extension::new("2.999.1", der::null())
    }
}

/// `GeneralName`: a URI.
pub fn uri(text: &str) -> Vec<u8> {
    der::implicit(6, text.as_bytes())
}

/// `GeneralName`: a DNS name.
pub fn dns_name(text: &str) -> Vec<u8> {
    der::implicit(2, text.as_bytes())
}

/// `GeneralName`: an e-mail address.
pub fn mailbox(text: &str) -> Vec<u8> {
    der::implicit(1, text.as_bytes())
}

/// `GeneralName`: an otherName with an e-mail address beyond ASCII (RFC 9598).
pub fn smtp_utf8_mailbox(text: &str) -> Vec<u8> {
    der::implicit_constructed(0, &[der::oid("1.3.6.1.5.5.7.8.9"), der::explicit(0, &der::utf8(text))])
}

/// `GeneralName`: an encoded directory name.
pub fn directory_name(name: &[u8]) -> Vec<u8> {
    der::explicit(4, name)
}

/// `GeneralName`: address octets, with a mask in a name constraint.
pub fn ip_address(octets: &[u8]) -> Vec<u8> {
    der::implicit(7, octets)
}

fn oids(dotted: &[&str]) -> Vec<Vec<u8>> {
    dotted.iter().map(|oid| der::oid(oid)).collect()
}

fn distribution_points(points: &[&[&str]]) -> Vec<u8> {
    let point = |urls: &&[&str]| Point::named(&urls.iter().map(|url| uri(url)).collect::<Vec<_>>()).encode();
    der::sequence(&points.iter().map(point).collect::<Vec<_>>())
}

/// One distribution point; what is empty is left out.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The encoded `DistributionPointName`.
    pub name: Vec<u8>,
    /// The reasons by their bits.
    pub reasons: Option<Vec<usize>>,
    /// cRLIssuer: general names.
    pub issuer: Vec<Vec<u8>>,
}

impl Point {
    /// A point with a fullName of these general names.
    pub fn named(names: &[Vec<u8>]) -> Point {
        Point { name: full_name(names), ..Point::default() }
    }

    /// The same for these reasons only.
    pub fn reasons(self, bits: &[usize]) -> Point {
        Point { reasons: Some(bits.to_vec()), ..self }
    }

    /// The same with a list issued by these general names.
    pub fn issued_by(self, names: &[Vec<u8>]) -> Point {
        Point { issuer: names.to_vec(), ..self }
    }

    fn encode(&self) -> Vec<u8> {
        let name = if self.name.is_empty() { Vec::new() } else { der::explicit(0, &self.name) };
        let reasons = self.reasons.as_deref().map(|bits| reason_flags(1, bits)).unwrap_or_default();
        let issuer = if self.issuer.is_empty() { Vec::new() } else { der::implicit_constructed(2, &self.issuer) };
        der::sequence(&[name, reasons, issuer])
    }
}

/// `DistributionPointName`: fullName of general names.
pub fn full_name(names: &[Vec<u8>]) -> Vec<u8> {
    der::implicit_constructed(0, names)
}

/// `DistributionPointName`: nameRelativeToCRLIssuer of one common name.
pub fn relative_name(common_name: &str) -> Vec<u8> {
    der::implicit_constructed(1, &[der::sequence(&[der::oid("2.5.4.3"), der::utf8(common_name)])])
}

/// `[number] IMPLICIT ReasonFlags` from the bits that are set: 1 keyCompromise, …, 8 aACompromise.
pub fn reason_flags(number: u8, bits: &[usize]) -> Vec<u8> {
    let last = bits.iter().max().copied().unwrap_or(0);
    let mut contents = vec![0; 2 + last / 8];
    contents[0] = (7 - last % 8) as u8;
    for bit in bits {
        contents[1 + bit / 8] |= 0x80 >> (bit % 8);
    }
    if bits.is_empty() {
        contents = vec![0];
    }
    der::implicit(number, &contents)
}
