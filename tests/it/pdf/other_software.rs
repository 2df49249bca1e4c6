//! What pyHanko signs (installed by `pip install pyHanko`); without it these tests skip.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use rastau::pdf;
use rastau::signed::{Coverage, Integrity, Level, SignedDocument, TimestampKind};
use rastau::tsp::Token;
use rastau::x509::Certificate;

/// What pyHanko signed, once for all tests.
static SIGNED: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(sign);

/// A folder with what pyHanko signed; `None`, said in plain words, where it is not installed.
fn signed_by_pyhanko() -> Option<&'static Path> {
    match &*SIGNED {
        Some(folder) => Some(folder.path()),
        None => {
            eprintln!("skipped: pyHanko is not installed (pip install pyHanko)");
            None
        }
    }
}

fn sign() -> Option<tempfile::TempDir> {
    let there = Command::new("python3").args(["-c", "import pyhanko"]).output().is_ok_and(|run| run.status.success());
    if !there {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pdf/sign_with_pyhanko.py");
    let run = Command::new("python3").arg(script).arg(folder.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(folder)
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::from_der(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

fn read(folder: &Path, name: &str) -> SignedDocument {
    pdf::read(&std::fs::read(folder.join(name)).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn what_pyhanko_signs_is_read_and_holds() {
    let Some(folder) = signed_by_pyhanko() else { return };
    let (anna, boris) = (certificate(folder, "anna.cer"), certificate(folder, "boris.cer"));
    for kind in ["table", "stream"] {
        for (file, level, stamps) in [
            ("b", Level::B, 0),
            ("adobe", Level::B, 0),
            ("t", Level::T, 1),
            ("lt", Level::Lt, 1),
            ("lta", Level::Lta, 2),
            ("two", Level::B, 0),
            ("visible", Level::B, 0),
            ("changed", Level::B, 0),
        ] {
            let name = format!("{kind}-{file}.pdf");
            let document = read(folder, &name);
            let signature = document.signatures.iter().find(|one| one.label == "field First").unwrap();
            signature.verify(&anna).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert!(signature.verify(&boris).is_err(), "{name}");
            assert_eq!((signature.level, signature.timestamps.len()), (level, stamps), "{name}");
            match (file, &signature.covers) {
                ("changed", Coverage::Part(what)) => assert!(what.contains("changed later"), "{name}: {what}"),
                ("changed", _) | (_, Coverage::Enough(_) | Coverage::Part(_)) => panic!("{name}: {}", signature.covers),
                (_, Coverage::Whole) => {}
            }
            for stamp in &signature.timestamps {
                let token = Token::read(&stamp.token).unwrap();
                token.check_imprint(&stamp.covered).unwrap_or_else(|fault| panic!("{name}: {fault}"));
                token.signature.verify(&certificate(folder, "tsa.cer")).unwrap();
            }
        }
    }
}

#[test]
fn evidence_that_pyhanko_embeds_is_found() {
    let Some(folder) = signed_by_pyhanko() else { return };
    for name in ["table-lt.pdf", "stream-lta.pdf"] {
        let document = read(folder, name);
        let signature = document.signatures.iter().next().unwrap();
        let list = std::fs::read(folder.join("list.crl")).unwrap();
        assert_eq!(signature.embedded.lists, [list], "{name}");
        for certificate in ["anna.cer", "ca.cer", "tsa.cer"] {
            let certificate = std::fs::read(folder.join(certificate)).unwrap();
            assert!(signature.embedded.certificates.contains(&certificate), "{name}");
        }
        let kinds: Vec<_> = signature.timestamps.iter().map(|stamp| stamp.kind).collect();
        assert_eq!(kinds.first(), Some(&TimestampKind::Signature), "{name}");
    }
}

#[test]
fn a_second_signature_of_pyhanko_is_whole_and_the_first_too() {
    let Some(folder) = signed_by_pyhanko() else { return };
    let document = read(folder, "stream-two.pdf");
    assert_eq!(document.signatures.len(), 2);
    assert!(document.signatures.iter().all(|one| one.covers == Coverage::Whole && one.integrity == Integrity::Intact));
    document.signatures.iter().nth(1).unwrap().verify(&certificate(folder, "boris.cer")).unwrap();
}
