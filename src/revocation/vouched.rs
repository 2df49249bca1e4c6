//! Which authorities a path to a trust anchor is known for (RFC 5280 6.3.3 (f)).
//!
//! The list of a certificate's own issuer needs none of this: the certificate's path vouches for the issuer. An indirect
//! list comes from somebody else, whom the path does not lead through. Paths are not searched here; whoever holds the
//! anchors hands in what was found.

use std::collections::HashMap;

use super::list::RevocationList;
use crate::x509::{Certificate, Name};

/// One certificate of a path with that of its issuer.
pub type Link = (Certificate, Certificate);

/// One path: the key of the anchor at its end, and the links from the authority to it, none for the anchor itself.
#[derive(Clone, Debug)]
struct Voucher {
    authority: Name,
    anchor: [u8; 32],
    links: Box<[Link]>,
}

/// Verified paths of authorities, by SHA-256 of the authority's `SubjectPublicKeyInfo`.
#[derive(Clone, Debug, Default)]
pub struct Vouched {
    by_key: HashMap<[u8; 32], Vec<Voucher>>,
}

impl Vouched {
    /// Adds a path of `authority`: `links` from it to the anchor, none when it is the anchor. A key that cannot be read
    /// vouches for nothing.
    pub fn add(&mut self, authority: &Certificate, links: Vec<Link>) {
        let anchor = links.last().map_or(authority, |(_, anchor)| anchor);
        let (Ok(key), Ok(anchor)) = (authority.public_key(), anchor.public_key()) else { return };
        let authority_name = authority.subject().clone();
        let voucher = Voucher { authority: authority_name, anchor: *anchor.spki_sha256(), links: links.into() };
        self.by_key.entry(*key.spki_sha256()).or_default().push(voucher);
    }

    /// The paths of the issuer of `list` to an anchor that vouches for `issuer` as well, as the standard demands: what
    /// one anchor answers for must not be overruled by another. Only those whose certificates were all valid when the
    /// list was issued.
    pub(super) fn paths<'a>(
        &'a self,
        list: &'a RevocationList,
        issuer: &Certificate,
    ) -> impl Iterator<Item = &'a [Link]> + use<'a> {
        let issuer_key = issuer.public_key().ok().map(|key| *key.spki_sha256());
        let of = |key: &[u8; 32]| -> &'a [Voucher] { self.by_key.get(key).map_or(&[][..], Vec::as_slice) };
        let anchors = issuer_key.map_or(&[][..], |key| of(&key));
        of(list.issuer_key())
            .iter()
            .filter(|voucher| voucher.authority == *list.issuer())
            .filter(move |voucher| anchors.iter().any(|other| other.anchor == voucher.anchor))
            .map(|voucher| &*voucher.links)
            .filter(move |links| links.iter().all(|(link, _)| link.validity().contains(list.this_update())))
    }
}
