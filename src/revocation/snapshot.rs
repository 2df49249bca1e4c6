//! All verified lists at one moment, and what they say about a certificate.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::error::{ListError, Unusable};
use super::list::{ParsedList, RevocationList};
use super::reason::Revoked;
use super::source::Source;
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// How far an authority's clock may run ahead of ours, in seconds.
pub const CLOCK_SKEW: i64 = 300;

/// What is known about a certificate.
#[derive(Clone, Debug)]
pub enum Status {
    /// A list that covers the moment does not name it.
    Good {
        /// The list relied on.
        list: Arc<RevocationList>,
        /// The list was issued after the certificate had expired and does not say that it keeps such certificates,
        /// so its silence is weak evidence about a moment before the expiry (RFC 5280 3.3).
        after_expiry: bool,
    },
    /// A list names it.
    Revoked {
        /// The list relied on.
        list: Arc<RevocationList>,
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
    /// A list that names this issuer is there, and could not be verified under its key.
    Rejected {
        /// What was wrong with it.
        why: Arc<ListError>,
    },
    /// There are lists of the issuer, and this certificate is not among those they are about.
    OutOfScope {
        /// One of them.
        list: Arc<RevocationList>,
    },
    /// There is a list, of a kind that is not supported.
    Unsupported {
        /// The list.
        list: Arc<RevocationList>,
        /// What is not supported.
        why: Unusable,
    },
    /// The list's thisUpdate lies ahead of the clock.
    NotYetValid {
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
    fn rank(&self) -> u8 {
        match self {
            Self::NoList => 0,
            Self::Rejected { .. } => 1,
            Self::OutOfScope { .. } => 2,
            Self::Unsupported { .. } => 3,
            Self::NotYetValid { .. } => 4,
            Self::Stale { .. } => 5,
        }
    }

    /// The list concerned, if there is one.
    #[must_use]
    pub fn list(&self) -> Option<&Arc<RevocationList>> {
        match self {
            Self::NoList | Self::Rejected { .. } => None,
            Self::OutOfScope { list }
            | Self::Unsupported { list, .. }
            | Self::NotYetValid { list }
            | Self::Stale { list } => Some(list),
        }
    }
}

/// An immutable set of verified lists, by issuer key and name.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By key; the few lists of one key are told apart by name and scope. The newest of a scope first.
    by_key: HashMap<[u8; 32], Vec<Arc<RevocationList>>>,
    /// Names of issuers whose lists came and could not be verified, with the reason: never evidence, but the
    /// difference between «no list» and «a list that does not hold».
    rejected: Vec<(Name, Arc<ListError>)>,
}

impl Snapshot {
    /// Takes verified lists. Of those about the same certificates only the newest that can be used stays; lists of
    /// other kinds, and those dated ahead of `now`, stay beside it, so that answers can name them.
    #[must_use]
    pub fn assemble(lists: impl IntoIterator<Item = Arc<RevocationList>>, now: Time) -> Self {
        let mut by_key: HashMap<[u8; 32], Vec<Arc<RevocationList>>> = HashMap::new();
        for list in lists {
            let group = by_key.entry(*list.issuer_key()).or_default();
            let displaces = |newer: &RevocationList, older: &RevocationList| {
                newer.unusable().is_none()
                    && is_begun(newer, now)
                    && newer.same_scope(older)
                    && newer.rank_against(older).is_ge()
            };
            if group.iter().any(|there| displaces(there, &list)) {
                continue;
            }
            group.retain(|there| !displaces(&list, there));
            group.push(list);
        }
        for group in by_key.values_mut() {
            group.sort_by_key(|list| Reverse(list.this_update()));
        }
        Self { by_key, rejected: Vec::new() }
    }

    /// The same lists, beside some that came and could not be verified under their issuers' keys.
    #[must_use]
    pub fn with_rejected(self, rejected: Vec<(Name, Arc<ListError>)>) -> Self {
        Self { rejected, ..self }
    }

    /// Reads, verifies and assembles lists that came with a request; answers what could not even be read beside it.
    #[must_use]
    pub fn read(
        lists: impl IntoIterator<Item = Vec<u8>>,
        issuers: &[Certificate],
        now: Time,
    ) -> (Self, Vec<(Source, ListError)>) {
        let mut unread = Vec::new();
        let mut rejected = Vec::new();
        let mut verified = Vec::new();
        for (position, bytes) in lists.into_iter().enumerate() {
            let source = Source::request(position);
            match ParsedList::read(bytes, source.clone()).map(|parsed| parsed.verify_with_any(issuers)) {
                Ok(Ok((list, _))) => verified.push(Arc::new(list)),
                Ok(Err(failed)) => rejected.push((failed.0.issuer().clone(), Arc::new(failed.1))),
                Err(error) => unread.push((source, error)),
            }
        }
        (Self::assemble(verified, now).with_rejected(rejected), unread)
    }

    /// The lists held.
    pub fn lists(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.by_key.values().flatten()
    }

    /// What is known about `certificate`, issued by `issuer`, at the moment `at`, when the clock shows `now`.
    ///
    /// Lists are found by the issuer's name and key. A list issued after `at` is as good as one that covers it; one
    /// dated ahead of `now` is none. Being named by any list counts before not being named by another. The caller
    /// decides what a revocation dated after `at` means: see [`Revoked::reaches_back`].
    #[must_use]
    pub fn status(&self, certificate: &Certificate, issuer: &Certificate, at: Time, now: Time) -> Status {
        let mut cause = UnknownCause::NoList;
        let mut good = None;
        let mut revoked: Option<(Revoked, bool, &Arc<RevocationList>)> = None;
        for list in self.lists_of(certificate, issuer) {
            match judge(list, certificate, at, now) {
                Answer::Good => {
                    good.get_or_insert(list);
                }
                Answer::Revoked(entry, stale) => {
                    // What has effect on the moment comes first, then what a fresh list says.
                    let weight = |entry: &Revoked, stale: bool| (entry.date <= at || entry.reaches_back(), !stale);
                    let heavier =
                        |(known, was_stale, _): (Revoked, bool, _)| weight(&entry, stale) > weight(&known, was_stale);
                    if revoked.is_none_or(heavier) {
                        revoked = Some((entry, stale, list));
                    }
                }
                Answer::Unknown(other) => {
                    if other.rank() > cause.rank() {
                        cause = other;
                    }
                }
            }
        }
        if let Some((revoked, stale, list)) = revoked {
            return Status::Revoked { list: Arc::clone(list), revoked, stale, after_at: revoked.date > at };
        }
        match good {
            Some(list) => Status::Good {
                list: Arc::clone(list),
                after_expiry: !list.keeps_expired() && list.this_update() > certificate.validity().not_after,
            },
            None => Status::Unknown { cause: self.or_rejected(cause, certificate) },
        }
    }

    /// «No list» becomes «a list that does not hold» where one of that name came.
    fn or_rejected(&self, cause: UnknownCause, certificate: &Certificate) -> UnknownCause {
        match cause {
            UnknownCause::NoList => self
                .rejected
                .iter()
                .find(|(issuer, _)| issuer == certificate.issuer())
                .map_or(UnknownCause::NoList, |(_, why)| UnknownCause::Rejected { why: Arc::clone(why) }),
            other => other,
        }
    }

    fn lists_of<'a>(
        &'a self,
        certificate: &'a Certificate,
        issuer: &Certificate,
    ) -> impl Iterator<Item = &'a Arc<RevocationList>> {
        let named_right = certificate.issuer() == issuer.subject();
        let key = issuer.public_key().ok().filter(|_| named_right).map(|key| *key.spki_sha256());
        let group = key.and_then(|key| self.by_key.get(&key)).map_or(&[][..], Vec::as_slice);
        group.iter().filter(move |list| list.issuer() == certificate.issuer())
    }
}

enum Answer {
    Good,
    Revoked(Revoked, bool),
    Unknown(UnknownCause),
}

/// What one list of the right issuer says.
fn judge(list: &Arc<RevocationList>, certificate: &Certificate, at: Time, now: Time) -> Answer {
    let list_of_cause = || Arc::clone(list);
    if let Some(why) = list.unusable() {
        return Answer::Unknown(UnknownCause::Unsupported { list: list_of_cause(), why: why.clone() });
    }
    // Entries with negative serial numbers are not indexed, so the silence of a list proves nothing about such a one.
    if !list.covers(certificate) || certificate.serial_number().is_negative() {
        return Answer::Unknown(UnknownCause::OutOfScope { list: list_of_cause() });
    }
    if !is_begun(list, now) {
        return Answer::Unknown(UnknownCause::NotYetValid { list: list_of_cause() });
    }
    let stale = list.is_stale(at);
    match list.lookup(certificate.serial_number()) {
        Some(revoked) => Answer::Revoked(revoked, stale),
        None if stale => Answer::Unknown(UnknownCause::Stale { list: list_of_cause() }),
        None => Answer::Good,
    }
}

/// Whether its thisUpdate has come.
pub(super) fn is_begun(list: &RevocationList, now: Time) -> bool {
    list.this_update() <= now.plus_seconds(CLOCK_SKEW)
}
