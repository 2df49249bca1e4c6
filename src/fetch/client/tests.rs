//! The client against a server of the test's own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::*;

/// A server on loopback that answers every connection with these pieces, a moment apart, and reports the requests.
fn serve(pieces: Vec<Vec<u8>>, pause: Duration) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/list.crl", listener.local_addr().unwrap());
    let (report, requests) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
            if report.send(request).is_err() {
                return;
            }
            for piece in &pieces {
                // The client may have gone, which is what some tests are about.
                if stream.write_all(piece).is_err() {
                    break;
                }
                thread::sleep(pause);
            }
        }
    });
    (address, requests)
}

fn limits() -> Limits {
    Limits { body: 1000, total: Duration::from_secs(20), ..Limits::LIST }
}

fn get(url: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
    let client = Client::new::<&Path>(&[], limits).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.get(url, limits))
}

fn post(pieces: &[&str]) -> (Result<Vec<u8>, FetchError>, String) {
    let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
    let (url, requests) = serve(pieces, Duration::ZERO);
    let client = Client::new::<&Path>(&[], limits()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let post = Post { content_type: "application/x-ask", accept: "application/x-answer", body: b"body".to_vec() };
    let result = runtime.block_on(client.post(&url, post, limits()));
    (result, requests.recv().unwrap_or_default().to_lowercase())
}

fn answer(pieces: &[&str]) -> (Result<Vec<u8>, FetchError>, String) {
    let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
    let (url, requests) = serve(pieces, Duration::ZERO);
    let result = get(&url, limits());
    (result, requests.recv().unwrap_or_default())
}

#[test]
fn a_body_comes_whole_and_we_say_who_we_are() {
    let (body, request) = answer(&["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab", "cd"]);
    assert_eq!(body, Ok(b"abcd".to_vec()));
    let agent = format!("user-agent: rastau/{}", env!("CARGO_PKG_VERSION"));
    assert!(request.to_lowercase().contains(&agent), "{request}");
    let (body, _) =
        answer(&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", "1\r\nc\r\n0\r\n\r\n"]);
    assert_eq!(body, Ok(b"abc".to_vec()));
    // What an empty body is worth is for the reader of lists to say.
    assert_eq!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]).0, Ok(Vec::new()));
}

#[test]
fn other_answers_than_200_are_errors_and_nothing_is_followed() {
    for (head, status) in [
        ("303 See Other\r\nlocation: http://127.0.0.1:1/portal", 303),
        ("302 Found\r\nlocation: /elsewhere", 302),
        ("404 Not Found", 404),
        ("503 Service Unavailable", 503),
        ("204 No Content", 204),
    ] {
        let (result, _) = answer(&[&format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n")]);
        assert_eq!(result, Err(FetchError::Status(status)));
    }
}

#[test]
fn a_post_says_what_it_sends_and_what_it_wants() {
    for kind in ["", "content-type: application/x-answer\r\n", "content-type: application/octet-stream\r\n"] {
        let (body, request) = post(&[&format!("HTTP/1.1 200 OK\r\n{kind}content-length: 4\r\n\r\nabcd")]);
        assert_eq!(body, Ok(b"abcd".to_vec()));
        for part in ["post /list.crl", "content-type: application/x-ask", "accept: application/x-answer"] {
            assert!(request.contains(part), "{request}");
        }
        assert!(request.contains("user-agent: rastau/") && request.contains("content-length: 4"), "{request}");
    }
}

#[test]
fn a_post_is_held_to_the_same_rules_and_takes_no_pages() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: Text/HTML; charset=utf-8\r\ncontent-length: 4\r\n\r\nabcd";
    assert_eq!(post(&[page]).0, Err(FetchError::ContentType("Text/HTML; charset=utf-8".to_owned())));
    let portal = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(post(&[portal]).0, Err(FetchError::Status(307)));
    let huge = post(&["HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n"]).0;
    assert_eq!(huge, Err(FetchError::TooLarge { limit: 1000 }));
    assert!(matches!(post(&[]).0, Err(FetchError::Connection(_))));
}

#[test]
fn a_body_that_is_too_large_is_not_waited_for() {
    let too_large = Err(FetchError::TooLarge { limit: 1000 });
    assert_eq!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"]).0, too_large);
    let endless = "400\r\n".to_owned() + &"x".repeat(0x400) + "\r\n";
    assert_eq!(answer(&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &endless, &endless]).0, too_large);
    let unframed = "x".repeat(1001);
    assert_eq!(answer(&["HTTP/1.1 200 OK\r\n\r\n", &unframed]).0, too_large);
}

#[test]
fn a_connection_that_breaks_off_is_no_body() {
    assert!(matches!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"]).0, Err(FetchError::Connection(_))));
    assert!(matches!(answer(&[]).0, Err(FetchError::Connection(_))));
    assert!(matches!(answer(&["220 smtp ready\r\n"]).0, Err(FetchError::Connection(_))));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(get(&format!("http://{closed}/"), limits()), Err(FetchError::Connection(_))));
}

#[test]
fn a_slow_drip_ends_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n".to_vec();
    let pieces = std::iter::once(head).chain(std::iter::repeat_n(b"x".to_vec(), 500)).collect();
    let (url, _requests) = serve(pieces, Duration::from_millis(20));
    let limits = Limits { total: Duration::from_millis(300), ..limits() };
    assert_eq!(get(&url, limits), Err(FetchError::Timeout));
}

#[test]
fn https_needs_anchors_and_other_schemes_are_refused() {
    assert_eq!(get("https://127.0.0.1:1/x", limits()), Err(FetchError::NoRoots));
    for url in ["file:///etc/passwd", "ftp://127.0.0.1/x", "list.crl", ""] {
        assert_eq!(get(url, limits()), Err(FetchError::Scheme(url.to_owned())));
    }
    let secret = get("ftp://user:secret@host/x?secret", limits()).unwrap_err();
    assert_eq!(secret, FetchError::Scheme("ftp://host/x?…".into()));
}

fn ask(question: Get<'_>) -> Result<Got, FetchError> {
    let client = Client::new::<&Path>(&[], question.limits).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.ask(question))
}

#[test]
fn what_a_server_said_to_recognise_its_answer_by_is_sent_back() {
    let head = "HTTP/1.1 200 OK\r\netag: \"a1\"\r\nlast-modified: Thu, 20 Aug 2026 00:00:00 GMT\r\n";
    let (url, requests) = serve(vec![format!("{head}content-length: 2\r\n\r\nab").into_bytes()], Duration::ZERO);
    let first = Get { url: &url, limits: limits(), known: None, reach: Reach::Anywhere };
    let Ok(Got::Body { body, validators }) = ask(first) else { panic!("no body") };
    assert_eq!(body, b"ab");
    assert_eq!(
        (validators.etag(), validators.last_modified()),
        (Some("\"a1\""), Some("Thu, 20 Aug 2026 00:00:00 GMT"))
    );
    let request = requests.recv().unwrap().to_lowercase();
    for absent in ["if-none-match", "if-modified-since", "accept-encoding", "cookie", "referer"] {
        assert!(!request.contains(absent), "{absent}: {request}");
    }

    let (url, requests) = serve(vec![b"HTTP/1.1 304 Not Modified\r\netag: \"a1\"\r\n\r\n".to_vec()], Duration::ZERO);
    let again = Get { url: &url, known: Some(&validators), ..first };
    assert_eq!(ask(again), Ok(Got::Unchanged));
    let request = requests.recv().unwrap().to_lowercase();
    assert!(request.contains("if-none-match: \"a1\"\r\n"), "{request}");
    assert!(request.contains("if-modified-since: thu, 20 aug 2026 00:00:00 gmt\r\n"), "{request}");
    // Whoever is not asked whether something changed cannot say that it has not.
    assert_eq!(ask(Get { url: &url, ..first }), Err(FetchError::Status(304)));
    assert_eq!(ask(Get { url: &url, known: Some(&Validators::default()), ..first }), Err(FetchError::Status(304)));
}

#[test]
fn a_compressed_answer_was_not_asked_for() {
    for coding in ["gzip", "br", "zstd", "identity, gzip", "x-unheard-of"] {
        let (result, _) =
            answer(&[&format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 1\r\n\r\nx")]);
        assert_eq!(result, Err(FetchError::Encoded), "{coding}");
    }
    let (plain, _) = answer(&["HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 1\r\n\r\nx"]);
    assert_eq!(plain, Ok(b"x".to_vec()));
}

#[test]
fn a_declared_length_that_lies_is_never_believed() {
    // Too short: the rest belongs to nobody. What is left of a list is for its reader to refuse.
    assert_eq!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabcd"]).0, Ok(b"ab".to_vec()));
    for lie in [
        "content-length: 10\r\n\r\nabcd",
        "content-length: 4\r\ncontent-length: 2\r\n\r\nabcd",
        "content-length: -4\r\n\r\nabcd",
        "content-length: 99999999999999999999999\r\n\r\nabcd",
        "transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nabcd",
        "transfer-encoding: chunked\r\n\r\n4\r\nabcd",
    ] {
        let (result, _) = answer(&[&format!("HTTP/1.1 200 OK\r\n{lie}")]);
        assert!(matches!(result, Err(FetchError::Connection(_))), "{lie}: {result:?}");
    }
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    let limits = Limits { connect: Duration::from_millis(100), first_byte: Duration::from_millis(100), ..limits() };
    assert_eq!(get(&silent, limits), Err(FetchError::Timeout));
    // One that never ends its head, either.
    let drip = std::iter::once(b"HTTP/1.1 200 OK\r\n".to_vec()).chain(std::iter::repeat_n(b"x: y\r\n".to_vec(), 500));
    let (url, _requests) = serve(drip.collect(), Duration::from_millis(20));
    assert_eq!(get(&url, limits), Err(FetchError::Timeout));
}

#[test]
fn an_address_out_of_a_certificate_never_leads_to_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "[::]",
    ] {
        let url = format!("http://{host}:{port}/x?secret");
        let question = Get { url: &url, limits: limits(), known: None, reach: Reach::Public };
        let refused = ask(question).unwrap_err();
        assert!(matches!(refused, FetchError::NotPublic(_)), "{host}: {refused:?}");
        assert!(!refused.to_string().contains("secret"));
    }
    let guarded = Client::new::<&Path>(&[], limits()).unwrap().public_only();
    let post = Post { content_type: "a/b", accept: "c/d", body: Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let posted = runtime.block_on(guarded.post(&format!("http://127.0.0.1:{port}/"), post, limits()));
    assert!(matches!(posted, Err(FetchError::NotPublic(_))), "{posted:?}");
    let url = format!("http://localhost:{port}/");
    let refused = ask(Get { url: &url, limits: limits(), known: None, reach: Reach::Public });
    assert!(matches!(refused, Err(FetchError::NotPublic(_) | FetchError::Connection(_))), "{refused:?}");
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn a_file_of_anchors_has_to_hold_some() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    assert!(matches!(Client::new(&[&file], limits()), Err(ClientError::Roots { .. })));
    std::fs::write(&file, "nothing").unwrap();
    assert!(matches!(Client::new(&[&file], limits()), Err(ClientError::Roots { .. })));
    let key = rastau_mint::key::Key::p256("server");
    let root = rastau_mint::authority::Authority::root("ROOT", key).certificate;
    std::fs::write(&file, rastau_mint::pem::certificate(&root)).unwrap();
    let client = Client::new(&[&file], limits()).unwrap();
    assert!(client.has_roots);
}
