//! Key stores of every shape, minted.

use rastau::signed::Signer as _;
use rastau::signer::pkcs12::{CipherOutline, PartOutline};
use rastau::signer::{KeyError, open_pkcs12};
use rastau_mint::gost::{GostKey, Scheme};
use rastau_mint::key::Key;
use rastau_mint::pkcs12::{Cipher, KeyStore, bag};

use super::{Holder, password, signs, words};

const PASSWORD: &str = "Qwerty12";

fn store() -> KeyStore {
    KeyStore::new(PASSWORD)
}

fn open(bytes: &[u8], alias: Option<&str>) -> Result<rastau::signer::SigningIdentity, KeyError> {
    open_pkcs12(bytes, alias, &password(PASSWORD))
}

#[test]
fn a_store_as_the_national_ca_writes_it_opens_and_signs() {
    for (serial, key) in
        [Key::gost512("store"), Key::gost256("store"), Key::rsa("store"), Key::p256("store")].into_iter().enumerate()
    {
        let holder = Holder::new(key, u8::try_from(serial + 1).unwrap());
        let identity = open(&holder.put_into(store()).encode(), None).unwrap();
        assert_eq!(identity.certificate().as_der(), holder.certificate);
        assert!(!identity.is_in_token() && identity.others().is_empty());
        signs(&identity);
    }
}

#[test]
fn every_cipher_and_both_encodings_are_read() {
    let holder = Holder::gost("ciphers");
    let ciphers = [Cipher::TripleDes3, Cipher::TripleDes2, Cipher::Rc2Of128, Cipher::Rc2Of40];
    for cipher in ciphers.map(Some).into_iter().chain([None]) {
        for definite in [false, true] {
            let store = store().ciphers(cipher, cipher);
            let store = if definite { store.definite() } else { store };
            signs(&open(&holder.put_into(store).encode(), None).unwrap());
        }
    }
}

#[test]
fn wrong_and_missing_passwords_are_told_apart() {
    let bytes = Holder::gost("passwords").put_into(store()).encode();
    for (given, error) in [
        ("", KeyError::PasswordRequired),
        ("qwerty12", KeyError::WrongPassword),
        ("Qwerty12 ", KeyError::WrongPassword),
        ("Qwerty12\n", KeyError::WrongPassword),
        ("Йцукен12", KeyError::WrongPassword),
    ] {
        assert_eq!(open_pkcs12(&bytes, None, &password(given)).unwrap_err(), error, "{given:?}");
    }
}

#[test]
fn passwords_in_any_script_open() {
    for text in ["Құпиясөз7", "пароль", "😀", "a", "", &"x".repeat(500)] {
        let bytes = Holder::gost("scripts").put_into(KeyStore::new(text)).encode();
        signs(&open_pkcs12(&bytes, None, &password(text)).unwrap());
    }
}

#[test]
fn an_altered_store_does_not_open_with_the_right_password() {
    let good = Holder::gost("altered").put_into(store().definite()).encode();
    let mut refused = 0;
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(open(&bad, None).is_err(), "octet {at}");
        refused += 1;
    }
    assert!(refused > 100);
}

#[test]
fn a_store_without_a_mac_is_refused() {
    let bytes = Holder::gost("no mac").put_into(store().without_mac()).encode();
    assert_eq!(open(&bytes, None).unwrap_err(), KeyError::Unprotected);
}

#[test]
fn more_work_than_a_file_is_worth_is_refused_before_it_is_done() {
    let holder = Holder::gost("work");
    for iterations in [20_000_000, u64::from(u32::MAX), u64::MAX >> 1] {
        let bytes = holder.put_into(store().mac_iterations(iterations)).encode();
        assert!(matches!(open(&bytes, None), Err(KeyError::Expensive { .. })), "{iterations}");
    }
    let bytes = holder.put_into(store().mac_iterations(0)).encode();
    assert!(matches!(open(&bytes, None), Err(KeyError::Malformed(_))));
}

#[test]
fn a_key_of_the_old_gost_is_refused_by_name() {
    let bytes = Holder::new(Key::gost2004("old"), 4).put_into(store()).encode();
    let error = open(&bytes, None).unwrap_err();
    assert!(matches!(&error, KeyError::Algorithm(name) if name.contains("gost-34.310-2004")), "{error}");
    assert!(error.remedy().contains("34.10-2015"));
}

#[test]
fn what_lacks_a_key_or_a_certificate_is_told_apart() {
    let (anna, boris) = (Holder::gost("anna"), Holder::gost("boris"));
    let key_only = store().key(&anna.key.pkcs8(), None, None).encode();
    assert_eq!(open(&key_only, None).unwrap_err(), KeyError::NoCertificate);
    let certificate_only = store().certificate(&anna.certificate, None, None).encode();
    assert_eq!(open(&certificate_only, None).unwrap_err(), KeyError::NoKey);
    let crossed = store().key(&anna.key.pkcs8(), None, Some(&[1])).certificate(&boris.certificate, None, Some(&[1]));
    assert_eq!(open(&crossed.encode(), None).unwrap_err(), KeyError::OtherKey);
    assert_eq!(open(&store().encode(), None).unwrap_err(), KeyError::NoKey);
}

#[test]
fn several_keys_in_a_store_are_chosen_by_name() {
    let (one, two) = (Holder::new(Key::gost512("one"), 1), Holder::new(Key::rsa("store"), 2));
    let bytes = store()
        .key(&one.key.pkcs8(), Some("Подпись"), Some(&[0xaa]))
        .key(&two.key.pkcs8(), Some("auth"), Some(&[0xbb]))
        .certificate(&two.certificate, Some("auth"), Some(&[0xbb]))
        .certificate(&one.certificate, Some("Подпись"), Some(&[0xaa]))
        .encode();
    let ambiguous = open(&bytes, None).unwrap_err();
    assert!(matches!(&ambiguous, KeyError::Ambiguous(there) if there.len() == 2), "{ambiguous}");
    for (alias, holder) in
        [("подпись", &one), ("AA", &one), ("1001", &one), ("AUTH", &two), ("bb", &two), ("001002", &two)]
    {
        let identity = open(&bytes, Some(alias)).unwrap();
        assert_eq!(identity.certificate().as_der(), holder.certificate, "{alias}");
        assert!(identity.others().is_empty(), "the other key's certificate is no authority's");
        signs(&identity);
    }
    let unknown = open(&bytes, Some("cc")).unwrap_err();
    assert!(matches!(&unknown, KeyError::UnknownAlias { there, .. } if there.len() == 2), "{unknown}");
    assert!(!words(&unknown).contains("Подпись"), "a friendly name may be a person's");
}

#[test]
fn a_chain_in_a_store_is_kept_beside_the_key() {
    let (anna, authority) = (Holder::gost("anna"), Holder::new(Key::p256("authority"), 9));
    let store = anna.put_into(store()).certificate(&authority.certificate, None, None);
    let identity = open(&store.encode(), None).unwrap();
    let others: Vec<_> = identity.others().iter().map(|other| other.as_der().to_vec()).collect();
    assert_eq!(others, [authority.certificate]);
}

#[test]
fn a_renewed_certificate_beside_the_old_one_has_to_be_named() {
    let (old, new) = (Holder::new(Key::gost512("renewed"), 1), Holder::new(Key::gost512("renewed"), 2));
    let bytes = old.put_into(store()).certificate(&new.certificate, None, None).encode();
    assert!(matches!(open(&bytes, None), Err(KeyError::Ambiguous(_))));
    assert_eq!(open(&bytes, Some("1002")).unwrap().certificate().as_der(), new.certificate);
    // The same certificate twice is one.
    let twice = old.put_into(store()).certificate(&old.certificate, None, None).encode();
    signs(&open(&twice, None).unwrap());
}

#[test]
fn the_outline_needs_no_password_and_has_no_secret() {
    let bytes = Holder::gost("outline").put_into(store()).encode();
    let outline = rastau::signer::pkcs12::KeyStore::read(&bytes).unwrap().outline();
    let mac = outline.mac.clone().unwrap();
    assert_eq!((mac.algorithm.as_str(), mac.iterations), ("HMAC-SHA-1", 1024));
    let cipher = |name: &str| CipherOutline { name: name.to_owned(), iterations: Some(1024) };
    let [PartOutline::Clear(bags), PartOutline::Encrypted(certificates)] = outline.parts.as_slice() else {
        panic!("{outline:?}");
    };
    assert_eq!(*certificates, cipher("pbeWithSHAAnd40BitRC2-CBC"));
    assert_eq!(bags.len(), 1);
    assert_eq!(bags[0].cipher, Some(cipher("pbeWithSHAAnd3-KeyTripleDES-CBC")));
}

#[test]
fn other_bags_are_passed_over_and_unknown_ones_refused() {
    let holder = Holder::gost("bags");
    let nested = bag("1.2.840.113549.1.12.10.1.6", &rastau_mint::der::sequence::<Vec<u8>>(&[]), None, None);
    let secret = bag("1.2.840.113549.1.12.10.1.5", &rastau_mint::der::sequence::<Vec<u8>>(&[]), Some("x"), None);
    signs(&open(&holder.put_into(store()).bag(nested).bag(secret).encode(), None).unwrap());
    let unknown = bag("1.2.840.113549.1.12.10.1.9", &rastau_mint::der::null(), None, None);
    assert!(matches!(open(&holder.put_into(store()).bag(unknown).encode(), None), Err(KeyError::Malformed(_))));
    let mut deep = bag("1.2.840.113549.1.12.10.1.5", &rastau_mint::der::null(), None, None);
    for _ in 0..10 {
        deep = bag("1.2.840.113549.1.12.10.1.6", &rastau_mint::der::sequence(&[deep]), None, None);
    }
    assert!(matches!(open(&holder.put_into(store()).bag(deep).encode(), None), Err(KeyError::Malformed(_))));
}

#[test]
fn nothing_printed_has_the_key() {
    let holder = Holder::gost("printed");
    let bytes = holder.put_into(store()).encode();
    let identity = open(&bytes, None).unwrap();
    let Key::Gost(GostKey { d, scheme: Scheme::Gost512A, .. }) = &holder.key else { panic!("a GOST key") };
    let printed = format!("{identity:?} {:?}", password(PASSWORD));
    assert!(!printed.contains(&d.to_str_radix(16)) && !printed.contains(&d.to_string()) && !printed.contains(PASSWORD));
    assert!(!printed.contains("650615"), "nor a number of a person: {printed}");
}

#[test]
fn a_mac_of_the_new_kind_is_checked_too() {
    let holder = Holder::gost("pbmac1");
    let bytes = holder.put_into(KeyStore::new("Құпия1").pbmac1().mac_iterations(2048)).encode();
    let mac = rastau::signer::pkcs12::KeyStore::read(&bytes).unwrap().outline().mac.unwrap();
    assert_eq!((mac.algorithm.as_str(), mac.iterations), ("PBMAC1 (HMAC-SHA-256)", 2048));
    signs(&open_pkcs12(&bytes, None, &password("Құпия1")).unwrap());
    assert_eq!(open_pkcs12(&bytes, None, &password("құпия1")).unwrap_err(), KeyError::WrongPassword);
    assert_eq!(open_pkcs12(&bytes, None, &password("")).unwrap_err(), KeyError::PasswordRequired);
}

#[test]
fn a_mac_under_a_key_that_could_be_guessed_is_none() {
    let holder = Holder::gost("short");
    for (octets, fine) in [(0, false), (1, false), (15, false), (16, true), (20, true), (64, true)] {
        let bytes = holder.put_into(KeyStore::new(PASSWORD).pbmac1_with_key(octets)).encode();
        match open_pkcs12(&bytes, None, &password(PASSWORD)) {
            Ok(identity) if fine => signs(&identity),
            Err(error) if !fine => assert!(words(&error).contains("too short"), "{octets}: {error}"),
            other => panic!("{octets}: {other:?}"),
        }
    }
}
