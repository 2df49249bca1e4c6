//! What is asked.

use rastau::revocation::ocsp::{CertId, IdHash, Nonce, NoncePolicy, OcspRequest};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{NONCE, cert_id, nonce_of};

use super::{SERIAL, Scene, scene};

#[test]
fn a_request_names_the_certificate_as_the_national_ca_expects() {
    for key in [Key::p256("ocsp tests"), Key::rsa("rsa ocsp tests"), Key::gost512("ocsp"), Key::gost2004("ocsp")] {
        let authority = Authority::root("СЫНАҚ КО", key);
        let scene = Scene::new(authority.clone(), Key::p256("ocsp responder"));
        let id = CertId::of(&scene.leaf, &scene.issuer, IdHash::Sha256).unwrap();
        let nonce = Nonce::from_octets([7; 16]);
        let request = OcspRequest::with_nonce(&id, Some(nonce)).unwrap();
        let nonce = Extension::new(NONCE, der::octet_string(&[7; 16])).encode();
        let list = der::sequence(&[der::sequence(&[authority.cert_id(&SERIAL)])]);
        let expected = der::sequence(&[der::sequence(&[list, der::explicit(2, &der::sequence(&[nonce]))])]);
        assert_eq!(request.as_der(), expected);
    }
}

#[test]
fn a_nonce_is_fresh_and_can_be_left_out() {
    let scene = scene();
    let new = |policy| OcspRequest::new(&scene.leaf, &scene.issuer, policy).unwrap();
    let (one, two) = (new(NoncePolicy::Require), new(NoncePolicy::IfEchoed));
    assert_ne!(one.as_der(), two.as_der());
    let value = nonce_of(one.as_der()).unwrap();
    assert_eq!((value.len(), &value[..2]), (18, &[0x04, 16][..]));
    assert_eq!(one.nonce().map(Nonce::octets), Some(&value[2..]));
    let without = new(NoncePolicy::Off);
    assert!(without.nonce().is_none() && nonce_of(without.as_der()).is_none());
}

#[test]
fn a_negative_serial_number_is_asked_about_as_it_stands() {
    let scene = scene();
    for serial in [&[0xff][..], &[0x80, 1], &[0], &[0x7f; 20], &[0x7f; 64]] {
        let leaf = scene.authority.issue(CertificateBuilder::individual("900101300017").serial(serial));
        let leaf = Certificate::from_der(&leaf).unwrap();
        let request = OcspRequest::new(&leaf, &scene.issuer, NoncePolicy::Off).unwrap();
        let list = der::sequence(&[der::sequence(&[scene.authority.cert_id(serial)])]);
        assert_eq!(request.as_der(), der::sequence(&[der::sequence(&[list])]));
    }
}

#[test]
fn an_id_names_one_certificate_of_one_issuer_by_any_hash() {
    let scene = scene();
    let other_name = Authority::root("БАСҚА КО", Key::p256("ocsp tests"));
    let other_key = Authority::root("СЫНАҚ КО", Key::p256("another key"));
    for hash in [IdHash::Sha1, IdHash::Sha256, IdHash::Sha384, IdHash::Sha512] {
        let id = CertId::of(&scene.leaf, &scene.issuer, hash).unwrap();
        assert!(id.names(&scene.leaf, &scene.issuer));
        let sibling = scene.authority.issue(CertificateBuilder::individual("900101300017").serial(&[0x22; 20]));
        assert!(!id.names(&Certificate::from_der(&sibling).unwrap(), &scene.issuer));
        for other in [&other_name, &other_key] {
            let issuer = Certificate::from_der(&other.certificate).unwrap();
            assert!(!id.names(&scene.leaf, &issuer));
            let twin = other.issue(CertificateBuilder::individual("900101300017").serial(&SERIAL));
            assert!(!id.names(&Certificate::from_der(&twin).unwrap(), &issuer));
        }
    }
    // The minting side computes the same.
    let own = cert_id(Hash::Sha1, &scene.authority.name, &scene.authority.key.public_bits(), &SERIAL);
    let id = CertId::of(&scene.leaf, &scene.issuer, IdHash::Sha1).unwrap();
    assert!(own.windows(20).any(|window| window == id.issuer_key_hash()));
    assert!(own.windows(20).any(|window| window == id.issuer_name_hash()));
}
