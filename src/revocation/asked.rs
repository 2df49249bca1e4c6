//! The certificate that lists are asked about, with the path that leads from it to a trust anchor.

use crate::clock::Time;
use crate::crypto::SignatureAlgorithm;
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

/// Which algorithms evidence may rest on. What rests on others clears nobody; whom it names is revoked all the same.
pub trait Accepts {
    /// The signature of a list.
    fn signature(&self, algorithm: SignatureAlgorithm) -> bool;

    /// The signature and the key of a certificate on the path of somebody who signs lists about certificates that his very
    /// key has not signed.
    fn authority(&self, certificate: &Certificate) -> bool;
}

/// All that are implemented.
#[derive(Clone, Copy, Debug)]
pub struct Everything;

impl Accepts for Everything {
    fn signature(&self, _: SignatureAlgorithm) -> bool {
        true
    }

    fn authority(&self, _: &Certificate) -> bool {
        true
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

/// Whether two paths, each ending with its anchor, were given the name of their first certificates by the same
/// authorities: above that name, name by name up to the anchors, each with the key that it was first given. Names alone
/// are not enough: an authority further down may name another one like those above it.
pub(super) fn same_grantors(one: (&[Certificate], &Certificate), other: (&[Certificate], &Certificate)) -> bool {
    let (mut one, mut other) = (grantors(one), grantors(other));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if is_same_authority(one, other) => {}
            _ => return false,
        }
    }
}

/// Whether somebody on the path `path`, an authority or its anchor, or another key that bears an authority's name by the
/// same right, gave the first certificate of `one` its name: everybody above that name stands on `path`, one above the
/// other up to the anchor.
pub(super) fn is_granted_from(one: (&[Certificate], &Certificate), path: (&[Certificate], &Certificate)) -> bool {
    let Some(below) = authorities(path).count().checked_sub(grantors(one).count()) else { return false };
    let pairs = grantors(one).zip(authorities(path).skip(below));
    pairs
        .enumerate()
        .all(|(place, (its, known))| is_same_authority(its, known) || (place == 0 && its.subject() == known.subject()))
}

/// Of each run of certificates of one name, which that authority issued to itself, the last.
fn authorities<'a>((path, anchor): (&'a [Certificate], &'a Certificate)) -> impl Iterator<Item = &'a Certificate> {
    let all = || path.iter().chain([anchor]);
    let above = all().skip(1).map(Some).chain([None]);
    let last_of_run =
        all().zip(above).filter(|(own, above)| above.is_none_or(|above| above.subject() != own.subject()));
    last_of_run.map(|(own, _)| own)
}

/// The authorities above the first.
fn grantors<'a>(path: (&'a [Certificate], &'a Certificate)) -> impl Iterator<Item = &'a Certificate> {
    authorities(path).skip(1)
}

/// An authority is a name and a key.
fn is_same_authority(one: &Certificate, other: &Certificate) -> bool {
    let key = |certificate: &Certificate| certificate.public_key().ok().map(|key| *key.spki_sha256());
    one == other || (key(one).is_some() && key(one) == key(other) && one.subject() == other.subject())
}
