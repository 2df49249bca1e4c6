//! What is not HTTP, and heads that are too large.

use super::*;

/// The code of the error body of an answer, and its status line.
fn told(answer: &str) -> (&str, String) {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    (answer.lines().next().unwrap_or_default(), json["code"].as_str().unwrap_or("(none)").to_owned())
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_a_problem() {
    let site = Site::start(&[]).await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"HELLO\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: a\0b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /healthz HTTP/1.1\r\ntransfer-encoding: chunked, gzip\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
    ] {
        let mut stream = site.connect().await;
        stream.write_all(garbage).await.unwrap();
        let all = to_the_end(&mut stream).await;
        let answer = String::from_utf8_lossy(&all).into_owned();
        let shown = String::from_utf8_lossy(garbage).into_owned();
        assert_eq!(told(&answer), ("HTTP/1.1 400 Bad Request", "malformed-request".to_owned()), "{shown:?}: {answer}");
        assert!(answer.contains("content-type: application/problem+json\r\n"), "{answer}");
        assert!(answer.contains("x-request-id: "), "{answer}");
    }
    site.serves().await;
}

#[tokio::test]
async fn garbage_behind_a_request_does_not_spoil_the_answer_to_it() {
    let site = Site::start(&[]).await;
    for garbage in ["\r\n\r\nGET", "garbage\r\n\r\n", "\0\0\0\0\0\0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let mut stream = site.connect().await;
        stream.write_all(format!("{HEALTH}{HEALTH}{garbage}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let all = to_the_end(&mut stream).await;
        let text = String::from_utf8_lossy(&all);
        assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{garbage:?}: {text}");
    }
    site.serves().await;
}

#[tokio::test]
async fn thousands_of_requests_at_once_on_a_connection_are_answered_one_after_the_other() {
    let site = Site::start(&[]).await;
    let stream = site.connect().await;
    let (mut reading, mut writing) = stream.into_split();
    let sending = tokio::spawn(async move {
        writing.write_all(HEALTH.repeat(5000).as_bytes()).await.unwrap();
        writing
    });
    let (mut seen, mut piece, mut tail) = (0, vec![0; 64 * 1024], String::new());
    while seen < 5000 {
        let read = reading.read(&mut piece).await.unwrap();
        assert!(read > 0, "after {seen}");
        tail.push_str(&String::from_utf8_lossy(&piece[..read]));
        seen += tail.matches("HTTP/1.1 200 OK\r\n").count();
        let keep = tail.rfind("HTTP/1.1 200 OK\r\n").map_or(0, |at| at + 17);
        tail.drain(..keep);
    }
    drop(sending.await.unwrap());
    site.serves().await;
}

#[tokio::test]
async fn addresses_and_fields_that_are_too_long_are_refused_with_a_problem() {
    let site = Site::start(&[]).await;
    let fields = |count: usize, length: usize| {
        let fields: String = (0..count).map(|number| format!("x-{number}: {}\r\n", "a".repeat(length))).collect();
        format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n")
    };
    let address = |length: usize| format!("GET /healthz?{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(length));
    let too_long = ("HTTP/1.1 414 URI Too Long", "address-too-long");
    let too_large = ("HTTP/1.1 431 Request Header Fields Too Large", "head-too-large");
    for (request, (line, code)) in [
        // By us, and by what stands before us.
        (address(5_000), too_long),
        (fields(1, 17_000), too_large),
        (fields(70, 1), too_large),
        (fields(1000, 1), too_large),
        (fields(1, 200_000), too_large),
        (fields(10_000, 100), too_large),
    ] {
        let mut stream = site.connect().await;
        // The rest of what is too long is not read.
        let _cut_off = stream.write_all(request.as_bytes()).await;
        let answer = answer(&mut stream).await;
        // A system that has unread bytes may drop an answer: then there is none, but never a good one.
        if !answer.is_empty() || request.len() < 30_000 {
            assert_eq!(told(&answer), (line, code.to_owned()), "{} octets: {answer}", request.len());
        }
    }
    for small in [fields(50, 100), address(4_000)] {
        assert!(site.ask(small.as_bytes()).await.starts_with("HTTP/1.1 200 OK"), "{}", small.len());
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_whatever_it_is_called() {
    let site = Site::start(&[]).await;
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip, gzip", "identity, gzip"] {
        let request = format!(
            "POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-encoding: {encoding}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        let answer = site.ask(request.as_bytes()).await;
        assert_eq!(told(&answer).1, "unsupported-media-type", "{encoding}: {answer}");
    }
    let twice = "POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                 content-encoding: identity\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(told(&site.ask(twice.as_bytes()).await).1, "unsupported-media-type");
}

#[tokio::test]
async fn a_body_that_two_readers_would_end_in_two_places_is_not_taken() {
    let site = Site::start(&[]).await;
    let smuggled = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";
    for fields in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: identity\r\ncontent-length: 5",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "content-length: +5",
        "content-length: 5, 5, 6",
        "transfer-encoding\t: chunked",
    ] {
        let mut stream = site.connect().await;
        let request =
            format!("POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n\r\n0\r\n\r\n{smuggled}");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let all = to_the_end(&mut stream).await;
        let text = String::from_utf8_lossy(&all);
        assert!(!text.contains("rastau_http_requests"), "{fields}: {text}");
    }
}
