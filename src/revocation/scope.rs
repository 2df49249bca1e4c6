//! What a list is about, and whether a certificate is among it (RFC 5280 5.2.5 and 6.3.3 (b), (d)).

use super::foreign::issuer_hash;
use crate::crypto::sha256;
use crate::x509::{Certificate, CrlDistributionPoint, GeneralName, Name, ReasonFlags};

/// Which certificates and reasons a list is about, besides its issuer. Lists of the same scope take each other's place.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// onlyContainsUserCerts.
    pub only_users: bool,
    /// onlyContainsCACerts.
    pub only_authorities: bool,
    /// Names of its distribution point, relative ones resolved; a certificate must have one of them among its own.
    /// `None`: every certificate. Several names of one point are one list.
    pub point: Option<Box<[GeneralName]>>,
    /// onlySomeReasons; all when it is absent.
    pub reasons: ReasonFlags,
    /// indirectCRL.
    pub indirect: bool,
}

impl Default for Scope {
    /// Every certificate of the issuer, all reasons.
    fn default() -> Self {
        Self { only_users: false, only_authorities: false, point: None, reasons: ReasonFlags::ALL, indirect: false }
    }
}

impl Scope {
    /// For which reasons a list of `list_issuer` with this scope tells about `certificate`; none when it is not about
    /// it at all.
    ///
    /// RFC 5280 6.3.3 goes through the certificate's distribution points, all of them, and then through one that is
    /// assumed: with the name of the certificate's issuer, for all reasons. Here all points are looked at for one list.
    /// A list that names no point of its own belongs to every point that its issuer answers for, and to the assumed
    /// one when there is no such point.
    pub fn reasons_for(&self, certificate: &Certificate, list_issuer: &Name) -> ReasonFlags {
        let extensions = certificate.extensions();
        let authority = extensions.basic_constraints.is_some_and(|constraints| constraints.ca);
        if if authority { self.only_users } else { self.only_authorities } {
            return ReasonFlags::NONE;
        }
        let own = list_issuer == certificate.issuer();
        let mut reasons = ReasonFlags::NONE;
        let mut named_by_own_point = false;
        for point in &extensions.crl_distribution_points {
            named_by_own_point |= point.crl_issuer.is_none();
            let issuer_fits = match &point.crl_issuer {
                None => own,
                Some(names) => self.indirect && names_issuer(names, list_issuer),
            };
            if issuer_fits && self.point_fits(point, certificate.issuer(), list_issuer) {
                reasons = reasons.union(point.reasons.unwrap_or(ReasonFlags::ALL));
            }
        }
        let assumed = own
            && match &self.point {
                None => !named_by_own_point,
                Some(names) => names_issuer(names, certificate.issuer()),
            };
        if assumed { self.reasons } else { self.reasons.intersection(reasons) }
    }

    /// RFC 5280 6.3.3 (b) (2) (i).
    fn point_fits(&self, point: &CrlDistributionPoint, certificate_issuer: &Name, list_issuer: &Name) -> bool {
        let Some(wanted) = &self.point else { return true };
        let among = |names: &[GeneralName]| names.iter().any(|name| is_comparable(name) && wanted.contains(name));
        match (&point.name, &point.crl_issuer) {
            (Some(name), issuer) => {
                let base = if issuer.is_some() { list_issuer } else { certificate_issuer };
                name.resolve(base).is_some_and(|names| among(&names))
            }
            (None, Some(issuers)) => among(issuers),
            (None, None) => false,
        }
    }

    /// Tells scopes apart, in the name of a stored copy too.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut text = format!("{:?}{:?}{:?}", self.only_users, self.only_authorities, self.indirect).into_bytes();
        text.extend(format!("{:?}", self.reasons).into_bytes());
        for name in self.point.iter().flatten() {
            let part = match name {
                // `Debug` of a name leaves the values out.
                GeneralName::Directory(name) => issuer_hash(name).to_vec(),
                other => format!("{other:?}").into_bytes(),
            };
            text.extend_from_slice(&sha256(&part));
        }
        sha256(&text)
    }
}

/// Whether a name can be compared at all: forms that are not read look alike and are not.
pub(super) fn is_comparable(name: &GeneralName) -> bool {
    matches!(
        name,
        GeneralName::Directory(_)
            | GeneralName::Dns(_)
            | GeneralName::Email(_)
            | GeneralName::Ip(_)
            | GeneralName::Uri(_)
    )
}

/// Whether a distribution point of the certificate names `issuer` as the one whose lists are about it (cRLIssuer).
pub(super) fn names_list_issuer(certificate: &Certificate, issuer: &Name) -> bool {
    let mut points = certificate.extensions().crl_distribution_points.iter();
    points.any(|point| point.crl_issuer.as_deref().is_some_and(|names| names_issuer(names, issuer)))
}

fn names_issuer(names: &[GeneralName], issuer: &Name) -> bool {
    names.iter().any(|name| matches!(name, GeneralName::Directory(name) if name == issuer))
}
