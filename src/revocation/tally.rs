//! What several lists say about one certificate, put together (RFC 5280 6.3.3, the reasons mask).

use std::borrow::Cow;
use std::sync::Arc;

use super::answer::{Status, UnknownCause};
use super::asked::{Accepts, When};
use super::delta::{Basis, By, DeltaProblem, revoked_by};
use super::error::Unusable;
use super::list::RevocationList;
use super::reason::Revoked;
use super::snapshot::is_begun;
use crate::clock::Time;
use crate::x509::{Certificate, ReasonFlags};

/// What the lists asked so far say about one certificate.
pub(super) struct Tally<'a, 'c> {
    certificate: &'c Certificate,
    when: When,
    accepts: &'c dyn Accepts,
    revoked: Option<Named<'a>>,
    /// A list that is about all reasons and does not name the certificate.
    good: Option<Cow<'a, Basis>>,
    /// Lists about some reasons that do not name it.
    partly_good: Vec<Cow<'a, Basis>>,
    /// The reasons of `partly_good` together.
    reasons: ReasonFlags,
    cause: UnknownCause,
}

/// A list that names the certificate.
struct Named<'a> {
    revoked: Revoked,
    by: By,
    stale: bool,
    basis: Cow<'a, Basis>,
}

impl Named<'_> {
    /// Whether the revocation undoes the moment.
    fn has_effect(&self, at: Time) -> bool {
        self.revoked.has_effect(at)
    }

    /// What has effect on the moment comes first, then what a fresh list says.
    fn weight(&self, at: Time) -> (bool, bool) {
        (self.has_effect(at), !self.stale)
    }
}

impl<'a, 'c> Tally<'a, 'c> {
    /// Nothing asked yet about `certificate`.
    pub fn new(certificate: &'c Certificate, when: When, accepts: &'c dyn Accepts) -> Self {
        Self {
            certificate,
            when,
            accepts,
            revoked: None,
            good: None,
            partly_good: Vec::new(),
            reasons: ReasonFlags::NONE,
            cause: UnknownCause::NoList,
        }
    }

    /// Takes what a list says.
    pub fn ask(&mut self, basis: &'a Basis) {
        let Some((basis, reasons)) = self.silent(basis) else { return };
        if reasons.is_all() {
            self.good.get_or_insert(basis);
        } else {
            self.reasons = self.reasons.union(reasons);
            self.partly_good.push(basis);
        }
    }

    /// Takes what a list says as long as it names the certificate; its silence proves nothing.
    pub fn ask_for_revocation(&mut self, basis: &'a Basis) {
        if let Some((basis, _)) = self.silent(basis) {
            self.unknown(UnknownCause::NotVouched { list: Arc::clone(&basis.list) });
        }
    }

    /// Takes what a list says as long as it names the certificate; its silence is passed over.
    pub fn ask_beside(&mut self, basis: &'a Basis) {
        let cause = self.cause.clone();
        let _ = self.silent(basis);
        self.cause = cause;
    }

    /// Takes what deltas without a full list, the newest first, name as revoked. They prove nothing else.
    pub fn ask_without_full(&mut self, deltas: &[Arc<RevocationList>], counts: impl Fn(&RevocationList) -> bool) {
        let (certificate, at, now) = (self.certificate, self.when.at, self.when.now);
        let counts =
            |list: &RevocationList| counts(list) && is_begun(list, now) && !list.reasons_for(certificate).is_empty();
        let Some((revoked, place)) = revoked_by(deltas, counts, certificate, at) else { return };
        if let Some(delta) = deltas.get(place) {
            let basis = Cow::Owned(Basis::of_delta(delta));
            self.name(Named { revoked, by: By::Full, stale: delta.is_stale(at), basis });
        }
    }

    fn name(&mut self, named: Named<'a>) {
        let heavier = |known: &Named<'_>| named.weight(self.when.at) > known.weight(self.when.at);
        if self.revoked.as_ref().is_none_or(heavier) {
            self.revoked = Some(named);
        }
    }

    /// A list that says nothing, for the cause it is.
    pub fn passed_over(&mut self, list: &Arc<RevocationList>) {
        let why = list.unusable().cloned().unwrap_or(Unusable::Delta);
        self.unknown(UnknownCause::Unsupported { list: Arc::clone(list), why });
    }

    /// Keeps the more telling of two causes.
    pub fn unknown(&mut self, cause: UnknownCause) {
        if cause.rank() > self.cause.rank() {
            self.cause = cause;
        }
    }

    /// Takes a list that names the certificate, or that cannot tell. Answers one that is about the certificate, covers
    /// the moment and has nothing against it then, with the reasons it is about: a revocation that came later and does
    /// not reach back proves no more than silence does.
    fn silent(&mut self, basis: &'a Basis) -> Option<(Cow<'a, Basis>, ReasonFlags)> {
        let list = &basis.list;
        let reasons = list.reasons_for(self.certificate);
        if reasons.is_empty() {
            self.unknown(UnknownCause::OutOfScope { list: Arc::clone(list) });
            return None;
        }
        if !is_begun(list, self.when.now) {
            self.unknown(UnknownCause::NotYetValid { list: Arc::clone(list) });
            return None;
        }
        let basis = match &basis.delta {
            // The clock was set back since the lists were put together.
            Some(delta) if !is_begun(delta, self.when.now) => {
                Cow::Owned(basis.without_delta(DeltaProblem::NotYetValid))
            }
            _ => Cow::Borrowed(basis),
        };
        self.silence_of(basis, reasons)
    }

    /// As [`Self::silent`], of a list that is about the certificate for these reasons and has begun, with its delta.
    fn silence_of(&mut self, basis: Cow<'a, Basis>, reasons: ReasonFlags) -> Option<(Cow<'a, Basis>, ReasonFlags)> {
        // What a delta revokes counts whenever it is from, and whatever it is signed with. One dated ahead of the present, or
        // whose algorithm is not accepted, carries no full list past its nextUpdate.
        let is_accepted = |delta: &Arc<RevocationList>| self.accepts.signature(delta.signature_algorithm());
        let refused = basis.delta.as_ref().is_some_and(|delta| !is_accepted(delta));
        let ahead = basis.delta.as_ref().is_some_and(|delta| !is_begun(delta, self.when.present));
        let stale = if ahead || refused { basis.list.is_stale(self.when.at) } else { basis.is_stale(self.when.at) };
        match basis.lookup(self.certificate, self.when.at) {
            Some((revoked, by)) => {
                let named = Named { revoked, by, stale, basis: basis.clone() };
                let nothing_then = !stale && !named.has_effect(self.when.at);
                self.name(named);
                if nothing_then { self.if_it_counts(basis, reasons) } else { None }
            }
            // It lifts no hold either.
            None if refused => self.silence_of(Cow::Owned(basis.without_delta(DeltaProblem::NotAccepted)), reasons),
            None if stale => {
                self.unknown(UnknownCause::Stale { list: Arc::clone(&basis.list) });
                None
            }
            None => self.if_it_counts(basis, reasons),
        }
    }

    /// A list whose silence counts, unless it is dated ahead of what the present is taken for, or its algorithm is not
    /// accepted.
    fn if_it_counts(&mut self, basis: Cow<'a, Basis>, reasons: ReasonFlags) -> Option<(Cow<'a, Basis>, ReasonFlags)> {
        let list = &basis.list;
        if !is_begun(list, self.when.present) {
            self.unknown(UnknownCause::NotYetValid { list: Arc::clone(list) });
        } else if !self.accepts.signature(list.signature_algorithm()) {
            self.unknown(UnknownCause::NotAccepted { list: Arc::clone(list) });
        } else {
            return Some((basis, reasons));
        }
        None
    }

    /// The answer.
    pub fn conclude(self) -> Status {
        let (at, expiry) = (self.when.at, self.certificate.validity().not_after);
        // «Revoked later» is good about the moment, so it takes what good takes: lists about all reasons.
        let proved = self.good.is_some() || self.reasons.is_all();
        let counts = |named: &Named<'_>| named.has_effect(at) || named.stale || proved;
        if let Some(Named { revoked, by, stale, basis }) = self.revoked.filter(counts) {
            return Status::Revoked { basis: basis.as_of(at, by), revoked, stale, after_at: revoked.date > at };
        }
        let late = |basis: &Basis| !basis.list.keeps_expired() && basis.list.this_update() > expiry;
        if let Some(basis) = self.good {
            return Status::Good {
                after_expiry: late(&basis),
                basis: basis.as_of(at, By::Full),
                beside: Box::default(),
            };
        }
        let missing = self.reasons.missing();
        let after_expiry = self.partly_good.iter().any(|basis| late(basis));
        let mut partly_good = self.partly_good.into_iter().map(|basis| basis.as_of(at, By::Full));
        match partly_good.next() {
            Some(basis) if missing.is_empty() => Status::Good { basis, beside: partly_good.collect(), after_expiry },
            Some(basis) if self.cause.rank() < UnknownCause::SOME_REASONS => {
                Status::Unknown { cause: UnknownCause::SomeReasons { list: basis.list, missing } }
            }
            _ => Status::Unknown { cause: self.cause },
        }
    }
}
