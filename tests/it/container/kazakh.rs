//! The Kazakh container: a manifest, and CMS over it.

use rastau::container;
use rastau::signed::{Coverage, Detached, Document, Format, FormatError};
use rastau_mint::hash::Hash;

use super::{archive, covers, digest_elements, read};
use crate::signer::{Signer, verify};

const STREEBOG: &str = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512";
const GOST_95: &str = "http://www.w3.org/2001/04/xmldsig-more#gost34311";
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const CMS: &str = "META-INF/signature-0123456789.cms";
const MANIFEST: &str = "META-INF/NCAManifest.xml";

fn manifest(files: &[(&str, &[u8])], (uri, hash): (&str, Hash)) -> String {
    let objects: String = files
        .iter()
        .map(|(name, content)| {
            let digest = digest_elements("", uri, hash, content);
            format!("<DataObjectReference URI=\"{name}\">{digest}</DataObjectReference>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NCAManifest><SigReference URI=\"{CMS}\"/>{objects}</NCAManifest>"
    )
}

const FORM: (&str, &[u8]) = ("form.xml", b"<form/>");
const SCAN: (&str, &[u8]) = ("scans/\u{443}\u{441}\u{442}\u{430}\u{432}.pdf", b"%PDF-1.7");

fn signed(signer: &Signer, manifest: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let cms = signer.cms(manifest.as_bytes());
    let own: [(&str, &[u8]); 2] = [(MANIFEST, manifest.as_bytes()), (CMS, &cms)];
    archive(&[files, &own].concat())
}

#[test]
fn every_file_is_covered_and_handed_out() {
    for (uri, hash, signer) in [
        (STREEBOG, Hash::Streebog512, Signer::gost("anna")),
        (GOST_95, Hash::Gost95, Signer::gost("anna")),
        (SHA_256, Hash::Sha256, Signer::person("anna")),
    ] {
        let bytes = signed(&signer, &manifest(&[FORM, SCAN], (uri, hash)), &[FORM, SCAN]);
        let document = read(&bytes).unwrap();
        assert_eq!(document.format, Format::KazakhZip);
        verify(&document, 0, &signer).unwrap();
        assert_eq!(covers(&document), ["whole document"]);
        let contents: Vec<_> = document
            .contents
            .iter()
            .map(|content| (content.name.as_deref().unwrap(), content.bytes(Document::Bytes(&bytes)).unwrap()))
            .collect();
        assert_eq!(contents, [FORM, SCAN]);
        assert!(document.warnings.is_empty(), "{:?}", document.warnings);
    }
}

#[test]
fn a_file_that_nobody_signed_is_named() {
    let anna = Signer::person("anna");
    let bytes = signed(&anna, &manifest(&[FORM], (SHA_256, Hash::Sha256)), &[FORM, SCAN, ("note.txt", b"more")]);
    let document = read(&bytes).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    let Coverage::Part(part) = &signature.covers else { panic!("whole") };
    assert!(part.contains("note.txt") && part.contains(SCAN.0), "{part}");
    assert_eq!(document.contents.len(), 1, "only what was signed is handed out");
}

#[test]
fn a_file_that_was_changed_or_taken_out_is_seen() {
    let anna = Signer::person("anna");
    let manifest = manifest(&[FORM, SCAN], (SHA_256, Hash::Sha256));
    let changed: (&str, &[u8]) = (FORM.0, b"<form>1</form>");
    for (files, words) in [
        (vec![changed, SCAN], "the file form.xml is not the one that was signed"),
        (vec![SCAN], "the file form.xml is missing"),
        (vec![(SCAN.0, FORM.1), (FORM.0, SCAN.1)], "the file form.xml is not the one that was signed"),
    ] {
        let document = read(&signed(&anna, &manifest, &files)).unwrap();
        assert_eq!(verify(&document, 0, &anna).unwrap_err(), words);
    }
}

#[test]
fn a_manifest_that_was_changed_is_seen() {
    let anna = Signer::person("anna");
    let (honest, other) = (manifest(&[FORM], (SHA_256, Hash::Sha256)), manifest(&[SCAN], (SHA_256, Hash::Sha256)));
    let cms = anna.cms(honest.as_bytes());
    let bytes = archive(&[SCAN, (MANIFEST, other.as_bytes()), (CMS, &cms)]);
    assert!(verify(&read(&bytes).unwrap(), 0, &anna).is_err());
}

#[test]
fn digests_that_are_not_allowed_do_not_count() {
    let anna = Signer::person("anna");
    for uri in ["http://www.w3.org/2000/09/xmldsig#sha1", "urn:x"] {
        let document = read(&signed(&anna, &manifest(&[FORM], (uri, Hash::Sha1)), &[FORM])).unwrap();
        assert!(verify(&document, 0, &anna).unwrap_err().contains("not allowed"));
    }
}

#[test]
fn a_manifest_that_cannot_be_is_refused() {
    let anna = Signer::person("anna");
    let good = manifest(&[FORM], (SHA_256, Hash::Sha256));
    for (why, text) in [
        ("another root", good.replace("NCAManifest", "Manifest")),
        ("no signature", good.replace("SigReference", "SigReferenz")),
        ("a signature elsewhere", good.replace(CMS, "META-INF/signature-ff.cms")),
        ("a document type", good.replace("<NCAManifest>", "<!DOCTYPE x [<!ENTITY a 'b'>]><NCAManifest>")),
        ("not XML", "manifest".to_owned()),
        ("nothing", String::new()),
    ] {
        let bytes = signed(&anna, &text, &[FORM]);
        assert!(matches!(read(&bytes), Err(FormatError::Malformed(_))), "{why}");
    }
    let attached = anna.message(good.as_bytes(), anna.info()).encode();
    let bytes = archive(&[FORM, (MANIFEST, good.as_bytes()), (CMS, &attached)]);
    assert!(matches!(read(&bytes), Err(FormatError::Malformed(_))), "CMS with content");
}

#[test]
fn a_second_signature_that_belongs_to_nothing_is_refused() {
    let anna = Signer::person("anna");
    let text = manifest(&[FORM], (SHA_256, Hash::Sha256));
    let cms = anna.cms(text.as_bytes());
    let other: (&str, &[u8]) = ("META-INF/signature-ffffffffff.cms", &cms);
    let bytes = archive(&[FORM, (MANIFEST, text.as_bytes()), (CMS, &cms), other]);
    assert!(matches!(read(&bytes), Err(FormatError::Malformed(what)) if what.contains("belongs to nothing")));
}

#[test]
fn content_beside_a_container_is_refused() {
    let anna = Signer::person("anna");
    let bytes = signed(&anna, &manifest(&[FORM], (SHA_256, Hash::Sha256)), &[FORM]);
    assert!(container::read(Document::Bytes(&bytes), Detached::Bytes(b"x")).is_err());
}
