//! Which authorities a path to a trust anchor is known for (RFC 5280 6.3.3 (f)).
//!
//! A list that the very key of a certificate's issuer has signed needs none of this: the certificate's path vouches for
//! it. Others do: lists of the same authority under another key (a key that was rolled over, a key for lists alone), and
//! indirect lists, which come from somebody else. Paths are not searched here; whoever holds the anchors hands in what
//! was found.

use std::collections::HashMap;

use super::asked::{Asked, is_granted_from, named_by, same_grantors};
use super::list::RevocationList;
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// SHA-256 of a `SubjectPublicKeyInfo`.
pub(super) type KeyHash = [u8; 32];

/// One path: the certificates from the authority upwards, none for the anchor itself, and the anchor at its end.
#[derive(Clone, Debug)]
pub(super) struct Voucher {
    certificates: Box<[Certificate]>,
    anchor: Certificate,
}

/// What an authority stands on: its anchor, and who gave it its name.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    /// The authority itself, where it is no anchor, and those above it.
    path: &'a [Certificate],
    anchor: &'a Certificate,
    named_by: Option<&'a Name>,
}

impl<'a> Standing<'a> {
    /// That of the certificate's issuer.
    pub fn of_issuer(asked: &Asked<'a>) -> Self {
        Self { path: asked.above, anchor: asked.anchor, named_by: named_by(asked.above) }
    }

    /// Whether both have their name from the very same authorities.
    fn shares_grantors(&self, other: &Self) -> bool {
        same_grantors((self.path, self.anchor), (other.path, other.anchor))
    }

    /// Whether `other` has its name from somebody on this path.
    fn grants(&self, other: &Self) -> bool {
        is_granted_from((other.path, other.anchor), (self.path, self.anchor))
    }

    /// An anchor is a name and a key.
    fn shares_anchor(&self, other: &Self) -> bool {
        let key = |anchor: &Certificate| anchor.public_key().ok().map(|key| *key.spki_sha256());
        self.anchor == other.anchor
            || (key(self.anchor).is_some()
                && key(self.anchor) == key(other.anchor)
                && self.anchor.subject() == other.anchor.subject())
    }
}

impl Voucher {
    pub fn authority(&self) -> &Certificate {
        self.certificates.first().unwrap_or(&self.anchor)
    }

    pub fn standing(&self) -> Standing<'_> {
        Standing { path: &self.certificates, anchor: &self.anchor, named_by: named_by(&self.certificates) }
    }

    /// Every certificate of the path below the anchor.
    pub fn links(&self) -> impl Iterator<Item = Asked<'_>> {
        Asked::all(&self.certificates, &self.anchor)
    }

    /// Whether all its certificates were in force when the list was issued.
    fn covers(&self, list: &RevocationList) -> bool {
        self.certificates.iter().all(|certificate| certificate.validity().contains(list.this_update()))
    }

    /// Whether none of its certificates has expired at the moment asked about: whoever has none any more proves nobody good.
    fn lasts_until(&self, at: Time) -> bool {
        self.certificates.iter().all(|certificate| at <= certificate.validity().not_after)
    }
}

/// Verified paths of authorities, by the hash of the authority's key.
#[derive(Clone, Debug, Default)]
pub struct Vouched {
    by_key: HashMap<KeyHash, Vec<Voucher>>,
}

impl Vouched {
    /// Adds a verified path of the authority that is the first of `certificates`, or `anchor` where there are none. A
    /// key that cannot be read vouches for nothing.
    pub fn add(&mut self, certificates: &[Certificate], anchor: &Certificate) {
        let voucher = Voucher { certificates: certificates.into(), anchor: anchor.clone() };
        let Ok(key) = voucher.authority().public_key() else { return };
        self.by_key.entry(*key.spki_sha256()).or_default().push(voucher);
    }

    /// Whether nobody is known.
    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The keys of the authorities on the paths, the anchors left out.
    pub(crate) fn keys(&self) -> impl Iterator<Item = [u8; 32]> {
        let certificates = self.by_key.values().flatten().flat_map(|voucher| &voucher.certificates);
        certificates.filter_map(|certificate| certificate.public_key().ok().map(|key| *key.spki_sha256()))
    }

    /// The paths of both.
    #[must_use]
    pub fn joined_by(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        for (key, vouchers) in &other.by_key {
            joined.by_key.entry(*key).or_default().extend(vouchers.iter().cloned());
        }
        joined
    }

    /// What the authority of that certificate stands on, by every path known.
    pub(super) fn standings<'a>(&'a self, authority: &'a Certificate) -> impl Iterator<Item = Standing<'a>> {
        let key = authority.public_key().ok().map(|key| *key.spki_sha256());
        let known = key.and_then(|key| self.by_key.get(&key)).map_or(&[][..], Vec::as_slice);
        let own = known.iter().filter(|voucher| voucher.authority().subject() == authority.subject());
        own.map(Voucher::standing)
    }

    /// The paths of the issuer of `list` to an anchor that vouches for the certificate's issuer as well, as the
    /// standard demands: what one anchor answers for must not be overruled by another.
    ///
    /// Of a list that is not indirect, the name of its issuer is that of the certificate's. Both have to have it from
    /// the same authority, or from each other: else any authority under the anchor could name somebody like another
    /// one and so speak about its certificates. Where only the name of whoever gave it is the same, and not all
    /// authorities up to the anchor with their keys, the second value is false: the list clears nobody, and what it
    /// revokes counts.
    ///
    /// The issuer of an indirect list is known to the certificate by its name alone. It clears somebody only if its name
    /// was given by the certificate's issuer or by somebody above that: any other authority under the anchor could give
    /// the same name to whom it likes.
    ///
    /// A path that was in force when the list was issued and has expired by the moment clears nobody either.
    pub(super) fn paths<'a>(
        &'a self,
        list: &RevocationList,
        standings: &[Standing<'_>],
        is_namesake: bool,
        at: Time,
    ) -> impl Iterator<Item = (&'a Voucher, bool)> {
        let known = self.by_key.get(list.issuer_key()).map_or(&[][..], Vec::as_slice);
        known.iter().filter_map(move |voucher| {
            let its = voucher.standing();
            let fits = |standing: &Standing<'_>| {
                standing.shares_anchor(&its) && (!is_namesake || standing.named_by == its.named_by)
            };
            let authority = voucher.authority();
            let counts = may_sign_lists(authority)
                && authority.subject() == list.issuer()
                && standings.iter().any(fits)
                && voucher.covers(list);
            let by_right = |standing: &Standing<'_>| {
                if is_namesake { standing.shares_grantors(&its) } else { standing.grants(&its) }
            };
            let by_right = |standing| fits(standing) && by_right(standing);
            let surely = || voucher.lasts_until(at) && standings.iter().any(by_right);
            counts.then(|| (voucher, surely()))
        })
    }
}

/// RFC 5280 6.3.3 (f): a keyUsage that is there has to have cRLSign.
pub(super) fn may_sign_lists(certificate: &Certificate) -> bool {
    certificate.extensions().key_usage.is_none_or(|usage| usage.crl_sign())
}
