//! `rastau crl fetch`, `list` and `verify`, against a server of the test's own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::pem;

use super::{Run, file, folder, run};

/// The status line and the body that every request is answered with until another is set.
type Answer = Arc<Mutex<(&'static str, Vec<u8>)>>;

/// A server on loopback, for as long as the test runs.
fn serve(body: Vec<u8>) -> (String, Answer) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/full.crl", listener.local_addr().expect("an address"));
    let answer: Answer = Arc::new(Mutex::new(("200 OK", body)));
    let answers = Arc::clone(&answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
            let (status, body) = answers.lock().expect("not poisoned").clone();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            // A client that has gone is what some tests are about.
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    (url, answer)
}

fn set(answer: &Answer, status: &'static str, body: Vec<u8>) {
    *answer.lock().expect("not poisoned") = (status, body);
}

fn authority() -> Authority {
    Authority::root("СЫНАҚ КО", Key::p256("command line lists"))
}

/// In force for the lifetime of this test.
fn list(authority: &Authority, number: u64) -> ListBuilder {
    authority.list().number(number).updates("2026-01-01T00:00:00Z", "2126-01-01T00:00:00Z")
}

fn signed(authority: &Authority, number: u64) -> Vec<u8> {
    authority.sign_list(&list(authority, number))
}

/// An address that nobody listens at.
fn silent() -> String {
    let address = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    format!("http://{address}/full.crl")
}

struct Setting {
    authority: Authority,
    folder: tempfile::TempDir,
    issuer: String,
    data: String,
}

impl Setting {
    fn new() -> Self {
        let authority = authority();
        let folder = folder();
        let issuer = file(&folder, "issuer.pem", pem::certificate(&authority.certificate).as_bytes());
        let data = folder.path().join("data").to_str().expect("UTF-8").to_owned();
        Self { authority, folder, issuer, data }
    }

    fn fetch(&self, urls: &[&str], more: &[&str]) -> Run {
        self.run("fetch", urls, more)
    }

    fn run(&self, command: &str, urls: &[&str], more: &[&str]) -> Run {
        let mut args = vec!["crl", command, "--issuer", &self.issuer, "--data", &self.data];
        for url in urls {
            args.extend(["--url", url]);
        }
        args.extend(more);
        run(&args)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        file(&self.folder, name, bytes)
    }
}

#[test]
fn a_list_is_fetched_stored_and_listed() {
    let setting = Setting::new();
    let (url, answer) = serve(signed(&setting.authority, 5));
    let first = setting.fetch(&[&url], &[]);
    assert_eq!(first.status, 0, "{}{}", first.out, first.err);
    assert!(first.out.contains("stored") && first.out.contains("number 5"), "{}", first.out);
    assert_eq!(first.err.trim(), format!("fetching {url}"), "plain lines where nobody watches");
    assert!(!first.out.contains('\u{1b}'));
    let again = setting.fetch(&[&url], &["--json"]);
    assert_eq!((again.status, &again.json()["sources"][0]["outcome"]), (0, &"unchanged".into()), "{}", again.out);
    set(&answer, "200 OK", signed(&setting.authority, 6));
    let newer = setting.fetch(&[&url], &["--json"]);
    assert_eq!((newer.status, &newer.json()["sources"][0]["outcome"]), (0, &"stored".into()), "{}", newer.out);
    // Without the network.
    set(&answer, "500 Internal Server Error", Vec::new());
    let listed = setting.run("list", &[&url], &["--json"]);
    assert_eq!(listed.status, 0, "{}", listed.err);
    let row = &listed.json()["lists"][0];
    assert_eq!((&row["state"], &row["number"], &row["source"]), (&"fresh".into(), &6.into(), &url.clone().into()));
    assert!(row["age_s"].is_i64() && row["bytes"].is_u64(), "{row}");
    let human = setting.run("list", &[&url], &[]);
    assert!(human.out.contains("fresh") && human.out.contains("1 lists, 1 in force"), "{}", human.out);
}

#[test]
fn what_does_not_hold_is_refused_and_the_list_in_force_stays() {
    let setting = Setting::new();
    let (url, answer) = serve(signed(&setting.authority, 5));
    assert_eq!(setting.fetch(&[&url], &[]).status, 0);
    let stranger = Authority::root("СЫНАҚ КО", Key::p256("a stranger of the same name"));
    let good = signed(&setting.authority, 9);
    let mut flipped = good.clone();
    *flipped.last_mut().expect("not empty") ^= 1;
    let cases: [(&str, Vec<u8>, i32, &str); 8] = [
        ("200 OK", signed(&setting.authority, 4), 1, "older"),
        ("200 OK", signed(&stranger, 9), 1, "signature"),
        ("200 OK", flipped, 1, "signature"),
        ("200 OK", good[..good.len() - 1].to_vec(), 1, "unreadable"),
        ("200 OK", Vec::new(), 1, "unreadable"),
        ("200 OK", b"<html>portal</html>".to_vec(), 1, "unreadable"),
        ("303 See Other", Vec::new(), 3, "server"),
        ("503 Service Unavailable", Vec::new(), 3, "server"),
    ];
    for (status, body, wanted, cause) in cases {
        set(&answer, status, body);
        let run = setting.fetch(&[&url], &["--json"]);
        assert_eq!(run.status, wanted, "{cause}: {}{}", run.out, run.err);
        let row = &run.json()["sources"][0];
        assert_eq!(row["cause"], cause, "{row}");
        assert_eq!(row["lists"][0]["number"], 5, "{row}");
        let human = setting.fetch(&[&url], &[]);
        assert!(human.out.contains("remedy:") && human.out.contains("In force stays:"), "{}", human.out);
    }
    assert_eq!(setting.run("list", &[&url], &["--json"]).json()["lists"][0]["number"], 5);
}

#[test]
fn mirrors_are_tried_in_turn_and_a_liar_is_told_from_a_silent_one() {
    let setting = Setting::new();
    let (good, _) = serve(signed(&setting.authority, 5));
    let (liar, _) = serve(b"<html>".to_vec());
    let nobody = silent();
    let run = setting.fetch(&[&nobody, &liar, &good], &["--json"]);
    assert_eq!(run.status, 0, "{}", run.out);
    let mirrors = &run.json()["sources"][0]["mirrors"];
    assert!(mirrors[0]["error"].is_string() && mirrors[1]["error"].is_string(), "{mirrors}");
    assert!(mirrors[2]["error"].is_null(), "{mirrors}");
    let other = Setting::new();
    assert_eq!(other.fetch(&[&nobody], &[]).status, 3);
    assert_eq!(other.fetch(&[&nobody, &liar], &[]).status, 1);
    assert_eq!(other.fetch(&[&liar, &nobody], &[]).status, 1, "what was refused is worth more to know");
}

#[test]
fn a_file_of_the_operators_is_replaced_under_the_same_rules() {
    let setting = Setting::new();
    let (url, answer) = serve(pem::encode("X509 CRL", &signed(&setting.authority, 5)).into_bytes());
    let out = setting.folder.path().join("list.crl");
    let path = out.to_str().expect("UTF-8");
    let first = setting.fetch(&[&url], &["--out", path]);
    assert_eq!(first.status, 0, "{}{}", first.out, first.err);
    assert_eq!(std::fs::read(&out).expect("written"), signed(&setting.authority, 5), "DER, whatever came");
    set(&answer, "200 OK", signed(&setting.authority, 4));
    assert_eq!(setting.fetch(&[&url], &["--out", path]).status, 1);
    set(&answer, "200 OK", b"<html>".to_vec());
    assert_eq!(setting.fetch(&[&url], &["--out", path]).status, 1);
    assert_eq!(std::fs::read(&out).expect("there"), signed(&setting.authority, 5));
    set(&answer, "200 OK", signed(&setting.authority, 6));
    assert_eq!(setting.fetch(&[&url], &["--out", path]).status, 0);
    assert_eq!(std::fs::read(&out).expect("there"), signed(&setting.authority, 6));
    let precious = setting.file("precious.txt", b"my diary");
    let refused = setting.fetch(&[&url], &["--out", &precious]);
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("no revocation list"), "{}", refused.err);
    assert_eq!(std::fs::read(&precious).expect("there"), b"my diary");
    let nowhere = setting.fetch(&[&url], &["--out", "/no/such/folder/list.crl"]);
    assert_eq!(nowhere.status, 2, "{}", nowhere.err);
    assert!(nowhere.err.contains("cannot be written"), "{}", nowhere.err);
    let left = std::fs::read_dir(setting.folder.path()).expect("a folder").flatten();
    assert!(left.into_iter().all(|entry| entry.path().extension().is_none_or(|extension| extension != "tmp")));
}

#[test]
fn the_lists_of_a_configuration_are_fetched_together() {
    let setting = Setting::new();
    let (one, _) = serve(signed(&setting.authority, 5));
    let nobody = silent();
    let config = format!(
        "[trust]\nanchors = [{:?}]\n[data]\ndirectory = {:?}\n[[revocation.list]]\nurls = [{one:?}]\n\
         [[revocation.list]]\nurls = [{nobody:?}]\n",
        setting.issuer, setting.data
    );
    let config = setting.file("rastau.toml", config.as_bytes());
    let fetched = run(&["crl", "fetch", "--config", &config, "--json"]);
    assert_eq!(fetched.status, 3, "{}{}", fetched.out, fetched.err);
    let outcomes = fetched.json();
    assert_eq!(
        (&outcomes["sources"][0]["outcome"], &outcomes["sources"][1]["outcome"]),
        (&"stored".into(), &"unreachable".into())
    );
    let listed = run(&["crl", "list", "--config", &config, "--json"]).json();
    assert_eq!((&listed["lists"][0]["state"], &listed["lists"][1]["state"]), (&"fresh".into(), &"missing".into()));
    let out = run(&["crl", "fetch", "--config", &config, "--out", "/tmp/never.crl"]);
    assert_eq!(out.status, 2);
    assert!(out.err.contains("more than one list"), "{}", out.err);
}

#[test]
fn what_cannot_be_meant_says_what_to_do() {
    let setting = Setting::new();
    for (args, word) in [
        (&["crl", "fetch"][..], "--url"),
        (&["crl", "fetch", "--url", "ftp://a/b", "--issuer", &setting.issuer, "--data", &setting.data], "http"),
        (&["crl", "fetch", "--url", "http://a/b", "--issuer", "/no/issuer", "--data", &setting.data], "--issuer"),
        (&["crl", "fetch", "--url", "http://u:secret@a/b", "--issuer", &setting.issuer], "password"),
        (&["crl", "fetch", "--config", "/no/config.toml"], "remedy"),
        (&["crl", "list", "--config", "/no/config.toml"], "remedy"),
        (&["crl", "fetch", "--url", "http://a/b"], "issuer"),
    ] {
        let run = run(args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.err);
        assert!(run.err.contains(word) && !run.err.contains("secret"), "{args:?}: {}", run.err);
    }
    let demo = run(&["crl", "list", "--data", &setting.data]);
    assert_eq!(demo.status, 0, "{}", demo.err);
    assert!(demo.out.contains("embedded:"), "{}", demo.out);
}

#[test]
fn verify_judges_signature_period_and_kind() {
    let setting = Setting::new();
    let authority = &setting.authority;
    let good = setting.file("good.crl", &signed(authority, 5));
    let lapsed = list(authority, 5).updates("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    let lapsed = setting.file("lapsed.crl", &authority.sign_list(&lapsed));
    let endless = setting.file("endless.crl", &authority.sign_list(&list(authority, 5).without_next_update()));
    let stranger = Authority::root("БАСҚА КО", Key::p256("stranger to verify"));
    let foreign = setting.file("foreign.crl", &signed(&stranger, 5));
    let unknown = rastau_mint::extension::Extension::new("1.2.3.4", vec![5, 0]).critical();
    let unknown = setting.file("unknown.crl", &authority.sign_list(&list(authority, 5).with(unknown)));
    let (issuer, at) = (setting.issuer.as_str(), "2026-01-01T12:00:00Z");
    for (list, option, moment, status, decision) in [
        (&good, "--issuer", None, 0, "good"),
        (&good, "--trust", None, 0, "good"),
        (&good, "--issuer", Some("2025-06-01T00:00:00Z"), 3, "undetermined"),
        (&lapsed, "--issuer", None, 3, "undetermined"),
        (&lapsed, "--issuer", Some(at), 0, "good"),
        (&endless, "--issuer", None, 3, "undetermined"),
        (&foreign, "--issuer", None, 1, "refused"),
        (&foreign, "--trust", None, 3, "undetermined"),
        (&unknown, "--issuer", None, 1, "refused"),
    ] {
        let mut args = vec!["crl", "verify", list, option, issuer];
        args.extend(moment.iter().flat_map(|moment| ["--at", moment]));
        let human = run(&args);
        args.push("--json");
        let machine = run(&args);
        assert_eq!((human.status, machine.status), (status, status), "{args:?}: {}{}", human.out, human.err);
        assert_eq!(machine.json()["decision"], decision, "{args:?}");
        assert!(human.out.contains(decision), "{args:?}: {}", human.out);
        assert_eq!(human.out.contains("remedy:"), status != 0, "{}", human.out);
    }
    for args in [&[good.as_str(), "--issuer", &good][..], &[issuer, "--issuer", issuer], &["/no", "--issuer", issuer]] {
        assert_eq!(run(&[&["crl", "verify"], args].concat()).status, 2, "{args:?}");
    }
}

#[test]
fn verify_tells_whether_a_delta_changes_its_base() {
    let setting = Setting::new();
    let authority = &setting.authority;
    let base = setting.file("base.crl", &signed(authority, 14));
    let delta = |name: &str, number: u64, needed: u64| {
        setting.file(name, &authority.sign_list(&list(authority, number).delta_to(needed)))
    };
    let fits = delta("fits.crl", 15, 14);
    let early = delta("early.crl", 15, 13);
    let ahead = delta("ahead.crl", 16, 15);
    // As the National CA's of April 2025: it continues number 14 and has number 10 itself.
    let below = delta("below.crl", 10, 14);
    let equal = delta("equal.crl", 14, 14);
    let stranger = Authority::root("БАСҚА КО", Key::p256("stranger with deltas"));
    let foreign = setting.file("foreign.crl", &signed(&stranger, 14));
    let both = setting.file("stranger.pem", pem::certificate(&stranger.certificate).as_bytes());
    for (delta, base, status, word) in [
        (&fits, &base, 0, "good"),
        (&early, &base, 0, "good"),
        (&ahead, &base, 1, "number 15 or a later one"),
        (&below, &base, 1, "not above"),
        (&equal, &base, 1, "not above"),
        (&fits, &foreign, 1, "another authority"),
        (&fits, &fits, 1, "a delta itself"),
        (&base, &base, 1, "needs no base"),
    ] {
        let run = run(&["crl", "verify", delta, "--base", base, "--issuer", &setting.issuer, "--issuer", &both]);
        assert_eq!(run.status, status, "{delta} {base}: {}{}", run.out, run.err);
        assert!(run.out.contains(word), "{word}: {}", run.out);
    }
    let alone = run(&["crl", "verify", &fits, "--issuer", &setting.issuer]);
    assert_eq!(alone.status, 0, "{}", alone.out);
    assert!(alone.out.contains("--base"), "{}", alone.out);
}
