//! Revocation lists: how long from the bytes to the first answer, and how much memory, at 100 thousand and a million
//! entries of 53 octets signed with RSA, and at the national shape (422 065 entries, Streebog and GOST 34.10-2015).
//!
//! Baselines in the same run: one SHA-256 pass over the bytes by ring, and what a user of x509-parser would write,
//! `HashMap<Vec<u8>, ..>` filled from its `CertificateRevocationList`. Figures are the best of several runs, because
//! everything that disturbs a run makes it slower.
//!
//! `cargo bench --bench list`; `-- --huge` adds five million entries, `-- 1M` runs what has that in its name.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rastau::revocation::{ParsedList, RevocationList, Source};
use rastau::x509::{Certificate, SerialNumber};
use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::list::generated_serial;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

const SEED: u64 = 2026;
/// Lookups timed at once.
const LOOKUPS: u64 = 200_000;

fn main() {
    let rsa = Authority::root("БЕНЧ RSA", Key::rsa("bench list rsa"));
    let gost = Authority::root("БЕНЧ GOST", Key::gost512("bench list gost"));
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only wants to know that it runs.
    if arguments.iter().any(|argument| argument == "--test") {
        return measure("10k RSA", &rsa, 10_000, 1);
    }
    let only: Vec<&String> = arguments.iter().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let huge = arguments.iter().any(|argument| argument == "--huge");
    for (name, authority, entries, runs) in [
        ("100k RSA", &rsa, 100_000, 9),
        ("1M RSA", &rsa, 1_000_000, 5),
        ("national shape: 422k GOST", &gost, 422_065, 3),
        ("5M RSA", &rsa, 5_000_000, 1),
    ] {
        let wanted =
            if only.is_empty() { entries < 5_000_000 || huge } else { only.iter().any(|part| name.contains(*part)) };
        if wanted {
            measure(name, authority, entries, runs);
        }
    }
}

fn best<T>(runs: u32, mut work: impl FnMut() -> (Duration, T)) -> (Duration, T) {
    (0..runs.max(1)).map(|_| work()).min_by_key(|(time, _)| *time).expect("one run at least")
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn measure(name: &str, authority: &Authority, entries: u64, runs: u32) {
    let issuer = Certificate::from_der(&authority.certificate).unwrap();
    let der = authority.list().generated(&authority.key, SEED, entries);
    println!("\n{name}: {entries} entries, {} bytes", der.len());

    let (hash, _) = best(runs, || timed(|| black_box(ring::digest::digest(&ring::digest::SHA256, &der))));
    report("SHA-256 pass (ring), the unit", hash, hash);
    let (read, _) = best(runs, || {
        let bytes = der.clone();
        timed(|| ParsedList::read(bytes, Source::request(0)).unwrap())
    });
    report("scan and index", read, hash);
    let (verify, _) = best(runs, || {
        let parsed = ParsedList::read(der.clone(), Source::request(0)).unwrap();
        timed(|| parsed.verify(&issuer).unwrap())
    });
    report("hash and verify", verify, hash);
    let (ready, list) = best(runs, || {
        let bytes = der.clone();
        timed(|| ParsedList::read(bytes, Source::request(0)).unwrap().verify(&issuer).unwrap())
    });
    report("ready: all of it", ready, hash);

    let (baseline, map) = best(runs.min(3), || timed(|| with_x509_parser(&der)));
    report("x509-parser into a HashMap, nothing verified", baseline, hash);
    println!("  ready / x509-parser: {:.2}", ready.as_secs_f64() / baseline.as_secs_f64());
    let per_entry = list.index_bytes() as f64 / entries as f64;
    println!("  index: {} bytes, {per_entry:.2} an entry", list.index_bytes());
    lookups(&list, &map, entries);
}

fn report(what: &str, time: Duration, unit: Duration) {
    println!("  {what:<46} {:>9.2} ms  {:>6.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / unit.as_secs_f64());
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

/// Half of the serial numbers are in the list, in no order that a cache could foresee.
fn lookups(list: &RevocationList, map: &HashMap<Vec<u8>, (i64, Option<u8>)>, entries: u64) {
    let serials: Vec<SerialNumber> = (0..LOOKUPS)
        .map(|step| {
            let index = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) % entries;
            let index = if step % 2 == 0 { index } else { index + entries };
            SerialNumber::new(&generated_serial(SEED, index)).unwrap()
        })
        .collect();
    let found = |hits: usize| assert_eq!(hits as u64, LOOKUPS / 2);
    let (ours, hits) = best(5, || timed(|| serials.iter().filter(|serial| list.lookup(serial).is_some()).count()));
    found(hits);
    let (theirs, hits) = best(5, || timed(|| serials.iter().filter(|s| map.contains_key(s.as_bytes())).count()));
    found(hits);
    let nanos = |time: Duration| time.as_secs_f64() * 1e9 / LOOKUPS as f64;
    println!(
        "  lookup: {:.0} ns; in the HashMap {:.0} ns ({:.2} x)",
        nanos(ours),
        nanos(theirs),
        nanos(ours) / nanos(theirs)
    );
}
