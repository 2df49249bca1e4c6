//! All verified lists at one moment, and what they say about a certificate (RFC 5280 6.3.3).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::answer::{Status, UnknownCause};
use super::delta::Basis;
use super::error::ListError;
use super::list::{ParsedList, RevocationList};
use super::scope::names_list_issuer;
use super::source::Source;
use super::tally::Tally;
use super::vouched::{Link, Vouched};
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// How far an authority's clock may run ahead of ours, in seconds.
pub const CLOCK_SKEW: i64 = 300;

/// An immutable set of verified lists, by issuer key and name.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By key; the few lists of one key are told apart by name and scope.
    by_key: HashMap<[u8; 32], Group>,
    /// Names of issuers whose lists came and could not be verified, with the reason: never evidence, but the
    /// difference between «no list» and «a list that does not hold».
    rejected: Vec<(Name, Arc<ListError>)>,
    vouched: Arc<Vouched>,
}

/// The lists of one key.
#[derive(Debug, Default)]
struct Group {
    /// Full lists with the deltas that continue them, the newest first.
    bases: Vec<Basis>,
    /// Every delta, those in use too.
    deltas: Vec<Arc<RevocationList>>,
    /// Lists that say nothing, kept to be named.
    unusable: Vec<Arc<RevocationList>>,
}

/// Whether a full list counts in the place of another: about the same certificates, usable, and no older.
fn displaces(newer: &RevocationList, older: &RevocationList, now: Time) -> bool {
    newer.unusable().is_none() && is_begun(newer, now) && newer.same_scope(older) && newer.rank_against(older).is_ge()
}

/// Of full lists about the same certificates the newest.
fn newest(full: Vec<Arc<RevocationList>>, now: Time) -> Vec<Arc<RevocationList>> {
    let mut kept: Vec<Arc<RevocationList>> = Vec::new();
    for list in full {
        if kept.iter().any(|there| displaces(there, &list, now)) {
            continue;
        }
        kept.retain(|there| !displaces(&list, there, now));
        kept.push(list);
    }
    kept
}

impl Group {
    fn assemble(own: Vec<Arc<RevocationList>>, brought: Vec<Arc<RevocationList>>, now: Time) -> Self {
        let (mut deltas, full): (Vec<_>, Vec<_>) = own.into_iter().partition(|list| list.is_delta());
        let (more_deltas, brought): (Vec<_>, Vec<_>) = brought.into_iter().partition(|list| list.is_delta());
        deltas.extend(more_deltas);
        let mut kept = newest(full, now);
        let mut brought = newest(brought, now);
        brought.retain(|list| !kept.iter().any(|own| displaces(own, list, now) && own.rank_against(list).is_gt()));
        kept.append(&mut brought);
        kept.sort_by_key(|list| Reverse(list.this_update()));
        let (usable, unusable): (Vec<_>, Vec<_>) = kept.into_iter().partition(|list| list.unusable().is_none());
        let bases = usable.iter().map(|list| Basis::new(Arc::clone(list), &deltas, &usable, now)).collect();
        Self { bases, deltas, unusable }
    }

    fn lists(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.bases.iter().map(|basis| &basis.list).chain(&self.deltas).chain(&self.unusable)
    }
}

impl Snapshot {
    /// Takes verified lists. Of full lists about the same certificates only the newest that can be used stays, with the
    /// delta that continues it; lists that cannot be used, those dated ahead of `now` and the other deltas stay beside
    /// it, so that answers can name them. A delta is never taken for a full list.
    #[must_use]
    pub fn assemble(lists: impl IntoIterator<Item = Arc<RevocationList>>, now: Time) -> Self {
        Self::assemble_both(lists, [], now)
    }

    fn assemble_both(
        own: impl IntoIterator<Item = Arc<RevocationList>>,
        brought: impl IntoIterator<Item = Arc<RevocationList>>,
        now: Time,
    ) -> Self {
        let mut by_key: HashMap<[u8; 32], (Vec<_>, Vec<_>)> = HashMap::new();
        for list in own {
            by_key.entry(*list.issuer_key()).or_default().0.push(list);
        }
        for list in brought {
            by_key.entry(*list.issuer_key()).or_default().1.push(list);
        }
        let group = |(key, (own, brought))| (key, Group::assemble(own, brought, now));
        Self { by_key: by_key.into_iter().map(group).collect(), ..Self::default() }
    }

    /// The same lists, beside some that came and could not be verified under their issuers' keys.
    #[must_use]
    pub fn with_rejected(self, rejected: Vec<(Name, Arc<ListError>)>) -> Self {
        Self { rejected, ..self }
    }

    /// The same lists; indirect ones of these authorities count. Without this only those of a certificate's own issuer
    /// do.
    #[must_use]
    pub fn with_vouched(self, vouched: Arc<Vouched>) -> Self {
        Self { vouched, ..self }
    }

    /// The lists of both, and those that came to either and could not be verified. Whose indirect lists count stays as
    /// it is here.
    #[must_use]
    pub fn joined_by(&self, other: &Self, now: Time) -> Self {
        let joined = Self::assemble(self.lists().chain(other.lists()).cloned(), now);
        let rejected = self.rejected.iter().chain(&other.rejected).cloned().collect();
        joined.with_rejected(rejected).with_vouched(Arc::clone(&self.vouched))
    }

    /// As [`Self::joined_by`], with lists that a stranger picked: those inside a document. They are asked beside the lists
    /// held here and never take the place of one: what is revoked by a list at hand stays so, whichever list somebody found
    /// that does not name it. Those older than the one at hand are left out.
    #[must_use]
    pub fn beside_brought(&self, brought: &Self, now: Time) -> Self {
        let joined = Self::assemble_both(self.lists().cloned(), brought.lists().cloned(), now);
        let rejected = self.rejected.iter().chain(&brought.rejected).cloned().collect();
        joined.with_rejected(rejected).with_vouched(Arc::clone(&self.vouched))
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
        self.by_key.values().flat_map(Group::lists)
    }

    /// The full lists held that can be used, each with the delta that continues it.
    pub fn bases(&self) -> impl Iterator<Item = &Basis> {
        self.by_key.values().flat_map(|group| &group.bases)
    }

    /// What is known about `certificate`, issued by `issuer`, at the moment `at`, when the clock shows `now`.
    ///
    /// Lists are found by the issuer's name and key; indirect ones by the issuers that the certificate's distribution
    /// points name, if a path vouches for them. A list issued after `at` is as good as one that covers it; one dated
    /// ahead of `now` is none. Being named by any list counts before not being named by another, and not being named
    /// counts when the lists that do not name it are about all reasons together. The caller decides what a revocation
    /// dated after `at` means: see [`Revoked::reaches_back`](super::Revoked::reaches_back).
    #[must_use]
    pub fn status(&self, certificate: &Certificate, issuer: &Certificate, at: Time, now: Time) -> Status {
        let mut tally = Tally::new(certificate, at, now);
        self.ask_issuer(certificate, issuer, &mut tally);
        let delegated = certificate.extensions().crl_distribution_points.iter().any(|point| point.crl_issuer.is_some());
        if delegated {
            self.ask_others(certificate, issuer, &mut tally);
        }
        match tally.conclude() {
            Status::Unknown { cause } => Status::Unknown { cause: self.or_rejected(cause, certificate) },
            known => known,
        }
    }

    /// Asks the lists of the certificate's issuer.
    fn ask_issuer<'a>(&'a self, certificate: &Certificate, issuer: &Certificate, tally: &mut Tally<'a, '_>) {
        let named_right = certificate.issuer() == issuer.subject();
        let key = issuer.public_key().ok().filter(|_| named_right).map(|key| key.spki_sha256());
        let Some(group) = key.and_then(|key| self.by_key.get(key)) else { return };
        let own = |list: &RevocationList| list.issuer() == certificate.issuer();
        for basis in group.bases.iter().filter(|basis| own(&basis.list)) {
            tally.ask(basis);
        }
        for list in group.unusable.iter().filter(|list| own(list)) {
            tally.passed_over(list);
        }
        // A delta without a full list is worth naming; beside one it is named by it.
        if !group.bases.iter().any(|basis| own(&basis.list)) {
            group.deltas.iter().filter(|list| own(list)).for_each(|list| tally.passed_over(list));
        }
    }

    /// Asks the indirect lists of other issuers that the certificate names (cRLIssuer).
    fn ask_others<'a>(&'a self, certificate: &Certificate, issuer: &Certificate, tally: &mut Tally<'a, '_>) {
        // One that says nothing is not the same as none.
        let silent = self.by_key.values().flat_map(|group| &group.unusable);
        for list in silent.filter(|list| names_list_issuer(certificate, list.issuer())) {
            tally.passed_over(list);
        }
        for basis in self.bases().filter(|basis| basis.list.is_indirect()) {
            let (list, (at, now)) = (&basis.list, tally.moment());
            if list.issuer() == certificate.issuer() || list.reasons_for(certificate).is_empty() {
                continue;
            }
            let mut paths = self.vouched.paths(list, issuer).peekable();
            if paths.peek().is_none() {
                tally.unknown(UnknownCause::NotVouched { list: Arc::clone(list) });
            } else if paths.any(|links| self.stands(links, at, now)) {
                tally.ask(basis);
            } else {
                // Whoever issued it may have been revoked: it proves nobody good, but what it names may well be.
                tally.ask_for_revocation(basis);
            }
        }
    }

    /// Whether lists of their issuers say that all certificates of a path are good. Indirect ones are not asked again,
    /// so that no list vouches for its own issuer.
    fn stands(&self, links: &[Link], at: Time, now: Time) -> bool {
        links.iter().all(|(certificate, issuer)| {
            let mut tally = Tally::new(certificate, at, now);
            self.ask_issuer(certificate, issuer, &mut tally);
            matches!(tally.conclude(), Status::Good { after_expiry: false, .. })
        })
    }

    /// «No list» becomes «a list that does not hold» where one of that name came.
    fn or_rejected(&self, cause: UnknownCause, certificate: &Certificate) -> UnknownCause {
        match cause {
            UnknownCause::NoList => self
                .rejected
                .iter()
                .find(|(issuer, _)| issuer == certificate.issuer() || names_list_issuer(certificate, issuer))
                .map_or(UnknownCause::NoList, |(_, why)| UnknownCause::Rejected { why: Arc::clone(why) }),
            other => other,
        }
    }
}

/// Whether its thisUpdate has come.
pub(super) fn is_begun(list: &RevocationList, now: Time) -> bool {
    list.this_update() <= now.plus_seconds(CLOCK_SKEW)
}
