//! What is known about a certificate, and why not more.

use std::sync::Arc;

use super::delta::Basis;
use super::error::{ListError, Unusable};
use super::list::RevocationList;
use super::reason::Revoked;
use crate::x509::ReasonFlags;

/// What is known about a certificate.
#[derive(Clone, Debug)]
pub enum Status {
    /// Lists that cover the moment, and all reasons for revocation together, do not name it.
    Good {
        /// The list relied on, with its delta.
        basis: Basis,
        /// Further lists relied on, where none alone is about all reasons.
        beside: Box<[Basis]>,
        /// A list was issued after the certificate had expired and does not say that it keeps such certificates,
        /// so its silence is weak evidence about a moment before the expiry (RFC 5280 3.3).
        after_expiry: bool,
    },
    /// A list names it.
    Revoked {
        /// The list relied on, with its delta; either may be the one that names it.
        basis: Basis,
        /// Date and reason.
        revoked: Revoked,
        /// The list had lapsed at the moment asked about; what it names stays revoked.
        stale: bool,
        /// The revocation is dated after the moment asked about.
        after_at: bool,
    },
    /// There is not enough evidence.
    Unknown {
        /// Why, the most telling reason of several.
        cause: UnknownCause,
    },
}

/// Why nothing is known, the least telling first.
#[derive(Clone, Debug)]
pub enum UnknownCause {
    /// No list of this issuer (name and key) is there.
    NoList,
    /// A list that names this issuer is there, and could not be verified under its key; or something is that cannot be
    /// read as a list.
    Rejected {
        /// What was wrong with it.
        why: Arc<ListError>,
    },
    /// There are lists of the issuer, and this certificate is not among those they are about.
    OutOfScope {
        /// One of them.
        list: Arc<RevocationList>,
    },
    /// There is a list that cannot be used.
    Unsupported {
        /// The list.
        list: Arc<RevocationList>,
        /// What is not supported.
        why: Unusable,
    },
    /// There is an indirect list, and nobody who answers for the certificate's issuer is known to answer for the list's
    /// issuer, at this moment, by algorithms that are accepted.
    NotVouched {
        /// The list.
        list: Arc<RevocationList>,
    },
    /// The lists that are there are about some reasons only (onlySomeReasons), and not about all of them together.
    SomeReasons {
        /// One of them.
        list: Arc<RevocationList>,
        /// What none of them is about.
        missing: ReasonFlags,
    },
    /// The list's thisUpdate lies ahead of the clock.
    NotYetValid {
        /// The list.
        list: Arc<RevocationList>,
    },
    /// The list, or the delta that continues it, is signed with an algorithm that is not accepted.
    NotAccepted {
        /// The list.
        list: Arc<RevocationList>,
    },
    /// So many deltas need later full lists, which did not come, that what the first of them named may have been forgotten.
    Behind {
        /// The list.
        list: Arc<RevocationList>,
    },
    /// The list had lapsed at the moment asked about, or has no nextUpdate at all.
    Stale {
        /// The list.
        list: Arc<RevocationList>,
    },
}

impl UnknownCause {
    /// [`Self::rank`] of [`Self::SomeReasons`].
    pub(super) const SOME_REASONS: u8 = 5;

    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NoList => 0,
            Self::Rejected { .. } => 1,
            Self::OutOfScope { .. } => 2,
            Self::Unsupported { .. } => 3,
            Self::NotVouched { .. } => 4,
            Self::SomeReasons { .. } => Self::SOME_REASONS,
            Self::NotYetValid { .. } => 6,
            Self::NotAccepted { .. } => 7,
            Self::Behind { .. } => 8,
            Self::Stale { .. } => 9,
        }
    }

    /// The list concerned, if there is one.
    #[must_use]
    pub fn list(&self) -> Option<&Arc<RevocationList>> {
        match self {
            Self::NoList | Self::Rejected { .. } => None,
            Self::OutOfScope { list }
            | Self::Unsupported { list, .. }
            | Self::NotVouched { list }
            | Self::SomeReasons { list, .. }
            | Self::NotYetValid { list }
            | Self::NotAccepted { list }
            | Self::Behind { list }
            | Self::Stale { list } => Some(list),
        }
    }
}
