//! Revocation lists: as they stand, and signed again after their contents were changed.

use std::fs;

use rastau::revocation::{ParsedList, Source};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::assemble;
use rastau_mint::key::Key;
use rastau_mint::pem;

use super::{Word, compare, mutants, peers};

/// Some small files of a folder with real data, in DER; none without it.
pub fn interop(folder: &str, count: usize) -> Vec<Vec<u8>> {
    let Some(root) = crate::interop::folder() else { return Vec::new() };
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let files = paths.iter().filter_map(|path| fs::read(path).ok());
    files.filter(|bytes| bytes.first() == Some(&0x30) && bytes.len() < 16 * 1024).take(count).collect()
}

fn authority() -> Authority {
    Authority::root("DIFFERENTIAL", Key::p256("differential root"))
}

fn tbs(authority: &Authority) -> Vec<u8> {
    let list = authority.list().revoke(&[1], "2026-01-02T00:00:00Z", Some(1));
    let list = list.revoke(&[2; 20], "2026-01-03T00:00:00Z", None).revoke(&[3], "2050-01-04T00:00:00Z", Some(6));
    list.tbs(&authority.key)
}

fn signed(authority: &Authority, tbs: &[u8]) -> Vec<u8> {
    assemble(tbs, &authority.key.algorithm_identifier(), &authority.key.sign(tbs))
}

fn read(der: &[u8]) -> Word {
    let list = ParsedList::read(der.to_vec(), Source::request(0)).map_err(|error| error.to_string())?;
    list.unusable().map_or(Ok(()), |why| Err(why.to_string()))
}

#[test]
fn mutated_lists_are_read_where_others_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority();
    let mut originals = vec![signed(&authority, &tbs(&authority))];
    originals.extend(interop("crl", 2));
    let inputs: Vec<Vec<u8>> =
        originals.iter().flat_map(|original| mutants::of_tlv(original, 3 * super::tries())).collect();
    compare("list, pyca", &inputs, read, peers::pyca(folder.path(), &inputs, "crl"));
}

#[test]
fn lists_changed_and_signed_again_are_accepted_where_openssl_accepts_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority();
    fs::write(folder.path().join("root.pem"), pem::certificate(&authority.certificate)).unwrap();
    let root = Certificate::from_der(&authority.certificate).unwrap();
    let inputs: Vec<Vec<u8>> =
        mutants::of_tlv(&tbs(&authority), super::tries()).into_iter().map(|tbs| signed(&authority, &tbs)).collect();
    let ours = |der: &[u8]| {
        let list = ParsedList::read(der.to_vec(), Source::request(0)).map_err(|error| error.to_string())?;
        let list = list.verify(&root).map_err(|rejected| rejected.1.to_string())?;
        list.unusable().map_or(Ok(()), |why| Err(why.to_string()))
    };
    let arguments = ["crl", "-inform", "DER", "-in", "input", "-noout", "-text", "-CAfile", "root.pem"];
    compare("signed list, openssl", &inputs, ours, peers::each(folder.path(), &inputs, "openssl", &arguments));
}
