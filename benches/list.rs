//! Revocation lists: how long from the file to the first answer, how long from a stored index, and how much memory, at
//! 100 thousand and a million entries of 53 octets signed with RSA, and at the national shape (422 065 entries, Streebog
//! and GOST 34.10-2015).
//!
//! Baselines in the same run: the file read and hashed once with SHA-256 by ring, and what a user of x509-parser would
//! write, `HashMap<Vec<u8>, ..>` filled from its `CertificateRevocationList`. Figures are the best of several runs,
//! because everything that disturbs a run makes it slower. Resident memory is that of a process of its own that opens
//! the stored index.
//!
//! `cargo bench --bench list`; `-- --huge` adds five million entries, `-- 1M` runs what has that in its name.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rastau::clock::Time;
use rastau::revocation::{ListFile, MAX_LIST_BYTES, ParsedList, RevocationList, Source, Store, StoreOptions};
use rastau::x509::{Certificate, SerialNumber};
use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::list::generated_serial;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

const SEED: u64 = 2026;
/// Lookups timed at once.
const LOOKUPS: u64 = 200_000;
/// Lookups after which the resident memory is looked at again.
const RESIDENT_LOOKUPS: u64 = 20_000;
/// Where the lists are said to come from, so that the store keeps copies of them.
const URL: &str = "http://crl.invalid/bench.crl";
/// First argument of the process that measures its resident memory.
const RESIDENT: &str = "--resident";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, first, folder, entries] = arguments.as_slice()
        && first == RESIDENT
    {
        return resident(Path::new(folder), entries.parse().unwrap());
    }
    let rsa = Authority::root("БЕНЧ RSA", Key::rsa("bench list rsa"));
    let gost = Authority::root("БЕНЧ GOST", Key::gost512("bench list gost"));
    // `cargo test --benches` only wants to know that it runs.
    if arguments.iter().any(|argument| argument == "--test") {
        return measure("10k RSA", &rsa, 10_000, 1);
    }
    let only: Vec<&String> = arguments.iter().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let huge = arguments.iter().any(|argument| argument == "--huge");
    for (name, authority, entries, runs) in [
        ("100k RSA", &rsa, 100_000, 15),
        ("1M RSA", &rsa, 1_000_000, 15),
        ("national shape: 422k GOST", &gost, 422_065, 7),
        ("5M RSA", &rsa, 5_000_000, 3),
    ] {
        let wanted =
            if only.is_empty() { entries < 5_000_000 || huge } else { only.iter().any(|part| name.contains(*part)) };
        if wanted {
            measure(name, authority, entries, runs);
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn best<T>(runs: u32, mut work: impl FnMut() -> T) -> (Duration, T) {
    (0..runs.max(1)).map(|_| timed(&mut work)).min_by_key(|(time, _)| *time).expect("one run at least")
}

fn report(what: &str, time: Duration, unit: Duration) {
    println!("  {what:<46} {:>9.2} ms  {:>6.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / unit.as_secs_f64());
}

fn measure(name: &str, authority: &Authority, entries: u64, runs: u32) {
    let issuers = [Certificate::from_der(&authority.certificate).unwrap()];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.crl");
    let der = authority.list().generated(&authority.key, SEED, entries);
    fs::write(&file, &der).unwrap();
    println!("\n{name}: {entries} entries, {} bytes", der.len());

    let accept = || {
        let read = ListFile::read(&file, MAX_LIST_BYTES).unwrap();
        let (read_took, hash) = (read.read, read.hash);
        let accepted = ParsedList::accept(read.bytes, Source::path(&file), MAX_LIST_BYTES, &issuers).unwrap();
        (accepted, read_took, hash)
    };
    // In turn, so that a busy moment of the machine hits all alike.
    let (mut unit, mut ready) = (Duration::MAX, Duration::MAX);
    let mut parts = [Duration::MAX; 5];
    for _ in 0..runs {
        let (read, octets) = timed(|| fs::read(&file).unwrap());
        let (hash, _) = timed(|| black_box(ring::digest::digest(&ring::digest::SHA256, &octets)));
        drop(octets);
        let (all, ((_, der), reading, hashing)) = timed(accept);
        unit = unit.min(read + hash);
        ready = ready.min(all);
        let took = der.took();
        let now = [read, hash, reading, hashing + took.hash, took.index];
        parts.iter_mut().zip(now).for_each(|(best, now)| *best = now.min(*best));
    }
    report("read and SHA-256 pass (ring), the unit", unit, unit);
    for (what, time) in ["  reading", "  SHA-256"].into_iter().zip(parts) {
        report(what, time, unit);
    }
    report("ready: read, hashed, verified, indexed", ready, unit);
    for (what, time) in
        ["  reading", "  all hashes and the signature", "  index, beside them"].into_iter().zip(&parts[2..])
    {
        report(what, *time, unit);
    }
    let (baseline, map) = best(runs.min(3), || with_x509_parser(&fs::read(&file).unwrap()));
    report("x509-parser into a HashMap, nothing verified", baseline, unit);
    println!("  ready / x509-parser: {:.2}", ready.as_secs_f64() / baseline.as_secs_f64());

    let list = accept().0.0;
    let per_entry = list.index_bytes() as f64 / entries as f64;
    println!("  index: {} bytes, {per_entry:.2} an entry", list.index_bytes());
    lookups("from memory", &list, &map, entries);
    drop((list, map));
    stored(folder.path(), authority, der, runs, entries);
}

fn store(folder: &Path, certificate: &[u8]) -> Store {
    let options = StoreOptions::new([Certificate::from_der(certificate).unwrap()]).with_data(folder).unwrap();
    Store::load(vec![Source::urls(&[URL]).unwrap()], options, now())
}

fn now() -> Time {
    "2026-08-20T12:00:00Z".parse().unwrap()
}

fn held(store: &Store) -> Arc<RevocationList> {
    store.newest_of(&Source::urls(&[URL]).unwrap()).expect("a list is held")
}

/// What the next start costs, and what the lookups cost then.
fn stored(folder: &Path, authority: &Authority, der: Vec<u8>, runs: u32, entries: u64) {
    let first = store(folder, &authority.certificate);
    let (offer, _) = timed(|| first.offer(&Source::urls(&[URL]).unwrap(), der, now()).unwrap());
    println!("  offered, stored and synced: {:.2} ms", offer.as_secs_f64() * 1e3);
    drop(first);
    let (open, opened) = best(runs, || store(folder, &authority.certificate));
    assert!(held(&opened).is_mapped());
    println!("  opening the stored index: {:.2} ms", open.as_secs_f64() * 1e3);
    let (audit, found) = timed(|| opened.audit(now()));
    println!("  audit of it: {:.2} ms, {found:?}", audit.as_secs_f64() * 1e3);
    lookups("from the mapped file", &held(&opened), &HashMap::new(), entries);
    fs::write(folder.join("issuer.cer"), &authority.certificate).unwrap();
    let own = std::env::current_exe().unwrap();
    let child = Command::new(own).arg(RESIDENT).arg(folder).arg(entries.to_string()).status();
    assert!(child.unwrap().success());
}

/// Resident memory of this process in KiB: all of it, and what is not of mapped files.
fn resident_now() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    (field("VmRSS:"), field("RssAnon:"))
}

fn resident(folder: &Path, entries: u64) {
    let certificate = fs::read(folder.join("issuer.cer")).unwrap();
    let (before, _) = resident_now();
    let store = store(folder, &certificate);
    let (opened, _) = resident_now();
    let list = held(&store);
    for step in 0..RESIDENT_LOOKUPS {
        let serial = generated_serial(SEED, step.wrapping_mul(0x9e37_79b9_7f4a_7c15) % entries);
        assert!(list.lookup(&SerialNumber::new(&serial).unwrap()).is_some());
    }
    let (after, anonymous) = resident_now();
    let per_entry = |kib: u64| (kib - before) as f64 * 1024.0 / entries as f64;
    println!(
        "  resident: {before} KiB before, {opened} KiB with the stored index open ({:.1} bytes an entry), {after} KiB \
         after {RESIDENT_LOOKUPS} lookups ({:.1}), {anonymous} KiB of them not of files",
        per_entry(opened),
        per_entry(after)
    );
}

/// What comes to mind first.
fn with_x509_parser(der: &[u8]) -> HashMap<Vec<u8>, (i64, Option<u8>)> {
    let (_, list) = CertificateRevocationList::from_der(der).unwrap();
    list.iter_revoked_certificates()
        .map(|entry| {
            let reason = entry.reason_code().map(|(_, reason)| reason.0);
            (entry.raw_serial().to_vec(), (entry.revocation_date.timestamp(), reason))
        })
        .collect()
}

/// Serial numbers in no order that a cache could foresee: those of the list, and others.
fn lookups(place: &str, list: &RevocationList, map: &HashMap<Vec<u8>, (i64, Option<u8>)>, entries: u64) {
    let serials = |offset: u64| -> Vec<SerialNumber> {
        let indexes = (0..LOOKUPS).map(|step| step.wrapping_mul(0x9e37_79b9_7f4a_7c15) % entries + offset);
        indexes.map(|index| SerialNumber::new(&generated_serial(SEED, index)).unwrap()).collect()
    };
    let nanos = |time: Duration| time.as_secs_f64() * 1e9 / LOOKUPS as f64;
    for (kind, serials, found) in [("hit", serials(0), LOOKUPS), ("miss", serials(entries), 0)] {
        let (ours, hits) = best(9, || serials.iter().filter(|serial| list.lookup(serial).is_some()).count());
        assert_eq!(hits as u64, found);
        print!("  lookup {place}, {kind}: {:.0} ns", nanos(ours));
        if map.is_empty() {
            println!();
        } else {
            let (theirs, hits) = best(9, || serials.iter().filter(|s| map.contains_key(s.as_bytes())).count());
            assert_eq!(hits as u64, found);
            println!("; in the HashMap {:.0} ns ({:.2} x)", nanos(theirs), nanos(ours) / nanos(theirs));
        }
    }
}
