//! The index of serial numbers: built of anything, read out of anything, from memory and from a mapped file.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use rastau::clock::Time;
use rastau::revocation::fuzzing::{Entry, SerialIndex, open_stored, seal};

/// `length key date reason` over and over: what was put in is found, what was not is not, and the block opens again. Then the
/// octets are a block themselves.
pub fn list_index(data: &[u8]) {
    let entries = entries(data);
    if let Some(index) = SerialIndex::build(&entries) {
        let usable = |key: &[u8]| (1..=64).contains(&key.len());
        let known: BTreeSet<&[u8]> = entries.iter().map(|(key, ..)| key.as_slice()).filter(|key| usable(key)).collect();
        let again = SerialIndex::open(index.block().to_vec()).expect("what was built is sound");
        for key in &known {
            let found = index.lookup(key).expect("what was put in is found");
            assert_eq!(again.lookup(key), Some(found));
            assert!(entries.iter().any(|(other, _, reason)| {
                other == key && found.reason.map(|reason| reason.code()) == reason.filter(|code| is_assigned(*code))
            }));
            for neighbour in neighbours(key) {
                assert_eq!(index.lookup(&neighbour).is_some(), known.contains(neighbour.as_slice()));
            }
        }
        let put_in = entries.iter().filter(|(key, ..)| usable(key)).count();
        assert_eq!(index.duplicates(), (put_in - known.len()) as u64);
        let mut reversed = entries.clone();
        reversed.reverse();
        let reversed = SerialIndex::build(&reversed).expect("as before");
        assert_eq!(reversed.block(), index.block(), "the order of the list does not matter");
    }
    if let Some(index) = SerialIndex::open(data.to_vec()) {
        look_around(&index, data);
    }
}

fn is_assigned(code: u8) -> bool {
    code <= 10 && code != 7
}

fn entries(mut data: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((&length, rest)) = data.split_first() {
        // Up to 66, so that keys of no length and of too much are among them.
        let Some((key, rest)) = rest.split_at_checked(usize::from(length % 67)) else { break };
        let Some((&[date @ .., reason], rest)) = rest.split_first_chunk::<4>() else { break };
        let [one, two, three] = date.map(i64::from);
        // From 1900 on, in steps of some hours.
        let date = Time::from_unix(-2_208_988_800 + ((one << 16) + (two << 8) + three) * 7199);
        entries.push((key.to_vec(), date, Some(reason % 13)));
        data = rest;
    }
    entries
}

fn neighbours(key: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![key[1..].to_vec(), [key, &[0]].concat()];
    for place in [0, key.len() / 2, key.len() - 1] {
        for change in [0x01, 0xff] {
            let mut other = key.to_vec();
            other[place] ^= change;
            all.push(other);
        }
    }
    all
}

/// Asks for what may be in a block and for what is not; nothing is asked of the answers.
fn look_around(index: &SerialIndex, data: &[u8]) {
    for key in data.windows(20).step_by(7).take(64) {
        let _ = index.lookup(key);
    }
    for length in 0..70_usize {
        let _ = (index.lookup(&vec![0x55; length]), index.lookup(&vec![0; length]), index.lookup(&vec![0xff; length]));
    }
}

/// The octets as an index file that is sealed like a good one, mapped and asked.
pub fn stored_index(data: &[u8]) {
    const LIST: &[u8] = b"the list that it is the index of";
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let path = FILE.get_or_init(|| std::env::temp_dir().join(format!("rastau-fuzz-{}.index", std::process::id())));
    let mut file = data.to_vec();
    seal(&mut file, LIST);
    // A file of its own each time, as the service writes them: nothing changes under a mapping.
    let _ = std::fs::remove_file(path);
    std::fs::write(path, &file).expect("a folder for temporary files");
    if let Some((own, foreign)) = open_stored(path, LIST) {
        look_around(&own, data);
        if let Some(foreign) = foreign {
            look_around(&foreign, data);
        }
    }
    assert!(open_stored(path, b"another list").is_none(), "it belongs to one list");
    let _ = std::fs::remove_file(path);
}
