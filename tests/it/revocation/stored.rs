//! Index files of the data directory: what is answered from them, and that nothing else is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rastau::clock::Time;
use rastau::revocation::{Audit, LoadError, Offer, RevocationList, Source, Status, Store, StoreOptions};
use rastau::x509::SerialNumber;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::list::{Entry, ListBuilder, generated_serial};
use rastau_mint::{der, pem};
use twox_hash::XxHash3_64;

use super::{Issuer, SERIAL, issuer, noon, verify};

const URL: &str = "http://crl.invalid/full.crl";
const SEED: u64 = 7;
/// Enough entries that the middle of the list is not part of its fingerprint.
const MANY: u64 = 400;

fn source() -> Source {
    Source::urls(&[URL]).unwrap()
}

fn options() -> StoreOptions {
    StoreOptions::new([issuer().certificate.clone()])
}

fn store_of(data: &Path, source: Source) -> Store {
    Store::load(vec![source], options().with_data(data).unwrap(), noon())
}

fn store_in(data: &Path) -> Store {
    store_of(data, source())
}

fn many(number: u64) -> Vec<u8> {
    let list = issuer().list().number(number).updates("2026-07-10T00:00:00Z", "2027-01-01T00:00:00Z");
    list.generated(&issuer().authority.key, SEED + number, MANY)
}

/// A data directory that has this list.
fn data_with(list: &[u8]) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(store_in(data.path()).offer(&source(), list.to_vec(), noon()).unwrap(), Offer::Installed);
    data
}

fn file_of(data: &Path, extension: &str) -> PathBuf {
    let mut files = fs::read_dir(data.join("revocation")).unwrap().map(|entry| entry.unwrap().path());
    files.find(|file| file.extension().is_some_and(|found| found == extension)).unwrap()
}

fn held(store: &Store) -> Option<Arc<RevocationList>> {
    store.newest_of(&store.sources()[0])
}

fn number_of(store: &Store) -> Option<u64> {
    held(store)?.number()?.as_u64()
}

fn knows(store: &Store, number: u64, entry: u64) -> bool {
    let serial = SerialNumber::new(&generated_serial(SEED + number, entry)).unwrap();
    held(store).unwrap().lookup(&serial).is_some()
}

#[test]
fn a_fetched_list_is_answered_from_the_mapped_file_now_and_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let running = store_in(data.path());
    running.offer(&source(), many(5), noon()).unwrap();
    let restarted = store_in(data.path());
    for store in [&running, &restarted] {
        assert!(held(store).unwrap().is_mapped());
        assert!((0..MANY).all(|entry| knows(store, 5, entry)));
        assert!(!(0..MANY).any(|entry| knows(store, 6, entry)));
    }
    let nothing_kept = Store::load(vec![source()], options(), noon());
    nothing_kept.offer(&source(), many(5), noon()).unwrap();
    assert!(!held(&nothing_kept).unwrap().is_mapped());
    assert_eq!(restarted.audit(noon()), Audit { sound: 1, rebuilt: 0, dropped: 0 });
    assert_eq!(restarted.audit(noon()), Audit::default(), "once is enough");
    assert_eq!(running.audit(noon()), Audit::default(), "what was verified in this process needs no audit");
}

/// An entry about a certificate of another issuer.
fn foreign() -> Entry {
    let other = Issuer::new("БАСҚА КО", Key::p256("stored foreign"));
    Entry::new(&[0x44; 20], "2026-01-01T00:00:00Z", Some(4)).of_issuer(other.certificate.subject().as_der())
}

/// Lists of every kind that the head tells apart.
fn kinds() -> Vec<(&'static str, ListBuilder)> {
    let list = || issuer().list().revoke(&SERIAL, "2026-02-01T00:00:00Z", Some(1)).number(3);
    let unknown = Extension::new("1.2.3.4", der::integer(1));
    let with_extension = |extension: Extension| {
        let entry = Entry { extensions: vec![extension], ..Entry::new(&[0x33; 9], "2026-01-01T00:00:00Z", Some(6)) };
        list().entry(entry)
    };
    vec![
        ("plain", list()),
        ("empty", issuer().list()),
        (
            "of version 1",
            ListBuilder { version: None, extensions: Vec::new(), ..issuer().list() }.revoke(
                &SERIAL,
                "2026-02-01T00:00:00Z",
                None,
            ),
        ),
        ("without nextUpdate", list().without_next_update()),
        ("about holders only", list().issuing_distribution_point(&[der::tlv(0x81, &[0xff])])),
        ("a delta", list().delta_to(2)),
        ("with an unknown critical extension", list().with(unknown.clone().critical())),
        ("with an unknown extension", list().with(unknown.clone())),
        ("with an unknown extension of an entry", with_extension(unknown.clone())),
        ("with an unknown critical extension of an entry", with_extension(unknown.critical())),
        ("with duplicates", list().revoke(&SERIAL, "2026-01-01T00:00:00Z", None)),
        ("with a negative serial number", list().revoke(&[0x80, 1], "2026-01-01T00:00:00Z", None)),
        ("indirect", list().indirect().entry(foreign())),
        ("with an entry of another issuer, unmarked", list().entry(foreign())),
        ("without a number", list().without(extension::LIST_NUMBER)),
    ]
}

#[test]
fn an_opened_list_says_what_the_parsed_one_says() {
    for (kind, list) in kinds() {
        let der = issuer().sign(&list);
        let parsed = verify(der.clone(), &issuer().certificate).unwrap();
        let data = data_with(&der);
        let store = store_in(data.path());
        let opened = held(&store).unwrap();
        assert!(opened.is_mapped(), "{kind}");
        let head = |list: &RevocationList| {
            (
                (list.issuer().clone(), *list.issuer_key(), *list.sha256(), list.bytes(), list.issuer_text().clone()),
                (list.number(), list.base_number(), list.this_update(), list.next_update()),
                list.signature_algorithm(),
                (
                    list.entries(),
                    list.dropped(),
                    list.duplicates(),
                    list.unusable().cloned(),
                    list.keeps_expired_at(noon()),
                ),
            )
        };
        assert_eq!(head(&opened), head(&parsed), "{kind}");
        assert_eq!(opened.index_bytes(), parsed.index_bytes(), "{kind}");
        for serial in [&SERIAL[..], &[0x33; 9], &[0x44; 20], &[0x80, 1], &[1]] {
            let serial = SerialNumber::new(serial).unwrap();
            assert_eq!(opened.lookup(&serial), parsed.lookup(&serial), "{kind}");
        }
        assert_eq!(opened.reasons_for(&issuer().leaf()), parsed.reasons_for(&issuer().leaf()), "{kind}");
        assert_eq!(store.audit(noon()).sound, 1, "{kind}");
    }
}

#[test]
fn a_source_that_became_one_of_deltas_makes_a_delta_of_the_opened_list() {
    let data = data_with(&many(5));
    // The name of a stored copy comes from the addresses, whatever they are said to hold.
    let store = store_of(data.path(), source().of_deltas(true));
    let opened = held(&store).unwrap();
    assert!(opened.is_mapped() && opened.unusable().is_some());
}

/// The index file as it was, or gone: what the store does with `bytes` in its place is what it does with none.
fn falls_back(data: &Path, bytes: &[u8], what: &str) {
    let index = file_of(data, "index");
    let good = fs::read(&index).unwrap();
    // As a killed process or a disk would leave it: a new file, so that what is mapped stays as it is.
    fs::remove_file(&index).unwrap();
    fs::write(&index, bytes).unwrap();
    let store = store_in(data);
    assert_eq!(number_of(&store), Some(5), "{what}");
    assert!((0..MANY).step_by(40).all(|entry| knows(&store, 5, entry)), "{what}");
    assert!(held(&store).unwrap().is_mapped(), "{what}");
    assert_eq!(store.audit(noon()), Audit::default(), "{what}: it was opened");
    assert!(fs::read(&index).unwrap() == good, "{what}: the index was not written again");
}

#[test]
fn an_index_file_damaged_anywhere_is_not_believed_and_written_again() {
    let data = data_with(&many(5));
    let good = fs::read(file_of(data.path(), "index")).unwrap();
    let header = 0..300;
    for place in header.chain((300..good.len()).step_by(97)).chain([good.len() - 1]) {
        let mut damaged = good.clone();
        damaged[place] ^= 0x10;
        falls_back(data.path(), &damaged, &format!("octet {place} changed"));
    }
    for length in (0..200).step_by(7).chain((200..good.len()).step_by(331)).chain([good.len() - 1]) {
        falls_back(data.path(), &good[..length], &format!("cut to {length}"));
    }
    falls_back(data.path(), &[&good[..], &[0]].concat(), "one octet more");
    falls_back(data.path(), b"<html>", "something else");
}

/// Killed between the two renames: the new list with the index of the old one; and the other way round, which nothing
/// here leaves behind.
#[test]
fn an_index_beside_another_list_is_not_believed() {
    let (old, new) = (data_with(&many(5)), data_with(&many(6)));
    fs::copy(file_of(old.path(), "index"), file_of(new.path(), "index")).unwrap();
    let store = store_in(new.path());
    assert_eq!(number_of(&store), Some(6));
    assert!(knows(&store, 6, 1) && !knows(&store, 5, 1));
    assert_eq!(number_of(&store_in(new.path())), Some(6));
}

#[test]
fn an_index_without_its_list_or_beside_half_of_it_is_not_used() {
    let data = data_with(&many(5));
    let copy = file_of(data.path(), "crl");
    let list = fs::read(&copy).unwrap();
    for length in [0, 1, 100, list.len() / 2, list.len() - 1] {
        fs::write(&copy, &list[..length]).unwrap();
        let store = store_in(data.path());
        assert!(held(&store).is_none(), "{length}");
        assert!(store.status(noon())[0].error.is_some());
    }
    fs::remove_file(&copy).unwrap();
    assert!(held(&store_in(data.path())).is_none());
}

#[test]
fn an_index_of_an_issuer_that_is_not_configured_any_more_is_not_used() {
    let data = data_with(&many(5));
    let renewed = Issuer::new("СЫНАҚ КО", Key::p256("another key of the same name"));
    let renamed = Issuer::new("БАСҚА КО", Key::p256("revocation tests"));
    for other in [renewed, renamed] {
        let options = StoreOptions::new([other.certificate]).with_data(data.path()).unwrap();
        let store = Store::load(vec![source()], options, noon());
        assert!(held(&store).is_none());
        assert!(store.status(noon())[0].error.is_some());
    }
    assert_eq!(number_of(&store_in(data.path())), Some(5));
}

#[test]
fn the_audit_drops_a_list_whose_stored_copy_does_not_hold() {
    let data = data_with(&many(5));
    let copy = file_of(data.path(), "crl");
    let mut list = fs::read(&copy).unwrap();
    let middle = list.len() / 2;
    list[middle] ^= 1;
    fs::write(&copy, &list).unwrap();
    let store = store_in(data.path());
    assert_eq!(number_of(&store), Some(5), "the ends of the list are as they were");
    let generation = store.generation();
    assert_eq!(store.audit(noon()), Audit { sound: 0, rebuilt: 0, dropped: 1 });
    assert!(held(&store).is_none() && store.snapshot().lists().next().is_none());
    assert!(store.generation() > generation, "answers that were kept are out of date");
    assert!(store.status(noon())[0].error.is_some());
    let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, noon(), noon());
    assert!(matches!(status, Status::Unknown { .. }));
    assert!(held(&store_in(data.path())).is_none(), "the index is gone with it");
}

/// Makes the index of a generated list say another number in the place of its seventeenth: somebody who can write to the data
/// directory, and knows how the checksum is made.
fn forge(index: &Path, number: u64) {
    let mut forged = fs::read(index).unwrap();
    let serial = generated_serial(SEED + number, 17);
    // A table over one octet leaves nineteen of each number in the records.
    let place = forged.windows(19).position(|window| window == &serial[1..]).unwrap();
    forged[place + 18] ^= 1;
    let checksum = XxHash3_64::oneshot(&forged[32..]);
    forged[24..32].copy_from_slice(&checksum.to_le_bytes());
    fs::remove_file(index).unwrap();
    fs::write(index, &forged).unwrap();
}

#[test]
fn the_audit_finds_an_index_that_was_forged_and_builds_it_anew() {
    let data = data_with(&many(5));
    let index = file_of(data.path(), "index");
    let good = fs::read(&index).unwrap();
    forge(&index, 5);
    let store = store_in(data.path());
    assert!(!knows(&store, 5, 17), "it was opened");
    assert_eq!(store.audit(noon()), Audit { sound: 0, rebuilt: 1, dropped: 0 });
    assert!(knows(&store, 5, 17));
    assert_eq!(fs::read(&index).unwrap(), good);
}

#[test]
fn the_audit_verifies_lists_that_have_lapsed_and_retired_too() {
    let other = Issuer::new("БАСҚА КО", Key::p256("stored other"));
    let later: Time = "2027-02-01T00:00:00Z".parse().unwrap();
    let open = |data: &Path, now| {
        let issuers = [issuer().certificate.clone(), other.certificate.clone()];
        Store::load(vec![source()], StoreOptions::new(issuers).with_data(data).unwrap(), now)
    };
    let data = data_with(&many(5));
    let index = file_of(data.path(), "index");
    let fresh = other.list().updates("2026-08-01T00:00:00Z", "2027-12-01T00:00:00Z");
    open(data.path(), noon()).offer(&source(), other.sign(&fresh), noon()).unwrap();
    forge(&index, 5);
    let store = open(data.path(), later);
    let names_it = || {
        let serial = SerialNumber::new(&generated_serial(SEED + 5, 17)).unwrap();
        store.snapshot().lists().any(|list| list.lookup(&serial).is_some())
    };
    assert!(!names_it(), "it was opened");
    assert_eq!(store.audit(later), Audit { sound: 1, rebuilt: 1, dropped: 0 });
    assert!(names_it());
}

#[test]
fn a_copy_that_cannot_be_read_at_the_audit_proves_nothing_against_the_list() {
    let data = data_with(&many(5));
    let (copy, away) = (file_of(data.path(), "crl"), data.path().join("away"));
    for what in ["something is in its place", "it is not there"] {
        let store = store_in(data.path());
        fs::rename(&copy, &away).unwrap();
        if what == "something is in its place" {
            fs::create_dir(&copy).unwrap();
        }
        assert_eq!(store.audit(noon()), Audit::default(), "{what}");
        assert_eq!(number_of(&store), Some(5), "{what}");
        let older = issuer().list().number(4).updates("2026-07-09T00:00:00Z", "2027-01-01T00:00:00Z");
        assert!(matches!(store.offer(&source(), issuer().sign(&older), noon()), Err(LoadError::Older)), "{what}");
        let _ = fs::remove_dir(&copy);
        fs::rename(&away, &copy).unwrap();
        assert_eq!(store.audit(noon()), Audit { sound: 1, rebuilt: 0, dropped: 0 }, "{what}: it is tried again");
    }
}

#[test]
fn a_copy_that_the_audit_found_not_to_hold_goes_when_there_is_another() {
    let data = data_with(&many(5));
    let copy = file_of(data.path(), "crl");
    let mut list = fs::read(&copy).unwrap();
    let middle = list.len() / 2;
    list[middle] ^= 1;
    fs::write(&copy, &list).unwrap();
    let store = store_in(data.path());
    assert_eq!(store.audit(noon()).dropped, 1);
    assert!(copy.exists(), "it is all there is");
    store.offer(&source(), many(6), noon()).unwrap();
    assert!(!copy.exists());
    let again = store_in(data.path());
    assert_eq!((number_of(&again), &again.status(noon())[0].error), (Some(6), &None));
}

#[test]
fn the_audit_leaves_alone_what_came_meanwhile() {
    let data = data_with(&many(5));
    let store = store_in(data.path());
    store.offer(&source(), many(6), noon()).unwrap();
    assert_eq!(store.audit(noon()).dropped, 0);
    assert_eq!(number_of(&store), Some(6));
}

#[test]
fn another_process_keeps_what_it_has_mapped_when_the_file_is_replaced() {
    let data = data_with(&many(5));
    let (one, other) = (store_in(data.path()), store_in(data.path()));
    one.offer(&source(), many(6), noon()).unwrap();
    assert!((0..MANY).all(|entry| knows(&other, 5, entry)));
    // It is not the one that writes: what it is offered it answers from memory.
    other.offer(&source(), many(7), noon()).unwrap();
    assert!(!held(&other).unwrap().is_mapped() && knows(&other, 7, 1));
    assert!((0..MANY).all(|entry| knows(&one, 6, entry)));
    assert_eq!(number_of(&store_in(data.path())), Some(6));
}

#[test]
fn a_large_list_in_a_file_of_the_operator_is_opened_from_its_index_until_the_file_changes() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("large.crl");
    let large = |number: u64, entries: u64| {
        issuer().list().number(number).generated(&issuer().authority.key, SEED + number, entries)
    };
    let path = || Source::path(&file);
    fs::write(&file, large(5, 20_000)).unwrap();
    let first = store_of(data.path(), path());
    assert_eq!(first.audit(noon()), Audit::default(), "it was read");
    let sha256 = ring::digest::digest(&ring::digest::SHA256, &fs::read(&file).unwrap());
    assert_eq!(held(&first).unwrap().sha256(), sha256.as_ref(), "hashed partly while it was read");
    let second = store_of(data.path(), path());
    assert!(held(&second).unwrap().is_mapped() && knows(&second, 5, 19_999));
    assert_eq!(second.audit(noon()).sound, 1);

    fs::write(&file, large(6, 20_000)).unwrap();
    second.reload(&path(), noon());
    assert!(knows(&second, 6, 0) && !knows(&second, 5, 0));
    fs::write(&file, pem::encode("X509 CRL", &large(7, 20_000))).unwrap();
    assert!(!held(&store_of(data.path(), path())).unwrap().is_mapped(), "an index stands for DER only");
    fs::write(&file, large(8, 10)).unwrap();
    assert!(!held(&store_of(data.path(), path())).unwrap().is_mapped(), "a small list is not worth an index");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_the_folder_or_its_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("revocation");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    store_in(data.path()).offer(&source(), many(5), noon()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&file_of(data.path(), "crl")), 0o600);
    assert_eq!(mode(&file_of(data.path(), "index")), 0o600);
}

/// Whose folder it is could put an index there that was never made of a list.
#[cfg(unix)]
#[test]
fn an_index_in_a_folder_of_somebody_else_is_neither_believed_nor_written() {
    let data = data_with(&many(5));
    let folder = data.path().join("revocation");
    if std::os::unix::fs::chown(&folder, Some(65_534), None).is_err() {
        eprintln!("skipped: only root can give a folder away");
        return;
    }
    let index = file_of(data.path(), "index");
    let there = fs::read(&index).unwrap();
    let store = store_in(data.path());
    assert!(!held(&store).unwrap().is_mapped());
    assert!((0..MANY).all(|entry| knows(&store, 5, entry)), "the list itself is verified and answers");
    assert_eq!(store.audit(noon()), Audit::default(), "nothing was taken on trust");
    store.offer(&source(), many(6), noon()).unwrap();
    assert!(!held(&store).unwrap().is_mapped() && knows(&store, 6, 1));
    let mut files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut indexes = files.by_ref().filter(|file| file.extension().is_some_and(|extension| extension == "index"));
    assert!(indexes.all(|file| file == index && fs::read(&file).unwrap() == there));
}

#[test]
fn a_lapsed_copy_is_opened_and_still_says_who_is_revoked() {
    let data = data_with(&issuer().sign(&issuer().list().revoke(&SERIAL, "2026-02-01T00:00:00Z", Some(1))));
    let later: Time = "2030-01-01T00:00:00Z".parse().unwrap();
    let store = Store::load(vec![source()], options().with_data(data.path()).unwrap(), later);
    let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, later, later);
    assert!(matches!(status, Status::Revoked { stale: true, .. }), "{status:?}");
}
