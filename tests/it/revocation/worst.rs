//! All small combinations of full lists and deltas against an oracle that knows nothing of how the answer is found: the
//! worst proof that stands counts. And whatever is not believed never makes an answer better.

use std::collections::HashMap;
use std::sync::Arc;

use rastau::revocation::{RevocationList, Status};
use rastau_mint::list::ListBuilder;

use super::SERIAL;
use super::standing::{issuer, now, strong, then, weak};

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

/// A list: `base` of a delta, `day` of August when it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct One {
    number: u64,
    base: Option<u64>,
    day: u64,
    entry: Entry,
    credence: Credence,
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
            entries.iter().map(move |entry| Self { number, base, day, entry: *entry, credence })
        };
        CREDENCES.into_iter().flat_map(every).collect()
    }

    fn signed(&self) -> Arc<RevocationList> {
        let list: ListBuilder = issuer().list().number(self.number);
        let list = self.base.map_or(list.clone(), |base| list.delta_to(base));
        let next = if self.credence == Credence::Lapsed { "2026-08-18T00:00:00Z" } else { "2027-01-01T00:00:00Z" };
        let list = list.updates(&format!("2026-08-{:02}T00:00:00Z", self.day), next);
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
    fn is_believed(&self, present: Present) -> bool {
        match self.credence {
            Credence::Believed => true,
            Credence::Lapsed => self.base.is_none(),
            Credence::After => present == Present::Now,
            Credence::Weak => false,
        }
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
        Status::Good { .. } => Answer::Clear { good: true },
        Status::Unknown { .. } => Answer::Clear { good: false },
        Status::Revoked { revoked, stale, .. } if !revoked.has_effect(super::time(super::standing::AT)) => {
            Answer::Clear { good: !stale }
        }
        Status::Revoked { revoked, .. } if revoked.is_hold() => Answer::Hold,
        Status::Revoked { .. } => Answer::Final,
    }
}

/// The full list, with all that comes with it, that says something; the deltas alone where there is none.
fn oracle(lists: &[One], present: Present) -> Answer {
    let (deltas, fulls): (Vec<One>, Vec<One>) = lists.iter().partition(|list| list.base.is_some());
    let displacing = |full: &One| -> Vec<&One> {
        fulls.iter().filter(|other| other.is_newer_than(full) && other.is_believed(present)).collect()
    };
    let in_force = |full: &&One| displacing(full).is_empty();
    // A list that took its place after the moment does not undo what counted then.
    let displaced_since = fulls.iter().filter(|full| {
        let newer = displacing(full);
        !newer.is_empty() && newer.iter().all(|newer| newer.is_past())
    });
    let then = displaced_since.flat_map(|full| standing(Some(*full), &deltas, present));
    let asked: Vec<Option<One>> = match fulls.iter().filter(in_force).copied().map(Some).collect::<Vec<_>>() {
        none if none.is_empty() => vec![None],
        some => some,
    };
    let worst = asked.iter().flat_map(|full| standing(*full, &deltas, present));
    let worst = worst.chain(then).max();
    worst.unwrap_or(Answer::Clear { good: asked.iter().flatten().any(|full| clears(full, &deltas, present)) })
}

fn continues(delta: &One, full: &One) -> bool {
    delta.base.is_some_and(|base| base <= full.number) && delta.number > full.number && delta.day >= full.day
}

/// The newest delta whose silence is as good as the full list's.
fn in_use<'a>(full: &One, deltas: &'a [One], present: Present) -> Option<&'a One> {
    deltas.iter().filter(|delta| delta.is_believed(present) && continues(delta, full)).max_by_key(|delta| delta.number)
}

/// The proofs that stand.
fn standing(full: Option<One>, deltas: &[One], present: Present) -> Vec<Answer> {
    let used = full.and_then(|full| in_use(&full, deltas, present)).copied();
    let is_superseded = |delta: &One| {
        let Some(full) = full.filter(|full| full.is_believed(present)) else { return false };
        // What counted at the moment did, whatever came after it.
        let then = |used: One| used.is_past() && continues(delta, &full);
        delta.day < full.day || used.is_some_and(|used| used.is_newer_than(delta) && !then(used))
    };
    let tells = |delta: &One| delta.is_believed(present) && !delta.is_past();
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

fn clears(full: &One, deltas: &[One], present: Present) -> bool {
    full.is_believed(present) && (full.credence != Credence::Lapsed || in_use(full, deltas, present).is_some())
}

/// Lists by what they are, each signed once.
#[derive(Default)]
struct Signed(HashMap<One, Arc<RevocationList>>);

impl Signed {
    fn answer(&mut self, lists: &[One], present: Present) -> Answer {
        let signed: Vec<_> =
            lists.iter().map(|one| Arc::clone(self.0.entry(*one).or_insert_with(|| one.signed()))).collect();
        of(&match present {
            Present::Then => then(&signed),
            Present::Now => now(&signed),
        })
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

fn check(combinations: &[Vec<One>], at_least: usize) {
    let mut signed = Signed::default();
    for present in [Present::Then, Present::Now] {
        check_at(combinations, at_least, present, &mut signed);
    }
}

fn check_at(combinations: &[Vec<One>], at_least: usize, present: Present, signed: &mut Signed) {
    let answers: HashMap<Vec<One>, Answer> =
        combinations.iter().map(|lists| (lists.clone(), signed.answer(lists, present))).collect();
    assert!(answers.len() >= at_least, "{}", answers.len());
    for (lists, answer) in &answers {
        assert_eq!(*answer, oracle(lists, present), "{present:?}, {lists:?}");
        for (place, left_out) in lists.iter().enumerate() {
            let ends_a_hold = |other: &One| other.base == left_out.base && other.entry == Entry::Hold;
            let tells_nothing =
                left_out.entry == Entry::Silent && left_out.base == Some(16) && !lists.iter().any(ends_a_hold);
            if left_out.is_believed(present) && !tells_nothing {
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
    check(&combinations(kinds), 28_000);
}

#[test]
fn of_two_full_lists_and_a_delta_the_worst_proof_that_stands_counts() {
    for base in [14, 16] {
        let deltas: Vec<One> = One::deltas(21, 5).into_iter().filter(|delta| delta.base == Some(base)).collect();
        // The delta is from between the two, or from after both.
        for day in [4, 6] {
            let kinds = [One::fulls(13, 3), One::fulls(14, day), deltas.clone()].map(or_none);
            check_at(&combinations(kinds), 6_000, Present::Then, &mut Signed::default());
        }
    }
}
