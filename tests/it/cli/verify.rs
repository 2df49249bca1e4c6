//! `rastau verify`: documents, batches, submissions, extraction; and `inspect` of signed things.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::xml;
use serde_json::{Value, json};

use super::{file, folder, read, run, run_with_input};
use crate::signing::{attached, base64, detached, enveloped, under_a_bare_key};

const HOLDER: &str = "individual-valid";
const IIN: &str = "650615100015";
const CONTENT: &[u8] = b"an application";

#[test]
fn the_decision_is_the_exit_status() {
    let folder = folder();
    let cms = file(&folder, "a.p7s", &attached(&[HOLDER], CONTENT));
    let armoured = file(&folder, "b.txt", base64(attached(&[HOLDER], CONTENT)).as_bytes());
    let xml = file(&folder, "c.xml", enveloped(HOLDER, "<form><a>1</a></form>").as_bytes());
    let revoked = file(&folder, "d.p7s", &attached(&["individual-revoked"], CONTENT));
    let broken = file(&folder, "e.xml", enveloped(HOLDER, "<form><a>1</a></form>").replace(">1<", ">2<").as_bytes());
    let text = file(&folder, "f.txt", b"hello, world!");
    for (document, extra, status, code) in [
        (&cms, &["--iin", IIN][..], 0, ""),
        (&cms, &["--iin", "720301200081"], 1, "identity-mismatch"),
        (&cms, &["--format", "xml"], 1, "document-malformed"),
        (&cms, &["--trust", "testdata/demo/stranger-root.pem"], 1, "issuer-not-trusted"),
        (&cms, &["--trust", "testdata/demo/stranger-root.pem", "--signature-only"], 0, ""),
        (&cms, &["--crl", "testdata/demo/demo-issuing-gost-stale.crl"], 3, "revocation-unknown"),
        (&cms, &["--at", "2055-01-01T00:00:00Z"], 1, "certificate-expired"),
        (&cms, &["--service", "narcotics-circulation"], 1, "authority-missing"),
        (&armoured, &[], 0, ""),
        (&xml, &[], 0, ""),
        (&revoked, &[], 1, "certificate-revoked"),
        (&revoked, &["--signature-only"], 0, ""),
        (&broken, &[], 1, "signature-invalid"),
        (&broken, &["--signature-only"], 1, "signature-invalid"),
        (&text, &[], 1, "document-malformed"),
        (&text, &["--signature-only"], 1, "document-malformed"),
    ] {
        let mut args = vec!["verify", document, "--json"];
        args.extend_from_slice(extra);
        let run = run(&args);
        assert_eq!(run.status, status, "{args:?}: {}{}", run.out, run.err);
        assert_eq!(run.outcome().1, code, "{args:?}: {}", run.out);
    }
}

#[test]
fn a_detached_signature_needs_its_content_or_its_digest() {
    let folder = folder();
    let document = file(&folder, "a.p7s", &detached(HOLDER, CONTENT));
    let content = file(&folder, "a.txt", CONTENT);
    let other = file(&folder, "b.txt", b"another");
    let empty = file(&folder, "empty", b"");
    let streebog = "streebog-512:".to_owned() + &"00".repeat(64);
    for (extra, status) in [
        (&["--content", &*content][..], 0),
        (&["--content", &*other], 1),
        (&["--content", &*empty], 1),
        (&[], 1),
        (&["--content-digest", &*streebog], 1),
    ] {
        let mut args = vec!["verify", &document];
        args.extend_from_slice(extra);
        let run = run(&args);
        assert_eq!(run.status, status, "{args:?}: {}{}", run.out, run.err);
    }
    let shown = run(&["verify", &document, "--content", &content, "--json"]).json();
    let digest = shown["signatures"][0]["content_digest"].as_str().expect("a digest").to_owned();
    let algorithm = shown["signatures"][0]["digest_algorithm"].as_str().expect("its name");
    let by_digest = run(&["verify", &document, "--content-digest", &format!("{algorithm}:{digest}")]);
    assert_eq!(by_digest.status, 0, "{}{}", by_digest.out, by_digest.err);
}

#[test]
fn what_cannot_be_read_is_told_with_the_option_and_a_remedy() {
    let folder = folder();
    let document = file(&folder, "a.p7s", &attached(&[HOLDER], CONTENT));
    let empty = file(&folder, "empty", b"");
    for (args, part) in [
        (&["verify", "/does/not/exist"][..], "/does/not/exist"),
        (&["verify", env!("CARGO_MANIFEST_DIR")], "cannot be read"),
        (&["verify", &*empty], "empty"),
        (&["verify", &*document, "--content", "/does/not/exist"], "--content"),
        (&["verify", &*document, "--content-digest", "00"], "--content-digest"),
        (&["verify", &*document, "--content-digest", "md5:00"], "--content-digest"),
        (&["verify", &*document, "--content-digest", "sha-256:00"], "--content-digest"),
        (&["verify", &*document, "--service", "fishing"], "--service"),
        (&["verify", &*document, "--trust", "/does/not/exist"], "--trust"),
        (&["verify", &*document, "--initial-policy", "none"], "--initial-policy"),
        (&["verify", "--submission", "/does/not/exist"], "submission.json"),
    ] {
        let run = run(args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.out);
        assert!(run.err.contains(part) && run.out.is_empty(), "{args:?}: {}", run.err);
    }
}

#[test]
fn a_person_is_shown_every_signature() {
    let folder = folder();
    let document = file(&folder, "a.p7s", &attached(&[HOLDER, "legal-head-valid"], CONTENT));
    let run = run(&["verify", &document, "--language", "en"]);
    assert!(run.out.starts_with("✓ ACCEPTED\n"), "{}", run.out);
    for part in
        ["cms, 2 signatures", "Signature: signer 1", "Signature: signer 2", "whole document", IIN, "demo authority"]
    {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'), "plain when piped");
    let piped = run_with_input(&["verify", "-"], &attached(&["individual-revoked"], CONTENT));
    assert_eq!(piped.status, 1);
    assert!(piped.out.contains("certificate-revoked"), "{}", piped.out);
}

#[test]
fn what_was_signed_is_written_only_when_it_is_accepted() {
    let folder = folder();
    let good = file(&folder, "a.p7s", &attached(&[HOLDER], CONTENT));
    let revoked = file(&folder, "b.p7s", &attached(&["individual-revoked"], CONTENT));
    let beside = file(&folder, "c.p7s", &detached(HOLDER, CONTENT));
    let xml = file(&folder, "d.xml", enveloped(HOLDER, "<form><a>1</a></form>").as_bytes());
    let out = folder.path().join("out");
    let target = out.to_str().expect("UTF-8");
    assert_eq!(run(&["verify", &revoked, "--extract", target]).status, 1);
    assert!(!out.exists());
    assert_eq!(run(&["verify", &good, "--extract", target]).status, 0);
    assert_eq!(std::fs::read(&out).expect("written"), CONTENT);
    std::fs::write(&out, b"before").expect("written");
    assert_eq!(run(&["verify", &revoked, "--extract", target]).status, 1);
    assert_eq!(std::fs::read(&out).expect("there"), b"before", "what was there stays");
    assert_eq!(run(&["verify", &revoked, "--extract", target, "--signature-only"]).status, 0);
    assert_eq!(std::fs::read(&out).expect("there"), CONTENT);
    assert_eq!(run(&["verify", &xml, "--extract", target]).status, 0);
    assert_eq!(std::fs::read(&out).expect("there"), b"<form><a>1</a></form>");
    let content = file(&folder, "c.txt", CONTENT);
    let other = file(&folder, "other.txt", b"other");
    assert_eq!(run(&["verify", &beside, "--content", &other, "--extract", target]).status, 1);
    assert_eq!(std::fs::read(&out).expect("there"), b"<form><a>1</a></form>", "what was there stays");
    // What a detached signature signs is what was given, in CMS and in XML.
    assert_eq!(run(&["verify", &beside, "--content", &content, "--extract", target]).status, 0);
    assert_eq!(std::fs::read(&out).expect("there"), CONTENT);
    let shown = run(&["verify", &beside, "--content", &content, "--json"]).json();
    let [algorithm, digest] = ["digest_algorithm", "content_digest"]
        .map(|name| shown["signatures"][0][name].as_str().expect("a text").to_owned());
    // Of the digest alone there is nothing to write.
    let nothing = run(&["verify", &beside, "--content-digest", &format!("{algorithm}:{digest}"), "--extract", target]);
    assert_eq!(nothing.status, 2, "{}", nothing.out);
    assert!(nothing.err.contains("--extract"), "{}", nothing.err);
    let nowhere = run(&["verify", &good, "--extract", "/does/not/exist/out"]);
    assert_eq!(nowhere.status, 2, "{}", nowhere.err);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".rastau")), "{left:?}");
}

#[test]
fn a_large_content_is_read_as_a_stream() {
    let folder = folder();
    let content: Vec<u8> = (0..70_000_000_u32).map(|index| (index % 251) as u8).collect();
    let beside = file(&folder, "a.p7s", &detached(HOLDER, &content));
    let inside = file(&folder, "b.p7s", &attached(&[HOLDER], &content));
    let file = file(&folder, "a.bin", &content);
    let run_beside = run(&["verify", &beside, "--content", &file, "--json"]);
    assert_eq!(run_beside.status, 0, "{}{}", run_beside.out, run_beside.err);
    let run_inside = run(&["verify", &inside, "--json"]);
    assert_eq!(run_inside.status, 0, "{}{}", run_inside.out, run_inside.err);
}

#[test]
fn a_batch_answers_every_line() {
    let cms = base64(attached(&[HOLDER], CONTENT));
    let bare = under_a_bare_key(&Key::p256("bare"));
    let lines = [
        json!({ "id": 1, "document": cms }),
        json!({ "id": 2, "document": base64(detached(HOLDER, CONTENT)), "content": base64(CONTENT) }),
        json!({ "id": 3, "document": base64(detached(HOLDER, CONTENT)) }),
        json!({ "id": 4, "document": cms, "identity": { "iin": "720301200081" } }),
        json!({ "id": 5, "document": cms, "trust": [super::read_text("testdata/demo/stranger-root.pem")] }),
        json!({ "id": 6, "document": cms, "trust": [super::read_text("testdata/demo/stranger-root.pem")], "signature_only": true }),
        json!({ "id": 7, "document": cms, "crls": [], "revocation": "required" }),
        json!({ "id": 8, "document": "!!" }),
        json!({ "id": 9, "document": cms, "nonsense": 1 }),
        json!({ "id": 10 }),
        json!({ "id": 11, "document": cms, "format": "docx" }),
        json!({ "id": 12, "document": base64(b"hello") }),
        json!({ "id": 13, "document": cms, "trust": "none" }),
        json!({ "id": 14, "document": cms, "trust": "none", "signature_only": false }),
        json!({ "id": 15, "document": cms, "trust": "some" }),
        json!({ "id": 16, "document": base64(&bare), "trust": "none" }),
        json!({ "id": 17, "document": base64(&bare) }),
        json!({ "id": 18, "document": base64(bare.replace(">1<", ">2<")), "trust": "none" }),
        json!({ "id": 19, "document": cms, "trust": "none", "signature_only": true }),
        json!({ "id": 20, "document": cms, "trust": "none", "identity": { "iin": "720301200081" } }),
        json!({ "id": 21, "document": cms, "signature_only": true, "service": "alcohol" }),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let run = run_with_input(&["verify", "--batch", "-"], input.as_bytes());
    assert_eq!(run.status, 2, "{}", run.err);
    let answers: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<(u64, &str)> = answers
        .iter()
        .map(|answer| {
            let said = answer["refusal"]["code"].as_str().or(answer["error"]["code"].as_str());
            (answer["id"].as_u64().expect("an id"), said.unwrap_or("accepted"))
        })
        .collect();
    let expected = [
        (1, "accepted"),
        (2, "accepted"),
        (3, "signature-invalid"),
        (4, "identity-mismatch"),
        (5, "issuer-not-trusted"),
        (6, "accepted"),
        (7, "revocation-unknown"),
        (8, "field-unusable"),
        (9, "line-malformed"),
        (10, "line-malformed"),
        (11, "field-unusable"),
        (12, "document-malformed"),
        (13, "accepted"),
        (14, "field-unusable"),
        (15, "field-unusable"),
        (16, "accepted"),
        (17, "issuer-unknown"),
        (18, "signature-invalid"),
        (19, "accepted"),
        (20, "field-unusable"),
        (21, "field-unusable"),
    ];
    assert_eq!(found, expected, "{}", run.out);
    assert!(run.err.contains("21 lines: 6 accepted, 5 refused, 2 undetermined, 8 unreadable"), "{}", run.err);
}

#[test]
fn a_line_with_an_intermediate_that_cannot_be_read_is_judged_without_it() {
    let cms = base64(attached(&[HOLDER], CONTENT));
    let line = json!({ "document": cms, "intermediates": ["MAA="] }).to_string();
    let run = run_with_input(&["verify", "--batch", "-"], line.as_bytes());
    let answer: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(answer["decision"], "accepted", "{answer}");
    let warnings = answer["warnings"].as_array().expect("warnings");
    let unread = warnings.iter().filter(|warning| warning["code"] == "evidence-unreadable").count();
    assert_eq!(unread, 1, "{answer}");
}

#[test]
fn a_bare_key_is_enough_where_no_trust_is_asked_and_never_else() {
    let folder = folder();
    let bare = under_a_bare_key(&Key::p256("bare"));
    let document = file(&folder, "a.xml", bare.as_bytes());
    let broken = file(&folder, "b.xml", bare.replace(">1<", ">2<").as_bytes());
    let unnamed = file(&folder, "c.xml", bare.replace("DEREncodedKeyValue", "KeyInfoReference").as_bytes());
    for (document, only, status) in
        [(&document, true, 0), (&document, false, 3), (&broken, true, 1), (&broken, false, 1), (&unnamed, true, 3)]
    {
        let mut args = vec!["verify", document, "--json", "--profile", "rfc5280", "--revocation", "off"];
        args.extend(only.then_some("--signature-only"));
        let run = run(&args);
        assert_eq!(run.status, status, "{args:?}: {}{}", run.out, run.err);
    }
    let report = run(&["verify", &document, "--signature-only", "--json"]).json();
    let [signature] = report["signatures"].as_array().expect("signatures").as_slice() else { panic!("{report}") };
    assert!(signature["certificate"].is_null(), "{report}");
    assert!(signature["warnings"].to_string().contains("bare-key"), "{report}");
}

#[test]
fn the_intermediates_of_a_line_lead_to_its_anchors() {
    let root = Authority::root("ROOT", Key::p256("root"));
    let issuing = root.subordinate("ISSUING", Key::p256("issuing"));
    let other = root.subordinate("OTHER", Key::p256("other"));
    let key = Key::p256("holder");
    let certificate = issuing.issue(CertificateBuilder::individual("650615300017").key(&key));
    let cms = Cms::over(CONTENT).certificate(&certificate).signer(Signer::new(&key, &certificate)).encode();
    let xml = xml::enveloped("<a>1</a>", &key, &certificate).into_bytes();
    for (format, document) in [("cms", cms), ("xml", xml)] {
        let line = |intermediates: &[&[u8]]| {
            let intermediates: Vec<String> = intermediates.iter().map(base64).collect();
            json!({ "document": base64(&document), "trust": [base64(&root.certificate)],
                "intermediates": intermediates, "revocation": "off", "profile": "rfc5280" })
        };
        // The chain stands in the second line alone: what one line brings is no other's.
        let lines = [line(&[]), line(&[&issuing.certificate]), line(&[]), line(&[&other.certificate])];
        let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let run = run_with_input(&["verify", "--batch", "-"], input.as_bytes());
        let answers: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let decisions: Vec<&Value> = answers.iter().map(|answer| &answer["decision"]).collect();
        assert_eq!(decisions, ["refused", "accepted", "refused", "refused"], "{format}: {}", run.out);
        for answer in [&answers[0], &answers[2], &answers[3]] {
            assert_eq!(answer["refusal"]["code"], "issuer-not-trusted", "{format}: {answer}");
        }
    }
}

/// A folder with a submission of two documents.
fn submission(change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let folder = folder();
    file(&folder, "form.xml", enveloped(HOLDER, "<form><a>1</a></form>").as_bytes());
    file(&folder, "diploma.p7s", &detached(HOLDER, b"a diploma"));
    file(&folder, "diploma.txt", b"a diploma");
    let mut manifest = json!({
        "service": "medical-activity",
        "channel": "portal",
        "applicant": { "iin": IIN },
        "form": { "document": "form.xml" },
        "attachments": [{ "name": "diploma", "document": "diploma.p7s", "content": "./diploma.txt" }],
    });
    change(&mut manifest);
    file(&folder, "submission.json", manifest.to_string().as_bytes());
    folder
}

#[test]
fn a_folder_is_verified_as_one_submission() {
    type Change = fn(&mut Value);
    let table: [(Change, &[&str], i32, &str); 5] = [
        (|_| {}, &[], 0, ""),
        (|manifest| manifest["applicant"]["iin"] = "720301200081".into(), &[], 1, "identity-mismatch"),
        (|manifest| manifest["attachments"][0]["content"] = "form.xml".into(), &[], 1, "signature-invalid"),
        (|manifest| manifest["channel"] = "centre".into(), &["--centre", "600440000019"], 1, "identity-missing"),
        (|_| {}, &["--crl", "testdata/demo/demo-issuing-gost-stale.crl"], 3, "revocation-unknown"),
    ];
    for (change, extra, status, code) in table {
        let folder = submission(change);
        let path = folder.path().to_str().expect("UTF-8");
        let mut args = vec!["verify", "--submission", path];
        args.extend_from_slice(extra);
        let shown = run(&args);
        assert_eq!(shown.status, status, "{}{}", shown.out, shown.err);
        assert!(shown.out.contains("diploma"), "{}", shown.out);
        args.push("--json");
        assert_eq!(run(&args).outcome().1, code);
    }
}

#[test]
fn a_folder_that_is_no_submission_is_told() {
    type Change = fn(&mut Value);
    let table: [(Change, &str); 8] = [
        (|manifest| manifest["form"]["document"] = "/etc/passwd".into(), "leads out of the folder"),
        (|manifest| manifest["form"]["document"] = "../form.xml".into(), "leads out of the folder"),
        (|manifest| manifest["form"]["document"] = "gone.xml".into(), "gone.xml"),
        (|manifest| manifest["form"] = json!({}), "without the name of a file"),
        (|manifest| manifest["service"] = "fishing".into(), "service"),
        (|manifest| manifest["applicant"] = json!({}), "applicant"),
        (|manifest| manifest["nonsense"] = 1.into(), "nonsense"),
        (|manifest| *manifest = json!([]), "submission.json"),
    ];
    for (change, part) in table {
        let folder = submission(change);
        let run = run(&["verify", "--submission", folder.path().to_str().expect("UTF-8")]);
        assert_eq!(run.status, 2, "{}", run.out);
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
    #[cfg(unix)]
    {
        let folder = submission(|manifest| manifest["form"]["document"] = "link".into());
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).expect("a link");
        let run = run(&["verify", "--submission", folder.path().to_str().expect("UTF-8")]);
        assert!(run.status == 2 && run.err.contains("leads out of the folder"), "{}", run.err);
    }
}

#[test]
fn inspect_shows_signed_things_and_strict_tells_whether_they_are_well_formed() {
    let folder = folder();
    let key = rastau_mint::key::Key::p256("authority");
    let certificate = read("testdata/demo/individual-valid.pem");
    let token =
        rastau_mint::tsp::TokenBuilder::new(&key, &crate::signing::certificate(HOLDER), b"x", "2026-01-01T00:00:00Z");
    let token = token.encode();
    let _ = certificate;
    let store = [
        &[0x30_u8, 0x1c, 2, 1, 3, 0x30, 0x17, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1, 0xa0, 0x0a, 4, 8][..],
        &[0x30, 6, 0x30, 4, 6, 2, 0x2a, 3],
    ]
    .concat();
    let cms = attached(&[HOLDER], CONTENT);
    for (name, bytes, kind) in [
        ("a.p7s", cms.clone(), "signed-document"),
        ("b.p7s", detached(HOLDER, CONTENT), "signed-document"),
        ("c.xml", enveloped(HOLDER, "<form></form>").into_bytes(), "signed-document"),
        ("d.tsr", rastau_mint::tsp::response(0, Some(&token)), "timestamp-response"),
        ("e.tst", token, "timestamp-token"),
        (
            "f.txt",
            format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", base64(&cms)).into_bytes(),
            "signed-document",
        ),
    ] {
        let path = file(&folder, name, &bytes);
        let strict = run(&["inspect", "--strict", &path]);
        assert_eq!((strict.status, strict.out.as_str()), (0, ""), "{name}: {}", strict.err);
        assert_eq!(run(&["inspect", "--json", &path]).json()["kind"], kind, "{name}");
        assert_eq!(run(&["inspect", &path]).status, 0);
        let cut = file(&folder, "cut", &bytes[..bytes.len() * 2 / 3]);
        assert_eq!(run(&["inspect", "--strict", &cut]).status, 2, "{name} cut off");
    }
    let shown = run(&["inspect", &file(&folder, "g.p7s", &cms)]).out;
    for part in ["Signed document, cms", "signer 1", "whole document", "intact", "claimed time", "certificate"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Certificates are handed out in messages that nobody signed: well-formed, and no signed document.
    let kind = |last| [&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7][..], &[last]].concat();
    let data = [&[0x30, 0x14, 2, 1, 1, 0x31, 0, 0x30, 0x0b][..], &kind(1), &[0x31, 0]].concat();
    let unsigned = file(&folder, "m.p7b", &[&[0x30, 0x23][..], &kind(2), &[0xa0, 0x16], &data].concat());
    assert_eq!(run(&["inspect", "--strict", &unsigned]).status, 0);
    assert_eq!(run(&["inspect", "--json", &unsigned]).json()["kind"], "unsigned-message");
    assert_eq!(run(&["verify", "--signature-only", &unsigned]).status, 1);
    // Messages of other types are well-formed or not, and no signed documents either.
    let message = file(&folder, "m.p7m", &[&[0x30, 0x11][..], &kind(1), &[0xa0, 4, 4, 2, b'h', b'i']].concat());
    assert_eq!(run(&["inspect", "--strict", &message]).status, 0);
    assert_eq!(run(&["inspect", "--json", &message]).json()["content"], "data");
    assert_eq!(run(&["verify", &message, "--json"]).json()["refusal"]["code"], "document-malformed");
    let ber = [&[0x30, 0x80][..], &kind(1), &[0xa0, 0x80, 0x24, 0x80, 4, 1, b'h', 0, 0, 0, 0, 0, 0]].concat();
    assert_eq!(run(&["inspect", "--strict", &file(&folder, "b.p7m", &ber)]).status, 0);
    for (name, content) in
        [("enveloped without fields", &[0xa0, 2, 0x30, 0][..]), ("data twice", &[0xa0, 4, 4, 0, 4, 0])]
    {
        let of = kind(if name == "data twice" { 1 } else { 3 });
        let bytes = [&[0x30, u8::try_from(of.len() + content.len()).expect("short")][..], &of, content].concat();
        assert_eq!(run(&["inspect", "--strict", &file(&folder, "n.p7m", &bytes)]).status, 2, "{name}");
    }
    // A key store whose inside is of no known kind.
    assert_eq!(run(&["inspect", "--strict", &file(&folder, "h.p12", &store)]).status, 2);
    for (name, bytes) in
        [("i.xml", &b"<form/>"[..]), ("j.pdf", b"%PDF-1.7"), ("k.zip", b"PK\x03\x04"), ("l.html", b"<html>")]
    {
        assert_eq!(run(&["inspect", "--strict", &file(&folder, name, bytes)]).status, 2, "{name}");
    }
}

#[test]
fn a_timestamp_beside_a_bare_key_has_to_hold_too() {
    let key = Key::p256("bare");
    let stamp = "<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>dG9rZW4=</xades:EncapsulatedTimeStamp>\
                 </xades:SignatureTimeStamp>";
    let signed = |objects: Vec<String>| {
        let spki = xml::base64(&key.spki());
        let key_info = format!(
            "<d:DEREncodedKeyValue xmlns:d=\"http://www.w3.org/2009/xmldsig11#\">{spki}</d:DEREncodedKeyValue>"
        );
        let id = Some("s".to_owned());
        let signing = xml::Signing { key_info: Some(key_info), objects, id, ..xml::Signing::new(&key, b"") };
        let reference = xml::Reference::to("", &[xml::ENVELOPED], "<a>1</a>");
        xml::append("<a>1</a>", &signing.reference(reference).sign())
    };
    let folder = folder();
    let good = file(&folder, "good.xml", signed(Vec::new()).as_bytes());
    let run_good = run(&["verify", &good, "--signature-only", "--json"]);
    assert_eq!(run_good.status, 0, "{}{}", run_good.out, run_good.err);
    assert!(run_good.out.contains("trust-not-asked"), "{}", run_good.out);
    let stamped = signed(vec![xml::qualifying_properties("s", "", stamp)]);
    let forged = file(&folder, "forged.xml", stamped.as_bytes());
    let run_forged = run(&["verify", &forged, "--signature-only", "--json"]);
    assert_eq!(run_forged.status, 1, "{}{}", run_forged.out, run_forged.err);
    assert!(run_forged.out.contains("timestamp-invalid"), "{}", run_forged.out);
}
