//! Real lists of the National CA's test systems, where `RASTAU_INTEROP` names the folder that holds them.

use std::fs;
use std::path::PathBuf;

use rastau::revocation::{DeltaProblem, ParsedList, RevocationList, Snapshot, Source, Store, StoreOptions};
use rastau::x509::Certificate;

use super::time;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("RASTAU_INTEROP").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: RASTAU_INTEROP names no folder, so the real lists are not there to be read");
    }
    folder
}

fn list(folder: &std::path::Path, name: &str, issuer: &str) -> RevocationList {
    let bytes = fs::read(folder.join("crl").join(name)).unwrap();
    let issuer = Certificate::from_der(&fs::read(folder.join("certs").join(issuer)).unwrap()).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    let flipped = ParsedList::read(flipped, Source::request(0)).map(|parsed| parsed.verify(&issuer).is_ok());
    assert!(!flipped.unwrap_or(false), "{name}: a changed copy was believed");
    ParsedList::read(bytes, Source::request(0)).unwrap().verify(&issuer).map_err(|failed| failed.1).unwrap()
}

#[test]
fn the_real_lists_verify_and_say_what_they_should() {
    let Some(folder) = folder() else { return };
    let ca = "nca_gost2022_test.cer";
    let list_2026 = list(&folder, "nca_gost2022_test_2026-08.crl", ca);
    assert_eq!((list_2026.entries(), list_2026.unusable()), (195, None));
    assert!(!list_2026.is_stale(time("2026-08-20T00:00:00Z")));
    let list_2025 = list(&folder, "nca_gost2022_test_2025-04.crl", ca);
    assert_eq!(list_2025.entries(), 54);
    assert_eq!(list_2025.number().and_then(|number| number.as_u64()), Some(14));
    let list_2004 = list(&folder, "nca_gost_test_2004gost_2022-03.crl", "nca_gost_test_2004.cer");
    assert_eq!((list_2004.entries(), list_2004.unusable()), (31, None));
    let delta = list(&folder, "nca_gost2022_d_test_2025-04_DELTA.crl", ca);
    assert!(delta.is_delta() && delta.unusable().is_none());
    assert_eq!(delta.number().and_then(|number| number.as_u64()), Some(10));
    assert_eq!(delta.base_number().and_then(|number| number.as_u64()), Some(14));
}

#[test]
fn the_real_delta_does_not_continue_the_real_list() {
    let Some(folder) = folder() else { return };
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let issuer = Certificate::from_der(&read("certs/nca_gost2022_test.cer")).unwrap();
    let lists = ["crl/nca_gost2022_d_test_2025-04_DELTA.crl", "crl/nca_gost2022_test_2025-04.crl"];
    let now = time("2025-04-30T00:00:00Z");
    let (snapshot, unread) = Snapshot::read(lists.map(read), std::slice::from_ref(&issuer), now);
    assert!(unread.is_empty());
    let [basis] = snapshot.bases().collect::<Vec<_>>()[..] else { panic!("one full list") };
    assert_eq!(basis.list.number().and_then(|number| number.as_u64()), Some(14));
    assert!(basis.delta.is_none());
    assert_eq!(basis.left_out.as_ref().map(|left| &left.why), Some(&DeltaProblem::NotAbove));
    // The same from a folder of an operator, with the list of 2026 beside them.
    let store =
        Store::load(vec![Source::path(folder.join("crl"))], StoreOptions::new([issuer]), time("2026-08-20T00:00:00Z"));
    let rows = store.status(time("2026-08-20T00:00:00Z"));
    let in_force: Vec<_> = rows.iter().filter(|row| row.in_force).collect();
    let [row] = in_force[..] else { panic!("{in_force:?}") };
    assert_eq!((row.entries, row.delta), (Some(195), false));
    let delta = rows.iter().find(|row| row.delta).unwrap();
    assert!(delta.warning.is_some() && delta.applies_to.is_none(), "{delta:?}");
}
