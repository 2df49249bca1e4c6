//! What one kind of evidence says about one certificate.

use std::borrow::Cow;

use crate::clock::Time;
use crate::revocation::{self, Revoked as Entry};
use crate::verdict::{Reason, RevocationSource, Revoked, Warning, Whose, revocation_reason_name};

/// What was said, and by whom.
pub(super) struct Said {
    pub(super) word: Word,
    pub(super) source: Option<RevocationSource>,
    /// Further evidence relied on.
    pub(super) beside: Vec<RevocationSource>,
    pub(super) revoked: Option<Revoked>,
    pub(super) warnings: Vec<Warning>,
    /// The revocation is a hold, which its issuer may lift.
    pub(super) on_hold: bool,
}

/// The words there are.
pub(super) enum Word {
    /// Not revoked, by evidence that covers the moment or is newer.
    Good,
    /// Revoked, with effect on the moment asked about.
    Revoked(Reason),
    /// Revoked after the moment asked about and without effect on it.
    RevokedLater,
    /// Nothing is there to ask: no list, no response, no responder that answered.
    Silent { reason: Reason, detail: Cow<'static, str> },
    /// Something is there, and it does not prove the certificate good.
    Unknown { reason: Reason, detail: Cow<'static, str>, bars: Bars },
}

/// What a word that proves nothing keeps other evidence from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bars {
    /// Nothing: other evidence may prove the certificate good.
    Nothing,
    /// The kinds that come after it in the order: an answer that was given and does not hold is no silence that a list
    /// could stand in for.
    Later,
    /// Any other: the authority's own word that it does not know the certificate, or responses that were not read.
    Everything,
}

impl Said {
    pub(super) fn new(word: Word) -> Self {
        Self { word, source: None, beside: Vec::new(), revoked: None, warnings: Vec::new(), on_hold: false }
    }

    /// Named as revoked. Dated after the moment asked about, for a reason that does not reach back, it has no effect on
    /// the moment; but evidence that had lapsed by then says nothing good about it either, which `lapsed` words.
    pub(super) fn of_revoked(
        entry: &Entry,
        whose: Whose,
        after_at: bool,
        stale: bool,
        lapsed: impl FnOnce() -> Self,
    ) -> Self {
        let reason = entry.reason.map(revocation::Reason::code);
        let said = if !after_at || entry.reaches_back() {
            Self::new(Word::Revoked(Reason::revoked(whose, entry.date, reason)))
        } else if stale {
            lapsed()
        } else {
            Self::new(Word::RevokedLater)
        };
        Self {
            revoked: Some(Revoked { date: entry.date, reason: reason.and_then(revocation_reason_name) }),
            on_hold: entry.reason == Some(revocation::Reason::CertificateHold),
            ..said
        }
    }

    pub(super) fn unknown(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Word::Unknown { reason, detail: detail.into(), bars: Bars::Nothing })
    }

    /// The same word, which keeps other evidence out if it proves nothing.
    pub(super) fn barring(mut self, other: Bars) -> Self {
        if let Word::Unknown { bars, .. } = &mut self.word {
            *bars = other;
        }
        self
    }

    pub(super) fn silent(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Word::Silent { reason, detail: detail.into() })
    }

    pub(super) fn by(self, source: Option<RevocationSource>) -> Self {
        Self { source, ..self }
    }

    /// Whether it answers the question one way or the other.
    pub(super) fn is_definite(&self) -> bool {
        matches!(self.word, Word::Good | Word::Revoked(_) | Word::RevokedLater)
    }

    pub(super) fn is_revoked(&self) -> bool {
        matches!(self.word, Word::Revoked(_))
    }

    /// From when the evidence speaks: a full list with its delta is as new as the delta.
    pub(super) fn as_of(&self) -> Option<Time> {
        let source = self.source.as_ref()?;
        Some(source.delta.as_ref().map_or(source.this_update, |delta| delta.this_update.max(source.this_update)))
    }
}
