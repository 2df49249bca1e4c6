//! One question in every form that it can be put to the program in: the answer may not depend on the form.

use serde_json::{Value, json};

use super::{file, folder, run, run_with_input};

/// A question about a certificate, and the evidence for it.
#[derive(Clone)]
pub struct Question<'a> {
    pub leaf: &'a [u8],
    pub root: &'a [u8],
    pub intermediates: Vec<&'a [u8]>,
    pub lists: Vec<Vec<u8>>,
    pub at: &'a str,
    pub profile: &'a str,
}

impl Question<'_> {
    /// The decision, which every form has to come to.
    pub fn decision(&self) -> String {
        let folder = folder();
        let files = |name: &str, contents: &[&[u8]]| -> Vec<String> {
            let named = contents.iter().enumerate();
            named.map(|(index, bytes)| file(&folder, &format!("{name}{index}"), bytes)).collect()
        };
        let options = |option: &str, paths: &[String]| -> Vec<String> {
            paths.iter().flat_map(|path| [option.to_owned(), path.clone()]).collect()
        };
        let leaf = file(&folder, "leaf", self.leaf);
        let lists: Vec<&[u8]> = self.lists.iter().map(Vec::as_slice).collect();
        let trust = options("--trust", &files("root", &[self.root]));
        let intermediates = files("ca", &self.intermediates);
        let all_but_first = options("--intermediates", intermediates.get(1..).unwrap_or_default());
        let intermediates = options("--intermediates", &intermediates);
        let lists = options("--crl", &files("list", &lists));
        let rules = ["--at", self.at, "--profile", self.profile].map(str::to_owned);
        let alone = [vec!["check".to_owned(), leaf, "--json".to_owned()], rules.to_vec()].concat();
        let alone = [alone, trust.clone(), intermediates.clone(), lists.clone()].concat();
        let wanted = decision(&run(&texts(&alone)).json());

        let batch = ["check", "--batch", "-"].map(str::to_owned).to_vec();
        let but_first = [batch.clone(), trust.clone(), all_but_first, lists.clone()].concat();
        let everything = [batch.clone(), trust, intermediates, lists.clone()].concat();
        let by_option = [everything.clone(), rules.to_vec()].concat();
        let lists_alone = [batch.clone(), lists].concat();
        let only = |fields: &[&str]| {
            let mut line = self.line();
            if let Some(line) = line.as_object_mut() {
                line.retain(|field, _| fields.contains(&field.as_str()));
            }
            line
        };
        let own = ["certificate", "at", "profile"];
        let with = |fields: &[&str]| only(&[&own[..], fields].concat());
        let mut with_first = with(&["intermediates"]);
        if let Some(all) = with_first["intermediates"].as_array_mut() {
            all.truncate(1);
        }
        for (args, lines) in [
            (&batch, vec![self.line()]),
            (&by_option, vec![only(&["certificate"])]),
            (&everything, vec![with(&[]), with(&["intermediates"])]),
            (&lists_alone, vec![with(&["intermediates", "trust"])]),
            (&but_first, vec![with_first]),
        ] {
            let text: Vec<String> = lines.iter().map(Value::to_string).collect();
            let run = run_with_input(&texts(args), text.join("\n").as_bytes());
            assert_eq!(run.out.lines().count(), lines.len(), "{}", run.err);
            for (answer, line) in run.out.lines().zip(&lines) {
                let fields: Vec<&String> = line.as_object().into_iter().flatten().map(|(field, _)| field).collect();
                let answer: Value = serde_json::from_str(answer).expect("JSON");
                assert_eq!(decision(&answer), wanted, "in the line: {fields:?}; {answer}");
            }
        }
        wanted
    }

    /// The question with all its evidence as a line of a batch.
    pub fn line(&self) -> Value {
        let all = |parts: &[&[u8]]| -> Vec<String> { parts.iter().map(|part| base64(part)).collect() };
        let lists: Vec<String> = self.lists.iter().map(|list| base64(list)).collect();
        json!({
            "certificate": base64(self.leaf),
            "intermediates": all(&self.intermediates),
            "trust": all(&[self.root]),
            "crls": lists,
            "at": self.at,
            "profile": self.profile,
        })
    }
}

fn texts(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

pub fn decision(report: &Value) -> String {
    report["decision"].as_str().expect("a report has a decision").to_owned()
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
