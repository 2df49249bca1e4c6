//! Keys as OpenSSL writes them, of every form it has.

use std::path::Path;
use std::process::Command;

use rastau::signer::{KeyError, KeySource, open};

use super::{password, signs};
use crate::programs::try_openssl;

fn openssl(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    try_openssl(folder, arguments).unwrap_or_else(|| Err("openssl cannot be run".to_owned()))
}

/// A folder with keys and certificates of their own; `None`, said in plain words, without OpenSSL.
fn folder() -> Option<tempfile::TempDir> {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl cannot be run");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, key) in [
        ("rsa", &["rsa:2048"][..]),
        ("p256", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p384", &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("ed25519", &["ed25519"]),
    ] {
        let (key_file, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let mut arguments = vec!["req", "-x509", "-nodes", "-subj", "/CN=test", "-days", "30", "-newkey"];
        arguments.extend(key);
        arguments.extend(["-keyout", &key_file, "-out", &certificate]);
        openssl(folder.path(), &arguments).unwrap();
    }
    Some(folder)
}

fn store(folder: &Path) -> KeySource {
    KeySource::Pkcs12 { path: folder.join("out.p12"), alias: None }
}

#[test]
fn key_stores_of_openssl_open() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let mut opened = 0;
    for (what, options) in [
        ("as version 3 writes them", &[][..]),
        ("with SHA-512", &["-macalg", "sha512", "-iter", "5000"]),
        ("with SHA-384 and few iterations", &["-macalg", "sha384", "-iter", "1"]),
        ("AES-128", &["-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC"]),
        ("triple DES in PBES2", &["-keypbe", "DES-EDE3-CBC", "-certpbe", "DES-EDE3-CBC"]),
        ("as version 1 wrote them", &["-legacy"]),
        ("2-key triple DES", &["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128"]),
        ("certificates in the clear", &["-certpbe", "NONE"]),
        ("everything in the clear", &["-certpbe", "NONE", "-keypbe", "NONE"]),
        ("with a name", &["-name", "Ключ подписи"]),
        ("with a chain", &["-certfile", "p384.pem"]),
    ] {
        for key in ["rsa", "p256", "p384", "ed25519"] {
            if key == "p384" && what == "with a chain" {
                continue;
            }
            let (key_file, certificate) = (format!("{key}.key"), format!("{key}.pem"));
            let mut arguments = vec!["pkcs12", "-export", "-inkey", &key_file, "-in", &certificate, "-out", "out.p12"];
            arguments.extend(["-passout", "pass:Пароль1"]);
            arguments.extend(options);
            if let Err(error) = openssl(folder, &arguments) {
                // Other builds of openssl have no old ciphers.
                assert!(options.contains(&"-legacy"), "{error}");
                println!("skipped: {what}: {error}");
                continue;
            }
            let identity = open(&store(folder), &password("Пароль1"));
            let identity = identity.unwrap_or_else(|error| panic!("{what}, {key}: {error}"));
            assert_eq!(identity.others().len(), usize::from(what == "with a chain"), "{what}");
            signs(&identity);
            assert_eq!(open(&store(folder), &password("пароль1")).unwrap_err(), KeyError::WrongPassword, "{what}");
            assert_eq!(open(&store(folder), &password("")).unwrap_err(), KeyError::PasswordRequired, "{what}");
            opened += 1;
        }
    }
    assert!(opened >= 30, "{opened}");
}

#[test]
fn key_stores_of_openssl_without_a_password_open_without_one() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    for options in [&[][..], &["-legacy"]] {
        let mut arguments = vec!["pkcs12", "-export", "-inkey", "p256.key", "-in", "p256.pem", "-out", "out.p12"];
        arguments.extend(["-passout", "pass:"]);
        arguments.extend(options);
        if openssl(folder, &arguments).is_ok() {
            signs(&open(&store(folder), &password("")).unwrap());
            assert_eq!(open(&store(folder), &password("x")).unwrap_err(), KeyError::WrongPassword);
        }
    }
}

#[test]
fn what_openssl_leaves_out_is_named() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    for (what, options, error) in [
        ("no MAC", &["-inkey", "p256.key", "-in", "p256.pem", "-nomac"][..], KeyError::Unprotected),
        ("no certificate", &["-inkey", "p256.key", "-in", "p256.key", "-nocerts"], KeyError::NoCertificate),
        ("no key", &["-in", "p256.pem", "-nokeys"], KeyError::NoKey),
    ] {
        let mut arguments = vec!["pkcs12", "-export", "-out", "out.p12", "-passout", "pass:x"];
        arguments.extend(options);
        openssl(folder, &arguments).unwrap();
        assert_eq!(open(&store(folder), &password("x")).unwrap_err(), error, "{what}");
    }
}

#[test]
fn encrypted_keys_of_openssl_open() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    for options in [
        &["-v2", "aes-256-cbc"][..],
        &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "10000"],
        &["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"],
        &["-v2", "des3"],
        &["-scrypt"],
        &["-v1", "PBE-SHA1-3DES"],
    ] {
        for form in ["PEM", "DER"] {
            let mut arguments = vec!["pkcs8", "-topk8", "-in", "rsa.key", "-out", "rsa.p8", "-outform", form];
            arguments.extend(["-passout", "pass:Secret1"]);
            arguments.extend(options);
            openssl(folder, &arguments).unwrap();
            let source = KeySource::Pkcs8 { key: folder.join("rsa.p8"), certificate: folder.join("rsa.pem") };
            signs(&open(&source, &password("Secret1")).unwrap_or_else(|error| panic!("{options:?}: {error}")));
            assert_eq!(open(&source, &password("secret1")).unwrap_err(), KeyError::WrongPassword, "{options:?}");
            assert_eq!(open(&source, &password("")).unwrap_err(), KeyError::PasswordRequired, "{options:?}");
        }
    }
}

#[test]
fn ciphers_of_the_past_and_keys_that_cost_too_much_are_refused_by_name() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let source = KeySource::Pkcs8 { key: folder.join("rsa.p8"), certificate: folder.join("rsa.pem") };
    for (options, refused) in [
        (&["-v1", "PBE-SHA1-RC4-128", "-provider", "legacy", "-provider", "default"][..], "1.2.840.113549.1.12.1.1"),
        (&["-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"], "1.2.840.113549.1.5.3"),
        (&["-v2", "aes-256-cbc", "-iter", "20000000"], "more work"),
    ] {
        let mut arguments = vec!["pkcs8", "-topk8", "-in", "rsa.key", "-out", "rsa.p8", "-passout", "pass:Secret1"];
        arguments.extend(options);
        if let Err(error) = openssl(folder, &arguments) {
            println!("skipped: {error}");
            continue;
        }
        let error = open(&source, &password("Secret1")).unwrap_err().to_string();
        assert!(error.contains(refused), "{options:?}: {error}");
    }
}
