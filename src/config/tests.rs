//! Situations of operators: what they write, what they get or are told.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::*;

/// A folder with files, among them `rastau.toml` with the given text.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn with(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["root.pem", "tsa.pem", "sub.pem", "full.crl", "delta.crl", "services.toml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::write(folder.path().join("rastau.toml"), toml).unwrap();
        Self(folder)
    }

    fn sources(&self) -> Sources {
        Sources { file: Some(self.path("rastau.toml")), ..Sources::default() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.sources())
    }

    /// The problems as lines, without the folder's name, which changes from run to run.
    pub(super) fn problems(&self) -> Vec<String> {
        let error = self.load().unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "").lines().map(str::to_owned).collect()
    }
}

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn without_anything_the_demo_runs_on_the_loopback_address() {
    let sources = Sources { environment: environment(&[("HOME", "/home/a")]), ..Sources::default() };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data.directory, PathBuf::from("/home/a/.local/state/rastau"));
    assert!(config.trust.demo && config.trust.anchors.is_empty() && config.revocation.lists.is_empty());
    assert_eq!(config.policy.default_language, Language::Ru);
    assert_eq!(config.revocation.mode, RevocationRule::Required);
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
    assert!(config.warnings[0].starts_with("DEMO"));
    assert!(config.settings.iter().all(|setting| setting.origin == Origin::Default), "{:?}", config.settings);
}

#[test]
fn a_full_file_is_understood() {
    let folder = Folder::with(
        r#"
        [http]
        listen = "[::1]:9000"
        max_body_bytes = 0x10_0000
        request_timeout_ms = 500
        concurrency = 7
        header_read_timeout_ms = 600
        shutdown_grace_ms = 700
        [data]
        directory = "state"
        [trust]
        intermediates = ["sub.pem"]
        [[trust.anchor]]
        path = "root.pem"
        [[trust.anchor]]
        path = "tsa.pem"
        purposes = ["timestamps"]
        [revocation]
        mode = "if-available"
        [[revocation.list]]
        path = "full.crl"
        [[revocation.list]]
        urls = ["http://crl.example/d.crl", "https://crl1.example:8443/d.crl"]
        delta = true
        [policy]
        strict_identity_numbers = true
        default_language = "kk"
        [services]
        file = "services.toml"
        [cache]
        certificates = 10
        paths = 0
        [log]
        level = "rastau=debug,info"
        format = "json"
        "#,
    );
    let config = folder.load().unwrap();
    assert_eq!(config.http.listen.to_string(), "[::1]:9000");
    assert_eq!((config.http.max_body_bytes, config.http.concurrency), (1 << 20, 7));
    assert_eq!(config.http.request_timeout, Duration::from_millis(500));
    assert_eq!(config.data.directory, folder.path("state"));
    assert!(!config.trust.demo);
    assert_eq!(
        config.trust.anchors,
        [
            AnchorSource { path: folder.path("root.pem"), certificates: true, timestamps: true },
            AnchorSource { path: folder.path("tsa.pem"), certificates: false, timestamps: true },
        ]
    );
    assert_eq!(config.trust.intermediates, [folder.path("sub.pem")]);
    let urls = vec!["http://crl.example/d.crl".to_owned(), "https://crl1.example:8443/d.crl".to_owned()];
    assert_eq!(
        config.revocation.lists,
        [
            ListSource { location: ListLocation::Path(folder.path("full.crl")), delta: false },
            ListSource { location: ListLocation::Urls(urls), delta: true },
        ]
    );
    assert_eq!(config.revocation.mode, RevocationRule::IfAvailable);
    assert!(config.policy.strict_identity_numbers);
    assert_eq!(config.policy.default_language, Language::Kk);
    assert_eq!(config.services.file, Some(folder.path("services.toml")));
    assert_eq!((config.cache.certificates, config.cache.paths), (10, 0));
    assert_eq!((config.log.level.as_str(), config.log.format), ("rastau=debug,info", LogFormat::Json));
    assert_eq!(config.warnings, [] as [String; 0]);
}

#[test]
fn flags_come_before_variables_and_variables_before_the_file() {
    let folder = Folder::with(
        "[http]\nlisten = \"127.0.0.1:1\"\nconcurrency = 1\nconnections = 1\n[trust]\nanchors = [\"root.pem\"]\n",
    );
    let tsa = folder.path("tsa.pem");
    let sources = Sources {
        environment: environment(&[
            ("RASTAU_HTTP__LISTEN", "127.0.0.1:2"),
            ("RASTAU_HTTP__CONCURRENCY", "2"),
            ("RASTAU_TRUST__ANCHORS", "/nowhere, /neither"),
            ("RASTAU_POLICY__STRICT_IDENTITY_NUMBERS", "true"),
            ("RASTAU_REVOCATION__LISTS", "http://a.example/1.crl,http://b.example/2.crl"),
            ("RASTAU_INTEROP", "not a setting"),
            ("HOME", "/home/a"),
        ]),
        flags: Flags { listen: Some("127.0.0.1:3".into()), trust: vec![tsa.clone()], ..Flags::default() },
        ..folder.sources()
    };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!((config.http.concurrency, config.http.connections), (2, 1));
    assert_eq!(config.trust.anchors.iter().map(|anchor| &anchor.path).collect::<Vec<_>>(), [&tsa]);
    assert!(config.policy.strict_identity_numbers);
    assert_eq!(config.revocation.lists.len(), 2);
    let origin = |key: &str| config.settings.iter().find(|setting| setting.key == key).unwrap().origin.to_string();
    assert_eq!(origin("http.listen"), "--listen");
    assert_eq!(origin("http.concurrency"), "environment variable RASTAU_HTTP__CONCURRENCY");
    assert!(origin("http.connections").ends_with("rastau.toml:4"));
    assert_eq!(origin("http.max_body_bytes"), "default");
}

#[test]
fn every_problem_is_told_with_its_place_value_and_remedy() {
    let folder = Folder::with(
        r#"[http]
listen = "8080"
listn = 1
max_body_bytes = -1
request_timeout_ms = 1.5
concurrency = "many"
[trust]
anchors = ["root.pem", 3, "gone.pem"]
[[trust.anchor]]
purposes = ["certificates"]
[[trust.anchor]]
path = "tsa.pem"
purposes = ["everything"]
[[revocation.list]]
delta = "no"
[[revocation.list]]
urls = ["ftp://a.example/x", "http://user:secret@a.example/x", "http:///x"]
[policy]
default_language = "de"
strict_identity_numbers = 1
[log]
format = "xml"
level = "rastau=loud"
[sever]
x = 1
"#,
    );
    insta::assert_snapshot!(folder.problems().join("\n"));
}

#[test]
fn problems_of_variables_and_flags_name_them() {
    let sources = Sources {
        environment: environment(&[
            ("RASTAU_HTTP__LISTEN", "nowhere"),
            ("RASTAU_HTTP__PORT", "80"),
            ("RASTAU_CACHE__PATHS", "1,2"),
        ]),
        flags: Flags { crl: vec!["/nowhere/a.crl".into()], ..Flags::default() },
        ..Sources::default()
    };
    let error = Config::load(&sources).unwrap_err().to_string();
    for part in [
        "environment variable RASTAU_HTTP__LISTEN: http.listen = nowhere: not a value of this key. Write an address",
        "environment variable RASTAU_HTTP__PORT: http.port = 80: unknown key",
        "environment variable RASTAU_CACHE__PATHS: cache.paths = 1,2: not a whole number",
        "--crl: revocation.lists = /nowhere/a.crl: no such file or folder",
    ] {
        assert!(error.contains(part), "{part} is not in\n{error}");
    }
}

#[test]
fn a_file_that_is_not_toml_tells_the_lines() {
    let folder = Folder::with("[http]\nlisten = = 1\n[trust\nanchors = []\n");
    let problems = folder.problems();
    assert!(problems[0].starts_with("rastau.toml:2: not TOML: "), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.starts_with("rastau.toml:3: not TOML: ")), "{problems:?}");
}

#[test]
fn a_missing_or_huge_file_is_told() {
    let file = Some(PathBuf::from("/nowhere/rastau.toml"));
    let error = Config::load(&Sources { file, ..Sources::default() }).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/rastau.toml: the file cannot be read: "), "{error}");
    let huge = Folder::with(&"#".repeat((1 << 20) + 1));
    assert!(huge.problems()[0].contains("larger than 1 MiB"));
    let variable = environment(&[("RASTAU_CONFIG", "/nowhere/else.toml")]);
    let error = Config::load(&Sources { environment: variable, ..Sources::default() }).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/else.toml: "), "{error}");
}

#[test]
fn the_demo_is_never_trusted_by_accident() {
    let forgotten = Folder::with("[http]\nconcurrency = 5\n").problems();
    assert!(forgotten[0].contains("no trust anchors"), "{forgotten:?}");
    let empty = Folder::with("[trust]\nanchors = []\n").problems();
    assert!(empty[0].contains("no trust anchors"), "{empty:?}");
    let both = Folder::with("[trust]\nanchors = [\"root.pem\"]\ndemo = true\n").problems();
    assert!(both[0].contains("cannot be trusted beside your own"), "{both:?}");
    let neither = Folder::with("[trust]\ndemo = false\n").problems();
    assert!(neither[0].contains("no trust anchors"), "{neither:?}");
    assert!(Folder::with("[trust]\ndemo = true\n").load().unwrap().trust.demo);
    assert!(!Folder::with("[trust]\nanchors = [\"root.pem\"]\ndemo = false\n").load().unwrap().trust.demo);
}

#[test]
fn dangerous_settings_are_warned_about() {
    let folder = Folder::with(
        "[http]\nlisten = \"0.0.0.0:8080\"\n[access]\nallow_unprotected = true\n[trust]\nanchors = \"root.pem\"\n[revocation]\nmode = \"off\"",
    );
    let warnings = folder.load().unwrap().warnings.join("\n");
    assert!(warnings.contains("without encryption"), "{warnings}");
    assert!(warnings.contains("revoked certificates are accepted"), "{warnings}");
}

#[test]
fn responders_hosts_and_the_order_of_evidence_are_read() {
    let folder = Folder::with(
        r#"
[trust]
demo = true
[revocation]
order = "ocsp-then-crl"
fetch_hosts = [".pki.gov.kz", "crl.example.kz:8080"]
[ocsp]
timeout_ms = 1500
max_age_s = 60
nonce = "if-echoed"
[[ocsp.responder]]
urls = ["http://ocsp.pki.gov.kz/", "http://ocsp1.pki.gov.kz/"]
[[ocsp.responder]]
urls = ["http://10.0.0.1/ocsp"]
issuers = ["root.pem"]
"#,
    );
    let config = folder.load().unwrap();
    assert_eq!(config.revocation.order, RevocationOrder::OcspThenCrl);
    assert_eq!(config.revocation.fetch_hosts, [".pki.gov.kz", "crl.example.kz:8080"]);
    assert_eq!((config.ocsp.timeout.as_millis(), config.ocsp.max_age.as_secs()), (1500, 60));
    assert_eq!(config.ocsp.nonce, NoncePolicy::IfEchoed);
    let [first, second] = config.ocsp.responders.try_into().unwrap();
    assert_eq!((first.urls.len(), first.issuers.len()), (2, 0));
    assert_eq!((second.urls.len(), second.issuers.len()), (1, 1));
}

#[test]
fn responders_and_hosts_that_cannot_be_asked_are_refused() {
    for (written, part) in [
        ("[revocation]\norder = \"list\"", "revocation.order"),
        ("[revocation]\nfetch_hosts = [\"http://crl.example.kz/\"]", "revocation.fetch_hosts"),
        ("[revocation]\nfetch_hosts = [\"127.0.0.1\"]", "revocation.fetch_hosts"),
        ("[revocation]\nfetch_hosts = [\"*\"]", "revocation.fetch_hosts"),
        ("[[ocsp.responder]]\nurls = [\"ldap://a.example/\"]", "ocsp.responder"),
        ("[[ocsp.responder]]\nurls = []", "ocsp.responder"),
        ("[[ocsp.responder]]\nissuers = []", "urls is missing"),
        ("[[ocsp.responder]]\nurls = [\"http://a.example/\"]\nissuers = [\"nowhere.pem\"]", "nowhere.pem"),
        ("[ocsp]\nnonce = \"maybe\"", "ocsp.nonce"),
        ("[ocsp]\ntimeout_ms = 0", "ocsp.timeout_ms"),
        ("[ocsp]\nmax_age_s = 1", "ocsp.max_age_s"),
    ] {
        let problems = Folder::with(&format!("{written}\n[trust]\ndemo = true\n")).problems().join("\n");
        assert!(problems.contains(part), "{written}: {problems}");
    }
}

#[test]
fn responders_are_not_waited_for_as_long_as_a_request_lasts() {
    let responder = "[[ocsp.responder]]\nurls = [\"http://a.example/\"]\n";
    let hosts = "[revocation]\nfetch_hosts = [\".example.kz\"]\n";
    for (times, key) in [
        ("[ocsp]\ntimeout_ms = 10000\n", "rastau.toml:2: ocsp.timeout_ms = 10000: "),
        ("[ocsp]\ntimeout_ms = 60000\n", "rastau.toml:2: ocsp.timeout_ms = 60000: "),
        ("[http]\nrequest_timeout_ms = 3000\n", "rastau.toml:2: http.request_timeout_ms = 3000: "),
        ("[http]\nrequest_timeout_ms = 500\n[ocsp]\ntimeout_ms = 500\n", "rastau.toml:4: ocsp.timeout_ms = 500: "),
    ] {
        for asks in [responder, hosts] {
            let text = format!("{times}{asks}[trust]\ndemo = true\n");
            let problems = Folder::with(&text).problems().join("\n");
            assert!(problems.contains(key) && problems.contains("ocsp.timeout_ms is "), "{text}: {problems}");
            assert!(problems.contains("below http.request_timeout_ms"), "{problems}");
        }
        // Nobody is asked, so nobody is waited for.
        assert!(Folder::with(&format!("{times}[trust]\ndemo = true\n")).load().is_ok(), "{times}");
    }
    let fits = "[http]\nrequest_timeout_ms = 501\n[ocsp]\ntimeout_ms = 500\n";
    assert!(Folder::with(&format!("{fits}{responder}[trust]\ndemo = true\n")).load().is_ok());
}

#[test]
fn keys_without_their_section_are_told() {
    let folder = Folder::with("http = 1\nlisten = \"127.0.0.1:1\"\n[trust]\ndemo = true\n");
    let problems = folder.problems().join("\n");
    assert!(problems.contains("rastau.toml:1: http = 1: a section, not a key. Write [http]"), "{problems}");
    assert!(
        problems.contains("rastau.toml:2: listen = \"127.0.0.1:1\": unknown key. Did you mean http.listen?"),
        "{problems}"
    );
}

#[test]
fn every_key_of_the_reference_can_be_written() {
    let known = include_str!("keys.rs");
    for key in KEYS {
        assert!(known.contains(key.name) && !key.help.is_empty() && !key.default.is_empty());
        let leaf = key.name.rsplit('.').next().unwrap();
        let readers = [
            include_str!("resolve/mod.rs"),
            include_str!("resolve/access.rs"),
            include_str!("resolve/ocsp.rs"),
            include_str!("resolve/records.rs"),
            include_str!("resolve/revocation.rs"),
            include_str!("resolve/signing.rs"),
            include_str!("resolve/submissions.rs"),
            include_str!("resolve/trust.rs"),
        ];
        let used = readers.iter().any(|source| source.contains(&format!("\"{leaf}\"")));
        assert!(used, "{} is in the reference but never read", key.name);
    }
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    for written in [
        "[revocation]\nlists = [\"http://user:secret@a.example/x\"]",
        "[[revocation.list]]\nurls = [\"http://a.example/x\", \"https://user:secret@a.example/x\"]",
    ] {
        let folder = Folder::with(written);
        let problems = folder.problems().join("\n");
        assert!(problems.contains("user name or password"), "{problems}");
        assert!(!problems.contains("secret"), "{problems}");
    }
}

#[test]
fn a_misspelt_level_is_refused_and_does_not_silence_the_log() {
    for level in ["loud", "warning", "rastau=loud", "info,verbose", "", "rastau="] {
        let folder = Folder::with(&format!("[trust]\ndemo = true\n[log]\nlevel = \"{level}\"\n"));
        assert!(folder.problems().iter().any(|problem| problem.contains("log.level")), "{level}");
    }
    for level in ["off", "WARN", "rastau=debug,info", "debug"] {
        let environment = environment(&[("RASTAU_LOG__LEVEL", level)]);
        assert!(Config::load(&Sources { environment, ..Sources::default() }).is_ok(), "{level}");
    }
}

#[test]
fn offices_are_read_with_their_numbers_and_roles() {
    use crate::subject::Role;
    let folder = Folder::with(
        r#"
        [trust]
        demo = true
        [submissions]
        same_signer = false
        max_attachments = 5
        [[submissions.centre]]
        bins = ["600440000019", "670940000055"]
        [[submissions.provider]]
        bins = "600440000019"
        roles = ["head"]
        "#,
    );
    let submissions = folder.load().unwrap().submissions;
    assert!(!submissions.same_signer);
    assert_eq!(submissions.max_attachments, 5);
    let [centre] = submissions.offices.centres.as_slice() else { panic!("{submissions:?}") };
    assert_eq!(centre.bins.len(), 2);
    assert_eq!(centre.roles, [Role::Employee, Role::Head, Role::RightToSign]);
    let [provider] = submissions.offices.providers.as_slice() else { panic!("{submissions:?}") };
    assert_eq!((provider.bins.len(), provider.roles.as_slice()), (1, &[Role::Head][..]));
}

#[test]
fn offices_that_nobody_could_sign_for_are_refused() {
    for (written, told) in [
        ("[[submissions.centre]]\nroles = [\"head\"]", "bins is missing. Write bins"),
        ("[[submissions.centre]]\nbins = []", "an office without a number"),
        ("[[submissions.centre]]\nbins = [\"12\"]", "Write the BIN as twelve digits"),
        ("[[submissions.provider]]\nbins = [600440000019]", "not a text"),
        ("[[submissions.provider]]\nbins = [\"600440000019\"]\nroles = []", "an office without a role"),
        ("[[submissions.provider]]\nbins = [\"600440000019\"]\nroles = [\"boss\"]", "not a role. Write one of"),
        ("[submissions]\nsame_signer = \"sometimes\"", "not a truth value"),
        ("[submissions]\nsame_signers = true", "Did you mean submissions.same_signer?"),
        ("submissions = 1", "a section, not a key"),
    ] {
        let folder = Folder::with(&format!("{written}\n[trust]\ndemo = true\n"));
        let problems = folder.problems().join("\n");
        assert!(problems.contains(told), "{written}: {problems}");
    }
}

#[test]
fn what_one_caller_may_have_shrinks_with_what_there_is_for_all() {
    let load = |text: &str| Folder::with(&format!("[trust]\ndemo = true\n[http]\n{text}")).load().unwrap();
    let config = load("concurrency = 100\nconnections = 40\n");
    assert_eq!((config.http.concurrency_per_client, config.http.connections_per_address), (75, 30));
    let config = load("");
    assert_eq!((config.http.concurrency_per_client, config.http.connections_per_address), (384, 3072));
    assert!(!config.warnings.join("\n").contains("one caller"), "{:?}", config.warnings);
    let config = load("concurrency = 100\nconcurrency_per_client = 100\nconnections_per_address = 5000\n");
    let warnings = config.warnings.join("\n");
    for key in ["http.concurrency_per_client = 100", "http.connections_per_address = 5000"] {
        assert!(warnings.contains(&format!("{key}: one caller can have all")), "{warnings}");
    }
}

#[test]
fn one_caller_leaves_something_to_others_wherever_there_is_more_than_one() {
    assert_eq!([1, 2, 3, 4, 5, 16, 512].map(share_of), [1, 1, 2, 3, 4, 12, 384]);
}

#[test]
fn the_disk_for_documents_holds_a_largest_one_at_least() {
    let text = |keys: &str| Folder::with(&format!("[trust]\ndemo = true\n[http]\n{keys}"));
    let disk = |keys: &str| text(keys).load().unwrap().http.document_disk_bytes;
    assert_eq!(disk(""), 16 << 30);
    assert_eq!(disk("max_document_bytes = 2048\n"), 8192);
    assert_eq!(disk("max_document_bytes = 2048\ndocument_disk_bytes = 2048\n"), 2048);
    let problems = text("max_document_bytes = 2048\ndocument_disk_bytes = 2047\n").problems().join("\n");
    assert!(
        problems.contains("http.document_disk_bytes = 2047: out of range. Write a whole number from 2048"),
        "{problems}"
    );
}
