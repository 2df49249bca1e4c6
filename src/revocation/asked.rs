//! The certificate that lists are asked about, with the path that leads from it to a trust anchor.

use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// The times of a question.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// The moment asked about.
    pub at: Time,
    /// What the present is taken for: the silence of what is dated ahead of it proves nothing.
    pub present: Time,
    /// What the clock shows: what is dated ahead of that is no evidence at all.
    pub now: Time,
}

impl When {
    /// The moment `at`, asked about when the clock shows `now`.
    #[must_use]
    pub fn new(at: Time, now: Time) -> Self {
        Self { at, present: now, now }
    }
}

/// A certificate and what is known of the authorities above it.
///
/// Lists of the issuer's own key need the issuer only. Lists of another key, or of another authority, count when their
/// issuer has a path that ends at the same trust anchor (RFC 5280 6.3.3 (f)), which `anchor` names.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The certificate asked about.
    pub certificate: &'a Certificate,
    /// Its issuer, the issuer of that, and so on, without the anchor; empty when the anchor issued it.
    pub above: &'a [Certificate],
    /// The anchor of the path.
    pub anchor: &'a Certificate,
}

impl<'a> Asked<'a> {
    /// Each certificate of a path in turn: `certificates` from the leaf upwards, without the anchor.
    pub fn all(certificates: &'a [Certificate], anchor: &'a Certificate) -> impl Iterator<Item = Self> {
        certificates.iter().enumerate().map(move |(index, certificate)| Self {
            certificate,
            above: certificates.get(index + 1..).unwrap_or_default(),
            anchor,
        })
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &'a Certificate {
        self.above.first().unwrap_or(self.anchor)
    }
}

/// Who gave the first of these certificates its name: the issuer of the last that bears it, of those that follow one
/// another. `None` where they all bear it up to the anchor, which does too.
///
/// Certificates that an authority issues to itself, to roll over its key or to sign lists with another one, are between
/// those of one name; what counts is who vouched for the name first.
pub(super) fn named_by(certificates: &[Certificate]) -> Option<&Name> {
    let name = certificates.first()?.subject();
    let mut own = certificates.iter().take_while(|certificate| certificate.subject() == name);
    own.find(|certificate| certificate.issuer() != name).map(Certificate::issuer)
}
