//! Certificates, lists and identity numbers.

use rastau_mint::authority::{Authority, Urls};
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{self, Extension};
use rastau_mint::gost;
use rastau_mint::key::Key;
use rastau_mint::list::{self, ListBuilder};
use rastau_mint::{der, identity, pem, profile};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

#[test]
fn a_certificate_reads_back_as_it_was_built() {
    let root = Authority::root("ROOT", Key::gost512("root"));
    let urls = Urls {
        lists: vec!["http://a.invalid/1".into(), "http://b.invalid/1".into()],
        delta: Some("http://a.invalid/d".into()),
        certificate: "http://a.invalid/c".into(),
        responder: Some("http://a.invalid/o".into()),
    };
    let issuing = root.subordinate("ISSUING", Key::gost512("issuing")).with_urls(urls);
    let iin = identity::iin("650615", false, 1);
    let leaf =
        issuing.issue(CertificateBuilder::individual(&iin).valid("2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z"));

    let (rest, certificate) = X509Certificate::from_der(&leaf).expect("a certificate");
    assert!(rest.is_empty());
    assert_eq!(certificate.issuer().as_raw(), issuing.name);
    assert!(certificate.subject().to_string().contains(&format!("IIN{iin}")), "{}", certificate.subject());
    assert_eq!(certificate.validity().not_before.timestamp(), 1_767_225_600);
    assert_eq!(certificate.validity().not_after.timestamp(), 2_524_608_000);
    assert_eq!(certificate.raw_serial().len(), 20);
    let usage = certificate.key_usage().expect("one").expect("present");
    assert!(usage.critical && usage.value.digital_signature() && usage.value.non_repudiation());
    assert!(usage.value.key_agreement() && !usage.value.key_cert_sign());
    assert!(certificate.extensions().iter().all(|extension| extension.parsed_extension().error().is_none()));
    assert_eq!(certificate.extensions().len(), 9);
    assert!(signed_by(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data, &issuing.key));
    let (_, authority) = X509Certificate::from_der(&issuing.certificate).expect("a certificate");
    assert!(authority.is_ca());
    assert!(signed_by(authority.tbs_certificate.as_ref(), &authority.signature_value.data, &root.key));
}

#[test]
fn every_profile_parses() {
    let (iin, bin) = (identity::iin("650615", true, 1), identity::bin("6001", 1));
    let ca = Authority::root("ROOT", Key::p256("root"));
    for (builder, usage) in [
        (CertificateBuilder::individual(&iin), 0xc8),
        (CertificateBuilder::legal_head(&iin, &bin), 0xc8),
        (CertificateBuilder::legal_employee(&iin, &bin), 0xc8),
        (CertificateBuilder::right_to_sign(&iin, &bin), 0xc8),
        (CertificateBuilder::digital_system(&bin), 0xc8),
        (CertificateBuilder::rsa_sign_2022(&iin), 0xc0),
        (CertificateBuilder::rsa_auth_2022(&iin), 0xa0u8),
    ] {
        let der = ca.issue(builder);
        let (rest, certificate) = X509Certificate::from_der(&der).expect("a certificate");
        assert!(rest.is_empty());
        let key_usage = certificate.key_usage().expect("one").expect("present");
        assert_eq!(key_usage.value.flags, u16::from(usage.reverse_bits()));
    }
}

#[test]
fn what_is_broken_on_purpose_is_broken_that_way() {
    let ca = Authority::root("ROOT", Key::p256("root"));
    let builder = || ca.prepare(CertificateBuilder::individual("123456789012"));
    let unknown = builder().with(Extension::unknown().critical()).sign(&ca.key);
    let (_, parsed) = X509Certificate::from_der(&unknown).expect("a certificate");
    assert!(
        parsed.extensions().iter().any(|extension| extension.critical && extension.oid.as_bytes() == [0x88, 0x37, 1])
    );

    let negative = builder().serial(&[0x80, 0x01]).sign(&ca.key);
    let (_, parsed) = X509Certificate::from_der(&negative).expect("a certificate");
    assert_eq!(parsed.raw_serial(), [0x80, 0x01]);

    let twice = builder().with(Extension::key_usage(0x06)).sign(&ca.key);
    let (_, parsed) = X509Certificate::from_der(&twice).expect("a certificate");
    parsed.key_usage().expect_err("duplicate extension");

    let mut changed = builder();
    changed.inner_algorithm = Some(Key::p384("x").algorithm_identifier());
    let changed = changed.sign(&ca.key);
    let (_, parsed) = X509Certificate::from_der(&changed).expect("a certificate");
    assert_ne!(parsed.tbs_certificate.signature, parsed.signature_algorithm);

    let bare = builder().without(extension::KEY_USAGE).sign(&ca.key);
    let (_, parsed) = X509Certificate::from_der(&bare).expect("a certificate");
    assert!(parsed.key_usage().expect("none").is_none());

    let broken = builder().with(Extension::raw(der::tlv_with_length(0x30, &[0x84, 0xff, 0xff, 0xff, 0xff], &[])));
    X509Certificate::from_der(&broken.sign(&ca.key)).expect_err("a length beyond the end");
}

#[test]
fn a_list_reads_back_as_it_was_built() {
    let ca = Authority::root("ROOT", Key::gost512("root"));
    let list = ca
        .list()
        .number(300)
        .revoke(&[0x11, 0x22], "2025-12-10T08:00:00Z", None)
        .revoke(&[0x33], "2025-12-11T08:00:00Z", Some(6))
        .sign(&ca.key);
    let (rest, parsed) = CertificateRevocationList::from_der(&list).expect("a list");
    assert!(rest.is_empty());
    assert_eq!(parsed.crl_number(), Some(&300u32.into()));
    let entries: Vec<_> = parsed.iter_revoked_certificates().collect();
    assert_eq!(entries[0].raw_serial(), [0x11, 0x22]);
    assert!(entries[0].reason_code().is_none());
    assert_eq!(entries[1].reason_code().expect("a reason").1.0, 6);
    assert!(signed_by(parsed.tbs_cert_list.as_ref(), &parsed.signature_value.data, &ca.key));
}

#[test]
fn a_generated_list_equals_the_same_list_built_entry_by_entry() {
    let ca = Authority::root("ROOT", Key::ed25519("root"));
    for count in [0, 1, 2, 300] {
        let generated = ca.list().generated(&ca.key, 7, count);
        let (rest, parsed) = CertificateRevocationList::from_der(&generated).expect("a list");
        assert!(rest.is_empty());
        assert_eq!(parsed.iter_revoked_certificates().count() as u64, count);
        let mut built: ListBuilder = ca.list();
        for (index, entry) in parsed.iter_revoked_certificates().enumerate() {
            assert_eq!(entry.raw_serial(), list::generated_serial(7, index as u64));
            let reason = entry.reason_code().expect("a reason").1.0;
            let date = entry.revocation_date.to_datetime();
            let date = format!("{}-{:02}-{:02}T12:00:00Z", date.year(), u8::from(date.month()), date.day());
            built = built.revoke(entry.raw_serial(), &date, Some(reason));
        }
        if count > 0 {
            assert_eq!(built.sign(&ca.key), generated, "{count} entries");
        }
    }
}

#[test]
fn invented_numbers_have_a_check_digit_that_known_good_numbers_have_too() {
    // BINs of public bodies, from public registers.
    for good in ["000740000728", "161140016747", "990540004034", "960440000538"] {
        assert_eq!(identity::check_digit(&good[..11]).map(|digit| digit.to_string()).as_deref(), Some(&good[11..]));
    }
    for ordinal in 0..100 {
        let iin = identity::iin("991231", false, ordinal);
        assert_eq!((iin.len(), &iin[..7]), (12, "9912311"));
        assert_eq!(identity::bin("6912", ordinal).len(), 12);
    }
}

#[test]
fn pem_armour_comes_off_again() {
    let certificate = CertificateBuilder::new(&profile::person("123456789012"), &Key::ed25519("x"));
    let bytes = certificate.self_sign(&Key::ed25519("x"));
    assert_eq!(pem::decode(&pem::certificate(&bytes)), Some(bytes));
}

fn signed_by(tbs: &[u8], signature: &[u8], key: &Key) -> bool {
    let Key::Gost(key) = key else { return false };
    gost::verify_digest(key.scheme, &key.public_octets(), &key.scheme.hash().digest(tbs), signature)
}
