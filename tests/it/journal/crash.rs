//! The process is killed at random moments, again and again: what was acknowledged is there, and the chain holds.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rastau::journal::{
    CHECKPOINTS_FILE, DATABASE_FILE, Journal as _, Known, Receipt, SqliteJournal, checkpoints, verify_database,
};

use super::{block_on, body, child, key, options};

/// Rounds in each of the folders, which are worked on at once.
const ROUNDS: u64 = 50;
const FOLDERS: u64 = 4;
/// Most acknowledgements that are waited for before the process is killed.
const MOST: u64 = 120;

/// Starts, reads some acknowledgements, kills, reads what else was said.
fn round(folder: &Path, first: u64, patience: u64) -> Vec<(u64, Receipt)> {
    let mut child = child::start(folder, &format!("load {first}"));
    let mut acknowledged = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = 0;
    // Without patience it is killed while it starts; then while it opens; then while it writes.
    while heard < patience {
        let line = lines.next().expect("the child ended by itself").unwrap();
        let Some(said) = line.strip_prefix("> ") else { continue };
        heard += 1;
        acknowledged.extend(parse(said));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was said before the end counts.
    acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("> ").and_then(parse)));
    acknowledged
}

fn parse(said: &str) -> Option<(u64, Receipt)> {
    let (number, receipt) = said.split_once(' ')?;
    Some((number.parse().ok()?, receipt.parse().ok()?))
}

/// Every acknowledged entry is there with its answer, the chain and the checkpoints hold.
async fn check(folder: &Path, acknowledged: &[(u64, Receipt)]) {
    let journal = SqliteJournal::open(options(folder)).await.unwrap();
    assert_eq!(journal.fault(), None);
    for (number, receipt) in acknowledged {
        let entry = journal.entry(receipt.sequence).await.unwrap().expect("an acknowledged entry");
        assert_eq!(entry.receipt, *receipt);
        assert!(entry.canonical.contains(&format!("\"number\":\"{number}\"")), "{}", entry.canonical);
        let (answer, place) = journal.answer(key(*number)).await.unwrap().expect("an acknowledged answer");
        assert_eq!((answer.body, place), (body(*number), *receipt));
    }
    journal.close().await;
    let kept = folder.join(CHECKPOINTS_FILE);
    let kept = if kept.exists() { checkpoints(&kept, None).unwrap() } else { Vec::new() };
    let known = Known::default().with_checkpoints(&kept);
    verify_database(&folder.join(DATABASE_FILE), known).await.unwrap();
}

fn rounds(seed: u64) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut count = 0;
    let mut acknowledged = Vec::new();
    for number in 1..=ROUNDS {
        let patience = (random.next_u64() % (MOST + 20)).saturating_sub(20);
        acknowledged.extend(round(&journal, number << 20, patience));
        // Not each time: then the next one has to recover what the killed one left.
        if random.next_u64().is_multiple_of(3) || number == ROUNDS {
            count += acknowledged.len();
            block_on(check(&journal, &acknowledged));
            acknowledged.clear();
        }
    }
    count
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let count: usize = std::thread::scope(|scope| {
        let folders: Vec<_> = (0..FOLDERS).map(|seed| scope.spawn(move || rounds(seed))).collect();
        folders.into_iter().map(|folder| folder.join().unwrap()).sum()
    });
    assert!(count > 2000, "only {count} entries were acknowledged in {} rounds", ROUNDS * FOLDERS);
}
