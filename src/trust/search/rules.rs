//! What an issuer must satisfy, once its key is known to have made the signature (RFC 5280 6.1.3, 6.1.4).

use super::{Search, Stop};
use crate::trust::anchor::{Anchor, AnchorRule, NotAuthority, check_authority};
use crate::trust::constraints::{self, Failure};
use crate::trust::error::{Offender, PathError};
use crate::x509::Certificate;

/// Most certificates below the anchor on one path, self-issued ones included: twice the default for those that
/// are not, so that every authority may have rolled over its key once.
const MAX_CERTIFICATES: usize = 17;

impl Search<'_> {
    /// Purpose, and as much of the anchor's certificate as counts.
    pub(super) fn check_anchor(&self, anchor: &Anchor, issuer: &Offender) -> Result<(), PathError> {
        if !anchor.purposes().intersects(self.options.purposes) {
            return Err(PathError::AnchorPurpose { offender: issuer.clone(), has: anchor.purposes() });
        }
        if self.options.anchors == AnchorRule::Checked {
            check_critical(issuer)?;
            AnchorRule::Checked.check(anchor.certificate()).map_err(|reason| not_authority(issuer, reason))?;
        }
        self.check_path_len(issuer)
    }

    /// RFC 5280 6.1.4 (k) to (o), and the limit on depth. A version 1 certificate cannot say that it is an
    /// authority and is refused.
    pub(super) fn check_intermediate(&self, issuer: &Offender) -> Result<(), PathError> {
        check_critical(issuer)?;
        check_authority(&issuer.certificate).map_err(|reason| not_authority(issuer, reason))?;
        self.check_path_len(issuer)?;
        let limit = self.options.budget.intermediates;
        let count = self.intermediates() + usize::from(!issuer.certificate.is_self_issued());
        if count > limit || self.chain.len() >= MAX_CERTIFICATES {
            return Err(PathError::TooDeep { limit });
        }
        Ok(())
    }

    fn check_path_len(&self, issuer: &Offender) -> Result<(), PathError> {
        let found = self.intermediates();
        match issuer.certificate.extensions().basic_constraints.and_then(|constraints| constraints.path_len) {
            Some(limit) if usize::try_from(limit).is_ok_and(|limit| found > limit) => {
                Err(PathError::PathLen { offender: issuer.clone(), limit, found })
            }
            _ => Ok(()),
        }
    }

    /// Intermediates of the chain that are not self-issued; the leaf, whatever it is, is none.
    fn intermediates(&self) -> usize {
        self.chain.iter().skip(1).filter(|certificate| !certificate.is_self_issued()).count()
    }

    /// RFC 5280 6.1.3 (b), (c): every certificate below, except self-issued ones that are not the leaf.
    pub(super) fn check_names(&mut self, issuer: &Offender) -> Result<Option<PathError>, Stop> {
        let Some(constraints) = &issuer.certificate.extensions().name_constraints else { return Ok(None) };
        for (depth, certificate) in self.chain.iter().enumerate() {
            if depth > 0 && certificate.is_self_issued() {
                continue;
            }
            match constraints::check(constraints, certificate, depth == 0, &mut self.budget) {
                Ok(()) => {}
                Err(Failure::Exhausted(resource)) => return Err(resource.into()),
                Err(Failure::Broken(form, breach)) => {
                    let offender = Offender { certificate: certificate.clone(), depth };
                    return Ok(Some(PathError::NameConstraint { offender, issuer: issuer.clone(), form, breach }));
                }
            }
        }
        Ok(None)
    }
}

/// What RFC 5280 rules out in the certificate asked about and no rule for issuers catches: a keyUsage without any bit
/// (4.2.1.3), name constraints of somebody who is no authority (4.2.1.10). Of an issuer it is told that it is none.
pub(super) fn defect_of_leaf(leaf: &Certificate) -> Option<&'static str> {
    let extensions = leaf.extensions();
    if extensions.key_usage.is_some_and(|usage| usage.bits() == 0) {
        return Some("its keyUsage has no bit set");
    }
    let is_authority = extensions.basic_constraints.is_some_and(|constraints| constraints.ca);
    (extensions.name_constraints.is_some() && !is_authority)
        .then_some("it constrains names, which only an authority's certificate may")
}

fn check_critical(issuer: &Offender) -> Result<(), PathError> {
    match issuer.certificate.extensions().unhandled_critical.first() {
        Some(&oid) => Err(PathError::UnhandledCritical { offender: issuer.clone(), oid }),
        None => Ok(()),
    }
}

fn not_authority(issuer: &Offender, reason: NotAuthority) -> PathError {
    match reason {
        NotAuthority::BasicConstraints => PathError::NotCa { offender: issuer.clone() },
        NotAuthority::KeyUsage => PathError::KeyUsage { offender: issuer.clone() },
    }
}
