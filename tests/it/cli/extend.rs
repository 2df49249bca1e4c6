//! `rastau extend`: more evidence for signatures that are there, and nothing that makes them worse.

use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::pdf::Pdf;

use super::office::{Answers, Office};

const TRUST: &str = "--trust {root.cer} --crl {root.crl}";

/// An office with `signed.cms`, `signed.xml`, `signed.pdf`, `signed.p7s` (over `a.txt`) and `signed.soap`.
fn office() -> Office {
    let office = Office::new(Key::gost512("cli extend"));
    let soap =
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><a>1</a></s:Body></s:Envelope>";
    office.file("a.txt", b"a licence");
    office.file("a.xml", b"<form><a>1</a></form>");
    office.file("a.soap", soap.as_bytes());
    office.file("a.pdf", &Pdf::one_page("licence").bytes);
    for (document, options, out) in [
        ("a.txt", "--format cms", "signed.cms"),
        ("a.txt", "--format cms --detached", "signed.p7s"),
        ("a.xml", "--format xml", "signed.xml"),
        ("a.soap", "--format wsse", "signed.soap"),
        ("a.pdf", "--format pdf", "signed.pdf"),
    ] {
        let key = "--key {holder.p12} --password-file {password}";
        let signed = office.run(&format!("sign {{{document}}} {options} {key} --out {{{out}}}"));
        assert_eq!(signed.status, 0, "{}", signed.err);
    }
    office
}

#[test]
fn signatures_get_timestamps_and_then_what_keeps_them() {
    let office = office();
    let authority = office.timestamps().address;
    for (name, content) in [("cms", ""), ("p7s", "--content {a.txt}"), ("xml", ""), ("pdf", "")] {
        let to_t = format!("extend {{signed.{name}}} {content} --to t --timestamp-url {authority} --out {{t}} --json");
        let stamped = office.run(&to_t);
        assert_eq!(stamped.status, 0, "{name}: {}{}", stamped.out, stamped.err);
        assert_eq!(stamped.json()["stamped"], 1, "{name}");
        let verified = office.run(&format!("verify {{t}} {content} {TRUST} --json"));
        assert_eq!(verified.status, 0, "{name}: {}{}", verified.out, verified.err);
        assert_eq!(verified.json()["signatures"][0]["verified_level"], "T", "{name}");
        let kept = office.run(&format!("extend {{t}} {content} --to lt {TRUST} --out {{lt}} --json"));
        assert_eq!(kept.status, 0, "{name}: {}{}", kept.out, kept.err);
        assert_eq!((&kept.json()["level"], &kept.json()["stamped"]), (&"LT".into(), &0.into()), "{name}");
        // The list is in the document now.
        let verified = office.run(&format!("verify {{lt}} {content} --trust {{root.cer}} --json"));
        assert_eq!(verified.status, 0, "{name}: {}{}", verified.out, verified.err);
        assert_eq!(verified.json()["signatures"][0]["verified_level"], "LT", "{name}");
        let at_once =
            format!("extend {{signed.{name}}} {content} --to lt --timestamp-url {authority} {TRUST} --out {{once}}");
        let at_once = office.run(&at_once);
        assert_eq!(at_once.status, 0, "{name}: {}{}", at_once.out, at_once.err);
        assert!(at_once.out.contains("✓ EXTENDED") && at_once.out.contains("LT"), "{}", at_once.out);
    }
    assert!(office.is_tidy());
}

#[test]
fn what_has_a_timestamp_stays_as_it_is() {
    let office = office();
    let authority = office.timestamps().address;
    for name in ["cms", "xml", "pdf"] {
        assert_eq!(
            office.run(&format!("extend {{signed.{name}}} --to t --timestamp-url {authority} --out {{t}}")).status,
            0
        );
        let again = office.run(&format!("extend {{t}} --to t --timestamp-url {authority} --out {{again}}"));
        assert_eq!(again.status, 0, "{name}: {}", again.err);
        assert!(again.err.contains("had a timestamp already"), "{}", again.err);
        assert_eq!(office.read("t"), office.read("again"), "{name}");
    }
}

#[test]
fn what_cannot_be_extended_is_told_and_nothing_is_written() {
    let office = office();
    office.file("b.txt", b"another");
    let mut broken = office.read("signed.xml");
    let place = broken.windows(3).position(|window| window == b">1<").expect("the content") + 1;
    broken[place] = b'2';
    office.file("broken.xml", &broken);
    let good = office.timestamps().address;
    let at = |answers| office.timestamps_of(&office.root, answers).address;
    for (document, options, part) in [
        ("a.txt", format!("--to t --timestamp-url {good}"), "a.txt"),
        ("gone", format!("--to t --timestamp-url {good}"), "gone"),
        ("broken.xml", format!("--to t --timestamp-url {good}"), "does not hold"),
        ("signed.p7s", format!("--to t --timestamp-url {good}"), "--content"),
        ("signed.p7s", format!("--content {{b.txt}} --to t --timestamp-url {good}"), "does not hold"),
        ("signed.soap", format!("--to t --timestamp-url {good}"), "WS-Security"),
        ("signed.cms", format!("--to t --timestamp-url {}", at(Answers::Rejection)), "--timestamp-url"),
        ("signed.cms", format!("--to t --timestamp-url {}", at(Answers::Nonsense)), "--timestamp-url"),
        ("signed.pdf", format!("--to t --timestamp-url {}", at(Answers::Other)), "--timestamp-url"),
        ("signed.cms", format!("--to lt {TRUST}"), "no timestamp"),
        ("signed.cms", "--to lt --trust {gone}".to_owned(), "--trust"),
    ] {
        let run = office.run(&format!("extend {{{document}}} {options} --out {{out}}"));
        assert_eq!(run.status, 2, "{document} {options}: {}{}", run.out, run.err);
        assert!(run.err.contains(part) && run.err.contains("remedy:"), "{document} {options}: {}", run.err);
        assert!(!office.is_there("out") && office.is_tidy(), "{document} {options}");
    }
}

#[test]
fn evidence_that_does_not_suffice_makes_no_lt() {
    let office = office();
    let stranger = Authority::root("STRANGER", Key::p256("cli stranger root"));
    let list = office.root.list();
    office.file(
        "stale.crl",
        &office.root.sign_list(&list.clone().updates("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")),
    );
    office.file("revoking.crl", &office.root.sign_list(&list.revoke(&[0x10, 7], "2026-02-01T00:00:00Z", Some(1))));
    office.file("stranger.crl", &stranger.sign_list(&stranger.list()));
    let (known, unknown) = (office.timestamps().address, office.timestamps_of(&stranger, Answers::Good).address);
    for (options, status) in [
        (format!("--timestamp-url {known} --trust {{root.cer}}"), 3),
        (format!("--timestamp-url {known} --trust {{root.cer}} --crl {{stale.crl}}"), 3),
        (format!("--timestamp-url {known} --trust {{root.cer}} --crl {{stranger.crl}}"), 3),
        (format!("--timestamp-url {known} --trust {{root.cer}} --crl {{revoking.crl}}"), 1),
        (format!("--timestamp-url {unknown} {TRUST}"), 3),
    ] {
        let run = office.run(&format!("extend {{signed.cms}} --to lt {options} --out {{out}}"));
        assert_eq!(run.status, status, "{options}: {}{}", run.out, run.err);
        assert!(run.err.contains("nothing was written") && !office.is_there("out"), "{options}: {}", run.err);
    }
}
