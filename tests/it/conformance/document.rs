//! `docs/CONFORMANCE.md`: a row and a section for each suite, between markers, compared with what the run gives and
//! written with `RASTAU_WRITE_DOCS` set.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::run::{Count, Divergent, Suite};

const DOCUMENT: &str = "docs/CONFORMANCE.md";
/// More cases than these under one reason are counted and not named: the ledger names them.
const NAMED: usize = 24;

/// What a run came to.
pub struct Figures {
    pub suite: Suite,
    pub groups: Vec<(String, Count)>,
    pub divergences: Divergent,
    pub not_applicable: BTreeMap<String, Vec<String>>,
}

impl Figures {
    /// Compares, or writes.
    pub fn publish(&self) {
        let total = self.total();
        println!(
            "{}: {} cases, {} passed, {} divergences, {} not applicable",
            self.suite.title, total.cases, total.passed, total.divergent, total.not_applicable
        );
        // Suites run side by side.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let path = super::path(DOCUMENT);
        let document = std::fs::read_to_string(&path).unwrap();
        let renewed = self.renew(&document);
        if std::env::var_os("RASTAU_WRITE_DOCS").is_some() {
            std::fs::write(&path, renewed).unwrap();
            return;
        }
        assert_eq!(document, renewed, "{DOCUMENT} differs: run this test with RASTAU_WRITE_DOCS=1 and read the change");
    }

    /// The document with this suite's row and section in their places.
    fn renew(&self, document: &str) -> String {
        let key = self.suite.key;
        let row_begins = format!("| <!-- {key} --> ");
        let rows = document.lines().filter(|line| line.starts_with(&row_begins)).count();
        assert_eq!(rows, 1, "{DOCUMENT} has one row marked {key}");
        let mut renewed = String::new();
        for line in document.lines() {
            let ours = line.starts_with(&row_begins);
            renewed += if ours { self.row(&row_begins) } else { line.to_owned() }.as_str();
            renewed.push('\n');
        }
        let (begins, ends) = (format!("<!-- {key} begins -->\n"), format!("<!-- {key} ends -->\n"));
        let (before, rest) = renewed.split_once(&begins).unwrap_or_else(|| panic!("{DOCUMENT} has {begins}"));
        let (_, after) = rest.split_once(&ends).unwrap_or_else(|| panic!("{DOCUMENT} has {ends}"));
        format!("{before}{begins}{}{ends}{after}", self.section())
    }

    fn total(&self) -> Count {
        self.groups.iter().fold(Count::default(), |sum, (_, count)| sum + *count)
    }

    fn row(&self, begins: &str) -> String {
        let Suite { title, version, .. } = &self.suite;
        let anchor: String = title.to_lowercase().replace(' ', "-");
        let anchor: String =
            anchor.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect();
        format!("{begins}[{title}](#{anchor}) | {version} | {} |", columns(self.total()))
    }

    fn section(&self) -> String {
        let Suite { title, about, ledger: path, .. } = &self.suite;
        let mut text = format!("## {title}\n\n{}\n\n", about.trim());
        text += "| part | cases | passed | divergences | not applicable |\n|---|---|---|---|---|\n";
        let (out, run): (Vec<_>, Vec<_>) =
            self.groups.iter().partition(|(_, count)| count.not_applicable == count.cases);
        for (group, count) in run {
            let _ = writeln!(text, "| {group} | {} |", columns(*count));
        }
        if !out.is_empty() {
            let sum = out.iter().fold(Count::default(), |sum, (_, count)| sum + *count);
            let _ = writeln!(text, "| {} that do not apply | {} |", out.len(), columns(sum));
        }
        text.push('\n');
        if !self.divergences.is_empty() {
            let _ = writeln!(text, "Divergences ([`{path}`](../{path})):\n");
            text += "| expected, ours | cases | reason |\n|---|---|---|\n";
            for ((outcome, reason), cases) in &self.divergences {
                let _ = writeln!(text, "| {outcome} | {} | {} |", named(cases), one_line(reason));
            }
            text.push('\n');
        }
        if !self.not_applicable.is_empty() {
            text += "Not applicable:\n\n| cases | reason |\n|---|---|\n";
            for (reason, cases) in &self.not_applicable {
                let _ = writeln!(text, "| {} | {} |", named(cases), one_line(reason));
            }
            text.push('\n');
        }
        text
    }
}

fn columns(count: Count) -> String {
    format!("{} | {} | {} | {}", count.cases, count.passed, count.divergent, count.not_applicable)
}

/// How many, and which if they are few.
fn named(cases: &[String]) -> String {
    if cases.len() > NAMED {
        return cases.len().to_string();
    }
    let names: Vec<String> = cases.iter().map(|case| format!("`{case}`")).collect();
    format!("{}: {}", cases.len(), names.join(", "))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        Figures {
            suite: Suite {
                key: "one",
                title: "Suite One",
                version: "7".to_owned(),
                about: "About it.",
                ledger: "testdata/one.toml",
            },
            groups: vec![("all".to_owned(), Count { cases: 3, passed: 1, divergent: 2, not_applicable: 0 })],
            divergences: BTreeMap::from([(
                ("good, bad".to_owned(), "a | b".to_owned()),
                vec!["x".to_owned(), "y".to_owned()],
            )]),
            not_applicable: BTreeMap::new(),
        }
    }

    const BEFORE: &str =
        "text\n\n| <!-- one --> old |\n| <!-- two --> kept |\n\n<!-- one begins -->\nold\n<!-- one ends -->\nrest\n";

    #[test]
    fn a_suite_renews_its_own_row_and_section_and_nothing_else() {
        let after = figures().renew(BEFORE);
        assert!(
            after.contains("| <!-- one --> [Suite One](#suite-one) | 7 | 3 | 1 | 2 | 0 |\n| <!-- two --> kept |\n")
        );
        assert!(after.contains("| good, bad | 2: `x`, `y` | a \\| b |\n"), "{after}");
        assert!(!after.contains("old") && after.ends_with("<!-- one ends -->\nrest\n"), "{after}");
        assert_eq!(figures().renew(&after), after);
    }

    #[test]
    #[should_panic(expected = "one row marked one")]
    fn a_suite_without_a_place_in_the_document_is_an_error() {
        let _ = figures().renew("text\n");
    }
}
