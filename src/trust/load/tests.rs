use base64::Engine as _;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::name::Name;

use super::*;

fn root(label: &str) -> Vec<u8> {
    Authority::root(label, Key::ed25519(label)).certificate
}

fn not_an_authority() -> Vec<u8> {
    let key = Key::ed25519("plain");
    CertificateBuilder::new(&Name::authority("plain"), &key).self_sign(&key)
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// A folder with these files; gone when dropped.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    folder
}

fn problem(contents: &[u8]) -> Problem {
    let folder = folder(&[("a.pem", contents)]);
    let path = folder.path().join("a.pem");
    let mut errors = anchors(&[&path], AnchorRule::Checked).unwrap_err();
    let error = errors.pop().unwrap();
    assert_eq!((error.path.clone(), errors.len()), (path.clone(), 0));
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()) && text.contains(error.problem.remedy()), "{text}");
    error.problem
}

#[test]
fn a_folder_is_read_in_the_order_of_names_and_not_below() {
    let (a, b, c, d) = (root("a"), root("b"), root("c"), root("d"));
    let bundle = format!("comment\n{}{}", pem(&b), pem(&c));
    let folder = folder(&[
        ("2.PEM", bundle.as_bytes()),
        ("1.der", &a),
        ("3.crt", pem(&a).as_bytes()),
        ("README.md", b"not a certificate"),
        ("below/4.cer", &d),
    ]);
    let loaded = anchors(&[folder.path()], AnchorRule::Checked).unwrap();
    let names: Vec<_> = loaded.iter().map(|loaded| loaded.origin.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["1.der", "2.PEM", "2.PEM"]);
    let ders: Vec<_> = loaded.iter().map(|loaded| loaded.certificate.as_der()).collect();
    assert_eq!(ders, [&a, &b, &c], "the second copy of the first is left out");
}

#[test]
fn any_armour_gives_the_certificate() {
    let der = root("a");
    let bare = base64::engine::general_purpose::STANDARD.encode(&der);
    for contents in [der.as_slice(), pem(&der).as_bytes(), bare.as_bytes()] {
        assert_eq!(read(contents, AnchorRule::Checked).unwrap()[0].as_der(), der);
    }
}

#[test]
fn what_cannot_be_loaded_says_why_and_what_to_do() {
    let mut cut = root("a");
    cut.truncate(40);
    assert!(matches!(problem(&cut), Problem::Certificate { number: 1, .. }));
    let second_broken = format!("{}{}", pem(&root("a")), pem(b"0\x03\x02\x01"));
    assert!(matches!(problem(second_broken.as_bytes()), Problem::Certificate { number: 2, .. }));
    assert!(matches!(problem(b""), Problem::Armour(ArmourError::Empty)));
    assert!(matches!(problem(b"what is this?"), Problem::Armour(ArmourError::Base64(_))));
    let secret = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert!(matches!(problem(secret), Problem::Armour(ArmourError::Label { .. })));
    let two = [root("a"), root("b")].concat();
    assert!(matches!(problem(&two), Problem::Certificate { number: 1, .. }), "two DER objects in one file");
    let large = vec![b'A'; usize::try_from(MAX_FILE).unwrap() + 1];
    assert_eq!(problem(&large), Problem::TooLarge);
}

#[test]
fn an_anchor_that_is_no_authority_is_refused_where_that_counts() {
    let plain = not_an_authority();
    let expected = Problem::NotAuthority { number: 1, error: NotAuthority::BasicConstraints };
    assert_eq!(problem(&plain), expected);
    assert!(read(&plain, AnchorRule::NameAndKey).is_ok());
    let folder = folder(&[("a.der", &plain)]);
    assert!(certificates(&[folder.path()]).is_ok(), "an intermediate is judged by the search");
}

#[test]
fn every_error_is_reported() {
    let folder = folder(&[("good.pem", pem(&root("a")).as_bytes()), ("bad.pem", b"?"), ("other/x", b"")]);
    let missing = folder.path().join("missing.pem");
    let paths = [missing.clone(), folder.path().to_owned(), folder.path().join("other"), "/dev/null".into()];
    let errors = certificates(&paths).unwrap_err();
    let problems: Vec<_> = errors.iter().map(|error| &error.problem).collect();
    assert!(
        matches!(problems[..], [Problem::NotFound, Problem::Armour(_), Problem::EmptyFolder, Problem::NotAFile]),
        "{errors:?}"
    );
    assert_eq!(errors[0].path, missing);
}
