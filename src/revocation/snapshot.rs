//! All verified lists at one moment. What they say about a certificate is in [`asking`](super::asking).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::answer::UnknownCause;
use super::delta::{Basis, without_full};
use super::error::ListError;
use super::joined::{Change, Full, Joined};
use super::list::{ParsedList, RevocationList};
use super::scope::names_list_issuer;
use super::source::Source;
use super::vouched::{KeyHash, Vouched, may_sign_lists};
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// How far an authority's clock may run ahead of ours, in seconds.
pub const CLOCK_SKEW: i64 = 300;

/// An immutable set of verified lists, by issuer key and name.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By key; the few lists of one key are told apart by name and scope.
    by_key: HashMap<KeyHash, Group>,
    /// Names of issuers whose lists came and could not be verified, with the reason: never evidence, but the
    /// difference between «no list» and «a list that does not hold».
    rejected: Vec<(Name, Arc<ListError>)>,
    /// Why something that came cannot even be read as a list: whose it was meant to be, nobody knows.
    unread: Option<Arc<ListError>>,
    pub(super) vouched: Arc<Vouched>,
    /// Deltas from before which others of their kind may have been forgotten: of full lists from before them it is not known
    /// what they do not name.
    horizons: Vec<Arc<RevocationList>>,
    /// The keys that lists of one name have.
    keys_by_name: HashMap<Name, Vec<KeyHash>>,
    /// Whether any name has several.
    has_namesakes: bool,
    /// Whether any list is indirect.
    has_indirect: bool,
}

/// The lists of one key.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Full lists with their deltas, the newest first.
    pub bases: Vec<Joined>,
    /// Every delta, those in use too.
    pub deltas: Vec<Arc<RevocationList>>,
    /// Those of them without a full list of their scope, the newest first.
    pub lone: Box<[Arc<RevocationList>]>,
    /// Lists that say nothing, kept to be named.
    pub unusable: Vec<Arc<RevocationList>>,
}

/// Whether a full list is usable, about the same certificates as another, and newer.
fn is_later(newer: &RevocationList, older: &RevocationList, now: Time) -> bool {
    newer.unusable().is_none() && is_begun(newer, now) && newer.same_scope(older) && newer.is_newer_than(older)
}

/// Each list once.
fn distinct(lists: Vec<Arc<RevocationList>>, known: &[Arc<RevocationList>]) -> Vec<Arc<RevocationList>> {
    let mut seen: HashSet<[u8; 32]> = known.iter().map(|list| *list.sha256()).collect();
    lists.into_iter().filter(|list| seen.insert(*list.sha256())).collect()
}

impl Group {
    fn assemble(
        own: Vec<Arc<RevocationList>>,
        brought: Vec<Arc<RevocationList>>,
        (present, now): (Time, Time),
    ) -> Self {
        let (own_deltas, full): (Vec<_>, Vec<_>) = own.into_iter().partition(|list| list.is_delta());
        let (more_deltas, brought): (Vec<_>, Vec<_>) = brought.into_iter().partition(|list| list.is_delta());
        let own = distinct(full, &[]);
        // What is at hand as a delta is none the less one for coming from elsewhere too.
        let brought = distinct(distinct(brought, &own), &own_deltas);
        let own_deltas = distinct(own_deltas, &[]);
        let more_deltas = distinct(more_deltas, &own_deltas);
        let newer_than = |list: &RevocationList, is_own: bool| -> Box<[Arc<RevocationList>]> {
            let others = own.iter().chain(brought.iter().filter(|_| !is_own));
            others.filter(|other| is_later(other, list, present)).cloned().collect()
        };
        let places = own.iter().map(|list| (list, true)).chain(brought.iter().map(|list| (list, false)));
        let full = |(list, is_own)| Full { list: Arc::clone(list), is_own, newer: newer_than(list, is_own) };
        let mut kept: Vec<Full> = places.map(full).collect();
        kept.sort_by_key(|full| Reverse(full.list.this_update()));
        let (kept, unusable): (Vec<_>, Vec<_>) = kept.into_iter().partition(|full| full.list.unusable().is_none());
        let unusable = unusable.into_iter().filter(|full| full.newer.is_empty()).map(|full| full.list).collect();
        let usable: Vec<_> = kept.iter().map(|full| Arc::clone(&full.list)).collect();
        let deltas =
            own_deltas.into_iter().map(|list| (list, true)).chain(more_deltas.into_iter().map(|list| (list, false)));
        let deltas: Vec<Change> = deltas
            .map(|(list, is_own)| Change { has_full: usable.iter().any(|full| list.shares_scope(full)), list, is_own })
            .collect();
        let bases = kept.into_iter().map(|full| Joined::new(full, &deltas, &usable, now)).collect();
        let deltas: Vec<_> = deltas.into_iter().map(|change| change.list).collect();
        // What has not begun stands beside no delta.
        let begun: Vec<&RevocationList> =
            usable.iter().map(|list| &**list).filter(|list| is_begun(list, now)).collect();
        let lone = without_full(&deltas, &begun);
        Self { bases, deltas, lone, unusable }
    }

    fn lists(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.bases.iter().map(|joined| &joined.basis.list).chain(&self.deltas).chain(&self.unusable)
    }
}

impl Snapshot {
    /// Takes verified lists. Of full lists about the same certificates the newest counts that is believed when a question is
    /// asked, with the delta that continues it; lists that cannot be used and those dated ahead of `now` stay beside it, so
    /// that answers can name them. A delta is never taken for a full list.
    #[must_use]
    pub fn assemble(lists: impl IntoIterator<Item = Arc<RevocationList>>, now: Time) -> Self {
        Self::assemble_both(lists, [], (now, now))
    }

    /// As [`Self::assemble`], to be asked about moments when `present` was the present: full lists dated ahead of it take
    /// the place of none from before. Deltas are joined to them as of `now`, since what they revoke counts whenever they
    /// are from; [`When::present`](super::When::present) keeps their silence from counting.
    #[must_use]
    pub fn assemble_for(lists: impl IntoIterator<Item = Arc<RevocationList>>, present: Time, now: Time) -> Self {
        Self::assemble_both(lists, [], (present, now))
    }

    fn assemble_both(
        own: impl IntoIterator<Item = Arc<RevocationList>>,
        brought: impl IntoIterator<Item = Arc<RevocationList>>,
        times: (Time, Time),
    ) -> Self {
        let mut by_key: HashMap<KeyHash, (Vec<_>, Vec<_>)> = HashMap::new();
        for list in own {
            by_key.entry(*list.issuer_key()).or_default().0.push(list);
        }
        for list in brought {
            by_key.entry(*list.issuer_key()).or_default().1.push(list);
        }
        let group = |(key, (own, brought))| (key, Group::assemble(own, brought, times));
        let mut snapshot = Self { by_key: by_key.into_iter().map(group).collect(), ..Self::default() };
        for (key, group) in &snapshot.by_key {
            for list in group.lists() {
                let keys = snapshot.keys_by_name.entry(list.issuer().clone()).or_default();
                if !keys.contains(key) {
                    keys.push(*key);
                }
            }
        }
        snapshot.has_namesakes = snapshot.keys_by_name.values().any(|keys| keys.len() > 1);
        let has_indirect = snapshot.lists().any(|list| list.is_indirect());
        snapshot.has_indirect = has_indirect;
        snapshot
    }

    /// Whether the lists say the same about the certificates of `issuer` whichever path leads from it to an anchor: those of
    /// other keys than its own need a path to the same one.
    #[must_use]
    pub fn is_same_for_every_path_of(&self, issuer: &Certificate) -> bool {
        !self.has_namesakes && !self.has_indirect && may_sign_lists(issuer)
    }

    pub(super) fn group(&self, key: &KeyHash) -> Option<&Group> {
        self.by_key.get(key)
    }

    /// The groups of every key but `own` whose lists bear the name; none without a look where no name has several.
    pub(super) fn namesakes(&self, name: &Name, own: Option<&KeyHash>) -> impl Iterator<Item = (&KeyHash, &Group)> {
        let keys = if self.has_namesakes || own.is_none() { self.keys_by_name.get(name) } else { None };
        let others = keys.into_iter().flatten().filter(move |key| Some(*key) != own);
        others.filter_map(|key| Some((key, self.by_key.get(key)?)))
    }

    /// The same lists, beside some that came and could not be verified under their issuers' keys.
    #[must_use]
    pub fn with_rejected(self, rejected: Vec<(Name, Arc<ListError>)>) -> Self {
        Self { rejected, ..self }
    }

    /// The same lists, without one that could not be verified for each of these names: the issuer of that was found since.
    #[must_use]
    pub fn with_settled(mut self, issuers: &[Name]) -> Self {
        for issuer in issuers {
            if let Some(place) = self.rejected.iter().position(|(name, _)| name == issuer) {
                self.rejected.swap_remove(place);
            }
        }
        self
    }

    /// The same lists, beside something that came and cannot be read as a list: it may have been that of any issuer, so
    /// about none can it be said that no list is there.
    #[must_use]
    pub fn with_unread(self, unread: Option<Arc<ListError>>) -> Self {
        Self { unread, ..self }
    }

    /// The same lists, of which deltas from before these may have been forgotten.
    #[must_use]
    pub(super) fn with_horizons(self, horizons: Vec<Arc<RevocationList>>) -> Self {
        Self { horizons, ..self }
    }

    pub(super) fn horizons(&self) -> &[Arc<RevocationList>] {
        &self.horizons
    }

    fn horizons_of_both(&self, other: &Self) -> Vec<Arc<RevocationList>> {
        self.horizons.iter().chain(&other.horizons).cloned().collect()
    }

    /// The same lists; those of these authorities count under another key than that of a certificate's issuer, and about
    /// certificates that name them (indirect ones). Without this only lists of the issuer's very key do.
    #[must_use]
    pub fn with_vouched(self, vouched: Arc<Vouched>) -> Self {
        Self { vouched, ..self }
    }

    /// The lists of both, and those that came to either and could not be verified, of the authorities of both; the times are
    /// those of [`Self::assemble_for`].
    #[must_use]
    pub fn joined_by(&self, other: &Self, (present, now): (Time, Time)) -> Self {
        let lists = self.lists_but_deltas_of(other).chain(other.lists_but_deltas_of(self)).cloned();
        let joined = Self::assemble_for(lists, present, now);
        let rejected = self.rejected.iter().chain(&other.rejected).cloned().collect();
        joined
            .with_rejected(rejected)
            .with_unread(self.unread_by_either(other))
            .with_horizons(self.horizons_of_both(other))
            .with_vouched(self.vouched_by_both(other))
    }

    fn unread_by_either(&self, other: &Self) -> Option<Arc<ListError>> {
        self.unread.as_ref().or(other.unread.as_ref()).cloned()
    }

    fn vouched_by_both(&self, other: &Self) -> Arc<Vouched> {
        if other.vouched.is_empty() {
            Arc::clone(&self.vouched)
        } else {
            Arc::new(self.vouched.joined_by(&other.vouched))
        }
    }

    /// As [`Self::joined_by`], with lists that a stranger picked: those inside a document. They are asked beside the lists
    /// held here and never take the place of one: what is revoked by a list at hand stays so, whichever list somebody found
    /// that does not name it. Those older than the one at hand are left out.
    #[must_use]
    pub fn beside_brought(&self, brought: &Self, now: Time) -> Self {
        let joined = Self::assemble_both(self.lists().cloned(), brought.lists().cloned(), (now, now));
        let rejected = self.rejected.iter().chain(&brought.rejected).cloned().collect();
        let unread = self.unread_by_either(brought);
        let joined = joined.with_rejected(rejected).with_unread(unread).with_horizons(self.horizons_of_both(brought));
        joined.with_vouched(self.vouched_by_both(brought))
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

    /// The lists held, but for those that `other` has as deltas alone: one that is known for a delta by its address is none the
    /// less one for coming from elsewhere too.
    fn lists_but_deltas_of(&self, other: &Self) -> impl Iterator<Item = &Arc<RevocationList>> {
        let mut deltas: HashSet<[u8; 32]> =
            other.lists().filter(|list| list.is_delta()).map(|list| *list.sha256()).collect();
        other.lists().filter(|list| !list.is_delta()).for_each(|list| {
            deltas.remove(list.sha256());
        });
        self.lists().filter(move |list| list.is_delta() || !deltas.contains(list.sha256()))
    }

    /// The lists of every key.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.by_key.values()
    }

    /// The lists held that say nothing.
    pub(super) fn unusable(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.by_key.values().flat_map(|group| &group.unusable)
    }

    /// The full lists held that can be used, the newest under each algorithm, each with the delta that continues it.
    pub fn bases(&self) -> impl Iterator<Item = &Basis> {
        self.joined().filter(|joined| !joined.is_outdated()).map(|joined| &joined.basis)
    }

    /// The same, to be asked.
    pub(super) fn joined(&self) -> impl Iterator<Item = &Joined> {
        self.by_key.values().flat_map(|group| &group.bases)
    }

    /// Those of `issuers` that have signed a list held and whose paths are worth a search: where a list is indirect, or
    /// where `issuers` have several keys under its issuer's name, so that the key of a certificate's issuer may be another,
    /// or a certificate under it that is not for signing lists.
    pub fn to_be_vouched<'a>(&self, issuers: &'a [Certificate]) -> Vec<&'a Certificate> {
        let key = |issuer: &Certificate| issuer.public_key().ok().map(|key| *key.spki_sha256());
        let several = |name: &Name| {
            let mut named = issuers.iter().filter(|issuer| issuer.subject() == name);
            let Some(first) = named.next() else { return false };
            !may_sign_lists(first) || named.any(|other| key(other) != key(first) || !may_sign_lists(other))
        };
        let mut wanted: HashSet<(KeyHash, &Name)> = HashSet::new();
        for list in self.lists().filter(|list| list.is_indirect() || several(list.issuer())) {
            wanted.insert((*list.issuer_key(), list.issuer()));
        }
        let is_wanted =
            |issuer: &&Certificate| key(issuer).is_some_and(|key| wanted.contains(&(key, issuer.subject())));
        if wanted.is_empty() { Vec::new() } else { issuers.iter().filter(is_wanted).collect() }
    }

    /// «No list» becomes «a list that does not hold» where one of that name came, or one that nobody can read.
    pub(super) fn or_rejected(&self, cause: UnknownCause, certificate: &Certificate) -> UnknownCause {
        match cause {
            UnknownCause::NoList => self
                .rejected
                .iter()
                .find(|(issuer, _)| issuer == certificate.issuer() || names_list_issuer(certificate, issuer))
                .map(|(_, why)| why)
                .or(self.unread.as_ref())
                .map_or(UnknownCause::NoList, |why| UnknownCause::Rejected { why: Arc::clone(why) }),
            other => other,
        }
    }
}

/// Whether its thisUpdate has come.
pub(super) fn is_begun(list: &RevocationList, now: Time) -> bool {
    list.this_update() <= now.plus_seconds(CLOCK_SKEW)
}
