//! What a question asks of lists before they count.

use crate::clock::Time;
use crate::revocation::asked::{Accepts, When};
use crate::revocation::delta::DeltaProblem;
use crate::revocation::list::RevocationList;
use crate::revocation::reason::Revoked;
use crate::revocation::snapshot::{CLOCK_SKEW, is_begun};
use crate::x509::Certificate;

/// What lists are asked, and which of them are believed.
#[derive(Clone, Copy)]
pub struct Terms<'c> {
    pub certificate: &'c Certificate,
    pub when: When,
    pub accepts: &'c dyn Accepts,
    /// Which lists somebody answers for; `None` where the key of the certificate's issuer has signed them.
    pub vouched: Vouches<'c>,
}

/// Whether somebody who is good himself answers for a list.
pub type Vouches<'v> = Option<&'v dyn Fn(&RevocationList) -> bool>;

impl Terms<'_> {
    /// Whether whom the list names is revoked: whatever it is signed with, it is not dated ahead of the clock.
    pub fn hears(&self, list: &RevocationList) -> bool {
        is_begun(list, self.when.now)
    }

    /// Whether the list may clear somebody too, or lift a hold: it is not dated ahead of what the present is taken for,
    /// its algorithm is accepted, and somebody answers for it.
    pub fn believes(&self, list: &RevocationList) -> bool {
        self.disbelief(list).is_none()
    }

    fn disbelief(&self, list: &RevocationList) -> Option<DeltaProblem> {
        if !is_begun(list, self.when.present.min(self.when.now)) {
            Some(DeltaProblem::NotYetValid)
        } else if !self.accepts.signature(list.signature_algorithm()) {
            Some(DeltaProblem::NotAccepted)
        } else if self.vouched.is_some_and(|vouched| !vouched(list)) {
            Some(DeltaProblem::NotVouched)
        } else {
            None
        }
    }

    /// Whether the list is believed and its silence undoes what older ones say: an entry may go when the certificate has
    /// expired.
    pub fn supersedes(&self, list: &RevocationList) -> bool {
        !self.may_have_dropped(list) && self.believes(list)
    }

    /// Whether the list is from after the certificate's expiry, and does not say that it keeps certificates that expired
    /// then.
    pub fn may_have_dropped(&self, list: &RevocationList) -> bool {
        let expiry = self.expiry();
        list.this_update() > expiry && !list.keeps_expired_at(expiry)
    }

    fn expiry(&self) -> Time {
        self.certificate.validity().not_after
    }

    /// Why the delta cannot be used.
    pub fn problem(&self, delta: &RevocationList) -> Option<DeltaProblem> {
        let too_late = || self.may_have_dropped(delta).then_some(DeltaProblem::AfterExpiry);
        let lapsed = || delta.is_stale(self.when.at).then_some(DeltaProblem::Lapsed);
        self.disbelief(delta).or_else(lapsed).or_else(too_late)
    }

    /// Whether the list tells about a time after the moment, so that a hold that it does not have may have been in force then.
    pub fn is_past(&self, list: &RevocationList) -> bool {
        list.this_update() > self.when.at.plus_seconds(CLOCK_SKEW)
    }

    /// Whether the entry counted at the moment, though a list from after it may not have it any more. A final reason among
    /// them is not passed over either: it would hide a hold.
    pub fn counted_then(&self, entry: &Revoked) -> bool {
        if entry.is_hold() { entry.date <= self.when.at } else { entry.has_effect(self.when.at) }
    }
}
