//! What the lists of a snapshot say about a certificate (RFC 5280 6.3.3): which of them are asked, and on whose word.
//!
//! Three kinds of lists tell about a certificate:
//!
//! * Those that the key of its issuer has signed. The certificate's own path vouches for them.
//! * Those that its issuer has signed with another key: after a rollover the new key signs the lists for both, and some
//!   authorities have a key for lists alone. They need a path of their own to the same anchor (6.3.3 (f)). Beside a list
//!   of the first kind that is about the certificate they revoke and clear nobody: authorities that keep a list for each
//!   key exist, and to the others it makes no difference.
//! * Indirect lists of issuers that the certificate's distribution points name. They need a path likewise.
//!
//! Every certificate of such a path must be good itself, by lists of the first two kinds. The one exception is a list
//! about the certificate of its own issuer, where that certificate names its holder as the issuer of lists about itself:
//! whoever issued it has left the word to him, as id-pkix-ocsp-nocheck does with responders. That may lead to further paths:
//! a chain of keys that vouch for each other, in which none comes twice, of at most [`MAX_KEYS`], and at most
//! [`MAX_LINKS`] certificates are looked at for one answer. What is beyond counts as not vouched for.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::answer::{Status, UnknownCause};
use super::asked::{Accepts, Asked, Everything, When};
use super::joined::{Joined, Vouches};
use super::list::RevocationList;
use super::scope::names_list_issuer;
use super::snapshot::{Group, Snapshot, is_begun};
use super::tally::Tally;
use super::vouched::{KeyHash, Standing, Voucher, may_sign_lists};
use crate::clock::Time;
use crate::x509::{Certificate, ReasonFlags};

/// Keys that may vouch for each other in turn: a list of the newest, whose certificate an older one signed, and so on.
/// Authorities have rolled over once or twice.
const MAX_KEYS: usize = 3;

/// Certificates of issuers of lists that are looked up for one answer. A real one needs two or three; a request may bring
/// hundreds of certificates of one name.
const MAX_LINKS: usize = 64;

/// The keys whose lists are in question, the last first: none of them can vouch for itself.
#[derive(Clone, Copy)]
struct Doubt<'a> {
    key: &'a KeyHash,
    before: Option<&'a Self>,
}

impl Doubt<'_> {
    fn contains(&self, key: &KeyHash) -> bool {
        self.key == key || self.before.is_some_and(|before| before.contains(key))
    }

    fn len(&self) -> usize {
        1 + self.before.map_or(0, Self::len)
    }
}

/// Where one question stands.
struct Walk<'d> {
    when: When,
    accepts: &'d dyn Accepts,
    doubt: Option<&'d Doubt<'d>>,
    links_left: &'d Cell<usize>,
}

impl Walk<'_> {
    fn doubts(&self, key: &KeyHash) -> bool {
        self.doubt.is_some_and(|doubt| doubt.contains(key))
    }
}

/// Whether paths of one key stand, as far as it was looked up: an authority has a list for each scope.
#[derive(Default)]
struct Known<'a>(Vec<(&'a Voucher, bool)>);

impl<'a> Known<'a> {
    fn or_look(&mut self, voucher: &'a Voucher, look: impl FnOnce() -> bool) -> bool {
        if let Some((_, stands)) = self.0.iter().find(|(known, _)| std::ptr::eq(*known, voucher)) {
            return *stands;
        }
        let stands = look();
        self.0.push((voucher, stands));
        stands
    }
}

/// What a list of another key than the issuer's comes to.
enum Word {
    /// Nobody has a path for it: a stranger's.
    Stranger,
    /// There is a path, and its certificates are not all known to be good.
    Doubtful,
    /// It counts like one of the issuer's own key.
    Good,
}

impl Snapshot {
    /// What is known about `certificate`, issued by `issuer`, at the moment `at`, when the clock shows `now`: as
    /// [`Self::status_of`], where the path above the issuer is not at hand. Any anchor that vouches for the issuer may
    /// then vouch for the issuer of another list.
    #[must_use]
    pub fn status(&self, certificate: &Certificate, issuer: &Certificate, at: Time, now: Time) -> Status {
        self.status_by(certificate, issuer, When::new(at, now), &Everything)
    }

    /// As [`Self::status`]; what rests on algorithms that are not accepted clears nobody.
    #[must_use]
    pub fn status_by(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        when: When,
        accepts: &dyn Accepts,
    ) -> Status {
        let asked = Asked { certificate, above: std::slice::from_ref(issuer), anchor: issuer };
        let standings: Vec<Standing<'_>> = self.vouched.standings(issuer).collect();
        self.ask(&asked, &standings, when, accepts)
    }

    /// What is known about a certificate at a moment.
    ///
    /// Lists are found by the issuer's name; indirect ones by the issuers that the certificate's distribution points
    /// name. Those that are not of the issuer's very key count if a path to the same anchor vouches for them. A list
    /// issued after the moment is as good as one that covers it; one dated ahead of the clock is none. Being named by any list
    /// counts before not being named by another, and not being named counts when the lists that do not name it are about
    /// all reasons together. The caller decides what a revocation dated after `at` means: see
    /// [`Revoked::reaches_back`](super::Revoked::reaches_back).
    #[must_use]
    pub fn status_of(&self, asked: &Asked<'_>, when: When) -> Status {
        self.status_under(asked, when, &Everything)
    }

    /// As [`Self::status_of`]; what rests on algorithms that are not accepted clears nobody.
    #[must_use]
    pub fn status_under(&self, asked: &Asked<'_>, when: When, accepts: &dyn Accepts) -> Status {
        self.ask(asked, &[Standing::of_issuer(asked)], when, accepts)
    }

    /// Whether a list that has not lapsed at `now`, and is accepted, tells about certificates of this authority, be it of
    /// another key.
    #[must_use]
    pub fn speaks_for(&self, authority: &Certificate, now: Time, accepts: &dyn Accepts) -> bool {
        let key = authority.public_key().ok().filter(|_| may_sign_lists(authority)).map(|key| key.spki_sha256());
        let standings: Vec<Standing<'_>> = self.vouched.standings(authority).collect();
        let links_left = Cell::new(MAX_LINKS);
        let walk = Walk { when: When::new(now, now), accepts, doubt: None, links_left: &links_left };
        let counts = |list: &RevocationList| accepts.signature(list.signature_algorithm()) && is_begun(list, now);
        let is_fresh = |list: &RevocationList| !list.is_stale(now) && counts(list);
        let mut fresh = self.bases().filter(|basis| {
            basis.list.issuer() == authority.subject()
                && counts(&basis.list)
                && (is_fresh(&basis.list) || basis.delta.as_ref().is_some_and(|delta| is_fresh(delta)))
        });
        fresh.any(|basis| {
            let mut known = Known::default();
            key == Some(basis.list.issuer_key())
                || matches!(self.word_of(&basis.list, (&standings, true), &mut known, &walk), Word::Good)
        })
    }

    fn ask(&self, asked: &Asked<'_>, standings: &[Standing<'_>], when: When, accepts: &dyn Accepts) -> Status {
        let certificate = asked.certificate;
        let mut tally = Tally::new(certificate, when, accepts).within(self.horizons());
        let links_left = Cell::new(MAX_LINKS);
        let walk = Walk { when, accepts, doubt: None, links_left: &links_left };
        self.ask_issuer(asked, standings, &mut tally, &walk);
        let delegated = certificate.extensions().crl_distribution_points.iter().any(|point| point.crl_issuer.is_some());
        if delegated {
            self.ask_others(certificate, standings, &mut tally, &walk);
        }
        match tally.conclude() {
            Status::Unknown { cause } => Status::Unknown { cause: self.or_rejected(cause, certificate) },
            known => known,
        }
    }

    /// Asks the lists of the certificate's issuer, whatever their keys.
    fn ask_issuer<'a>(
        &'a self,
        asked: &Asked<'_>,
        standings: &[Standing<'_>],
        tally: &mut Tally<'a, '_>,
        walk: &Walk<'_>,
    ) {
        let (certificate, issuer) = (asked.certificate, asked.issuer());
        if certificate.issuer() != issuer.subject() {
            return;
        }
        // A certificate that is not for signing lists vouches for none; another one of the same key may.
        let key = issuer.public_key().ok().filter(|_| may_sign_lists(issuer)).map(|key| key.spki_sha256());
        let own = key.filter(|key| !walk.doubts(key)).and_then(|key| Some((key, self.group(key)?)));
        let covered = own.is_some_and(|(_, group)| ask_group(group, certificate, tally));
        for (key, group) in self.namesakes(certificate.issuer(), own.map(|(key, _)| key)) {
            if !walk.doubts(key) {
                self.ask_namesake(group, standings, certificate, covered, tally, walk);
            }
        }
    }

    /// Asks the lists of the certificate's issuer that have another key. `covered`: those of the issuer's own key are
    /// about the certificate.
    fn ask_namesake<'a>(
        &'a self,
        group: &'a Group,
        standings: &[Standing<'_>],
        certificate: &Certificate,
        covered: bool,
        tally: &mut Tally<'a, '_>,
        walk: &Walk<'_>,
    ) {
        let named = |list: &RevocationList| list.issuer() == certificate.issuer();
        let known = RefCell::new(Known::default());
        let word_of = |list: &RevocationList| self.word_of(list, (standings, true), &mut known.borrow_mut(), walk);
        let is_good = |list: &RevocationList| matches!(word_of(list), Word::Good);
        let vouched: Vouches<'_> = Some(&is_good);
        for joined in group.bases.iter().filter(|joined| named(&joined.basis.list)) {
            let list = &joined.basis.list;
            if list.reasons_for(certificate).is_empty() {
                continue;
            }
            // Beside a list of the issuer's own key only what it names counts; else nobody need answer for it.
            if covered && !joined.names(certificate) {
                continue;
            }
            match (word_of(list), covered) {
                (Word::Stranger, _) => {}
                (Word::Good, false) => tally.ask(joined, vouched),
                (Word::Doubtful, false) => tally.ask_for_revocation(joined, vouched),
                (Word::Good | Word::Doubtful, true) => tally.ask_beside(joined, vouched),
            }
        }
        let is_known = |list: &RevocationList| !matches!(word_of(list), Word::Stranger);
        let lone = group.deltas.iter().filter(|_| !group.bases.iter().any(|joined| named(&joined.basis.list)));
        for list in group.unusable.iter().chain(lone).filter(|list| named(list) && !covered) {
            if is_known(list) {
                tally.passed_over(list);
            }
        }
        let naming = |list: &&Arc<RevocationList>| named(list) && list.lookup_certificate(certificate).is_some();
        if group.lone.iter().any(|list| naming(&list)) {
            tally.ask_without_full(&group.lone, |list| named(list) && is_known(list), vouched);
        }
    }

    /// Asks the indirect lists of other issuers that the certificate names (cRLIssuer).
    fn ask_others<'a>(
        &'a self,
        certificate: &Certificate,
        standings: &[Standing<'_>],
        tally: &mut Tally<'a, '_>,
        walk: &Walk<'_>,
    ) {
        // One that says nothing is not the same as none.
        for list in self.unusable().filter(|list| names_list_issuer(certificate, list.issuer())) {
            tally.passed_over(list);
        }
        let known = RefCell::new(Known::default());
        let word_of = |list: &RevocationList| self.word_of(list, (standings, false), &mut known.borrow_mut(), walk);
        let is_good = |list: &RevocationList| matches!(word_of(list), Word::Good);
        let vouched: Vouches<'_> = Some(&is_good);
        for joined in self.joined().filter(|joined| joined.basis.list.is_indirect()) {
            let list = &joined.basis.list;
            if list.issuer() == certificate.issuer() || list.reasons_for(certificate).is_empty() {
                continue;
            }
            match word_of(list) {
                Word::Stranger => tally.unknown(UnknownCause::NotVouched { list: Arc::clone(list) }),
                Word::Good => tally.ask(joined, vouched),
                // Whoever issued it may have been revoked: it proves nobody good, but what it names may well be.
                Word::Doubtful => tally.ask_for_revocation(joined, vouched),
            }
        }
        for group in self.groups().filter(|group| !group.lone.is_empty()) {
            let is_others = |list: &RevocationList| list.is_indirect() && list.issuer() != certificate.issuer();
            let naming =
                |list: &&Arc<RevocationList>| is_others(list) && list.lookup_certificate(certificate).is_some();
            let is_known = |list: &RevocationList| !matches!(word_of(list), Word::Stranger);
            if group.lone.iter().any(|list| naming(&list)) {
                tally.ask_without_full(&group.lone, |list| is_others(list) && is_known(list), vouched);
            }
        }
    }

    /// Whether somebody answers for the issuer of a list, who is a namesake of the certificate's issuer or another, and
    /// whether he is good himself.
    fn word_of<'a>(
        &'a self,
        list: &RevocationList,
        (standings, is_namesake): (&[Standing<'_>], bool),
        known: &mut Known<'a>,
        walk: &Walk<'_>,
    ) -> Word {
        let mut word = Word::Stranger;
        let doubt = Doubt { key: list.issuer_key(), before: walk.doubt };
        for (voucher, surely) in self.vouched.paths(list, standings, is_namesake, walk.when.at) {
            let stands = || self.stands(voucher, &Walk { doubt: Some(&doubt), ..*walk });
            if surely && doubt.len() <= MAX_KEYS && known.or_look(voucher, stands) {
                return Word::Good;
            }
            word = Word::Doubtful;
            if walk.links_left.get() == 0 {
                break;
            }
        }
        word
    }

    /// Asks the indirect lists of an issuer of lists about its own certificate, if that names it as their issuer.
    fn ask_itself<'a>(&'a self, certificate: &Certificate, tally: &mut Tally<'a, '_>) {
        let key = certificate.public_key().ok().map(|key| key.spki_sha256());
        let names_itself = names_list_issuer(certificate, certificate.subject());
        let Some(group) = key.filter(|_| names_itself).and_then(|key| self.group(key)) else { return };
        let own = |list: &RevocationList| list.is_indirect() && list.issuer() == certificate.subject();
        group.bases.iter().filter(|joined| own(&joined.basis.list)).for_each(|joined| tally.ask(joined, None));
        tally.ask_without_full(&group.lone, own, None);
    }

    /// Whether lists of their issuers say that all certificates of a path are good. Indirect ones are not asked again,
    /// and no list vouches for its own issuer.
    fn stands(&self, voucher: &Voucher, walk: &Walk<'_>) -> bool {
        voucher.links().all(|link| {
            let Some(left) = walk.links_left.get().checked_sub(1) else { return false };
            walk.links_left.set(left);
            if !walk.accepts.authority(link.certificate) {
                return false;
            }
            let mut tally = Tally::new(link.certificate, walk.when, walk.accepts).within(self.horizons());
            self.ask_issuer(&link, &[Standing::of_issuer(&link)], &mut tally, walk);
            if link.certificate == voucher.authority() {
                self.ask_itself(link.certificate, &mut tally);
            }
            matches!(tally.conclude(), Status::Good { after_expiry: false, .. })
        })
    }
}

/// Asks the lists of the issuer's key; whether any are about the certificate, for all reasons together, be they fresh or
/// not.
fn ask_group<'a>(group: &'a Group, certificate: &Certificate, tally: &mut Tally<'a, '_>) -> bool {
    let own = |list: &RevocationList| list.issuer() == certificate.issuer();
    if !group.lone.is_empty() {
        tally.ask_without_full(&group.lone, own, None);
    }
    let mut reasons = ReasonFlags::NONE;
    let mut bases = group.bases.iter().filter(|joined| own(&joined.basis.list)).peekable();
    // A delta without a full list is worth naming; beside one it is named by it.
    let lone: &[Arc<RevocationList>] = if bases.peek().is_none() { &group.deltas } else { &[] };
    let mut ask = |joined: &'a Joined| {
        reasons = reasons.union(joined.basis.list.reasons_for(certificate));
        tally.ask(joined, None);
    };
    bases.by_ref().for_each(&mut ask);
    let mut unusable = group.unusable.iter().filter(|list| own(list)).peekable();
    let covered = reasons.is_all() || unusable.peek().is_some();
    unusable.for_each(|list| tally.passed_over(list));
    lone.iter().filter(|list| own(list)).for_each(|list| tally.passed_over(list));
    covered
}
