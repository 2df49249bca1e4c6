//! Mutated real inputs, judged here and by independent implementations: openssl, pyca/cryptography and xmlsec1.
//!
//! Where the two sides disagree, one of them has a reason, and [`reasons`] lists it; a disagreement that is not in the table
//! fails. Some dozens of mutants of every input run in the gate; `RASTAU_DIFFERENTIAL=5000` tries as many of each.

mod certificates;
mod documents;
mod lists;
mod mutants;
mod peers;
mod reasons;
mod responses;

use std::collections::BTreeMap;

use reasons::Side;

/// Mutants of each input that are tried in the gate.
const MUTANTS: usize = 60;

/// What a side says: nothing when it accepts, else why not.
type Word = Result<(), String>;

/// How many mutants of each input are tried.
fn tries() -> usize {
    std::env::var("RASTAU_DIFFERENTIAL").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS)
}

/// Holds what both sides say about every input against each other; `None` from the others says that they are absent.
fn compare(subject: &str, inputs: &[Vec<u8>], ours: impl Fn(&[u8]) -> Word, theirs: Option<Vec<Word>>) {
    let Some(theirs) = theirs else { return };
    assert_eq!(theirs.len(), inputs.len(), "{subject}: an answer for each");
    let (mut both, mut known, mut refused) = (0, BTreeMap::<&str, usize>::new(), None);
    let mut unknown = BTreeMap::<String, (usize, String)>::new();
    for (input, theirs) in inputs.iter().zip(theirs) {
        let ours = ours(input);
        let (side, said) = match (&ours, &theirs) {
            (Ok(()), Ok(())) => {
                both += 1;
                continue;
            }
            (Err(_), Err(said)) => {
                refused.get_or_insert_with(|| said.clone());
                continue;
            }
            (Err(said), Ok(())) => (Side::WeRefuse, said),
            (Ok(()), Err(said)) => (Side::WeAccept, said),
        };
        match reasons::reason(subject, side, said) {
            Some(why) => *known.entry(why).or_default() += 1,
            None => unknown.entry(format!("{side:?}: {said}")).or_insert_with(|| (0, shown(input))).0 += 1,
        }
    }
    println!("{subject}: {} inputs, {both} accepted by both, {known:?}", inputs.len());
    assert!(both > 0, "{subject}: nothing is accepted by both; they say {refused:?}");
    let unknown: String =
        unknown.iter().map(|(said, (count, sample))| format!("{count} × {said}\n  {sample}\n")).collect();
    assert!(unknown.is_empty(), "{subject}: disagreements without a reason:\n{unknown}");
}

/// Where an input was kept to be tried again.
fn shown(input: &[u8]) -> String {
    if let Ok(folder) = std::env::var("RASTAU_DIFFERENTIAL_OUT") {
        let path = std::path::Path::new(&folder).join(format!("{:016x}", fingerprint(input)));
        if std::fs::write(&path, input).is_ok() {
            return path.display().to_string();
        }
    }
    "(set RASTAU_DIFFERENTIAL_OUT to a folder to keep it)".to_owned()
}

/// FNV-1a.
fn fingerprint(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
}
