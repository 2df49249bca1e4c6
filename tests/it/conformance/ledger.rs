//! What a suite expects otherwise than we mean it, and what it asks for that we do not do: files in `testdata`, each
//! entry with its reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// One file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    divergence: Vec<Divergence>,
    #[serde(default)]
    not_applicable: Vec<NotApplicable>,
}

/// Cases whose outcome is not the suite's, and we mean it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    id: Option<String>,
    #[serde(default)]
    ids: Vec<String>,
    /// What the suite expects.
    pub expected: String,
    /// What we say.
    pub actual: String,
    /// Why.
    pub reason: String,
}

/// Cases about something that we do not do: they are neither passed nor failed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotApplicable {
    #[serde(default)]
    ids: Vec<String>,
    /// Whole groups of the suite.
    #[serde(default)]
    groups: Vec<String>,
    /// What we say to each of them; absent when they are not even run.
    pub actual: Option<String>,
    /// Why they do not apply.
    pub reason: String,
}

/// How a case stands.
pub enum Entry<'a> {
    Divergence(&'a Divergence),
    NotApplicable(&'a NotApplicable),
}

/// The entries by case, and which of them a run has met.
#[derive(Default)]
pub struct Ledger {
    divergences: Vec<Divergence>,
    not_applicable: Vec<NotApplicable>,
    by_id: BTreeMap<String, (bool, usize)>,
    by_group: BTreeMap<String, usize>,
    met: BTreeSet<String>,
}

impl Ledger {
    /// Reads a file; a case named twice or an entry without a reason is an error of its author.
    pub fn read(toml: &str) -> Self {
        let Written { divergence, not_applicable } = toml::from_str(toml).expect("a ledger");
        let mut ledger = Self { divergences: divergence, not_applicable, ..Self::default() };
        for (index, entry) in ledger.divergences.iter().enumerate() {
            assert!(!entry.reason.trim().is_empty(), "{:?} {:?}: a divergence without a reason", entry.id, entry.ids);
            assert_ne!(entry.expected, entry.actual, "{:?} {:?}: no divergence", entry.id, entry.ids);
            for id in entry.id.iter().chain(&entry.ids) {
                assert!(ledger.by_id.insert(id.clone(), (true, index)).is_none(), "{id} is listed twice");
            }
        }
        for (index, entry) in ledger.not_applicable.iter().enumerate() {
            assert!(!entry.reason.trim().is_empty(), "{:?} {:?}: no reason", entry.ids, entry.groups);
            for id in &entry.ids {
                assert!(ledger.by_id.insert(id.clone(), (false, index)).is_none(), "{id} is listed twice");
            }
            for group in &entry.groups {
                assert!(ledger.by_group.insert(group.clone(), index).is_none(), "{group} is listed twice");
            }
        }
        ledger
    }

    /// What is written about a case; it counts as met from now on.
    pub fn entry(&mut self, group: &str, id: &str) -> Option<Entry<'_>> {
        match self.by_id.get(id).copied() {
            Some((divergence, index)) => {
                self.met.insert(id.to_owned());
                let not_applicable = || self.not_applicable.get(index).map(Entry::NotApplicable);
                if divergence { self.divergences.get(index).map(Entry::Divergence) } else { not_applicable() }
            }
            None => {
                let index = self.by_group.get(group).copied()?;
                self.met.insert(group.to_owned());
                self.not_applicable.get(index).map(Entry::NotApplicable)
            }
        }
    }

    /// What is listed and was not met: the suite has no such case.
    pub fn unknown(&self) -> Vec<&str> {
        let listed = self.by_id.keys().chain(self.by_group.keys());
        listed.filter(|name| !self.met.contains(*name)).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEDGER: &str = r#"
        [[divergence]]
        ids = ["a", "b"]
        expected = "good"
        actual = "bad"
        reason = "because"

        [[not_applicable]]
        groups = ["weak"]
        actual = "refused"
        reason = "not done"
    "#;

    #[test]
    fn entries_are_found_by_case_and_by_group_and_those_not_met_are_named() {
        let mut ledger = Ledger::read(LEDGER);
        assert!(matches!(ledger.entry("strong", "a"), Some(Entry::Divergence(entry)) if entry.actual == "bad"));
        assert!(matches!(ledger.entry("weak", "c"), Some(Entry::NotApplicable(_))));
        assert!(ledger.entry("strong", "c").is_none());
        assert_eq!(ledger.unknown(), ["b"]);
    }

    #[test]
    fn a_ledger_without_reasons_or_with_a_case_twice_is_an_error() {
        let wrong = [
            LEDGER.replace("because", " "),
            LEDGER.replace("not done", ""),
            LEDGER.replace(r#""a", "b""#, r#""a", "a""#),
            LEDGER.replace("expected = \"good\"", "expected = \"bad\""),
            LEDGER.replace("reason", "why"),
        ];
        for toml in wrong {
            assert!(std::panic::catch_unwind(|| Ledger::read(&toml)).is_err(), "{toml}");
        }
    }
}
