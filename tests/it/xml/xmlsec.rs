//! What xmlsec1 signs holds here, and what is signed here holds there, where the machine has it.

use std::fs;
use std::path::Path;
use std::process::Command;

use rastau::signed::{Coverage, Detached};
use rastau::x509::Certificate;
use rastau::xmldsig;
use rastau_mint::xml::{
    self, ENVELOPED, EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, INCLUSIVE_WITH_COMMENTS, Reference, Signing,
};

use super::{Person, content};

/// A folder with keys and certificates by openssl, or nothing and a word about it.
fn workplace() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    for (name, options) in [
        ("rsa", &["-newkey", "rsa:2048"][..]),
        ("p256", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ] {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-nodes", "-sha256", "-days", "30", "-subj", "/CN=TEST", "-keyout"]);
        command
            .arg(folder.path().join(format!("{name}.key")))
            .arg("-out")
            .arg(folder.path().join(format!("{name}.pem")));
        let made = command.args(options).output();
        if !made.is_ok_and(|made| made.status.success()) {
            println!("skipped: there is no openssl");
            return None;
        }
    }
    if Command::new("xmlsec1").arg("--version").output().is_err() {
        println!("skipped: there is no xmlsec1");
        return None;
    }
    Some(folder)
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    let pem = fs::read(folder.join(format!("{name}.pem"))).unwrap();
    let der = rastau::der::armour::decode_one(&pem, rastau::der::armour::Label::Certificate).unwrap();
    Certificate::from_der(&der).unwrap()
}

/// A signature to be filled in by xmlsec1.
fn template(
    canonicalization: &str,
    method: &str,
    digest: &str,
    uri: &str,
    transforms: &[&str],
    objects: &str,
) -> String {
    let transforms: String = transforms.iter().map(|one| format!("<Transform Algorithm=\"{one}\"/>")).collect();
    format!(
        "<Signature xmlns=\"{}\"><SignedInfo>\n<CanonicalizationMethod Algorithm=\"{canonicalization}\"/>\
         <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{method}\"/>\n<Reference URI=\"{uri}\"><Transforms>\
         {transforms}</Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/{digest}\"/><DigestValue/></Reference>\
         </SignedInfo><SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo>{objects}</Signature>",
        xml::DS
    )
}

fn sign(folder: &Path, key: &str, document: &str) -> String {
    let input = folder.join("template.xml");
    fs::write(&input, document).unwrap();
    let keys =
        format!("{},{}", folder.join(format!("{key}.key")).display(), folder.join(format!("{key}.pem")).display());
    let output = Command::new("xmlsec1")
        .args(["--sign", "--privkey-pem", &keys])
        .args(["--id-attr:Id", "b", "--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:Object"])
        .arg(&input)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const CANONICALIZATIONS: [&str; 6] = [
    INCLUSIVE,
    INCLUSIVE_WITH_COMMENTS,
    INCLUSIVE_11,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    EXCLUSIVE,
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

/// With everything in it that a canonical form treats in its own way.
const DOCUMENT: &str = "<?xml version=\"1.0\"?>\n<?pi x?><!-- c --><r xmlns='urn:1' xmlns:p=\"urn:2\" xml:lang=\"kk\" \
    xml:space='preserve'>\r\n<p:x p:b='1' a=\"&#9;&lt;&quot;'\" xmlns:q=\"urn:3\"><![CDATA[<&>]]>&#13;<!-- d --></p:x>\
    <b Id=\"part\" xmlns=\"\" p:y='z'><q:c xmlns:q='urn:4'/><e xmlns='urn:1'/>қол<?t  u ?></b>%</r>";

#[test]
fn what_xmlsec_signs_holds() {
    let Some(folder) = workplace() else { return };
    let folder = folder.path();
    for (key, method, digest) in [
        ("rsa", "rsa-sha256", "xmlenc#sha256"),
        ("rsa", "rsa-sha384", "xmldsig-more#sha384"),
        ("rsa", "rsa-sha512", "xmlenc#sha512"),
        ("p256", "ecdsa-sha256", "xmlenc#sha256"),
        ("p384", "ecdsa-sha384", "xmldsig-more#sha384"),
    ] {
        // Every canonicalization under one algorithm, every algorithm under one canonicalization.
        let canonicalizations = if method == "rsa-sha256" { &CANONICALIZATIONS[..] } else { &CANONICALIZATIONS[..1] };
        for &canonicalization in canonicalizations {
            for (uri, transforms, objects, whole) in [
                ("", vec![ENVELOPED, canonicalization], "", true),
                ("", vec![ENVELOPED], "", true),
                ("#part", vec![canonicalization], "", false),
                (
                    "#object",
                    vec![canonicalization],
                    "<Object Id=\"object\"><b xmlns=\"\">x<!-- y --></b></Object>",
                    false,
                ),
            ] {
                let signature = template(canonicalization, method, digest, uri, &transforms, objects);
                let signed = sign(folder, key, &DOCUMENT.replace('%', &signature));
                let document = xmldsig::read(signed.as_bytes(), Detached::Absent, None).unwrap();
                let found = document.signatures.iter().next().unwrap();
                found
                    .verify(&certificate(folder, key))
                    .unwrap_or_else(|why| panic!("{method} {canonicalization} {uri}: {why}\n{signed}"));
                assert_eq!(found.covers == Coverage::Whole, whole);
            }
        }
    }
}

#[test]
fn what_xmlsec_envelops_holds() {
    let Some(folder) = workplace() else { return };
    for canonicalization in CANONICALIZATIONS {
        let object = "<Object Id=\"object\"><b xmlns=\"\">x<!-- y --></b></Object>";
        let signature =
            template(canonicalization, "rsa-sha256", "xmlenc#sha256", "#object", &[canonicalization], object);
        let signed = sign(folder.path(), "rsa", &signature);
        let document = xmldsig::read(signed.as_bytes(), Detached::Absent, None).unwrap();
        let found = document.signatures.iter().next().unwrap();
        found.verify(&certificate(folder.path(), "rsa")).unwrap();
        assert_eq!(found.covers, Coverage::Whole);
        assert!(content(&document).contains("<b xmlns=\"\">x</b>"));
    }
}

#[test]
fn a_prefix_list_is_read_as_xmlsec_reads_it() {
    let Some(folder) = workplace() else { return };
    let list = format!("<InclusiveNamespaces xmlns=\"{EXCLUSIVE}\" PrefixList=\"p #default nowhere\"/>");
    let signature = template(EXCLUSIVE, "rsa-sha256", "xmlenc#sha256", "#part", &[EXCLUSIVE], "");
    let signature = signature.replace(
        &format!("<Transform Algorithm=\"{EXCLUSIVE}\"/>"),
        &format!("<Transform Algorithm=\"{EXCLUSIVE}\">{list}</Transform>"),
    );
    let signature = signature.replace(
        &format!("<CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>"),
        &format!("<CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\">{list}</CanonicalizationMethod>"),
    );
    let signed = sign(folder.path(), "rsa", &DOCUMENT.replace('%', &signature));
    let document = xmldsig::read(signed.as_bytes(), Detached::Absent, Some("part")).unwrap();
    let found = document.signatures.iter().next().unwrap();
    found.verify(&certificate(folder.path(), "rsa")).unwrap();
    assert!(content(&document).starts_with("<b xmlns:p=\"urn:2\" Id=\"part\""), "{}", content(&document));
}

/// The writer of the tests is independent of ours; this is what holds it against a third.
#[test]
fn what_the_tests_sign_holds_under_xmlsec() {
    let Some(folder) = workplace() else { return };
    let person = Person::quick();
    let pem = folder.path().join("own.pem");
    fs::write(&pem, rastau_mint::pem::certificate(&person.certificate)).unwrap();
    let plain = "<r xmlns:p=\"urn:2\"><b Id=\"part\">x</b></r>";
    let scope = vec![("p".to_owned(), "urn:2".to_owned())];
    let signing = Signing { scope, ..Signing::new(&person.key, &person.certificate) };
    for reference in [
        Reference::to("", &[ENVELOPED, INCLUSIVE_WITH_COMMENTS], plain),
        Reference::to("#part", &[INCLUSIVE], "<b xmlns:p=\"urn:2\" Id=\"part\">x</b>"),
        Reference::to("#part", &[EXCLUSIVE], "<b Id=\"part\">x</b>"),
    ] {
        let signed = folder.path().join("signed.xml");
        fs::write(&signed, xml::append(plain, &signing.clone().reference(reference).sign())).unwrap();
        let output = Command::new("xmlsec1")
            .args(["--verify", "--pubkey-cert-pem"])
            .arg(&pem)
            .args(["--id-attr:Id", "b"])
            .arg(&signed)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
