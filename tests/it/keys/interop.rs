//! Keys of the National CA's test systems, where the machine has them.

use std::fs;
use std::path::PathBuf;

use rastau::crypto::SignatureAlgorithm;
use rastau::signed::Signer as _;
use rastau::signer::{KeyError, KeySource, open};

use super::{password, signs};

const USUAL: &str = "Qwerty12";

/// Every key store of the folder with its password.
fn stores() -> Vec<(String, PathBuf, &'static str)> {
    let Some(folder) = crate::interop::folder() else { return Vec::new() };
    let mut found: Vec<_> = fs::read_dir(folder.join("p12")).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "p12"));
    found.sort();
    assert!(found.len() >= 10, "{found:?}");
    let named = found.into_iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    named
        .map(|(name, path)| {
            let other = ["ncanode_KEY_CEO_REVOKED_2015", "ncanode_KEY_INDIVIDUAL_VALID_2015"].contains(&name.as_str());
            (name, path, if other { "Aa123456" } else { USUAL })
        })
        .collect()
}

#[test]
fn every_real_key_store_opens_and_signs_or_is_refused_by_name() {
    let (mut gost, mut rsa, mut old) = (0, 0, 0);
    for (name, path, secret) in stores() {
        let source = KeySource::Pkcs12 { path, alias: None };
        match open(&source, &password(secret)) {
            Ok(identity) => {
                signs(&identity);
                match identity.algorithm() {
                    SignatureAlgorithm::Gost2015_512 => gost += 1,
                    SignatureAlgorithm::RsaPkcs1Sha256 => rsa += 1,
                    other => panic!("{name}: {other}"),
                }
            }
            Err(KeyError::Algorithm(what)) if what.contains("gost-34.310-2004") => old += 1,
            Err(error) => panic!("{name}: {error}"),
        }
        for (wrong, error) in [("", KeyError::PasswordRequired), ("Qwerty1", KeyError::WrongPassword)] {
            assert_eq!(open(&source, &password(wrong)).unwrap_err(), error, "{name}");
        }
    }
    println!("real key stores: {gost} GOST 34.10-2015, {rsa} RSA, {old} GOST 34.310-2004 refused");
    assert!(gost == 0 || (gost >= 8 && gost + rsa + old >= 12), "{gost} {rsa} {old}");
}
