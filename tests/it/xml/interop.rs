//! Real signed XML of the National CA's test systems, where the machine has it.

use std::fs;

use rastau::signed::{Coverage, Detached, Document, Format, SignerName};
use rastau::x509::Certificate;
use rastau::xmldsig;

use crate::interop::folder;

#[test]
fn enveloped_signatures_of_one_and_two_signers_hold() {
    let Some(folder) = folder() else { return };
    for (name, signers) in
        [("ncanode_XML_SIGNED_VALID_STRING.xml", 1), ("ncanode_XML_SIGNED_VALID_STRING_TWO_SIGNERS.xml", 2)]
    {
        let bytes = fs::read(folder.join("xml").join(name)).unwrap();
        let document = xmldsig::read(&bytes, Detached::Absent, None).unwrap();
        assert_eq!(document.format, Format::Xml);
        assert_eq!(document.signatures.len(), signers);
        for signature in &document.signatures {
            assert_eq!(signature.covers, Coverage::Whole, "{name}: {}", signature.label);
            let SignerName::Embedded(positions) = &signature.signer else { panic!("{:?}", signature.signer) };
            let [position] = positions[..] else { panic!("{positions:?}") };
            let certificate = Certificate::from_der(&signature.embedded.certificates[position]).unwrap();
            let verified = signature.verify(&certificate).unwrap();
            println!("{name}: {} by {}", signature.label, verified.algorithm());
        }
        let [content] = &document.contents[..] else { panic!("{} contents", document.contents.len()) };
        assert_eq!(content.bytes(Document::Bytes(&[])), Some(&b"<a><b>test</b></a>"[..]));
    }
}

#[test]
fn every_octet_changed_keeps_them_from_holding() {
    let Some(folder) = folder() else { return };
    let bytes = fs::read(folder.join("xml/ncanode_XML_SIGNED_VALID_STRING.xml")).unwrap();
    let good = xmldsig::read(&bytes, Detached::Absent, None).unwrap();
    let certificate = Certificate::from_der(&good.signatures.iter().next().unwrap().embedded.certificates[0]).unwrap();
    let key_info = bytes.windows(12).position(|window| window == b"<ds:KeyInfo>").unwrap();
    let root = bytes.windows(3).position(|window| window == b"<a>").unwrap();
    for at in root..key_info {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let Ok(document) = xmldsig::read(&changed, Detached::Absent, None) else { continue };
        let held = document
            .signatures
            .iter()
            .all(|signature| signature.covers == Coverage::Whole && signature.verify(&certificate).is_ok());
        if held {
            // Only where the change means nothing: white space around base64.
            let same = document.contents[0].bytes == good.contents[0].bytes;
            assert!(same, "octet {at} changed from {:?}", char::from(bytes[at]));
        }
    }
}
