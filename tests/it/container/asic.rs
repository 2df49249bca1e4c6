//! `ASiC` with CMS.

use rastau::signed::{Coverage, Format, FormatError, Level};
use rastau_mint::hash::Hash;

use super::{MIME_E, MIME_S, archive, covers, digest_elements, read};
use crate::signer::{Signer, verify};

const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const P7S: &str = "META-INF/signature.p7s";

fn manifest(signature: &str, files: &[(&str, &[u8])]) -> String {
    let objects: String = files
        .iter()
        .map(|(name, content)| {
            let digest = digest_elements("ds:", SHA_256, Hash::Sha256, content);
            format!(
                "<asic:DataObjectReference URI=\"{name}\" MimeType=\"text/plain\">{digest}</asic:DataObjectReference>"
            )
        })
        .collect();
    format!(
        "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
         <asic:SigReference URI=\"{signature}\" MimeType=\"application/pkcs7-signature\"/>{objects}</asic:ASiCManifest>"
    )
}

const A: (&str, &[u8]) = ("a.txt", b"first");
const B: (&str, &[u8]) = ("b.txt", b"second");

#[test]
fn asic_s_is_one_file_and_its_signature() {
    let anna = Signer::person("anna");
    let cms = anna.cms(A.1);
    for files in [vec![("mimetype", MIME_S.as_bytes()), A, (P7S, &cms)], vec![A, (P7S, &cms)]] {
        let document = read(&archive(&files)).unwrap();
        assert_eq!((document.format, document.signatures.len()), (Format::AsicS, 1));
        verify(&document, 0, &anna).unwrap();
        assert_eq!(covers(&document), ["whole document"]);
        assert_eq!(document.signatures.iter().next().unwrap().level, Level::B);
    }
    let document = read(&archive(&[("mimetype", MIME_S.as_bytes()), ("a.txt", b"other"), (P7S, &cms)])).unwrap();
    assert!(verify(&document, 0, &anna).is_err(), "another file");
}

#[test]
fn asic_s_that_is_none_is_refused() {
    let anna = Signer::person("anna");
    let cms = anna.cms(A.1);
    let mime: (&str, &[u8]) = ("mimetype", MIME_S.as_bytes());
    for (why, files) in [
        ("two files", vec![mime, A, B, (P7S, cms.as_slice())]),
        ("no file", vec![mime, (P7S, &cms)]),
        ("no signature", vec![mime, A]),
        ("two kinds of signatures", vec![mime, A, (P7S, &cms), ("META-INF/signatures.xml", b"<x/>")]),
        ("mimetype that is not first", vec![A, mime, (P7S, &cms)]),
    ] {
        assert!(matches!(read(&archive(&files)), Err(FormatError::Malformed(_))), "{why}");
    }
    let other: (&str, &[u8]) = ("mimetype", b"application/epub+zip");
    assert!(matches!(read(&archive(&[other, A, (P7S, &cms)])), Err(FormatError::Unsupported(_))));
    assert!(matches!(read(&archive(&[A, B])), Err(FormatError::NoSignature)), "a plain archive");
    let stamp: (&str, &[u8]) = ("META-INF/timestamp.tst", b"0");
    assert!(matches!(read(&archive(&[mime, A, stamp])), Err(FormatError::Unsupported(_))));
}

#[test]
fn asic_e_signatures_cover_what_their_manifests_name() {
    let (anna, boris) = (Signer::person("anna"), Signer::gost("boris"));
    let first = manifest("META-INF/signature001.p7s", &[A, B]);
    let second = manifest("META-INF/signature002.p7s", &[B]);
    let (cms, cms_2) = (anna.cms(first.as_bytes()), boris.cms(second.as_bytes()));
    let bytes = archive(&[
        ("mimetype", MIME_E.as_bytes()),
        A,
        B,
        ("META-INF/ASiCManifest001.xml", first.as_bytes()),
        ("META-INF/signature001.p7s", &cms),
        ("META-INF/ASiCManifest002.xml", second.as_bytes()),
        ("META-INF/signature002.p7s", &cms_2),
    ]);
    let document = read(&bytes).unwrap();
    assert_eq!(document.format, Format::AsicE);
    verify(&document, 0, &anna).unwrap();
    verify(&document, 1, &boris).unwrap();
    assert_eq!(covers(&document), ["whole document", "part files of the container without a.txt"]);
    assert_eq!(document.contents.len(), 2);
}

#[test]
fn asic_e_with_another_file_under_a_signed_name_is_seen() {
    let anna = Signer::person("anna");
    let text = manifest("META-INF/signature.p7s", &[A, B]);
    let cms = anna.cms(text.as_bytes());
    let with = |a: (&'static str, &'static [u8])| {
        archive(&[("mimetype", MIME_E.as_bytes()), a, B, ("META-INF/ASiCManifest.xml", text.as_bytes()), (P7S, &cms)])
    };
    let document = read(&with(("a.txt", b"changed"))).unwrap();
    assert_eq!(verify(&document, 0, &anna).unwrap_err(), "the file a.txt is not the one that was signed");
    let document = read(&with(("c.txt", b"first"))).unwrap();
    assert_eq!(verify(&document, 0, &anna).unwrap_err(), "the file a.txt is missing");
    assert!(
        matches!(&document.signatures.iter().next().unwrap().covers, Coverage::Part(part) if part.contains("c.txt"))
    );
}

#[test]
fn asic_e_signatures_without_manifest_and_manifests_without_signature_are_refused() {
    let anna = Signer::person("anna");
    let text = manifest("META-INF/signature.p7s", &[A]);
    let cms = anna.cms(text.as_bytes());
    let mime: (&str, &[u8]) = ("mimetype", MIME_E.as_bytes());
    let own: (&str, &[u8]) = ("META-INF/ASiCManifest.xml", text.as_bytes());
    for (why, files) in [
        ("no signature", vec![mime, A, own]),
        ("one more", vec![mime, A, own, (P7S, cms.as_slice()), ("META-INF/signature2.p7s", &cms)]),
        ("one for two manifests", vec![mime, A, own, ("META-INF/ASiCManifest2.xml", text.as_bytes()), (P7S, &cms)]),
        ("two kinds", vec![A, own, (P7S, &cms), ("META-INF/NCAManifest.xml", b"<NCAManifest/>")]),
    ] {
        assert!(matches!(read(&archive(&files)), Err(FormatError::Malformed(_))), "{why}");
    }
}

#[test]
fn what_is_not_used_in_meta_inf_is_said() {
    let anna = Signer::person("anna");
    let cms = anna.cms(A.1);
    let document = read(&archive(&[A, (P7S, &cms), ("META-INF/container.xml", b"<x/>")])).unwrap();
    assert_eq!(
        document.warnings,
        [("container-file-ignored", "the file META-INF/container.xml is not used".to_owned())]
    );
}

#[test]
fn a_signature_cannot_be_put_aside_as_a_timestamp() {
    let anna = Signer::person("anna");
    let first = manifest("META-INF/signature001.p7s", &[A]);
    let second = manifest("META-INF/signature002.p7s", &[A])
        .replace("application/pkcs7-signature", "application/vnd.etsi.timestamp-token");
    let cms = anna.cms(first.as_bytes());
    let files: [(&str, &[u8]); 6] = [
        ("mimetype", MIME_E.as_bytes()),
        A,
        ("META-INF/ASiCManifest001.xml", first.as_bytes()),
        ("META-INF/signature001.p7s", &cms),
        ("META-INF/ASiCManifest002.xml", second.as_bytes()),
        ("META-INF/signature002.p7s", &cms),
    ];
    assert!(read(&archive(&files[..4])).is_ok());
    assert!(matches!(read(&archive(&files)), Err(FormatError::Malformed(_))));
}
