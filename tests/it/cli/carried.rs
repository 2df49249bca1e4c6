//! `rastau verify` with lists given by hand whose issuers are known from the document alone: the document supplies the key
//! that a list is verified under, and no trust. The same in every form of the question.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::tsp::TokenBuilder;
use rastau_mint::world::{SERIAL, World};
use serde_json::{Value, json};

use super::forms::{base64, decision};
use super::{Run, file, folder, run, run_with_input};

const NAME: &str = "nca of two keys";
const REVOKED_ON: &str = "2026-06-01T00:00:00Z";
/// When documents are stamped.
const STAMPED: &str = "2026-07-20T09:08:06Z";

fn person() -> Key {
    Key::p256("a person whose document brings the authority")
}

fn world() -> World {
    World::of_two_keys(NAME).with_leaf(|leaf| leaf.key(&person()).serial(&SERIAL))
}

/// A document of the person that carries these certificates.
fn document(world: &World, carried: &[&[u8]]) -> Vec<u8> {
    let message = Cms::over(b"application").certificate(&world.leaf).signer(Signer::new(&person(), &world.leaf));
    carried.iter().fold(message, |message, certificate| message.certificate(certificate)).encode()
}

fn revoking(list: ListBuilder) -> ListBuilder {
    list.revoke(&SERIAL, REVOKED_ON, Some(1))
}

/// A document and the lists given for it.
struct Question<'a> {
    document: &'a [u8],
    root: &'a [u8],
    intermediates: &'a [&'a [u8]],
    lists: &'a [Vec<u8>],
    rule: &'a str,
}

impl Question<'_> {
    /// Decision and code, which every form comes to, and the report.
    fn ask(&self) -> (String, String, Value) {
        let (run, _) = self.alone();
        let report = run.json();
        let (decided, code) = run.outcome();
        let evidence = json!({
            "document": base64(self.document),
            "trust": [base64(self.root)],
            "intermediates": self.intermediates.iter().map(|one| base64(one)).collect::<Vec<_>>(),
            "crls": self.lists.iter().map(|list| base64(list)).collect::<Vec<_>>(),
            "profile": "rfc5280",
            "revocation": self.rule,
        });
        let line = json!({ "document": base64(self.document) });
        let folder = folder();
        let options = self.options(&folder);
        let options: Vec<&str> =
            ["verify", "--batch", "-"].into_iter().chain(options.iter().map(String::as_str)).collect();
        for (args, line) in [(&["verify", "--batch", "-"][..], evidence), (&options, line)] {
            let run = run_with_input(args, line.to_string().as_bytes());
            assert_eq!(run.outcome(), (decided.clone(), code.clone()), "{args:?}: {}{}", run.out, run.err);
        }
        (decided, code, report)
    }

    fn options(&self, folder: &tempfile::TempDir) -> Vec<String> {
        let mut args: Vec<String> = ["--profile", "rfc5280", "--revocation", self.rule].map(str::to_owned).to_vec();
        args.extend(["--trust".to_owned(), file(folder, "root.cer", self.root)]);
        for (index, certificate) in self.intermediates.iter().enumerate() {
            args.extend(["--intermediates".to_owned(), file(folder, &format!("{index}.cer"), certificate)]);
        }
        for (index, list) in self.lists.iter().enumerate() {
            args.extend(["--crl".to_owned(), file(folder, &format!("{index}.crl"), list)]);
        }
        args
    }

    /// The command, and what its files are in.
    fn alone(&self) -> (Run, tempfile::TempDir) {
        let folder = folder();
        let document = file(&folder, "document.p7s", self.document);
        let options = self.options(&folder);
        let args: Vec<&str> =
            ["verify", &document, "--json"].into_iter().chain(options.iter().map(String::as_str)).collect();
        (run(&args), folder)
    }
}

/// What comes of a document of the person that carries these certificates, when these lists are given.
fn outcome(world: &World, carried: &[&[u8]], lists: &[Vec<u8>], rule: &str) -> (String, String) {
    let document = document(world, carried);
    let root = &world.root.certificate;
    let question = Question { document: &document, root, intermediates: &[], lists, rule };
    let (decision, code, _) = question.ask();
    (decision, code)
}

fn accepted() -> (String, String) {
    ("accepted".into(), String::new())
}

fn revoked() -> (String, String) {
    ("refused".into(), "certificate-revoked".into())
}

fn unknown() -> (String, String) {
    ("undetermined".into(), "revocation-unknown".into())
}

#[test]
fn a_given_list_finds_its_issuer_in_the_document() {
    let world = world();
    let carried = [&*world.first.certificate];
    for (lists, required, if_available) in [
        (vec![world.of_root(), world.of_first(|list| list)], accepted(), accepted()),
        (vec![world.of_root(), world.of_first(revoking)], revoked(), revoked()),
        (vec![world.of_first(revoking)], revoked(), revoked()),
        (vec![world.of_root()], unknown(), accepted()),
    ] {
        assert_eq!(outcome(&world, &carried, &lists, "required"), required, "{} lists", lists.len());
        assert_eq!(outcome(&world, &carried, &lists, "if-available"), if_available, "{} lists", lists.len());
    }
    let forged = world.first.with_key(Key::p256("somebody else")).sign_list(&revoking(world.first.list()));
    for rule in ["required", "if-available"] {
        assert_eq!(outcome(&world, &carried, &[world.of_root(), forged.clone()], rule), unknown(), "forged, {rule}");
    }
}

#[test]
fn a_namesake_in_the_document_clears_and_convicts_nobody() {
    let world = world();
    let stranger = Authority::root("stranger", Key::p256("stranger")).subordinate(NAME, Key::p256("namesake"));
    let neighbour = world.root.subordinate("neighbour", Key::p256("neighbour"));
    let below = neighbour.subordinate(NAME, Key::p256("named by the neighbour"));
    let own = Authority::root(NAME, Key::p256("self-made"));
    // One that has a path is known, and no authority of the signer's: that is the same as no list.
    for (namesake, if_available) in [(&stranger, unknown()), (&own, unknown()), (&below, accepted())] {
        let carried = [&*namesake.certificate, &neighbour.certificate, &world.first.certificate];
        for list in [namesake.list(), revoking(namesake.list())] {
            let list = namesake.sign_list(&list);
            for (rule, wanted) in [("required", unknown()), ("if-available", if_available.clone())] {
                assert_eq!(outcome(&world, &carried, &[world.of_root(), list.clone()], rule), wanted, "{rule}");
                let beside = [world.of_root(), list.clone(), world.of_first(|list| list)];
                assert_eq!(outcome(&world, &carried, &beside, rule), accepted(), "{rule}");
                let beside = [world.of_root(), list.clone(), world.of_first(revoking)];
                assert_eq!(outcome(&world, &carried, &beside, rule), revoked(), "{rule}");
            }
        }
    }
}

#[test]
fn a_list_of_another_key_counts_if_the_certificate_in_the_document_has_a_path() {
    let world = world();
    let second = &*world.second.certificate;
    // The name and the key are right, and nobody who is trusted says so.
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    let self_made = stranger.issue(CertificateBuilder::issuing_ca(NAME, &world.second.key));
    let lists = |list: Vec<u8>| [world.of_root(), list];
    let (clean, names) = (lists(world.of_second(|list| list)), lists(world.of_second(revoking)));
    let first = &*world.first.certificate;
    for rule in ["required", "if-available"] {
        assert_eq!(outcome(&world, &[first, second], &clean, rule), accepted(), "{rule}");
        assert_eq!(outcome(&world, &[first, second], &names, rule), revoked(), "{rule}");
        for carried in [&[first][..], &[first, &self_made], &[&self_made, first]] {
            assert_eq!(outcome(&world, carried, &clean, rule), unknown(), "{rule}");
            assert_eq!(outcome(&world, carried, &names, rule), unknown(), "{rule}");
        }
        assert_eq!(outcome(&world, &[&self_made, first, second], &names, rule), revoked(), "{rule}");
    }
}

#[test]
fn a_given_list_counts_for_another_key_that_the_document_alone_brings() {
    let world = world();
    let lists = |list: Vec<u8>| [world.of_root(), list];
    let known = [&*world.second.certificate];
    let document = document(&world, &[&world.first.certificate]);
    for rule in ["required", "if-available"] {
        for (lists, wanted) in
            [(lists(world.of_second(|list| list)), accepted()), (lists(world.of_second(revoking)), revoked())]
        {
            let root = &world.root.certificate;
            let question = Question { document: &document, root, intermediates: &known, lists: &lists, rule };
            let (decision, code, report) = question.ask();
            assert_eq!((decision, code), wanted, "{rule}: {report}");
        }
    }
}

#[test]
fn a_list_of_an_authority_without_a_path_makes_nobody_good() {
    let world = world();
    let stranger = World { root: Authority::root("another root", Key::p256("another root")), ..world.clone() };
    let carried = [&*world.first.certificate, &world.root.certificate];
    let document = document(&world, &carried);
    let lists = [world.of_root(), world.of_first(|list| list)];
    let root = &stranger.root.certificate;
    let question = Question { document: &document, root, intermediates: &[], lists: &lists, rule: "required" };
    let (decision, code, _) = question.ask();
    assert_eq!((decision, code), ("refused".into(), "issuer-not-trusted".into()));
}

#[test]
fn no_crowd_of_namesakes_keeps_a_list_from_its_issuer() {
    let world = world();
    let crowd: Vec<Authority> =
        (0..40).map(|number| Authority::root(NAME, Key::p256(&format!("one of a crowd {number}")))).collect();
    let mut carried: Vec<&[u8]> = crowd.iter().map(|one| &*one.certificate).collect();
    carried.push(&world.first.certificate);
    let lists = [world.of_root(), world.of_first(revoking)];
    assert_eq!(outcome(&world, &carried, &lists, "required"), revoked());
    assert_eq!(outcome(&world, &carried, &[world.of_root(), world.of_first(|list| list)], "required"), accepted());
}

/// A document stamped by an authority of which only the token tells, which lists of these builders are given of: those of
/// the signer's authority, and of the stamp's.
fn stamped(signers: impl FnOnce(ListBuilder) -> ListBuilder, stamps: Option<ListBuilder>) -> (String, String, Value) {
    let world = World::of_two_names("nca", "nca of stamps").with_leaf(|leaf| leaf.key(&person()).serial(&SERIAL));
    let stamping = Key::p256("a stamping authority");
    let authority = world.second.issue(world.second.timestamp_authority("TSA", &stamping).serial(&SERIAL));
    let chain = world.second.certificate.clone();
    let signer = Signer::new(&person(), &world.leaf).timestamp(move |value| {
        let mut token = TokenBuilder::new(&stamping, &authority, value, STAMPED);
        token.message = token.message.certificate(&chain);
        token.encode()
    });
    let document = Cms::over(b"application").certificate(&world.leaf).signer(signer).encode();
    let mut lists = vec![world.of_root(), world.of_first(signers)];
    lists.extend(stamps.map(|list| world.second.sign_list(&list)));
    let question = Question {
        document: &document,
        root: &world.root.certificate,
        intermediates: &[&world.first.certificate],
        lists: &lists,
        rule: "required",
    };
    question.ask()
}

#[test]
fn a_list_that_revokes_the_authority_of_a_timestamp_is_found_by_the_certificate_in_the_token() {
    let of_stamps = World::of_two_names("nca", "nca of stamps").second.list();
    let status =
        |report: &Value| report["signatures"][0]["timestamp"]["status"].as_str().unwrap_or_default().to_owned();
    let clean = |list: ListBuilder| list;
    let (decision, code, report) = stamped(clean, Some(revoking(of_stamps.clone())));
    assert_eq!((&*decision, &*code, &*status(&report)), ("refused", "timestamp-invalid", "failed"), "{report}");
    let (decision, _, report) = stamped(clean, Some(of_stamps.clone()));
    assert_eq!((&*decision, &*status(&report)), ("accepted", "passed"), "{report}");
    let (decision, _, report) = stamped(clean, None);
    assert_eq!((&*decision, &*status(&report)), ("accepted", "undetermined"), "{report}");
    // The stamp proves that the signature is older than the end of the certificate.
    let later = |list: ListBuilder| list.revoke(&SERIAL, "2026-08-01T00:00:00Z", Some(4));
    let (decision, code, report) = stamped(later, None);
    assert_eq!((&*decision, &*code), ("refused", "certificate-revoked"), "{report}");
    let (decision, _, report) = stamped(later, Some(of_stamps));
    assert_eq!((&*decision, &*status(&report)), ("accepted", "passed"), "{report}");
}

#[test]
fn what_one_document_brings_is_no_others() {
    let world = world();
    let folder = folder();
    let lists = [world.of_root(), world.of_first(|list| list)];
    let first = &*world.first.certificate;
    let question =
        Question { document: &[], root: &world.root.certificate, intermediates: &[], lists: &lists, rule: "required" };
    let options = question.options(&folder);
    let args: Vec<&str> = ["verify", "--batch", "-"].into_iter().chain(options.iter().map(String::as_str)).collect();
    let (with, without) = (document(&world, &[first]), document(&world, &[]));
    let lines = [&without, &with, &without, &with].map(|document| json!({ "document": base64(document) }).to_string());
    let run = run_with_input(&args, lines.join("\n").as_bytes());
    let decisions: Vec<String> =
        run.out.lines().map(|line| decision(&serde_json::from_str(line).expect("JSON"))).collect();
    assert_eq!(decisions, ["refused", "accepted", "refused", "accepted"], "{}", run.out);
}

#[test]
fn only_lists_that_nobody_has_issued_are_complained_about() {
    let world = world();
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    let lists = [world.of_root(), world.of_first(|list| list), stranger.sign_list(&stranger.list())];
    let document = document(&world, &[&world.first.certificate]);
    let root = &world.root.certificate;
    let (run, _folder) =
        Question { document: &document, root, intermediates: &[], lists: &lists, rule: "required" }.alone();
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.err.contains("2.crl is not used") && !run.err.contains("1.crl"), "{}", run.err);
}
