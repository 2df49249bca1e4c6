//! One run of a suite: cases are judged one by one and counted by group.

use std::collections::BTreeMap;
use std::ops::Add;

use super::document::Figures;
use super::ledger::{Entry, Ledger};

/// A suite as the document names it.
pub struct Suite {
    /// The marker in the document.
    pub key: &'static str,
    pub title: &'static str,
    /// Which edition was run.
    pub version: String,
    /// Where it comes from and how it is run: a paragraph.
    pub about: &'static str,
    /// The file of its ledger.
    pub ledger: &'static str,
}

/// How many cases of a group came out how.
#[derive(Clone, Copy, Default)]
pub struct Count {
    pub cases: usize,
    pub passed: usize,
    pub divergent: usize,
    pub not_applicable: usize,
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            passed: self.passed + other.passed,
            divergent: self.divergent + other.divergent,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }
}

/// Divergences by outcome (expected and actual) and reason.
pub type Divergent = BTreeMap<(String, String), Vec<String>>;

/// A run that goes on.
pub struct Run {
    suite: Suite,
    ledger: Ledger,
    /// In the order of first appearance.
    groups: Vec<(String, Count)>,
    divergences: Divergent,
    not_applicable: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
}

impl Run {
    pub fn of(suite: Suite) -> Self {
        let ledger = String::from_utf8(super::read(suite.ledger)).expect("UTF-8");
        Self::under(suite, &ledger)
    }

    /// With the text of its ledger.
    fn under(suite: Suite, ledger: &str) -> Self {
        let ledger = Ledger::read(ledger);
        Self {
            suite,
            ledger,
            groups: Vec::new(),
            divergences: BTreeMap::new(),
            not_applicable: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// Counts a case. `detail` tells, when the outcome is a surprise, what led to it.
    pub fn judge(&mut self, group: &str, id: &str, expected: &str, actual: &str, detail: &str) {
        let mut count = Count { cases: 1, ..Count::default() };
        let place = if detail.is_empty() { id.to_owned() } else { format!("{id} ({detail})") };
        match self.ledger.entry(group, id) {
            None if expected == actual => count.passed = 1,
            None => self.wrong.push(format!("{group}: {place}: expected {expected}, it is {actual}")),
            Some(Entry::Divergence(entry))
                if entry.expected == expected && entry.actual == actual && expected != actual =>
            {
                count.divergent = 1;
                let key = (format!("{expected}, {actual}"), entry.reason.clone());
                self.divergences.entry(key).or_default().push(id.to_owned());
            }
            Some(Entry::Divergence(_)) => {
                self.wrong.push(format!("{place}: listed as a divergence, but expected {expected}, it is {actual}"));
            }
            Some(Entry::NotApplicable(entry)) if entry.actual.as_deref() == Some(actual) => {
                count.not_applicable = 1;
                self.not_applicable.entry(entry.reason.clone()).or_default().push(id.to_owned());
            }
            Some(Entry::NotApplicable(_)) => {
                self.wrong.push(format!("{place}: listed as not applicable, but it is {actual}"));
            }
        }
        self.add(group, count);
    }

    /// Counts a case that is not run, which the ledger has to give a reason for.
    pub fn pass_over(&mut self, group: &str, id: &str) {
        match self.ledger.entry(group, id) {
            Some(Entry::NotApplicable(entry)) if entry.actual.is_none() => {
                self.not_applicable.entry(entry.reason.clone()).or_default().push(id.to_owned());
            }
            _ => self.wrong.push(format!("{group}: {id}: not run, and the ledger does not say why")),
        }
        self.add(group, Count { cases: 1, not_applicable: 1, ..Count::default() });
    }

    fn add(&mut self, group: &str, count: Count) {
        let found = self.groups.iter_mut().find(|(name, _)| name == group);
        match found {
            Some((_, total)) => *total = *total + count,
            None => self.groups.push((group.to_owned(), count)),
        }
    }

    /// Fails on every surprise; then holds the figures against the document, or writes them into it.
    pub fn publish(mut self) {
        for name in self.ledger.unknown() {
            self.wrong.push(format!("{name}: listed in {}, but the suite has no such case", self.suite.ledger));
        }
        let Self { suite, groups, divergences, not_applicable, wrong, .. } = self;
        assert!(wrong.is_empty(), "{}: {} surprises:\n{}", suite.title, wrong.len(), wrong.join("\n"));
        Figures { suite, groups, divergences, not_applicable }.publish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let suite = Suite { key: "none", title: "None", version: "0".to_owned(), about: "", ledger: "here" };
        Run::under(
            suite,
            r#"
                [[divergence]]
                ids = ["d"]
                expected = "good"
                actual = "bad"
                reason = "because"

                [[not_applicable]]
                ids = ["n"]
                actual = "refused"
                reason = "not done"

                [[not_applicable]]
                groups = ["left out"]
                reason = "not run"
            "#,
        )
    }

    #[test]
    fn what_comes_out_as_expected_or_as_listed_is_no_surprise() {
        let mut run = run();
        run.judge("g", "p", "good", "good", "");
        run.judge("g", "d", "good", "bad", "");
        run.judge("g", "n", "good", "refused", "");
        run.pass_over("left out", "l");
        assert!(run.wrong.is_empty(), "{:?}", run.wrong);
        assert!(run.ledger.unknown().is_empty());
        let (_, count) = &run.groups[0];
        assert_eq!((count.cases, count.passed, count.divergent, count.not_applicable), (3, 1, 1, 1));
    }

    #[test]
    fn every_other_outcome_is_a_surprise() {
        let outcomes = [
            ("p", "good", "bad"),
            // An unexpected pass, another divergence than the one listed, another refusal.
            ("d", "good", "good"),
            ("d", "good", "refused"),
            ("d", "bad", "good"),
            ("n", "good", "good"),
        ];
        for (id, expected, actual) in outcomes {
            let mut run = run();
            run.judge("g", id, expected, actual, "");
            assert_eq!(run.wrong.len(), 1, "{id} {expected} {actual}");
        }
        let mut run = run();
        run.pass_over("g", "p");
        run.pass_over("g", "n");
        assert_eq!(run.wrong.len(), 2, "{:?}", run.wrong);
    }

    #[test]
    #[should_panic(expected = "the suite has no such case")]
    fn an_entry_about_no_case_fails_the_run() {
        let mut run = run();
        run.judge("g", "d", "good", "bad", "");
        run.judge("g", "n", "good", "refused", "");
        run.publish();
    }
}
