//! The table of algorithms: certificates, and what an operator writes.

use std::path::PathBuf;
use std::sync::Arc;

use rastau::clock::Time;
use rastau::config::{Config, Flags, Sources};
use rastau::policy::algorithms::AlgorithmTable;
use rastau::policy::{AnchorPeriod, Policy, RevocationRule};
use rastau::revocation::Snapshot;
use rastau::revocation::ocsp::{OcspRules, Responses};
use rastau::service::{CheckRequest, Grounds, Lists};
use rastau::trust::{Anchor, Pool, PoolBuilder, Purposes};
use rastau::verdict::{CheckName, CheckStatus, Decision, Report};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use rastau_mint::ocsp::{ResponseBuilder, Single, good, revoked};
use rastau_mint::pem;

use crate::demo::service;

const AT: &str = "2026-08-20T00:00:00Z";

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

/// A root on P-384, an authority on P-256, a holder with Ed25519: every key and signature of the path is of another kind.
struct World {
    root: Authority,
    nca: Authority,
    leaf: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("root", Key::p384("root"));
        let nca = root.subordinate("nca", Key::p256("nca"));
        let leaf = nca.issue(CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf")));
        Self { root, nca, leaf }
    }

    fn ask_at(&self, rows: &str, at: &str, anchors: &[&Authority]) -> Report {
        let at: Time = at.parse().unwrap();
        let pool = anchors
            .iter()
            .fold(Pool::builder(), |pool, root| pool.anchor(Anchor::new(read(&root.certificate), Purposes::ALL, false)))
            .intermediate(read(&self.nca.certificate))
            .build();
        let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(Snapshot::default())));
        check((&self.leaf, at), grounds, rows, RevocationRule::Off)
    }

    fn ask(&self, rows: &str) -> Report {
        self.ask_at(rows, AT, &[&self.root])
    }
}

/// A certificate at a moment, under plain path validation with `rows` over the table of algorithms.
fn check((leaf, at): (&[u8], Time), grounds: Grounds, rows: &str, revocation: RevocationRule) -> Report {
    let service = service(grounds, at);
    let policy = Policy {
        revocation,
        anchor_period: AnchorPeriod::Ignored,
        algorithms: Arc::new(AlgorithmTable::from_toml(rows).unwrap()),
        ..Policy::rfc5280()
    };
    let request = CheckRequest {
        certificate: pem::encode("CERTIFICATE", leaf),
        at: Some(at.to_string()),
        ..CheckRequest::default()
    };
    service.check(service.prepare_under(request, policy, service.grounds()).unwrap())
}

fn row(table: &str, name: &str, key: &str, value: &str) -> String {
    format!("[[{table}]]\nname = \"{name}\"\n{key} = \"{value}\"\n")
}

fn code(report: &Report) -> Option<&'static str> {
    report.refusal().map(|refusal| refusal.code.as_str())
}

#[test]
fn what_the_table_leaves_open_is_accepted() {
    assert_eq!(code(&World::new().ask("")), None);
}

#[test]
fn every_signature_and_key_of_the_path_counts_at_the_moment_asked_about() {
    let world = World::new();
    let until = "certificates_until";
    for (rows, depth) in [
        // The holder's certificate is signed by P-256, the authority's by P-384.
        (row("signature", "ecdsa-sha256", until, "2026-08-19T23:59:59Z"), 0),
        (row("signature", "ecdsa-sha384", until, "2026-08-19T23:59:59Z"), 1),
        (row("key", "ed25519", "signatures_until", "2026-08-19T23:59:59Z"), 0),
        (row("key", "ecdsa-p256", until, "2026-08-19T23:59:59Z"), 1),
        (row("key", "ecdsa-p384", until, "2026-08-19T23:59:59Z"), 2),
    ] {
        let report = world.ask(&rows);
        assert_eq!(code(&report), Some("algorithm-not-allowed"), "{rows}");
        let failed: Vec<_> = report.checks().iter().filter(|check| check.status == CheckStatus::Failed).collect();
        assert_eq!(failed.len(), 1, "{rows}");
        assert_eq!(failed[0].name, CheckName::Algorithm);
        assert!(failed[0].detail.starts_with(&format!("the certificate at depth {depth}: ")), "{}", failed[0].detail);
        assert_eq!(code(&world.ask_at(&rows, "2026-08-19T23:59:59Z", &[&world.root])), None, "{rows}");
    }
}

#[test]
fn what_ended_for_another_use_changes_nothing() {
    let world = World::new();
    for rows in [
        row("signature", "ecdsa-sha256", "signatures_until", "2020-01-01T00:00:00Z"),
        row("key", "ecdsa-p256", "signatures_until", "2020-01-01T00:00:00Z"),
        row("key", "ed25519", "certificates_until", "2020-01-01T00:00:00Z"),
        row("signature", "ed25519", "certificates_until", "2020-01-01T00:00:00Z"),
        row("digest", "sha-256", "signatures_until", "2020-01-01T00:00:00Z"),
        // Nobody relies on the signature of an anchor.
        row("key", "rsa", "certificates_until", "2020-01-01T00:00:00Z"),
    ] {
        assert_eq!(code(&world.ask(&rows)), None, "{rows}");
    }
}

#[test]
fn another_path_may_do_without_what_ended() {
    let world = World::new();
    // The authority is trusted itself as well: then nothing rests on the root.
    let rows = row("key", "ecdsa-p384", "certificates_until", "2020-01-01T00:00:00Z");
    assert_eq!(code(&world.ask_at(&rows, AT, &[&world.root])), Some("algorithm-not-allowed"));
    assert_eq!(code(&world.ask_at(&rows, AT, &[&world.root, &world.nca])), None);
}

#[test]
fn a_short_key_of_an_authority_is_refused() {
    let root = Authority::root("root", Key::rsa("root"));
    let leaf = root.issue(CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf")));
    let world = World { root, leaf, ..World::new() };
    assert_eq!(code(&world.ask("")), None);
    let report = world.ask("[[key]]\nname = \"rsa\"\nminimum_bits = 3072\nreason = \"too short\"");
    assert_eq!(code(&report), Some("algorithm-not-allowed"));
    let failed = report.checks().iter().find(|check| check.name == CheckName::Algorithm).unwrap();
    assert_eq!(failed.detail, "the certificate at depth 1: rsa-2048 is not accepted: too short");
}

#[test]
fn a_table_or_services_that_are_not_one_file_are_blamed_and_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.toml", "b.toml"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let file: PathBuf = folder.path().join("rastau.toml");
    for (section, value) in
        [("algorithms", "[\"a.toml\", \"b.toml\"]"), ("algorithms", "[]"), ("services", "[\"a.toml\", \"b.toml\"]")]
    {
        std::fs::write(&file, format!("[trust]\ndemo = true\n[{section}]\nfile = {value}\n")).unwrap();
        let sources = Sources { file: Some(file.clone()), environment: Vec::new(), flags: Flags::default() };
        let error = Config::load(&sources).map(|_| ()).map_err(|error| error.to_string()).unwrap_err();
        assert!(error.contains(&format!("{section}.file")), "{value}: {error}");
    }
}

/// A configuration with the demo and `rows` in a file of algorithms.
fn configured(rows: Option<&str>) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "[trust]\ndemo = true\n[algorithms]\nfile = \"algorithms.toml\"\n".to_owned();
    match rows {
        Some(rows) => std::fs::write(folder.path().join("algorithms.toml"), rows).unwrap(),
        None => text = text.replace("algorithms.toml", "absent.toml"),
    }
    let file: PathBuf = folder.path().join("rastau.toml");
    std::fs::write(&file, text).unwrap();
    let sources = Sources { file: Some(file), environment: Vec::new(), flags: Flags::default() };
    Config::load(&sources).map_err(|error| error.to_string())
}

#[test]
fn an_operators_rows_stand_over_the_embedded_ones() {
    let config = configured(Some("[[key]]\nname = \"rsa\"\nminimum_bits = 4096")).unwrap();
    assert_ne!(config.algorithms, AlgorithmTable::builtin());
    assert!(config.settings.iter().any(|setting| setting.key == "algorithms.file"));
}

#[test]
fn mistakes_in_the_file_are_told_before_the_start() {
    for (rows, part) in [
        (Some("[[signature]]\nname = \"rsa-sha1\""), "rsa-sha1 is not known"),
        (Some("[[signature]]\nname = 1"), "not a table of algorithms"),
        (None, "no such file"),
    ] {
        let error = configured(rows).unwrap_err();
        assert!(error.contains("algorithms.file") && error.contains(part), "{error}");
    }
}

#[test]
fn the_documentation_names_every_row() {
    let text = include_str!("../../docs/ALGORITHMS.md");
    let table = include_str!("../../src/policy/algorithms/algorithms.toml");
    for line in table.lines() {
        if let Some(name) = line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"')) {
            assert!(text.contains(&format!("`{name}`")), "{name}");
        }
    }
}

const SERIAL: [u8; 20] = [0x21; 20];
const ENDED: &str = "2020-01-01T00:00:00Z";

/// A root, two authorities under it whose paths are told apart by their algorithms, and a holder: what is asked about the
/// holder rests on ECDSA with SHA-384 alone, and the second authority signs with SHA-256.
struct Evidence {
    root: Authority,
    first: Authority,
    second: Authority,
    leaf: Vec<u8>,
}

impl Evidence {
    fn new() -> Self {
        Self::of(Key::p384("first of evidence"))
    }

    fn of(first: Key) -> Self {
        let root = Authority::root("root", Key::p384("root of evidence"));
        let [first, second] = [first, Key::p256("second of evidence")].map(|key| root.subordinate("two", key));
        let leaf = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf")).serial(&SERIAL);
        Self { leaf: first.issue(leaf), root, first, second }
    }

    fn of_root(&self) -> Vec<u8> {
        self.root.sign_list(&self.root.list())
    }

    /// What these lists and responses come to under the table.
    fn ask(&self, rows: &str, lists: &[Vec<u8>], responses: &[Vec<u8>]) -> Decision {
        let at: Time = AT.parse().unwrap();
        let authorities = [&self.root, &self.first, &self.second].map(|authority| read(&authority.certificate));
        let pool = authorities[1..].iter().cloned().fold(
            Pool::builder().anchor(Anchor::new(authorities[0].clone(), Purposes::ALL, false)),
            PoolBuilder::intermediate,
        );
        let pool = Arc::new(pool.build());
        let (lists, unread) = Snapshot::read(lists.to_vec(), &authorities, at);
        assert!(unread.is_empty());
        let lists = lists.with_vouched(Arc::new(rastau::service::vouched(&pool, at)));
        let mut grounds = Grounds::new(Arc::clone(&pool), Lists::Fixed(Arc::new(lists)));
        grounds.responses = Responses::read(responses, OcspRules::default()).0;
        check((&self.leaf, at), grounds, rows, RevocationRule::Required).decision()
    }
}

/// No signature with ECDSA and SHA-256 is accepted for certificates, nor a key on P-256 for authorities.
fn ended() -> [String; 2] {
    [("signature", "ecdsa-sha256"), ("key", "ecdsa-p256")]
        .map(|(table, name)| format!("{}reason = \"ended\"\n", row(table, name, "certificates_until", ENDED)))
}

#[test]
fn a_list_under_an_algorithm_that_has_ended_clears_nobody_and_revokes() {
    let world = Evidence::new();
    let lists = |revokes: bool| {
        let list = world.second.list();
        let list = if revokes { list.revoke(&SERIAL, "2026-06-01T00:00:00Z", None) } else { list };
        [world.of_root(), world.second.sign_list(&list)]
    };
    assert_eq!(world.ask("", &lists(false), &[]), Decision::Accepted);
    for rows in ended() {
        assert_eq!(world.ask(&rows, &lists(false), &[]), Decision::Undetermined, "{rows}");
        assert_eq!(world.ask(&rows, &lists(true), &[]), Decision::Refused, "{rows}");
        // Another list that rests on what is accepted clears.
        let both = [&lists(false)[..], &[world.first.sign_list(&world.first.list())]].concat();
        assert_eq!(world.ask(&rows, &both, &[]), Decision::Accepted, "{rows}");
    }
    let for_documents = row("signature", "ecdsa-sha256", "signatures_until", ENDED);
    assert_eq!(world.ask(&for_documents, &lists(false), &[]), Decision::Accepted, "lists are no documents");
}

#[test]
fn a_response_under_an_algorithm_that_has_ended_clears_nobody_and_revokes() {
    let world = Evidence::new();
    let responder = Key::p256("responder of evidence");
    let certificate = world.first.issue(world.first.responder("responder", &responder));
    let answer = |status: Vec<u8>, given: &str| {
        let single = Single::new(world.first.cert_id(&SERIAL), status, given).until("2027-01-01T00:00:00Z");
        ResponseBuilder::new(&Name::authority("responder").encode(), given).answer(single)
    };
    let weak = |status, given| answer(status, given).by_key(&responder).certificate(&certificate).sign(&responder);
    let strong = |status, given| answer(status, given).by_key(&world.first.key).sign(&world.first.key);
    let (earlier, later) = ("2026-08-18T00:00:00Z", "2026-08-19T00:00:00Z");
    let hold = || revoked("2026-08-01T00:00:00Z", Some(6));
    let lists = [world.of_root()];
    assert_eq!(world.ask("", &lists, &[weak(good(), later)]), Decision::Accepted);
    for rows in ended() {
        assert_eq!(world.ask(&rows, &lists, &[weak(good(), later)]), Decision::Undetermined, "{rows}");
        assert_eq!(world.ask(&rows, &lists, &[weak(hold(), later)]), Decision::Refused, "{rows}");
        assert_eq!(world.ask(&rows, &lists, &[strong(good(), later)]), Decision::Accepted, "{rows}");
        assert_eq!(world.ask(&rows, &lists, &[weak(good(), later), strong(good(), earlier)]), Decision::Accepted);
    }
    // What whoever can forge a signature says lifts no hold that an accepted one tells about.
    let both = [strong(hold(), earlier), weak(good(), later)];
    let clean = [world.of_root(), world.first.sign_list(&world.first.list())];
    assert_eq!(world.ask("", &lists, &both), Decision::Accepted);
    for rows in ended() {
        assert_eq!(world.ask(&rows, &lists, &both), Decision::Refused, "{rows}");
        assert_eq!(world.ask(&rows, &clean, &both), Decision::Refused, "{rows}");
    }
}

#[test]
fn a_delta_under_an_algorithm_that_has_ended_lifts_nothing_makes_nothing_fresh_and_revokes() {
    let key = |hash| Key::rsa_with(2048, hash, "one key, two hashes");
    let world = Evidence::of(key(Hash::Sha384));
    let lasting = ("2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let full = |(this, next)| world.first.list().number(14).updates(this, next);
    let held = || full(lasting).revoke(&SERIAL, "2026-08-01T00:00:00Z", Some(6));
    let lapsed = || full(("2026-08-01T00:00:00Z", "2026-08-10T00:00:00Z"));
    let delta = || world.first.list().number(15).delta_to(14).updates("2026-08-12T00:00:00Z", "2027-01-01T00:00:00Z");
    let changed = |reason| delta().revoke(&SERIAL, "2026-08-11T00:00:00Z", Some(reason));
    let ended = row("signature", "rsa-sha256", "certificates_until", ENDED);
    for (what, full, delta, without, wanted) in [
        ("it names nobody", full(lasting), delta(), Decision::Accepted, Decision::Accepted),
        ("it lifts a hold", held(), changed(8), Decision::Accepted, Decision::Refused),
        ("it revokes", full(lasting), changed(1), Decision::Refused, Decision::Refused),
        ("it makes a lapsed list fresh", lapsed(), delta(), Decision::Accepted, Decision::Undetermined),
        ("it revokes beside a lapsed list", lapsed(), changed(4), Decision::Refused, Decision::Refused),
    ] {
        let lists = [world.of_root(), world.first.sign_list(&full), delta.sign(&key(Hash::Sha256))];
        assert_eq!(world.ask("", &lists, &[]), without, "{what}");
        assert_eq!(world.ask(&ended, &lists, &[]), wanted, "{what}");
    }
}
