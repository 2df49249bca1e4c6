//! Addresses that a certificate names: of its issuer's lists, of their deltas, of the responder, of the issuer's own
//! certificate.
//!
//! They are the certificate's word, and whoever requested it may have chosen them; so only a certificate whose path was
//! verified is asked, only addresses at hosts of an allow-list are taken, and few of them. They are for the background:
//! no request waits for them.

use super::hosts::HostList;
use super::source::Source;
use crate::x509::{Certificate, CrlDistributionPoint};

/// Most distribution points of one kind that are looked at; real certificates have one or two.
const MAX_POINTS: usize = 4;

/// Most addresses of one point, or of one kind in authorityInfoAccess, that are taken.
const MAX_ADDRESSES: usize = 4;

/// What a certificate names, as far as the allow-list goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// The lists: one source for each distribution point, whose names are its mirrors; those of freshestCRL are of
    /// deltas.
    pub lists: Vec<Source>,
    /// Addresses of OCSP responders.
    pub ocsp: Vec<Box<str>>,
    /// Addresses of certificates of the issuer.
    pub issuers: Vec<Box<str>>,
}

/// What `certificate` names. It must be one of a verified path, and `issuer` the certificate before it there: that is
/// for the caller to know, since nothing here can tell. A pair that cannot be such a link names nothing.
#[must_use]
pub fn discover(certificate: &Certificate, issuer: &Certificate, hosts: &HostList) -> Discovered {
    if hosts.is_empty() || certificate.issuer() != issuer.subject() {
        return Discovered::default();
    }
    let extensions = certificate.extensions();
    let full = sources(&extensions.crl_distribution_points, hosts).map(|source| source.of_deltas(false));
    let deltas = sources(&extensions.freshest_crl, hosts).map(|source| source.of_deltas(true));
    Discovered {
        lists: full.chain(deltas).collect(),
        ocsp: allowed(&extensions.ocsp_urls, hosts).collect(),
        issuers: allowed(&extensions.ca_issuer_urls, hosts).collect(),
    }
}

fn sources<'a>(points: &'a [CrlDistributionPoint], hosts: &'a HostList) -> impl Iterator<Item = Source> + 'a {
    points.iter().take(MAX_POINTS).filter_map(|point| {
        let mirrors: Vec<Box<str>> = allowed(&point.urls, hosts).collect();
        Source::urls(&mirrors).ok().map(Source::discovered)
    })
}

fn allowed<'a>(addresses: &'a [Box<str>], hosts: &'a HostList) -> impl Iterator<Item = Box<str>> + 'a {
    addresses.iter().filter(|address| hosts.allows(address)).take(MAX_ADDRESSES).cloned()
}
