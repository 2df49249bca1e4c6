//! Situations at the door: who is let in, who is not, and what a changed file changes.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Mutex;

use rastau_mint::authority::Authority;
use rastau_mint::tls::{self, End};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;

use super::token::Token;
use super::*;
use crate::config::{AccessClient, CertificatePin, ClientCertificates, Sources};
use crate::crypto::sha256;

const NOW: &str = "2026-08-20T00:00:00Z";

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn client(name: &str, roles: &[Role]) -> AccessClient {
    AccessClient {
        name: name.to_owned(),
        roles: roles.to_vec(),
        tokens: Vec::new(),
        certificates: Vec::new(),
        rate_per_second: None,
        burst: None,
        expires: None,
    }
}

/// A client and the field that it sends.
fn with_token(mut client: AccessClient) -> (AccessClient, String) {
    let token = Token::mint().unwrap();
    client.tokens.push(sha256(token.as_str().as_bytes()));
    (client, format!("Bearer {}", token.as_str()))
}

fn demo(clients: Vec<AccessClient>) -> Config {
    let mut config = Config::load(&Sources::default()).unwrap();
    config.access.clients = clients;
    config
}

fn open(clients: Vec<AccessClient>) -> Access {
    Access::open(&demo(clients), at(NOW)).unwrap()
}

fn asked<'a>(route: &'static str, authorization: Option<&'a str>, peer: Option<&'a Peer>) -> Asked<'a> {
    let authorization = authorization.map_or(Authorization::Absent, |field| Authorization::Field(field.as_bytes()));
    Asked { route, method: "POST", authorization, peer, request_id: "id" }
}

/// The name of the client that is let in, or why nobody is.
fn outcome(access: &Access, asked: &Asked<'_>, now: &str) -> Result<String, RefusalCause> {
    let caller = access.admit(asked, &Metrics::new(), at(now)).map_err(|refusal| refusal.cause)?;
    Ok(caller.map_or_else(|| "(anybody)".to_owned(), |caller| caller.name.to_string()))
}

const CHECK: &str = "/v1/certificates/check";
const SIGN: &str = "/v1/licences/sign";

#[test]
fn without_clients_everybody_is_let_in() {
    let access = open(Vec::new());
    assert!(!access.is_controlled() && !access.has_files());
    for route in [CHECK, SIGN, "/metrics", "(none)"] {
        assert_eq!(outcome(&access, &asked(route, Some("Bearer x"), None), NOW).unwrap(), "(anybody)");
    }
}

#[test]
fn a_client_may_what_its_roles_allow_and_no_more() {
    let (portal, token) = with_token(client("portal", &[Role::Portal]));
    let access = open(vec![portal]);
    let token = Some(token.as_str());
    assert_eq!(outcome(&access, &asked(CHECK, token, None), NOW).unwrap(), "portal");
    for route in [SIGN, "/v1/journal", "/v1/officials", "/v1/approvals", "/v1/revocation/refresh", "/metrics"] {
        assert_eq!(outcome(&access, &asked(route, token, None), NOW), Err(RefusalCause::Forbidden), "{route}");
    }
    assert_eq!(outcome(&access, &asked("(none)", token, None), NOW), Err(RefusalCause::NoSuchCall));
    assert_eq!(outcome(&access, &asked("/v1/new", token, None), NOW), Err(RefusalCause::NoSuchCall));
    let caller = access.admit(&asked(CHECK, token, None), &Metrics::new(), at(NOW)).unwrap().unwrap();
    assert_eq!(caller.roles, Roles::of(&[Role::Portal]));
}

#[test]
fn whoever_is_not_known_is_refused_everything_but_health_and_pages() {
    let (portal, _) = with_token(client("portal", &[Role::Portal]));
    let mut config = demo(vec![portal]);
    let stranger = Token::mint().unwrap();
    let stranger = format!("Bearer {}", stranger.as_str());
    for (route, page) in [(CHECK, false), ("(none)", false), ("/metrics", false), ("/", true), ("/openapi.json", true)]
    {
        for protect_pages in [false, true] {
            config.access.protect_pages = protect_pages;
            let access = Access::open(&config, at(NOW)).unwrap();
            let open = page && !protect_pages;
            for (field, cause) in [
                (None, RefusalCause::Missing),
                (Some(stranger.as_str()), RefusalCause::UnknownToken),
                (Some("Basic YTpi"), RefusalCause::Malformed),
                (Some(""), RefusalCause::Malformed),
            ] {
                let expected = if open { Ok("(anybody)".to_owned()) } else { Err(cause) };
                assert_eq!(outcome(&access, &asked(route, field, None), NOW), expected, "{route} {field:?}");
            }
            let twice = Asked { authorization: Authorization::Repeated, ..asked(route, None, None) };
            let expected = if open { Ok("(anybody)".to_owned()) } else { Err(RefusalCause::Malformed) };
            assert_eq!(outcome(&access, &twice, NOW), expected, "{route}");
            for health in ["/healthz", "/readyz"] {
                assert!(outcome(&access, &asked(health, Some("Basic YTpi"), None), NOW).is_ok());
            }
        }
    }
}

#[test]
fn a_client_ends_when_it_was_said_to() {
    let (mut portal, token) = with_token(client("portal", &[Role::Portal]));
    portal.expires = Some(at(NOW));
    let access = open(vec![portal]);
    let asked = asked(CHECK, Some(&token), None);
    assert!(outcome(&access, &asked, "2026-08-19T23:59:59Z").is_ok());
    for now in [NOW, "2027-01-01T00:00:00Z"] {
        assert_eq!(outcome(&access, &asked, now), Err(RefusalCause::Expired));
    }
}

#[test]
fn a_client_that_asks_too_often_has_to_wait_and_the_others_do_not() {
    let (mut portal, token) = with_token(client("portal", &[Role::Portal]));
    (portal.rate_per_second, portal.burst) = (Some(1), Some(2));
    let (other, other_token) = with_token(client("other", &[Role::Portal]));
    let access = open(vec![portal, other]);
    let outcomes: Vec<_> = (0..50).map(|_| outcome(&access, &asked(CHECK, Some(&token), None), NOW)).collect();
    assert!(outcomes[..2].iter().all(Result::is_ok), "{outcomes:?}");
    assert!(outcomes.contains(&Err(RefusalCause::TooOften { retry_after: 1 })), "{outcomes:?}");
    assert!(outcome(&access, &asked(CHECK, Some(&other_token), None), NOW).is_ok());
    // Health is not counted, whoever asks.
    assert!(outcome(&access, &asked("/healthz", Some(&token), None), NOW).is_ok());
}

/// Notes what it is told.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl RefusalSink for Notes {
    fn refused(&self, refused: &Refused<'_>) {
        let Refused { cause, client, route, method, peer, request_id, suppressed } = refused;
        let line = format!("{} {client:?} {method} {route} {peer:?} {request_id} {}", cause.as_str(), *suppressed > 0);
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn refusals_are_counted_all_and_recorded_as_many_as_are_of_use() {
    let (portal, token) = with_token(client("portal", &[Role::Portal]));
    let notes = Arc::new(Notes::default());
    let access = open(vec![portal]).with_sink(notes.clone());
    let metrics = Metrics::new();
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), certificate: None };
    for _ in 0..1000 {
        access.admit(&asked(CHECK, None, Some(&peer)), &metrics, at(NOW)).unwrap_err();
    }
    // A flood of strangers does not hide what a client does.
    access.admit(&asked(SIGN, Some(&token), Some(&peer)), &metrics, at(NOW)).unwrap_err();
    access.admit(&asked("(none)", Some(&token), Some(&peer)), &metrics, at(NOW)).unwrap_err();
    let text = metrics.text();
    assert!(text.contains("rastau_access_refusals_total{cause=\"missing\"} 1000\n"), "{text}");
    assert!(!text.contains("no-such-call"), "{text}");
    let notes = notes.0.lock().unwrap();
    assert_eq!(notes[0], "missing None POST /v1/certificates/check Some(127.0.0.1) id false");
    assert!((100..500).contains(&notes.len()), "{}", notes.len());
    assert_eq!(notes.last().unwrap(), "forbidden Some(\"portal\") POST /v1/licences/sign Some(127.0.0.1) id true");
    let secret = token.trim_start_matches("Bearer rastau_");
    assert!(notes.iter().all(|line| !line.contains(secret)) && !format!("{access:?}").contains(secret));
}

/// A folder with the files of TLS and of tokens.
struct Site {
    folder: TempDir,
    root: Authority,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), root: tls::authority("Clients") };
        site.put_server(&tls::server(&site.root, "localhost", "first"));
        site.put("roots.pem", rastau_mint::pem::certificate(&site.root.certificate));
        site.put("tokens", String::new());
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    fn put_server(&self, server: &End) {
        self.put("certificate.pem", server.certificate_pem());
        self.put("key.pem", server.key_pem());
    }

    fn config(&self, clients: Vec<AccessClient>) -> Config {
        let mut config = demo(clients);
        config.access.tokens = Some(self.path("tokens"));
        config.tls = Some(crate::config::Tls {
            certificate: self.path("certificate.pem"),
            key: self.path("key.pem"),
            client_roots: vec![self.path("roots.pem")],
            client_certificates: ClientCertificates::Optional,
            handshake_timeout: std::time::Duration::from_secs(10),
        });
        config
    }

    fn open(&self, clients: Vec<AccessClient>) -> Result<Access, AccessError> {
        Access::open(&self.config(clients), at(NOW))
    }
}

fn peer(chain: &[&[u8]]) -> Peer {
    let chain: Vec<_> = chain.iter().map(|der| CertificateDer::from(*der)).collect();
    Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), certificate: PeerCertificate::of(&chain, 1).unwrap() }
}

#[test]
fn a_certificate_is_known_by_its_hash_its_key_or_its_subject() {
    let site = Site::new();
    let end = tls::client(&site.root, "ERP, \"main\"");
    let certificate = crate::x509::Certificate::from_der(&end.certificate).unwrap();
    let subject = certificate.subject().to_string();
    assert_eq!(subject, "CN=ERP\\, \\\"main\\\"");
    let key = sha256(certificate.public_key_info().unwrap());
    let shown = peer(&[&end.certificate]);
    for pin in [
        CertificatePin::Certificate(sha256(&end.certificate)),
        CertificatePin::PublicKey(key),
        CertificatePin::Subject(subject),
    ] {
        let mut system = client("erp", &[Role::ELicensing]);
        system.certificates.push(pin.clone());
        let access = site.open(vec![system]).unwrap();
        assert_eq!(outcome(&access, &asked(SIGN, None, Some(&shown)), NOW).unwrap(), "erp", "{pin:?}");
        assert_eq!(outcome(&access, &asked("/v1/journal", None, Some(&shown)), NOW), Err(RefusalCause::Forbidden));
        let other = peer(&[&tls::client(&site.root, "ERP").certificate]);
        let stranger = outcome(&access, &asked(SIGN, None, Some(&other)), NOW);
        assert_eq!(stranger, Err(RefusalCause::UnknownCertificate), "{pin:?}");
        // The connection may outlive the certificate.
        let late = outcome(&access, &asked(SIGN, None, Some(&shown)), "2050-01-01T00:00:00Z");
        assert_eq!(late, Err(RefusalCause::Expired));
    }
}

#[test]
fn a_bad_token_is_not_made_up_for_by_a_certificate_nor_the_other_way_round() {
    let site = Site::new();
    let end = tls::client(&site.root, "ERP");
    let shown = peer(&[&end.certificate]);
    let (mut system, own_token) = with_token(client("erp", &[Role::ELicensing]));
    system.certificates.push(CertificatePin::Certificate(sha256(&end.certificate)));
    let (portal, other_token) = with_token(client("portal", &[Role::Portal]));
    let access = site.open(vec![system, portal]).unwrap();
    for (field, expected) in [
        (Some(own_token.as_str()), Ok("erp")),
        (None, Ok("erp")),
        (Some(other_token.as_str()), Err(RefusalCause::Disagreement)),
        (Some("Bearer rastau_00"), Err(RefusalCause::Malformed)),
    ] {
        let expected = expected.map(str::to_owned);
        assert_eq!(outcome(&access, &asked(CHECK, field, Some(&shown)), NOW), expected, "{field:?}");
    }
    // The certificate of a proxy is nobody's: the token tells.
    let proxy = peer(&[&tls::client(&site.root, "proxy").certificate]);
    assert_eq!(outcome(&access, &asked(CHECK, Some(&other_token), Some(&proxy)), NOW).unwrap(), "portal");
}

#[test]
fn an_authority_that_was_struck_out_vouches_for_nobody_on_connections_that_go_on() {
    let site = Site::new();
    let end = tls::client(&site.root, "ERP");
    let shown = peer(&[&end.certificate]);
    let mut system = client("erp", &[Role::ELicensing]);
    system.certificates.push(CertificatePin::Certificate(sha256(&end.certificate)));
    let access = site.open(vec![system]).unwrap();
    let (asked, metrics) = (asked(SIGN, None, Some(&shown)), Metrics::new());
    assert!(outcome(&access, &asked, NOW).is_ok());
    // One more authority: the old one still vouches.
    let other = rastau_mint::pem::certificate(&tls::authority("Others").certificate);
    site.put("roots.pem", rastau_mint::pem::certificate(&site.root.certificate) + &other);
    access.reload(&metrics, at(NOW), false);
    assert!(outcome(&access, &asked, NOW).is_ok());
    site.put("roots.pem", other);
    access.reload(&metrics, at(NOW), false);
    assert_eq!(outcome(&access, &asked, NOW), Err(RefusalCause::UnknownCertificate));
}

#[test]
fn tokens_come_and_go_with_the_file() {
    let site = Site::new();
    let access = site.open(vec![client("portal", &[Role::Portal])]).unwrap();
    let metrics = Metrics::new();
    let token = Token::mint().unwrap();
    let field = format!("Bearer {}", token.as_str());
    let asked = asked(CHECK, Some(&field), None);
    assert_eq!(outcome(&access, &asked, NOW), Err(RefusalCause::UnknownToken));
    site.put("tokens", format!("portal {:x} 2026-08-21T00:00:00Z\n", token.digest()));
    access.reload(&metrics, at(NOW), false);
    assert_eq!(outcome(&access, &asked, NOW).unwrap(), "portal");
    assert_eq!(outcome(&access, &asked, "2026-08-21T00:00:00Z"), Err(RefusalCause::Expired));
    // A file that cannot be used changes nothing, and is complained of once.
    for spoilt in ["portal", "portal"] {
        site.put("tokens", spoilt);
        access.reload(&metrics, at(NOW), false);
        assert_eq!(outcome(&access, &asked, NOW).unwrap(), "portal");
    }
    fs::remove_file(site.path("tokens")).unwrap();
    for _ in 0..3 {
        access.reload(&metrics, at(NOW), false);
        assert_eq!(outcome(&access, &asked, NOW).unwrap(), "portal");
    }
    site.put("tokens", "# nobody\n");
    access.reload(&metrics, at(NOW), false);
    assert_eq!(outcome(&access, &asked, NOW), Err(RefusalCause::UnknownToken));
    let text = metrics.text();
    assert!(text.contains("rastau_access_readings_total{files=\"tokens\",outcome=\"bad\"} 2\n"), "{text}");
    assert!(text.contains("rastau_access_readings_total{files=\"tokens\",outcome=\"good\"} 2\n"), "{text}");
}

#[test]
fn a_renewed_certificate_is_taken_and_an_unusable_one_is_not() {
    let site = Site::new();
    let access = site.open(Vec::new()).unwrap();
    let metrics = Metrics::new();
    let reading = |told| {
        access.reload(&metrics, at(NOW), told);
        access.tls().unwrap().server().1
    };
    assert_eq!(reading(false), 1);
    // Half of the change, as when files are copied one by one; then the whole.
    let second = tls::server(&site.root, "localhost", "second");
    site.put("certificate.pem", second.certificate_pem());
    assert_eq!(reading(false), 1);
    site.put("key.pem", second.key_pem());
    assert_eq!(reading(false), 2);
    assert_eq!(reading(false), 2);
    assert_eq!(reading(true), 3);
    let expired =
        tls::server_of(&site.root, "localhost", "second", |c| c.valid("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"));
    for (name, spoilt) in [
        ("certificate.pem", expired.certificate_pem()),
        ("certificate.pem", String::new()),
        ("certificate.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned()),
        ("certificate.pem", "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n".to_owned()),
        ("key.pem", String::new()),
        ("key.pem", second.key_pem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")),
        ("key.pem", second.certificate_pem()),
        ("roots.pem", String::new()),
        ("roots.pem", second.key_pem()),
    ] {
        let good = fs::read(site.path(name)).unwrap();
        site.put(name, &spoilt);
        assert_eq!(reading(false), 3, "{name}: {spoilt}");
        assert_eq!(reading(true), 3, "{name}: {spoilt}");
        site.put(name, good);
    }
    fs::remove_file(site.path("key.pem")).unwrap();
    assert_eq!(reading(true), 3);
    site.put("key.pem", second.key_pem());
    assert_eq!(reading(false), 4);
    let text = metrics.text();
    assert!(
        text.contains("rastau_tls_certificate_not_after_timestamp_seconds{certificate=\"service\"} 2524607999\n"),
        "{text}"
    );
}

#[test]
fn what_the_service_cannot_start_on_is_named_without_a_part_of_the_key() {
    let site = Site::new();
    let server = tls::server(&site.root, "localhost", "first");
    let other = tls::server(&site.root, "localhost", "other");
    for (name, contents, told) in [
        ("certificate.pem", String::new(), "certificate.pem: has no certificate. Name a PEM file"),
        ("key.pem", other.key_pem(), "key.pem: is not the key of the certificate. Put certificate and key of one pair"),
        ("key.pem", server.certificate_pem(), "key.pem: has no private key"),
        (
            "key.pem",
            server.key_pem().replace("PRIVATE", "ENCRYPTED PRIVATE"),
            "key.pem: is encrypted. Write it without",
        ),
        ("key.pem", "x".repeat((1 << 20) + 1), "is larger than 1 MiB"),
        ("key.pem", rastau_mint::pem::encode("PRIVATE KEY", &[0x30, 0]), "cannot be used for TLS"),
        ("roots.pem", server.key_pem(), "roots.pem: has no certificate"),
        ("tokens", "portal".to_owned(), "tokens: line 1: neither two nor three words"),
    ] {
        let good = fs::read(site.path(name)).unwrap();
        site.put(name, &contents);
        let error = site.open(vec![client("portal", &[Role::Portal])]).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert!(!error.contains(&server.key_pem()[30..60]), "{error}");
        site.put(name, good);
    }
    fs::remove_file(site.path("key.pem")).unwrap();
    let error = site.open(Vec::new()).unwrap_err().to_string();
    assert!(error.contains("key.pem: cannot be read"), "{error}");
}
