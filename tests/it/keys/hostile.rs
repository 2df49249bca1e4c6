//! Bytes that are no keys: nothing panics, and nothing opens.

use rastau::signer::{KeyError, open_pkcs12, pkcs8};
use rastau_mint::der;
use rastau_mint::pkcs12::{Cipher, KeyStore};

use super::{Holder, password};

#[test]
fn a_store_cut_anywhere_is_refused() {
    let bytes = Holder::gost("cut").put_into(KeyStore::new("x").iterations(1).mac_iterations(1)).encode();
    for length in 0..bytes.len() {
        assert!(open_pkcs12(&bytes[..length], None, &password("x")).is_err(), "{length} octets");
    }
    assert!(open_pkcs12(&[&bytes[..], &[0]].concat(), None, &password("x")).is_err(), "and one more");
}

#[test]
fn every_octet_altered_is_refused_or_read_without_harm() {
    let bytes = Holder::gost("altered").put_into(KeyStore::new("x").iterations(1).mac_iterations(1)).encode();
    for at in 0..bytes.len() {
        for value in [0, 0xff, 0x80, bytes[at] ^ 0x20] {
            let mut bad = bytes.clone();
            bad[at] = value;
            if bad != bytes {
                // The outside may hold what nobody signed, such as the version of an EncryptedData; what is opened is what
                // the MAC is over.
                let _ = open_pkcs12(&bad, None, &password("x"));
            }
        }
    }
}

#[test]
fn what_is_inside_under_a_good_mac_is_not_trusted_to_be_well_formed() {
    let store = KeyStore::new("x").iterations(1).mac_iterations(1);
    for (why, part) in [
        ("nothing", vec![]),
        ("no sequence", der::null()),
        ("an object identifier alone", der::sequence(&[der::oid("1.2.840.113549.1.7.1")])),
        ("another kind", der::sequence(&[der::oid("1.2.3"), der::explicit(0, &der::octet_string(&[]))])),
        ("data that is none", der::sequence(&[der::oid("1.2.840.113549.1.7.1"), der::explicit(0, &der::null())])),
        (
            "enveloped",
            der::sequence(&[der::oid("1.2.840.113549.1.7.3"), der::explicit(0, &der::sequence(&[der::integer(0)]))]),
        ),
        ("rubbish", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
        ("deep", (0..100).fold(der::null(), |inner, _| der::sequence(&[inner]))),
    ] {
        let error = open_pkcs12(&store.encode_parts(&[part]), None, &password("x")).unwrap_err();
        assert!(matches!(error, KeyError::Malformed(_) | KeyError::Algorithm(_) | KeyError::NoKey), "{why}: {error}");
    }
    // A key that is none, encrypted as it should be.
    for inside in [&b"no key"[..], &der::sequence(&[der::integer(0)]), &[]] {
        let holder = Holder::gost("inside");
        let store = store.clone().key(inside, None, None).certificate(&holder.certificate, None, None);
        assert!(matches!(open_pkcs12(&store.encode(), None, &password("x")), Err(KeyError::Malformed(_))));
    }
}

#[test]
fn a_store_beyond_the_budget_is_refused() {
    let many = (0..2000).fold(KeyStore::new("x").iterations(1).mac_iterations(1), |store, _| {
        store.bag(rastau_mint::pkcs12::bag("1.2.840.113549.1.12.10.1.5", &der::null(), None, None))
    });
    assert!(matches!(open_pkcs12(&many.encode(), None, &password("x")), Err(KeyError::Malformed(_))));
    assert!(matches!(open_pkcs12(&vec![0x30; 2 << 20], None, &password("x")), Err(KeyError::Malformed(_))));
}

#[test]
fn an_encrypted_key_altered_anywhere_does_not_open() {
    let holder = Holder::gost("pkcs8");
    let (algorithm, ciphertext) = Cipher::TripleDes3.encrypt("x", 1, &holder.key.pkcs8());
    let good = der::sequence(&[algorithm, der::octet_string(&ciphertext)]);
    assert!(pkcs8::open(&good, &holder.certificate, &password("x")).is_ok());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 4;
        assert!(pkcs8::open(&bad, &holder.certificate, &password("x")).is_err(), "octet {at}");
    }
    for length in 0..good.len() {
        assert!(pkcs8::open(&good[..length], &holder.certificate, &password("x")).is_err(), "{length} octets");
    }
}

#[test]
fn derivations_that_take_memory_or_time_are_refused_before_they_run() {
    let holder = Holder::gost("scrypt");
    let sequence = |parts: &[Vec<u8>]| der::sequence(parts);
    let aes = sequence(&[der::oid("2.16.840.1.101.3.4.1.42"), der::octet_string(&[7; 16])]);
    let encrypted = |kdf: Vec<u8>| {
        let parameters = sequence(&[kdf, aes.clone()]);
        let scheme = sequence(&[der::oid("1.2.840.113549.1.5.13"), parameters]);
        sequence(&[scheme, der::octet_string(&[0; 64])])
    };
    let scrypt = |n: u64, r: u64, p: u64| {
        let numbers = [der::octet_string(&[1; 8]), der::integer(n), der::integer(r), der::integer(p)];
        encrypted(sequence(&[der::oid("1.3.6.1.4.1.11591.4.11"), sequence(&numbers)]))
    };
    let pbkdf2 = |salt: usize, iterations: u64| {
        let numbers = [der::octet_string(&vec![1; salt]), der::integer(iterations)];
        encrypted(sequence(&[der::oid("1.2.840.113549.1.5.12"), sequence(&numbers)]))
    };
    for (why, bytes) in [
        ("a gigabyte", scrypt(1 << 20, 8, 1)),
        ("a terabyte", scrypt(1 << 31, 255, 1)),
        ("wide", scrypt(2, 0x7fff, 0x7fff)),
        ("often", scrypt(1 << 14, 8, 17)),
        ("no power of two", scrypt(1000, 8, 1)),
        ("nothing", scrypt(0, 0, 0)),
        ("two hundred million iterations", pbkdf2(8, 200_000_000)),
        ("twenty million iterations", pbkdf2(8, 20_000_000)),
        ("no iterations", pbkdf2(8, 0)),
        ("a salt of a kilobyte", pbkdf2(1000, 1)),
    ] {
        let error = pkcs8::open(&bytes, &holder.certificate, &password("x")).unwrap_err();
        let named = matches!(error, KeyError::Malformed(_) | KeyError::Expensive { .. } | KeyError::Algorithm(_));
        assert!(named, "{why}: {error}");
    }
    // The same with little work: the password is wrong, and nothing else.
    for bytes in [scrypt(1 << 10, 8, 1), pbkdf2(8, 1000)] {
        assert_eq!(pkcs8::open(&bytes, &holder.certificate, &password("x")).unwrap_err(), KeyError::WrongPassword);
    }
}
