//! What pyHanko says of our files (installed by `pip install pyHanko`); without it this test skips.

use std::path::Path;
use std::process::Command;

use rastau::pdf::{self, Signing};
use rastau::signed::{Embedded, IssuedFacts};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::identity;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::pdf::{Field, Pdf};

use super::{identity, pages, sign, stamped, terms, try_sign, write};
use crate::signer::Signer;

/// An authority, two who sign and one who stamps.
struct People {
    root: Authority,
    anna: Signer,
    boris: Signer,
    tsa: Signer,
}

impl People {
    fn new() -> People {
        let root = Authority::root("PYHANKO", Key::p256("pyhanko root"));
        let iin = identity::iin("650615", false, 1);
        let issue = |key: Key, builder: CertificateBuilder| {
            let builder = builder.key(&key).valid("2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z");
            Signer { certificate: root.issue(builder), key }
        };
        let anna = issue(Key::rsa("anna"), CertificateBuilder::individual(&iin));
        let boris = issue(Key::p256("boris"), CertificateBuilder::individual(&iin));
        let tsa_key = Key::p256("tsa");
        let tsa = issue(tsa_key.clone(), root.timestamp_authority("PYHANKO TSA", &tsa_key));
        People { root, anna, boris, tsa }
    }

    fn with_evidence(&self, document: &[u8]) -> Vec<u8> {
        let list = ListBuilder::new(&self.root.name).number(1).sign(&self.root.key);
        let certificates = [&self.root.certificate, &self.anna.certificate, &self.tsa.certificate];
        let evidence = Embedded {
            certificates: certificates.into_iter().cloned().collect(),
            lists: vec![list],
            responses: Vec::new(),
        };
        let mut out = Vec::new();
        pdf::extend_with_evidence(document, &evidence, &mut out).unwrap();
        out
    }
}

/// An issued document.
fn with_facts(document: &[u8], signer: &Signer) -> Vec<u8> {
    let facts = IssuedFacts {
        kind: "licence".into(),
        service: "mining".into(),
        number: "№ 5)".into(),
        holder: "123456789012".into(),
    };
    let signer = identity(signer);
    let signing = Signing { signer: &signer, terms: terms(Some(&facts)), document, field: None, token_room: 0 };
    write(pdf::sign(&signing).unwrap(), None).unwrap()
}

/// Writes every kind of file that rastau makes.
fn write_all(folder: &Path) {
    let people = People::new();
    let People { root, anna, boris, tsa } = &people;
    let save = |name: String, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    save("root.cer".into(), &root.certificate);
    for (kind, page) in ["table", "stream"].into_iter().zip(pages()) {
        let once = sign(&page, anna);
        save(format!("{kind}-b.pdf"), &once);
        save(format!("{kind}-facts.pdf"), &with_facts(&page, anna));
        save(format!("{kind}-ecdsa.pdf"), &sign(&page, boris));
        save(format!("{kind}-two.pdf"), &sign(&once, boris));
        let t = try_sign(&page, anna, None, Some(tsa)).unwrap();
        save(format!("{kind}-t.pdf"), &t);
        save(format!("{kind}-stamped.pdf"), &stamped(&once, tsa));
        let lt = people.with_evidence(&t);
        save(format!("{kind}-lt.pdf"), &lt);
        save(format!("{kind}-lta.pdf"), &stamped(&lt, tsa));

        let with_streams = kind == "stream";
        let theirs = Pdf::with_objects("x", &[], with_streams).sign(&Field::new("Theirs"), &|bytes| anna.cms(bytes));
        save(format!("{kind}-added.pdf"), &sign(&theirs.bytes, boris));
        let mut form = Pdf::with_objects("x", &[], with_streams);
        form.add_empty_field("Empty");
        save(format!("{kind}-filled.pdf"), &try_sign(&sign(&form.bytes, boris), anna, Some("Empty"), None).unwrap());
    }
    for (index, shape) in super::forms::shapes().into_iter().enumerate() {
        save(format!("shape-{index:02}.pdf"), &sign(&stamped(&sign(&shape, anna), tsa), boris));
    }
}

#[test]
fn pyhanko_accepts_what_was_written() {
    let there = Command::new("python3").args(["-c", "import pyhanko"]).output().is_ok_and(|run| run.status.success());
    if !there {
        eprintln!("skipped: pyHanko is not installed (pip install pyHanko)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pdf/making/validate_with_pyhanko.py");
    let run = Command::new("python3").arg(script).arg(folder.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let verdicts = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(verdicts.lines().all(|line| line.contains(" valid entire_") && !line.contains("refused")), "{verdicts}");
    let said = |line: &str| assert!(verdicts.contains(line), "{line}: {verdicts}");
    for kind in ["table", "stream"] {
        said(&format!("{kind}-b Signature1 valid entire_file"));
        said(&format!("{kind}-facts Signature1 valid entire_file"));
        said(&format!("{kind}-two Signature1 valid entire_revision form_filling"));
        said(&format!("{kind}-two Signature2 valid entire_file"));
        said(&format!("{kind}-t Signature1 valid entire_file stamped"));
        said(&format!("{kind}-stamped Signature1 valid entire_revision lta_updates"));
        said(&format!("{kind}-stamped Timestamp1 valid entire_file"));
        said(&format!("{kind}-lt Signature1 valid entire_revision lta_updates stamped"));
        said(&format!("{kind}-lta Timestamp1 valid entire_file"));
        said(&format!("{kind}-filled Empty valid entire_file"));
    }
    for index in 0..super::forms::SHAPES.len() {
        assert_eq!(verdicts.matches(&format!("shape-{index:02} ")).count(), 3, "{verdicts}");
    }
}
