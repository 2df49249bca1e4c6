//! Situations of operators who say who may ask.

use super::tests::Folder;
use super::*;
use crate::clock::Time;

const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// The problems of a configuration that trusts the demo and has these lines, as one text.
fn problems(written: &str) -> String {
    Folder::with(&format!("{written}\n[trust]\ndemo = true\n")).problems().join("\n")
}

fn load(written: &str) -> Config {
    Folder::with(&format!("{written}\n[trust]\ndemo = true\n")).load().unwrap()
}

#[test]
fn clients_and_tls_are_understood() {
    let config = load(&format!(
        r#"
        [http]
        listen = "0.0.0.0:8443"
        [tls]
        certificate = "sub.pem"
        key = "root.pem"
        client_roots = ["root.pem"]
        client_certificates = "required"
        handshake_timeout_ms = 250
        [access]
        tokens = "services.toml"
        protect_pages = true
        [[access.client]]
        name = "portal"
        roles = ["portal"]
        token_sha256 = ["{DIGEST}"]
        rate_per_second = 50
        burst = 200
        expires = 2027-01-31T00:00:00+05:00
        [[access.client]]
        name = "e-licensing"
        roles = ["e-licensing", "auditor"]
        certificates = ["{DIGEST}", "key-sha256:{DIGEST}", "subject:CN=ERP, O=Ministry"]
        expires = "2027-01-31T00:00:00Z"
        "#
    ));
    let tls = config.tls.as_ref().unwrap();
    assert_eq!(
        (tls.client_certificates, tls.handshake_timeout),
        (ClientCertificates::Required, Duration::from_millis(250))
    );
    assert_eq!(tls.client_roots.len(), 1);
    let access = &config.access;
    assert!(access.is_controlled() && access.protect_pages && access.tokens.is_some());
    let [portal, system] = access.clients.as_slice() else { panic!("{access:?}") };
    assert_eq!((portal.name.as_str(), portal.roles.as_slice()), ("portal", &[Role::Portal][..]));
    assert_eq!((portal.tokens.len(), portal.rate_per_second, portal.burst), (1, Some(50), Some(200)));
    assert_eq!(portal.expires, "2027-01-30T19:00:00Z".parse::<Time>().ok());
    let digest = parse_sha256(DIGEST).unwrap();
    assert_eq!(portal.tokens, [digest]);
    let subject = "CN=ERP, O=Ministry".to_owned();
    let pins =
        [CertificatePin::Certificate(digest), CertificatePin::PublicKey(digest), CertificatePin::Subject(subject)];
    assert_eq!(system.certificates, pins);
    assert!(config.warnings.iter().all(|warning| !warning.contains("http.listen")), "{:?}", config.warnings);
    assert!(config.settings.iter().all(|setting| !setting.value.contains(DIGEST)), "{:?}", config.settings);
}

#[test]
fn an_address_that_others_reach_has_to_be_protected() {
    let tls = "[tls]\ncertificate = \"sub.pem\"\nkey = \"root.pem\"\n";
    let client = format!("[[access.client]]\nname = \"a\"\nroles = [\"portal\"]\ntoken_sha256 = [\"{DIGEST}\"]\n");
    for listen in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[::ffff:192.0.2.1]:80"] {
        let http = format!("[http]\nlisten = \"{listen}\"\n");
        for (rest, told) in [
            (String::new(), "without encryption and without access control. Listen on 127.0.0.1"),
            (tls.to_owned(), "without access control"),
            (client.clone(), "without encryption. "),
        ] {
            assert!(problems(&format!("{http}{rest}")).contains(told), "{listen} {rest}");
        }
        load(&format!("{http}{tls}{client}"));
    }
    for listen in ["127.0.0.1:80", "127.8.8.8:80", "[::1]:80", "[::ffff:127.0.0.1]:80", "localhost:80"] {
        load(&format!("[http]\nlisten = \"{listen}\"\n"));
        load(&format!("[http]\nlisten = \"{listen}\"\n{client}"));
    }
}

#[test]
fn who_says_that_something_else_protects_the_address_is_warned() {
    let warnings = load("[http]\nlisten = \"0.0.0.0:80\"\n[access]\nallow_unprotected = true").warnings.join("\n");
    assert!(warnings.contains("without encryption and without access control"), "{warnings}");
    let warnings = load("[access]\nallow_unprotected = true").warnings.join("\n");
    assert!(!warnings.contains("allow_unprotected"), "{warnings}");
}

#[test]
fn half_of_a_client_is_refused() {
    let client = |lines: &str| format!("[[access.client]]\nname = \"a\"\nroles = [\"portal\"]\n{lines}\n");
    let known = client(&format!("token_sha256 = [\"{DIGEST}\"]"));
    for (written, told) in [
        ("[[access.client]]\nroles = [\"portal\"]".to_owned(), "name is missing"),
        ("[[access.client]]\nname = \"a b\"\nroles = [\"portal\"]".to_owned(), "not a name of a client"),
        ("[[access.client]]\nname = \"\"\nroles = [\"portal\"]".to_owned(), "not a name of a client"),
        (format!("[[access.client]]\nname = \"{}\"\nroles = [\"portal\"]", "a".repeat(65)), "not a name of a client"),
        (known.clone() + &client(&format!("token_sha256 = [\"{}\"]", "00".repeat(32))), "the name of two clients"),
        ("[[access.client]]\nname = \"a\"".to_owned(), "roles is missing"),
        ("[[access.client]]\nname = \"a\"\nroles = []".to_owned(), "a client without a role"),
        ("[[access.client]]\nname = \"a\"\nroles = [\"root\"]".to_owned(), "not a role. Write roles"),
        (client(""), "nothing to know the client a by"),
        (client("token_sha256 = []"), "nothing to know the client a by"),
        (client(&format!("token_sha256 = [\"{DIGEST}\", \"{DIGEST}\"]")), "a token that was listed before"),
        (known.clone() + &known.replace("\"a\"", "\"b\""), "a token that was listed before"),
        (client(&format!("certificates = [\"{DIGEST}\"]")), "no client is asked for a certificate"),
        (client("certificates = [\"md5:00\"]"), "not a certificate"),
        (client("certificates = [\"subject: \"]"), "not a certificate"),
        (known.clone() + "burst = 3", "a burst of no rate"),
        (known.clone() + "rate_per_second = 0", "not a number of requests"),
        (known.clone() + "rate_per_second = 4294967297", "not a number of requests"),
        (known.clone() + "rate_per_second = \"many\"", "not a number of requests"),
        (known.clone() + "expires = 2027-01-31", "not a time"),
        (known.clone() + "expires = \"never\"", "not a time"),
        (known.clone() + "token = \"x\"", "unknown key"),
        ("[access]\ntokens = \"sub.pem\"".to_owned(), "tokens of clients that are not configured"),
        ("[access]\ntokens = \"gone\"".to_owned(), "no such file"),
        ("access = 1".to_owned(), "a section, not a key"),
    ] {
        let problems = problems(&written);
        assert!(problems.contains(told), "{written}\n{problems}");
    }
}

#[test]
fn a_token_in_the_place_of_its_hash_is_not_repeated() {
    for secret in [format!("rastau_{DIGEST}"), "hunter2".to_owned()] {
        let written = format!("[[access.client]]\nname = \"a\"\nroles = [\"portal\"]\ntoken_sha256 = [\"{secret}\"]");
        let problems = problems(&written);
        assert!(problems.contains("not the SHA-256 of a token"), "{problems}");
        assert!(!problems.contains(&secret), "{problems}");
    }
}

#[test]
fn half_of_tls_is_refused() {
    for (written, told) in [
        ("certificate = \"sub.pem\"", "a certificate without its key"),
        ("key = \"root.pem\"", "a key without its certificate"),
        ("client_roots = [\"root.pem\"]", "authorities of clients without TLS"),
        ("certificate = \"sub.pem\"\nkey = \"root.pem\"\nclient_certificates = \"required\"", "nobody vouches for any"),
        ("certificate = \"sub.pem\"\nkey = \"gone.pem\"", "no such file"),
        ("certificate = \"sub.pem\"\nkey = \".\"", "a folder"),
        ("client_certificates = \"perhaps\"", "not a value of this key"),
    ] {
        let problems = problems(&format!("[tls]\n{written}"));
        assert!(problems.contains(told), "{written}\n{problems}");
    }
    assert!(load("").tls.is_none());
}
