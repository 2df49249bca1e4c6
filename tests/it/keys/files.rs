//! Keys in files, as the configuration names them.

use std::path::PathBuf;

use rastau::signer::{KeyError, KeySource, Password, TokenSource, open};
use rastau_mint::der;
use rastau_mint::key::Key;
use rastau_mint::pem;
use rastau_mint::pkcs12::{Cipher, KeyStore};

use super::{Holder, password, signs, words};

/// A folder with files of a holder.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path
    }

    fn pkcs8(&self, key: impl AsRef<[u8]>, certificate: impl AsRef<[u8]>) -> KeySource {
        KeySource::Pkcs8 { key: self.write("key", key), certificate: self.write("certificate", certificate) }
    }
}

fn encrypted(holder: &Holder, secret: &str) -> Vec<u8> {
    let (algorithm, ciphertext) = Cipher::TripleDes3.encrypt(secret, 2048, &holder.key.pkcs8());
    der::sequence(&[algorithm, der::octet_string(&ciphertext)])
}

#[test]
fn a_key_and_its_certificate_open_in_every_armour() {
    let files = Files::new();
    for key in [Key::gost512("files"), Key::p384("files"), Key::rsa("store"), Key::ed25519("files")] {
        let label = if matches!(key, Key::Ed25519(_)) { Key::ed25519_pkcs8("files") } else { key.pkcs8() };
        let holder = Holder::new(key, 3);
        let armoured = pem::encode("PRIVATE KEY", &label);
        let certificate = pem::certificate(&holder.certificate);
        for (key, certificate) in [
            (label.clone(), holder.certificate.clone()),
            (armoured.clone().into_bytes(), certificate.clone().into_bytes()),
            (armoured.replace('\n', "\r\n").into_bytes(), holder.certificate.clone()),
            (format!("{certificate}{armoured}").into_bytes(), format!("{armoured}{certificate}").into_bytes()),
        ] {
            signs(&open(&files.pkcs8(key, certificate), &Password::empty()).unwrap());
        }
    }
}

#[test]
fn an_encrypted_key_wants_its_password() {
    let (files, holder) = (Files::new(), Holder::gost("encrypted"));
    let der = encrypted(&holder, "Secret1");
    for key in [der.clone(), pem::encode("ENCRYPTED PRIVATE KEY", &der).into_bytes()] {
        let source = files.pkcs8(key, &holder.certificate);
        signs(&open(&source, &password("Secret1")).unwrap());
        assert_eq!(open(&source, &password("secret1")).unwrap_err(), KeyError::WrongPassword);
        assert_eq!(open(&source, &Password::empty()).unwrap_err(), KeyError::PasswordRequired);
    }
}

#[test]
fn every_wrong_password_is_a_wrong_password() {
    // One in 256 leaves what looks like padding.
    let holder = Holder::gost("padding");
    let (files, der) = (Files::new(), encrypted(&holder, "right"));
    let source = files.pkcs8(der, &holder.certificate);
    for wrong in 0..600 {
        assert_eq!(
            open(&source, &password(&format!("wrong {wrong}"))).unwrap_err(),
            KeyError::WrongPassword,
            "{wrong}"
        );
    }
}

#[test]
fn the_certificate_of_the_key_is_found_among_others() {
    let (files, holder, other) = (Files::new(), Holder::gost("among"), Holder::gost("others"));
    let bundle = format!("{}{}", pem::certificate(&other.certificate), pem::certificate(&holder.certificate));
    let identity = open(&files.pkcs8(holder.key.pkcs8(), bundle), &Password::empty()).unwrap();
    assert_eq!(identity.others().len(), 1);
    signs(&identity);
    let foreign = files.pkcs8(holder.key.pkcs8(), pem::certificate(&other.certificate));
    assert_eq!(open(&foreign, &Password::empty()).unwrap_err(), KeyError::OtherKey);
    let none = files.pkcs8(holder.key.pkcs8(), pem::encode("PRIVATE KEY", &holder.key.pkcs8()));
    assert_eq!(open(&none, &Password::empty()).unwrap_err(), KeyError::NoCertificate);
    let renewed = Holder::new(Key::gost512("among"), 7);
    let both = format!("{}{}", pem::certificate(&renewed.certificate), pem::certificate(&holder.certificate));
    let ambiguous = open(&files.pkcs8(holder.key.pkcs8(), both), &Password::empty()).unwrap_err();
    assert!(matches!(ambiguous, KeyError::Ambiguous(there) if there.len() == 2));
}

#[test]
fn other_files_are_refused_in_words() {
    let (files, holder) = (Files::new(), Holder::gost("other files"));
    let rsa = Key::rsa("store").pkcs8();
    let sec1 = |label| pem::encode(label, &rsa);
    for (why, octets, word) in [
        ("PKCS#1", sec1("RSA PRIVATE KEY").into_bytes(), "openssl pkcs8"),
        ("SEC 1", sec1("EC PRIVATE KEY").into_bytes(), "openssl pkcs8"),
        ("two keys", [sec1("PRIVATE KEY"), sec1("PRIVATE KEY")].concat().into_bytes(), "several private keys"),
        ("a certificate", pem::certificate(&holder.certificate).into_bytes(), "no private key"),
        ("a certificate in DER", holder.certificate.clone(), "not"),
        ("a key store", holder.put_into(KeyStore::new("x")).encode(), "not well-formed"),
        ("text", b"hello".to_vec(), "not well-formed"),
        ("nothing", Vec::new(), "not well-formed"),
        ("the old GOST", Key::gost2004("old").pkcs8(), "gost-34.310-2004"),
    ] {
        let error = open(&files.pkcs8(octets, &holder.certificate), &Password::empty()).unwrap_err();
        assert!(words(&error).contains(word), "{why}: {error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let files = Files::new();
    let absent = KeySource::Pkcs12 { path: files.0.path().join("absent.p12"), alias: None };
    let error = open(&absent, &Password::empty()).unwrap_err();
    assert!(matches!(&error, KeyError::Unreadable { path, .. } if path.ends_with("absent.p12")), "{error}");
    let large = KeySource::Pkcs12 { path: files.write("large.p12", vec![0x30; 2 << 20]), alias: None };
    assert!(matches!(open(&large, &Password::empty()), Err(KeyError::Unreadable { .. })));
    let folder = KeySource::Pkcs12 { path: files.0.path().to_owned(), alias: None };
    assert!(matches!(open(&folder, &Password::empty()), Err(KeyError::Unreadable { .. })));
}

#[test]
fn an_open_key_needs_its_file_no_more() {
    let (files, holder) = (Files::new(), Holder::gost("opened"));
    let path = files.write("key.p12", holder.put_into(KeyStore::new("Secret1")).encode());
    let source = KeySource::Pkcs12 { path: path.clone(), alias: None };
    assert_eq!(open(&source, &password("x")).unwrap_err(), KeyError::WrongPassword);
    let identity = open(&source, &password("Secret1")).unwrap();
    std::fs::remove_file(path).unwrap();
    signs(&identity);
    assert!(!format!("{identity:?}").contains("Secret1"));
}

#[test]
fn a_library_of_tokens_that_is_not_there_may_come() {
    let files = Files::new();
    for (name, module) in [("absent", files.0.path().join("absent.so")), ("text", files.write("text.so", "no library"))]
    {
        let source = TokenSource { module, token: Some("absent".to_owned()), key: None, certificate: None };
        let error = open(&KeySource::Pkcs11(source), &password("1234")).unwrap_err();
        assert!(matches!(&error, KeyError::Module { path, .. } if path.contains(name)), "{error}");
        assert!(error.is_passing());
    }
}
