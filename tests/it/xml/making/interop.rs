//! Signatures added to real documents of the National CA's test systems, where the machine has them.

use std::fs;

use rastau::signed::{Coverage, Detached, Integrity, SignerName};
use rastau::x509::Certificate;
use rastau::xmldsig::{self, Signing};
use rastau_mint::key::Key;

use super::{Hand, enveloped, extended, xades};
use crate::interop::folder;

/// Every signature whole and good under the certificate beside it.
fn all_hold(octets: &[u8], signatures: usize) {
    let document = xmldsig::read(octets, Detached::Absent, None).unwrap();
    assert_eq!(document.signatures.len(), signatures);
    for signature in &document.signatures {
        assert_eq!((&signature.integrity, &signature.covers), (&Integrity::Intact, &Coverage::Whole));
        let SignerName::Embedded(positions) = &signature.signer else { panic!("{:?}", signature.signer) };
        let certificate = Certificate::from_der(&signature.embedded.certificates[positions[0]]).unwrap();
        signature.verify(&certificate).unwrap();
    }
}

#[test]
fn what_ncanode_signed_is_signed_in_addition_and_stamped() {
    let Some(folder) = folder() else { return };
    let hand = Hand::new(Key::gost512("signer"));
    for (name, signatures) in
        [("ncanode_XML_SIGNED_VALID_STRING.xml", 1), ("ncanode_XML_SIGNED_VALID_STRING_TWO_SIGNERS.xml", 2)]
    {
        let theirs = fs::read(folder.join("xml").join(name)).unwrap();
        for signing in [enveloped(&hand, ""), xades(&hand, "")] {
            let mut signed = Vec::new();
            xmldsig::sign(&Signing { document: &theirs, ..signing }).unwrap().write(None, &mut signed).unwrap();
            all_hold(&signed, signatures + 1);
            let last = theirs.windows(2).rposition(|window| window == b"</").unwrap();
            assert!(signed.starts_with(&theirs[..last]) && signed.ends_with(&theirs[last..]));
        }
        let stamped = extended(&theirs, signatures - 1).unwrap();
        all_hold(&stamped, signatures);
        if signatures > 1 {
            let why = extended(&theirs, 0).unwrap_err().to_string();
            assert!(why.contains("signature 2 is over what would be changed"), "{why}");
        }
    }
}
