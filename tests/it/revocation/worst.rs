//! All small combinations of full lists and deltas against an oracle that knows nothing of how the answer is found: the
//! worst proof that stands counts. And whatever is not believed never makes an answer better.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rastau::revocation::{RevocationList, Snapshot, Status};
use rastau::x509::Certificate;
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::list::ListBuilder;

use super::SERIAL;
use super::standing::{ask, issuer, leaf, strong, weak};

/// What is said about the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
    Silent,
    Hold,
    Final,
    /// Superseded after the moment.
    Later,
    Remove,
}

/// What speaks for or against believing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Credence {
    Believed,
    Weak,
    /// Dated after what the present is taken for, and before the clock.
    After,
    Lapsed,
}

/// What the present is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Present {
    /// The moment asked about.
    Then,
    /// What the clock shows, weeks later.
    Now,
}

/// How it is asked.
#[derive(Clone, Copy, Debug)]
struct Setting {
    present: Present,
    /// Whether the certificate expires on [`EXPIRY`], before the moment.
    expires: bool,
    /// Whether the lists were put together on [`EARLY`].
    early: bool,
}

/// Of August.
const EXPIRY: u64 = 15;

/// A day of August on which full lists have begun and deltas have not.
const EARLY: u64 = 4;

impl Setting {
    const ALL: [Self; 2] = [Self::of(Present::Then), Self::of(Present::Now)];

    const fn of(present: Present) -> Self {
        Self { present, expires: false, early: false }
    }
}

/// A list: `base` of a delta, `day` of August when it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct One {
    number: u64,
    base: Option<u64>,
    day: u64,
    entry: Entry,
    credence: Credence,
    /// The day since when those who expired stay in it.
    keeps: Option<u64>,
}

const CREDENCES: [Credence; 4] = [Credence::Believed, Credence::Weak, Credence::After, Credence::Lapsed];

impl One {
    /// Every full list of a number, from a day on which it would be before the present.
    fn fulls(number: u64, day: u64) -> Vec<Self> {
        let entries = [Entry::Silent, Entry::Hold, Entry::Final, Entry::Later];
        Self::all(number, None, day, &entries)
    }

    /// Every delta: one that continues number 14, or one that needs a later list.
    fn deltas(number: u64, day: u64) -> Vec<Self> {
        let entries = [Entry::Silent, Entry::Hold, Entry::Final, Entry::Later, Entry::Remove];
        [14, 16].into_iter().flat_map(|base| Self::all(number, Some(base), day, &entries)).collect()
    }

    fn all(number: u64, base: Option<u64>, day: u64, entries: &[Entry]) -> Vec<Self> {
        let every = |credence| {
            let day = if credence == Credence::After { day + 18 } else { day };
            entries.iter().map(move |entry| Self { number, base, day, entry: *entry, credence, keeps: None })
        };
        CREDENCES.into_iter().flat_map(every).collect()
    }

    fn signed(&self) -> Arc<RevocationList> {
        let list: ListBuilder = issuer().list().number(self.number);
        let list = self.base.map_or(list.clone(), |base| list.delta_to(base));
        let next = if self.credence == Credence::Lapsed { "2026-08-18T00:00:00Z" } else { "2027-01-01T00:00:00Z" };
        let list = list.updates(&format!("2026-08-{:02}T00:00:00Z", self.day), next);
        let keeps = self.keeps.map(|day| der::generalized_time(&format!("202608{day:02}000000Z")));
        let list = keeps.into_iter().fold(list, |list, keeps| list.with(Extension::new("2.5.29.60", keeps)));
        let list = match self.entry {
            Entry::Silent => list,
            Entry::Hold => list.revoke(&SERIAL, "2026-07-01T00:00:00Z", Some(6)),
            // It reaches back.
            Entry::Final => list.revoke(&SERIAL, "2026-08-25T00:00:00Z", Some(1)),
            Entry::Later => list.revoke(&SERIAL, "2026-08-26T00:00:00Z", Some(4)),
            Entry::Remove => list.revoke(&SERIAL, "2026-07-02T00:00:00Z", Some(8)),
        };
        if self.credence == Credence::Weak { weak(&list) } else { strong(&list) }
    }

    /// Its word counts for the certificate too. A full list that has lapsed was the authority's word all the same.
    fn is_believed(&self, setting: Setting) -> bool {
        match self.credence {
            Credence::Believed => true,
            Credence::Lapsed => self.base.is_none(),
            Credence::After => setting.present == Present::Now,
            Credence::Weak => false,
        }
    }

    /// It may not have the certificate any more, which had expired by then.
    fn is_late(&self, setting: Setting) -> bool {
        setting.expires && self.day > EXPIRY && self.keeps.is_none_or(|since| since > EXPIRY)
    }

    /// Its silence undoes what older ones say.
    fn supersedes(&self, setting: Setting) -> bool {
        self.is_believed(setting) && !self.is_late(setting)
    }

    /// It tells about a time after the moment: what it does not have on hold may have been so at the moment.
    fn is_past(&self) -> bool {
        self.day > 20
    }

    fn is_newer_than(&self, other: &Self) -> bool {
        self.number > other.number && self.day >= other.day
    }
}

/// What the lists come to, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    /// Nobody says anything that has effect: good, or not known.
    Clear {
        good: bool,
    },
    Hold,
    Final,
}

fn of(status: &Status) -> Answer {
    match status {
        Status::Good { after_expiry, .. } => Answer::Clear { good: !after_expiry },
        Status::Unknown { .. } => Answer::Clear { good: false },
        Status::Revoked { revoked, stale, .. } if !revoked.has_effect(super::time(super::standing::AT)) => {
            Answer::Clear { good: !stale }
        }
        Status::Revoked { revoked, .. } if revoked.is_hold() => Answer::Hold,
        Status::Revoked { .. } => Answer::Final,
    }
}

/// The full list, with all that comes with it, that says something; the deltas alone where there is none.
fn oracle(lists: &[One], setting: Setting) -> Answer {
    let (deltas, fulls): (Vec<One>, Vec<One>) = lists.iter().partition(|list| list.base.is_some());
    let displacing = |full: &One| -> Vec<&One> {
        fulls.iter().filter(|other| other.is_newer_than(full) && other.supersedes(setting)).collect()
    };
    let in_force = |full: &&One| displacing(full).is_empty();
    // A list that took its place after the moment does not undo what counted then.
    let displaced_since = fulls.iter().filter(|full| {
        let newer = displacing(full);
        !newer.is_empty() && newer.iter().all(|newer| newer.is_past())
    });
    let standing = |full: Option<One>| standing(full, &deltas, knows_better(full.as_ref(), &fulls, setting), setting);
    let then = displaced_since.flat_map(|full| standing(Some(*full)));
    let asked: Vec<Option<One>> = match fulls.iter().filter(in_force).copied().map(Some).collect::<Vec<_>>() {
        none if none.is_empty() => vec![None],
        some => some,
    };
    let worst = asked.iter().flat_map(|full| standing(*full));
    let worst = worst.chain(then).max();
    worst.unwrap_or(Answer::Clear { good: asked.iter().flatten().any(|full| clears(full, &deltas, setting)) })
}

/// Whether the full list tells better than deltas from before it: all of them, or only of those from after the moment.
fn knows_better(full: Option<&One>, fulls: &[One], setting: Setting) -> bool {
    let is_past = full.is_some_and(One::is_past);
    !is_past || fulls.iter().any(|other| !other.is_past() && other.supersedes(setting))
}

fn continues(delta: &One, full: &One) -> bool {
    delta.base.is_some_and(|base| base <= full.number) && delta.number > full.number && delta.day >= full.day
}

/// The newest delta whose silence is as good as the full list's.
fn in_use<'a>(full: &One, deltas: &'a [One], setting: Setting) -> Option<&'a One> {
    let usable = |delta: &&One| delta.supersedes(setting) && continues(delta, full);
    deltas.iter().filter(usable).max_by_key(|delta| delta.number)
}

/// The proofs that stand.
fn standing(full: Option<One>, deltas: &[One], knows_better: bool, setting: Setting) -> Vec<Answer> {
    let used = full.and_then(|full| in_use(&full, deltas, setting)).copied();
    let is_superseded = |delta: &One| {
        let Some(full) = full.filter(|full| full.supersedes(setting)) else { return false };
        // What counted at the moment did, whatever came after it.
        let then = |used: One| used.is_past() && continues(delta, &full);
        if delta.day < full.day {
            return knows_better || delta.is_past();
        }
        used.is_some_and(|used| used.is_newer_than(delta) && !then(used))
    };
    // Whatever it keeps, to be taken off a list after the expiry is not to be lifted.
    let expired = |delta: &One| setting.expires && delta.day > EXPIRY;
    let tells = |delta: &One| delta.is_believed(setting) && !delta.is_past() && !expired(delta);
    let lifts = |delta: &One| tells(delta) && delta.entry == Entry::Remove;
    let ends = |delta: &One, held: &One| tells(delta) && delta.entry == Entry::Silent && delta.base == held.base;
    let is_lifted = |held: &One| match held.base {
        None => used.is_some_and(|used| lifts(&used)),
        // The full list and the delta in use are one list, which no delta ahead of it lifts anything of.
        Some(_) if used == Some(*held) => false,
        Some(_) => deltas.iter().any(|delta| delta.is_newer_than(held) && (lifts(delta) || ends(delta, held))),
    };
    let proof = |list: &One| match list.entry {
        Entry::Final => Some(Answer::Final),
        Entry::Hold if !is_lifted(list) => Some(Answer::Hold),
        Entry::Hold | Entry::Silent | Entry::Later | Entry::Remove => None,
    };
    full.iter().chain(deltas.iter().filter(|delta| !is_superseded(delta))).filter_map(proof).collect()
}

fn clears(full: &One, deltas: &[One], setting: Setting) -> bool {
    let has_lapsed = full.credence == Credence::Lapsed && in_use(full, deltas, setting).is_none();
    // A list that names the certificate has kept it.
    let is_late = full.is_late(setting) && full.entry != Entry::Later;
    full.is_believed(setting) && !is_late && !has_lapsed
}

/// The certificate that expires before the moment.
fn expiring() -> &'static Certificate {
    static LEAF: OnceLock<Certificate> = OnceLock::new();
    let until = format!("2026-08-{EXPIRY:02}T12:00:00Z");
    LEAF.get_or_init(|| issuer().leaf_with(|builder| builder.valid("2025-08-15T00:00:00Z", &until)))
}

/// Lists by what they are, each signed once.
#[derive(Default)]
struct Signed(HashMap<One, Arc<RevocationList>>);

impl Signed {
    fn answer(&mut self, lists: &[One], setting: Setting) -> Answer {
        let signed: Vec<_> =
            lists.iter().map(|one| Arc::clone(self.0.entry(*one).or_insert_with(|| one.signed()))).collect();
        let present = match setting.present {
            Present::Then => super::standing::AT,
            Present::Now => super::standing::NOW,
        };
        let begun =
            if setting.early { format!("2026-08-{EARLY:02}T12:00:00Z") } else { super::standing::NOW.to_owned() };
        let snapshot = Snapshot::assemble_for(signed, super::time(present), super::time(&begun));
        of(&ask(&snapshot, if setting.expires { expiring() } else { leaf() }, super::time(present)))
    }
}

fn or_none(all: Vec<One>) -> Vec<Option<One>> {
    all.into_iter().map(Some).chain([None]).collect()
}

/// Every combination of at most one list of each kind.
fn combinations(kinds: [Vec<Option<One>>; 3]) -> Vec<Vec<One>> {
    let [first, second, third] = kinds;
    let mut all = Vec::new();
    for one in &first {
        for two in &second {
            all.extend(third.iter().map(|three| [*one, *two, *three].into_iter().flatten().collect()));
        }
    }
    all
}

fn check(combinations: &[Vec<One>], at_least: usize, settings: &[Setting]) {
    let mut signed = Signed::default();
    for setting in settings {
        check_at(combinations, at_least, *setting, &mut signed);
    }
}

fn check_at(combinations: &[Vec<One>], at_least: usize, setting: Setting, signed: &mut Signed) {
    let answers: HashMap<Vec<One>, Answer> =
        combinations.iter().map(|lists| (lists.clone(), signed.answer(lists, setting))).collect();
    assert!(answers.len() >= at_least, "{}", answers.len());
    for (lists, answer) in &answers {
        assert_eq!(*answer, oracle(lists, setting), "{setting:?}, {lists:?}");
        for (place, left_out) in lists.iter().enumerate() {
            let ends_a_hold = |other: &One| other.base == left_out.base && other.entry == Entry::Hold;
            let tells_nothing =
                left_out.entry == Entry::Silent && left_out.base == Some(16) && !lists.iter().any(ends_a_hold);
            if left_out.supersedes(setting) && !tells_nothing {
                continue;
            }
            let mut rest = lists.clone();
            rest.remove(place);
            let without = answers[&rest];
            let is_better = *answer < without && without > Answer::Clear { good: true };
            assert!(!is_better, "{answer:?} with {left_out:?}, {without:?} without: {lists:?}");
        }
    }
}

#[test]
fn of_a_full_list_and_two_deltas_the_worst_proof_that_stands_counts() {
    let kinds = [One::fulls(14, 3), One::deltas(20, 5), One::deltas(21, 6)].map(or_none);
    check(&combinations(kinds), 28_000, &Setting::ALL);
}

#[test]
fn a_delta_that_had_not_begun_when_the_lists_were_put_together_counts_as_any_other() {
    let begun = |full: &Option<One>| full.is_none_or(|full| full.credence != Credence::After);
    let fulls = or_none(One::fulls(14, 3)).into_iter().filter(begun).collect();
    let kinds = [fulls, or_none(One::deltas(20, 5)), or_none(One::deltas(21, 6))];
    check(&combinations(kinds), 20_000, &Setting::ALL.map(|setting| Setting { early: true, ..setting }));
}

#[test]
fn of_lists_from_after_the_expiry_those_count_that_keep_who_expired_then() {
    let keeping = |one: One| [None, Some(1), Some(EXPIRY), Some(EXPIRY + 1)].map(|keeps| One { keeps, ..one });
    let believed = |all: Vec<One>| -> Vec<Option<One>> {
        let all = all.into_iter().filter(|one| one.credence == Credence::Believed);
        or_none(all.flat_map(|one| if one.day > EXPIRY { keeping(one).to_vec() } else { vec![one] }).collect())
    };
    let settings = Setting::ALL.map(|setting| Setting { expires: true, ..setting });
    let kinds = [One::fulls(14, 3), One::deltas(20, 10), One::deltas(21, 17)].map(believed);
    check(&combinations(kinds), 2_000, &settings);
    let kinds = [One::fulls(13, 3), One::fulls(14, 17), One::deltas(21, 18)].map(believed);
    check(&combinations(kinds), 3_000, &settings);
    let kinds = [One::fulls(13, 3), One::fulls(14, 17), One::deltas(21, 10)].map(believed);
    check(&combinations(kinds), 500, &settings);
}

#[test]
fn of_two_full_lists_and_a_delta_the_worst_proof_that_stands_counts() {
    for base in [14, 16] {
        let deltas: Vec<One> = One::deltas(21, 5).into_iter().filter(|delta| delta.base == Some(base)).collect();
        // The delta is from between the two, or from after both.
        for day in [4, 6] {
            let kinds = [One::fulls(13, 3), One::fulls(14, day), deltas.clone()].map(or_none);
            let all = combinations(kinds);
            check(&all, 6_000, &[Setting::of(Present::Then)]);
            // A lapsed list that says «later» leaves open what one says that is neither older nor newer.
            let is_later = |lists: &Vec<One>| lists.iter().any(|one| one.entry == Entry::Later);
            let others: Vec<Vec<One>> = all.into_iter().filter(|lists| !is_later(lists)).collect();
            check(&others, 2_500, &[Setting::of(Present::Now)]);
        }
    }
}
