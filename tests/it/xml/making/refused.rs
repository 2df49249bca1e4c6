//! What is not signed, and why.

use rastau::crypto::{SignError, SignatureAlgorithm};
use rastau::signed::{MakeError, Signer};
use rastau::x509::Certificate;
use rastau::xmldsig::{self, Signing};
use rastau_mint::key::Key;

use super::{Hand, enveloped, make, refused, wsse, xades};

/// A key in a device that answers so.
struct Broken {
    hand: Hand,
    answer: Result<Vec<u8>, SignError>,
}

impl Signer for Broken {
    fn certificate(&self) -> &Certificate {
        self.hand.certificate()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.hand.algorithm()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        self.answer.clone()
    }
}

#[test]
fn documents_that_are_not_read_are_not_signed() {
    let hand = Hand::quick();
    for (document, why) in [
        ("", "not well-formed"),
        ("text", "not well-formed"),
        ("<a>", "not well-formed"),
        ("<a></b>", "not well-formed"),
        ("<a/><b/>", "not well-formed"),
        ("<!DOCTYPE a><a/>", "document type declaration"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type declaration"),
        ("<a>&x;</a>", "not well-formed"),
        ("<?xml version=\"1.1\"?><a/>", "other than 1.0"),
        ("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\u{43a}</a>", "encoding"),
        ("<a xmlns:p=\"\"/>", "bound to no namespace"),
    ] {
        for signing in [enveloped(&hand, document), xades(&hand, document), wsse(&hand, document)] {
            let found = refused(&signing);
            assert!(found.contains(why), "{document}: {found}");
        }
    }
    let windows = Signing { document: b"<a>\xea\xee\xf2</a>", ..enveloped(&hand, "") };
    assert!(refused(&windows).contains("not UTF-8"));
    let deep = "<a>".repeat(129) + &"</a>".repeat(129);
    assert!(refused(&enveloped(&hand, &deep)).contains("levels of nesting"));
    let many = format!("<a{}/>", (0..129).map(|number| format!(" b{number}=''")).collect::<String>());
    assert!(refused(&enveloped(&hand, &many)).contains("attributes"));
}

#[test]
fn a_root_that_is_a_signature_envelops_none() {
    let hand = Hand::quick();
    let signature = super::super::forms_signature(&hand.person);
    assert!(refused(&enveloped(&hand, &signature)).contains("its root element is a signature"));
    let list =
        format!("<l:XAdESSignatures xmlns:l=\"http://uri.etsi.org/02918/v1.2.1#\">{signature}</l:XAdESSignatures>");
    assert!(refused(&enveloped(&hand, &list)).contains("its root element is a signature"));
}

#[test]
fn keys_of_the_past_and_keys_of_other_certificates_sign_nothing() {
    let old = Hand::new(Key::gost2004("signer"));
    assert!(refused(&enveloped(&old, "<a/>")).contains("gost-34.310-2004"));
    let other = Hand::quick().with_algorithm(SignatureAlgorithm::RsaPkcs1Sha256);
    assert!(refused(&enveloped(&other, "<a/>")).contains("does not fit"));
}

#[test]
fn a_device_that_fails_is_reported_and_its_garbage_not_released() {
    let sign = |answer| {
        let broken = Broken { hand: Hand::quick(), answer };
        let signing = Signing { signer: &broken, ..enveloped(&broken.hand, "<a/>") };
        make(&signing).unwrap_err()
    };
    let unavailable = SignError::Unavailable("the token is not there".into());
    assert!(matches!(sign(Err(unavailable.clone())), MakeError::Sign(error) if error == unavailable));
    let long = [&[0x30, 0x46, 2, 0x21][..], &[1; 33], &[2, 0x21], &[1; 33]].concat();
    for garbage in
        [vec![], vec![0; 64], vec![0x30, 0], vec![0x30, 3, 2, 1, 1], vec![0x30, 7, 2, 1, 1, 2, 1, 1, 0], long]
    {
        assert!(matches!(sign(Ok(garbage)), MakeError::Sign(SignError::NotVerified)));
    }
}

#[test]
fn more_signatures_than_are_read_are_not_made() {
    let hand = Hand::quick();
    let mut document = "<a/>".to_owned();
    for _ in 0..32 {
        document = make(&enveloped(&hand, &document)).unwrap();
    }
    assert!(refused(&enveloped(&hand, &document)).contains("more than 32 signatures"));
}

#[test]
fn a_writer_that_fails_is_reported() {
    let hand = Hand::quick();
    let draft = xmldsig::sign(&enveloped(&hand, "<a/>")).unwrap();
    let mut small = [0u8; 16];
    assert!(matches!(draft.write(None, &mut &mut small[..]), Err(MakeError::Io(_))));
}
