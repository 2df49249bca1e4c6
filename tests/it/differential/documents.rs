//! Signed documents: CMS and timestamps against openssl, XML against xmlsec1. Trust is nobody's question here.

use std::fs;

use rastau::cms;
use rastau::signed::{Coverage, Detached, Document, Signature};
use rastau::tsp::Token;
use rastau::x509::Certificate;
use rastau::xmldsig;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;
use rastau_mint::{pem, xml};

use super::{Word, compare, mutants, peers};

struct Holder {
    key: Key,
    certificate: Vec<u8>,
    authority: Authority,
}

fn holder() -> Holder {
    let authority = Authority::root("DIFFERENTIAL", Key::p256("differential root"));
    let key = Key::rsa("differential holder");
    let certificate = authority.issue(CertificateBuilder::individual("650615100015").key(&key));
    Holder { key, certificate, authority }
}

/// Whether a signature holds under a certificate that it names.
fn holds(signature: &Signature) -> Word {
    let certificates = signature.embedded.certificates.iter().enumerate();
    let named = certificates.filter_map(|(position, der)| Some((position, Certificate::from_der(der).ok()?)));
    let mut said = "the signer's certificate is not there".to_owned();
    for (_, certificate) in named.filter(|(position, certificate)| signature.signer.names(certificate, Some(*position)))
    {
        match signature.verify(&certificate) {
            Ok(_) => return Ok(()),
            Err(fault) => said = fault.to_string(),
        }
    }
    Err(said)
}

#[test]
fn mutated_messages_hold_where_openssl_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let Holder { key, certificate, .. } = holder();
    let message = || Cms::over(b"content").certificate(&certificate).signer(Signer::new(&key, &certificate));
    let mut inputs = mutants::of_tlv(&message().encode(), 2 * super::tries());
    inputs.extend(mutants::of_tlv(&message().encode_ber(3), super::tries()));
    let ours = |der: &[u8]| {
        let read = cms::read(Document::Bytes(der), Detached::Absent).map_err(|error| error.to_string())?;
        read.signatures.iter().try_for_each(holds)
    };
    let arguments = ["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "input", "-out", "content"];
    compare("message, openssl", &inputs, ours, peers::each(folder.path(), &inputs, "openssl", &arguments));
}

#[test]
fn mutated_timestamps_hold_where_openssl_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let Holder { authority, key, .. } = holder();
    let certificate = authority.issue(authority.timestamp_authority("TSA", &key));
    fs::write(folder.path().join("root.pem"), pem::certificate(&authority.certificate)).unwrap();
    fs::write(folder.path().join("data"), b"value").unwrap();
    let token = TokenBuilder::new(&key, &certificate, b"value", "2026-08-20T05:00:00Z").encode();
    let inputs = mutants::of_tlv(&token, super::tries());
    let ours = |der: &[u8]| {
        let token = Token::read(der).map_err(|error| error.to_string())?;
        token.verify().map_err(|fault| format!("{fault:?}"))?;
        let covered = rastau::signed::Covered::Bytes(b"value".to_vec());
        token.check_imprint(&covered).map_err(|fault| fault.to_string())
    };
    let arguments = ["ts", "-verify", "-token_in", "-in", "input", "-data", "data", "-CAfile", "root.pem"];
    compare("timestamp, openssl", &inputs, ours, peers::each(folder.path(), &inputs, "openssl", &arguments));
}

#[test]
fn mutated_xml_holds_where_xmlsec_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let Holder { key, certificate, .. } = holder();
    fs::write(folder.path().join("signer.pem"), pem::certificate(&certificate)).unwrap();
    let document = "<a><b Id=\"x\" c=\"1\">t</b><d>&amp;</d></a>";
    let inputs = mutants::of_xml(xml::enveloped(document, &key, &certificate).as_bytes(), 3 * super::tries());
    let ours = |text: &[u8]| {
        let read = xmldsig::read(text, Detached::Absent, None).map_err(|error| error.to_string())?;
        // xmlsec1 verifies the first signature it finds and does not ask what it covers.
        let first = read.signatures.iter().next().ok_or("no signature")?;
        if first.covers != Coverage::Whole {
            return Err(format!("covers {:?}", first.covers));
        }
        holds(first)
    };
    let arguments = ["--verify", "--insecure", "--pubkey-cert-pem", "signer.pem", "--id-attr:Id", "b", "input"];
    compare("XML, xmlsec1", &inputs, ours, peers::each(folder.path(), &inputs, "xmlsec1", &arguments));
}
