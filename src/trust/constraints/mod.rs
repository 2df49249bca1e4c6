//! Name constraints (RFC 5280 4.2.1.10): one certificate's names against one issuer's subtrees.
//!
//! Every issuer's constraints are checked by themselves: a name must satisfy all of them, which is what the
//! intersection of permitted and the union of excluded subtrees (6.1.4 (g)) come to.
//!
//! A constraint or a name that cannot be read refuses the path as soon as both are of the same form; what the
//! constraint meant is then unknown, and guessing could only widen it. For the same reason a `dNSName` constraint
//! with a leading period is refused, although some implementations read it as "at least one label more".

use std::fmt;

use super::budget::{Budget, Resource};
use crate::x509::{Attribute, Certificate, GeneralName, IpSubtree, NameConstraints, oid};

/// The kinds of names that constraints are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameForm {
    /// directoryName: the subject or one in subjectAltName.
    Directory,
    /// dNSName, or commonName where it can only be a host's.
    Dns,
    /// rfc822Name, `SmtpUTF8Mailbox`, or emailAddress of the subject.
    Email,
    /// iPAddress.
    Ip,
    /// otherName, registeredID, x400Address, ediPartyName: recognised, not compared.
    Other,
    /// uniformResourceIdentifier.
    Uri,
}

impl fmt::Display for NameForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "distinguished name",
            Self::Dns => "DNS name",
            Self::Email => "e-mail address",
            Self::Ip => "IP address",
            Self::Other => "name of an unusual form",
            Self::Uri => "URI",
        })
    }
}

/// How a name breaks a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// The extension has no subtree at all, which its ASN.1 forbids.
    #[error("the constraint is empty")]
    Empty,
    /// It lies in an excluded subtree.
    #[error("it is excluded")]
    Excluded,
    /// The constraint cannot be read.
    #[error("the constraint is malformed")]
    MalformedConstraint,
    /// The name cannot be read.
    #[error("the name is malformed")]
    MalformedName,
    /// It lies in no permitted subtree.
    #[error("it is not permitted")]
    NotPermitted,
    /// Names of this form are not compared.
    #[error("names of this form cannot be compared")]
    Unsupported,
}

/// Why a check failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Broken(NameForm, Breach),
    Exhausted(Resource),
}

impl From<Resource> for Failure {
    fn from(resource: Resource) -> Self {
        Self::Exhausted(resource)
    }
}

/// Checks all names of `certificate`; `is_leaf` when nobody's certificate is below it.
pub(super) fn check(
    constraints: &NameConstraints,
    certificate: &Certificate,
    is_leaf: bool,
    budget: &mut Budget,
) -> Result<(), Failure> {
    if constraints.permitted.is_empty() && constraints.excluded.is_empty() {
        return Err(Failure::Broken(NameForm::Other, Breach::Empty));
    }
    let subject = Some(certificate.subject()).filter(|name| !name.is_empty()).cloned().map(GeneralName::Directory);
    let unusual = names_in_subject(certificate, is_leaf);
    let names = subject.iter().chain(&certificate.extensions().subject_alt_names).chain(&unusual);
    let subtrees = constraints.permitted.len() + constraints.excluded.len();
    for name in names {
        budget.spend(Resource::NameComparisons, subtrees)?;
        check_name(constraints, name).map_err(|breach| Failure::Broken(form_of(name), breach))?;
    }
    Ok(())
}

/// Names of other forms that stand in the subject.
///
/// RFC 5280 4.2.1.10 asks for emailAddress where there is no subjectAltName. It counts always here: an address that an
/// authority may not vouch for is no better beside another one. A commonName that reads like a host's, of a leaf without
/// any dNSName, counts as one for the same reason, as in OpenSSL, NSS and `GnuTLS`.
fn names_in_subject(certificate: &Certificate, is_leaf: bool) -> Vec<GeneralName> {
    let has_dns = certificate.extensions().subject_alt_names.iter().any(|name| matches!(name, GeneralName::Dns(_)));
    let read = |attribute: &Attribute| match attribute.oid {
        oid::EMAIL => Some(GeneralName::Email(attribute.value.clone())),
        oid::COMMON_NAME if is_leaf && !has_dns && reads_like_host(&attribute.value) => {
            Some(GeneralName::Dns(attribute.value.clone()))
        }
        _ => None,
    };
    certificate.subject().attributes().filter_map(read).collect()
}

/// At least two labels, none with a hyphen at an end, the last with a letter.
fn reads_like_host(text: &str) -> bool {
    let plain = |label: &str| !label.starts_with('-') && !label.ends_with('-');
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.')
        && is_host(text)
        && text.split('.').all(plain)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn check_name(constraints: &NameConstraints, name: &GeneralName) -> Result<(), Breach> {
    for base in &constraints.excluded {
        if compare(name, base, List::Excluded)? == Some(true) {
            return Err(Breach::Excluded);
        }
    }
    let mut constrained = false;
    for base in &constraints.permitted {
        match compare(name, base, List::Permitted)? {
            Some(true) => return Ok(()),
            Some(false) => constrained = true,
            None => {}
        }
    }
    if constrained { Err(Breach::NotPermitted) } else { Ok(()) }
}

fn form_of(name: &GeneralName) -> NameForm {
    match name {
        GeneralName::Directory(_) => NameForm::Directory,
        GeneralName::Dns(_) => NameForm::Dns,
        GeneralName::Email(_) | GeneralName::SmtpUtf8Mailbox(_) => NameForm::Email,
        GeneralName::Ip(_) => NameForm::Ip,
        GeneralName::Uri(_) => NameForm::Uri,
        GeneralName::Other(_) | GeneralName::RegisteredId(_) | GeneralName::Unsupported(_) => NameForm::Other,
    }
}

/// Which list a subtree stands in; it matters for wildcards only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Excluded,
    Permitted,
}

/// Whether `name` lies in the subtree `base`; `None` when the constraint is about another form of name.
fn compare(name: &GeneralName, base: &GeneralName, list: List) -> Result<Option<bool>, Breach> {
    use GeneralName::{Directory, Dns, Email, Ip, Other, RegisteredId, SmtpUtf8Mailbox, Unsupported, Uri};
    match (name, base) {
        (Directory(name), Directory(base)) => Ok(Some(name.is_within(base))),
        (Dns(name), Dns(base)) => dns_matches(name, base, list).map(Some),
        // RFC 9598 section 6: both are mailboxes, so constraints on the one form are about the other too.
        (Email(name), Email(_)) if !name.is_ascii() => Err(Breach::MalformedName),
        (Email(name) | SmtpUtf8Mailbox(name), Email(base)) => email_matches(name, base).map(Some),
        // The same section: it must not stand in a constraint.
        (Email(_) | SmtpUtf8Mailbox(_), SmtpUtf8Mailbox(_)) => Err(Breach::MalformedConstraint),
        (Ip(name), Ip(base)) => ip_matches(name, base).map(Some),
        (Uri(name), Uri(base)) => uri_matches(name, base).map(Some),
        // All otherNames are one form here, whatever their type: the safe reading of a constraint on one.
        (Other(_) | SmtpUtf8Mailbox(_), Other(_)) | (RegisteredId(_), RegisteredId(_)) => Err(Breach::Unsupported),
        (Unsupported(name), Unsupported(base)) if name == base => Err(Breach::Unsupported),
        _ => Ok(None),
    }
}

/// `host.example.com` covers itself and everything below; the empty constraint covers every DNS name.
fn dns_matches(name: &str, base: &str, list: List) -> Result<bool, Breach> {
    if !base.is_empty() && !is_host(base) {
        return Err(Breach::MalformedConstraint);
    }
    let wildcard = name.strip_prefix("*.");
    let host = wildcard.unwrap_or(name);
    if !is_host(host) {
        return Err(Breach::MalformedName);
    }
    // A wildcard stands for many names: all must be permitted, and none excluded.
    let reaches_into = wildcard.is_some() && list == List::Excluded && is_below(base, host);
    Ok(is_at_or_below(host, base) || reaches_into)
}

/// A mailbox, a host (all mailboxes on it), or `.domain` (all mailboxes on hosts below it).
fn email_matches(name: &str, base: &str) -> Result<bool, Breach> {
    let (local, host) = mailbox(name).ok_or(Breach::MalformedName)?;
    if base.contains('@') {
        let (want_local, want_host) = mailbox(base).ok_or(Breach::MalformedConstraint)?;
        // RFC 5321 2.4: the local part is case-sensitive, the domain is not.
        return Ok(local == want_local && host.eq_ignore_ascii_case(want_host));
    }
    host_matches(host, base)
}

/// A host, or `.domain` (all hosts below it). RFC 5280: a URI without a host name is refused.
fn uri_matches(name: &str, base: &str) -> Result<bool, Breach> {
    let host = uri_host(name).ok_or(Breach::MalformedName)?;
    host_matches(host, base)
}

fn ip_matches(name: &[u8], base: &[u8]) -> Result<bool, Breach> {
    let range = IpSubtree::new(base).ok_or(Breach::MalformedConstraint)?;
    if !matches!(name.len(), 4 | 16) {
        return Err(Breach::MalformedName);
    }
    Ok(range.contains(name))
}

fn host_matches(host: &str, base: &str) -> Result<bool, Breach> {
    let domain = base.strip_prefix('.');
    if !is_host(domain.unwrap_or(base)) {
        return Err(Breach::MalformedConstraint);
    }
    Ok(match domain {
        Some(domain) => is_below(host, domain),
        None => host.eq_ignore_ascii_case(base),
    })
}

/// Local part and host; quoted local parts with an `@` are not read. Beyond ASCII the local part is compared by its
/// octets, and the host is always written in A-labels (RFC 9598 section 3).
fn mailbox(address: &str) -> Option<(&str, &str)> {
    let (local, host) = address.split_once('@')?;
    let plain = !local.is_empty() && !local.chars().any(|sign| sign.is_control() || sign.is_whitespace());
    (plain && is_host(host)).then_some((local, host))
}

/// RFC 3986 3.2: what stands between `//`, a user's name and a port. An address is no host name.
fn uri_host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = place.split_once(':').unwrap_or((place, ""));
    let last_label = host.rsplit('.').next()?;
    let numeric = last_label.bytes().all(|byte| byte.is_ascii_digit());
    let plain = !scheme.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (plain && !numeric && is_host(host)).then_some(host)
}

/// Labels of letters, digits, hyphens and underscores (which hosts may not have, but names in use do).
fn is_host(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

fn is_at_or_below(host: &str, base: &str) -> bool {
    base.is_empty() || host.eq_ignore_ascii_case(base) || is_below(host, base)
}

/// Both are hosts, hence ASCII.
fn is_below(host: &str, base: &str) -> bool {
    let Some(cut) = host.len().checked_sub(base.len() + 1) else { return false };
    match host.as_bytes().split_at_checked(cut) {
        Some((_, [b'.', tail @ ..])) => tail.eq_ignore_ascii_case(base.as_bytes()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
