//! What several lists say about one certificate, put together (RFC 5280 6.3.3, the reasons mask).

use std::borrow::Cow;
use std::sync::Arc;

use super::answer::{Status, UnknownCause};
use super::asked::{Accepts, When};
use super::delta::{Basis, revoked_by};
use super::error::Unusable;
use super::joined::{Displaced, Heard, Joined, Terms, Vouches};
use super::list::RevocationList;
use super::reason::Revoked;
use super::snapshot::is_begun;
use crate::clock::Time;
use crate::x509::{Certificate, ReasonFlags};

/// What the lists asked so far say about one certificate.
pub(super) struct Tally<'a, 'c> {
    terms: Terms<'c>,
    revoked: Option<Named<'a>>,
    /// A list that is about all reasons and has nothing against the certificate.
    good: Option<Silent<'a>>,
    /// Lists about some reasons that have nothing against it.
    partly_good: Vec<Cow<'a, Basis>>,
    /// The reasons of `partly_good` together.
    reasons: ReasonFlags,
    /// Those of them that lists tell about which cannot have dropped the certificate.
    in_time: ReasonFlags,
    /// Deltas from before which others may have been forgotten.
    horizons: &'a [Arc<RevocationList>],
    cause: UnknownCause,
}

/// A list that has nothing against the certificate at the moment.
struct Silent<'a> {
    basis: Cow<'a, Basis>,
    reasons: ReasonFlags,
    /// It is from after the expiry, and need not have the certificate any more.
    late: bool,
}

/// A list that names the certificate.
struct Named<'a> {
    revoked: Revoked,
    stale: bool,
    basis: Cow<'a, Basis>,
}

impl Named<'_> {
    /// Of two holds the earlier beginning counts.
    fn since(self, other: &Named<'_>) -> Self {
        Self { revoked: self.revoked.since(&other.revoked), ..self }
    }

    /// Whether the revocation undoes the moment.
    fn has_effect(&self, at: Time) -> bool {
        self.revoked.has_effect(at)
    }

    /// What has effect on the moment comes first; then what is final, since a response may lift a hold, and of holds the
    /// latest word; then what a fresh list says.
    fn weight(&self, at: Time) -> ((bool, bool), Option<Time>, bool) {
        (self.revoked.weight(at), self.revoked.is_hold().then(|| self.basis.as_of()), !self.stale)
    }
}

impl<'a, 'c> Tally<'a, 'c> {
    /// Nothing asked yet about `certificate`.
    pub fn new(certificate: &'c Certificate, when: When, accepts: &'c dyn Accepts) -> Self {
        Self {
            terms: Terms { certificate, when, accepts, vouched: None },
            revoked: None,
            good: None,
            partly_good: Vec::new(),
            reasons: ReasonFlags::NONE,
            in_time: ReasonFlags::NONE,
            horizons: &[],
            cause: UnknownCause::NoList,
        }
    }

    /// With deltas from before which others of their kind may have been forgotten.
    pub fn within(self, horizons: &'a [Arc<RevocationList>]) -> Self {
        Self { horizons, ..self }
    }

    /// Takes what a list says.
    pub fn ask(&mut self, joined: &'a Joined, vouched: Vouches<'_>) {
        let Some(silent) = self.silent(joined, vouched) else { return };
        if !silent.reasons.is_all() {
            self.reasons = self.reasons.union(silent.reasons);
            if !silent.late {
                self.in_time = self.in_time.union(silent.reasons);
            }
            self.partly_good.push(silent.basis);
        } else if self.good.as_ref().is_none_or(|known| known.late && !silent.late) {
            self.good = Some(silent);
        }
    }

    /// Takes what a list says as long as it names the certificate; its silence proves nothing.
    pub fn ask_for_revocation(&mut self, joined: &'a Joined, vouched: Vouches<'_>) {
        if let Some(Silent { basis, .. }) = self.silent(joined, vouched) {
            self.unknown(UnknownCause::NotVouched { list: Arc::clone(&basis.list) });
        }
    }

    /// Takes what a list says as long as it names the certificate; its silence is passed over.
    pub fn ask_beside(&mut self, joined: &'a Joined, vouched: Vouches<'_>) {
        let cause = self.cause.clone();
        let _ = self.silent(joined, vouched);
        self.cause = cause;
    }

    /// Takes what deltas without a full list, the newest first, name as revoked. They prove nothing else.
    pub fn ask_without_full(
        &mut self,
        deltas: &[Arc<RevocationList>],
        counts: impl Fn(&RevocationList) -> bool,
        vouched: Vouches<'_>,
    ) {
        let terms = Terms { vouched, ..self.terms };
        let counts = |delta: &&Arc<RevocationList>| {
            counts(delta) && terms.hears(delta) && !delta.reasons_for(terms.certificate).is_empty()
        };
        if let Some((revoked, delta)) = revoked_by(deltas.iter().filter(counts), &terms) {
            let basis = Cow::Owned(Basis::of_delta(delta));
            self.name(Named { revoked, stale: delta.is_stale(terms.when.at), basis });
        }
    }

    fn name(&mut self, named: Named<'a>) {
        let at = self.terms.when.at;
        self.revoked = Some(match self.revoked.take() {
            None => named,
            Some(known) if named.weight(at) > known.weight(at) => named.since(&known),
            Some(known) => known.since(&named),
        });
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
    fn silent(&mut self, joined: &'a Joined, vouched: Vouches<'_>) -> Option<Silent<'a>> {
        let (list, terms) = (&joined.basis.list, Terms { vouched, ..self.terms });
        let reasons = list.reasons_for(terms.certificate);
        if reasons.is_empty() {
            self.unknown(UnknownCause::OutOfScope { list: Arc::clone(list) });
            return None;
        }
        if !terms.hears(list) {
            self.unknown(UnknownCause::NotYetValid { list: Arc::clone(list) });
            return None;
        }
        match joined.displaced(&terms) {
            Displaced::No => {}
            Displaced::Then => return None,
            Displaced::Since => {
                if let Some(Heard { basis, entry: Some(revoked), stale }) = joined.heard_then(&terms) {
                    self.name(Named { revoked, stale, basis });
                }
                return None;
            }
        }
        let Heard { basis, entry, stale } = joined.hear(&terms);
        match entry {
            Some(revoked) => {
                let named = Named { revoked, stale, basis: basis.clone() };
                let nothing_then = !stale && !named.has_effect(terms.when.at);
                self.name(named);
                // What names it has kept it.
                let late = terms.may_have_dropped(list) && list.lookup_certificate(terms.certificate).is_none();
                if nothing_then { self.if_it_counts(Silent { basis, reasons, late }) } else { None }
            }
            None if stale => {
                self.unknown(UnknownCause::Stale { list: Arc::clone(list) });
                None
            }
            None => {
                let late = terms.may_have_dropped(list);
                self.if_it_counts(Silent { basis, reasons, late })
            }
        }
    }

    /// A list whose silence counts, unless it is dated ahead of what the present is taken for, its algorithm is not
    /// accepted, or deltas that are later may have been forgotten.
    fn if_it_counts(&mut self, silent: Silent<'a>) -> Option<Silent<'a>> {
        let list = &silent.basis.list;
        if !is_begun(list, self.terms.when.present) {
            self.unknown(UnknownCause::NotYetValid { list: Arc::clone(list) });
        } else if !self.terms.accepts.signature(list.signature_algorithm()) {
            self.unknown(UnknownCause::NotAccepted { list: Arc::clone(list) });
        } else if self.horizons.iter().any(|oldest| silent.basis.is_behind(oldest)) {
            self.unknown(UnknownCause::Behind { list: Arc::clone(list) });
        } else {
            return Some(silent);
        }
        None
    }

    /// The answer.
    pub fn conclude(self) -> Status {
        let at = self.terms.when.at;
        // «Revoked later» is good about the moment, so it takes what good takes: lists about all reasons, which cannot have
        // dropped the certificate.
        let proved = self.good.as_ref().is_some_and(|good| !good.late) || self.in_time.is_all();
        let counts = |named: &Named<'_>| named.has_effect(at) || named.stale || proved;
        if let Some(Named { revoked, stale, basis }) = self.revoked.filter(counts) {
            return Status::Revoked { basis: basis.into_owned(), revoked, stale, after_at: revoked.date > at };
        }
        if let Some(Silent { basis, late, .. }) = self.good {
            return Status::Good { after_expiry: late, basis: basis.into_owned(), beside: Box::default() };
        }
        let missing = self.reasons.missing();
        let after_expiry = !self.in_time.is_all();
        let mut partly_good = self.partly_good.into_iter().map(Cow::into_owned);
        match partly_good.next() {
            Some(basis) if missing.is_empty() => Status::Good { basis, beside: partly_good.collect(), after_expiry },
            Some(basis) if self.cause.rank() < UnknownCause::SOME_REASONS => {
                Status::Unknown { cause: UnknownCause::SomeReasons { list: basis.list, missing } }
            }
            _ => Status::Unknown { cause: self.cause },
        }
    }
}
