//! Peers that ask and do not take the answers: what is held for an answer is held until the last octet of it is gone, and not
//! for longer than a peer may take.

use serde_json::json;

use super::frames::*;
use super::*;
use crate::signing::{attached, base64};

/// The largest answer that anybody gets for nothing: beyond what the system buffers when it is asked for often enough.
const LARGE: &str = "/docs/swagger-ui-bundle.js";

/// A connection whose streams are granted `window` octets, and none if that is zero.
async fn with_window(site: &Site, window: u32) -> TcpStream {
    let mut stream = site.connect().await;
    let mut setting = vec![0, 4];
    setting.extend_from_slice(&window.to_be_bytes());
    stream.write_all(PREFACE).await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &setting)).await.unwrap();
    stream
}

async fn ask_often(stream: &mut TcpStream, path: &str, requests: u32) {
    for number in 0..requests {
        stream.write_all(&get(2 * number + 1, path)).await.unwrap();
    }
}

async fn is_let_go(site: &Site) {
    site.wait_for("rastau_http_connections_ended_total{cause=\"stalled\"} 1").await;
    site.wait_for("rastau_http_requests_in_flight 0").await;
    site.wait_for("rastau_http_connections 0").await;
    site.serves().await;
}

const ASK: &[u8] = b"GET /v1/services HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn answers_that_nobody_takes_keep_nobody_from_asking() {
    let settings = [("RASTAU_HTTP__CONCURRENCY", "16"), ("RASTAU_HTTP__CONCURRENCY_PER_CLIENT", "12")];
    let site = Site::start(&settings).await;
    for path in [LARGE, "/v1/services", "/"] {
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, path, 40).await;
        let mut heads = 0;
        while heads < 40 {
            // Each has been answered as far as it may be.
            heads += u32::from(next(&mut stream).await.unwrap().0 == HEADERS);
        }
        site.wait_for("rastau_http_requests_in_flight 40").await;
        let served = site.ask(ASK).await;
        assert!(served.starts_with("HTTP/1.1 200 OK"), "{served}");
        drop(stream);
        site.wait_for("rastau_http_requests_in_flight 0").await;
    }
}

#[tokio::test]
async fn answers_that_nobody_takes_have_so_much_memory_and_go_when_it_is_needed() {
    let settings = [("RASTAU_HTTP__ANSWER_MEMORY_BYTES", "1048576"), ("RASTAU_HTTP__STALL_TIMEOUT_MS", "15000")];
    let site = Site::start(&settings).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, "/v1/services", 99).await;
        let mut heads = 0;
        while heads < 99 {
            heads += u32::from(next(&mut stream).await.unwrap().0 == HEADERS);
        }
        streams.push(stream);
    }
    // Three quarters of the memory, of which each answer takes 4 KiB at least, are what one address gets.
    let refused = site.ask(ASK).await;
    assert!(refused.contains("\"code\":\"too-many-at-once\""), "{refused}");
    let text = site.metrics.text();
    assert!(text.contains("rastau_http_overloads_total{cause=\"answers\"}"), "{text}");
    // Health is answered above all.
    site.serves().await;
    // Whoever is refused has those end that are behind.
    while !site.ask(ASK).await.starts_with("HTTP/1.1 200 OK") {
        tokio::task::yield_now().await;
    }
    for stream in &mut streams {
        while next(stream).await.is_some() {}
    }
    site.wait_for("rastau_http_connections_ended_total{cause=\"stalled\"} 3").await;
    site.wait_for("rastau_http_requests_in_flight 0").await;
}

#[tokio::test]
async fn a_newcomer_gets_the_place_of_a_peer_that_does_not_take_its_answers() {
    let settings = [
        ("RASTAU_HTTP__CONNECTIONS", "1"),
        ("RASTAU_HTTP__CONNECTIONS_PER_ADDRESS", "2"),
        ("RASTAU_HTTP__STALL_TIMEOUT_MS", "15000"),
    ];
    let site = Site::start(&settings).await;
    let mut stream = with_window(&site, 0).await;
    ask_often(&mut stream, "/v1/services", 1).await;
    site.wait_for("rastau_http_requests_in_flight 1").await;
    site.serves().await;
    let text = site.metrics.text();
    assert!(text.contains("rastau_http_connections_ended_total{cause=\"stalled\"} 1\n"), "{text}");
    assert!(!text.contains("cause=\"evicted\""), "no request under way is cut off: {text}");
}

#[tokio::test]
async fn a_peer_that_grants_its_answers_no_window_is_let_go() {
    for path in [LARGE, "/v1/services", "/healthz"] {
        let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "60")]).await;
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, path, 50).await;
        while next(&mut stream).await.is_some() {}
        is_let_go(&site).await;
    }
}

#[tokio::test]
async fn a_peer_with_one_answer_that_it_does_not_take_is_let_go_whatever_else_it_asks() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "100")]).await;
    let mut stream = with_window(&site, 60_000).await;
    // More than the window, and no more window for it.
    ask_often(&mut stream, LARGE, 1).await;
    let (mut reading, mut writing) = stream.into_split();
    let asking = tokio::spawn(async move {
        for number in 1.. {
            let mut request = get(2 * number + 1, "/healthz");
            request.extend_from_slice(&frame(WINDOW_UPDATE, 0, 0, &1000_u32.to_be_bytes()));
            if writing.write_all(&request).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    while next(&mut reading).await.is_some() {}
    drop(reading);
    asking.await.unwrap();
    is_let_go(&site).await;
}

#[tokio::test]
async fn a_peer_that_takes_an_octet_now_and_then_is_let_go() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "60")]).await;
    let mut stream = with_window(&site, 1).await;
    ask_often(&mut stream, LARGE, 1).await;
    let (mut reading, mut writing) = stream.into_split();
    let granting = tokio::spawn(async move {
        while writing.write_all(&frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes())).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    let mut octets = 0;
    while let Some((kind, _, _, payload)) = next(&mut reading).await {
        octets += if kind == DATA { payload.len() } else { 0 };
    }
    assert!(octets > 1, "some were taken");
    drop(reading);
    granting.await.unwrap();
    is_let_go(&site).await;
}

#[tokio::test]
async fn a_peer_that_asks_and_does_not_read_is_let_go() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "100")]).await;
    let stream = site.connect().await;
    let (reading, mut writing) = stream.into_split();
    let request = format!("GET {LARGE} HTTP/1.1\r\nhost: localhost\r\n\r\n").repeat(64);
    // What the system buffers is less than these answers.
    let _cut_off = writing.write_all(request.as_bytes()).await;
    site.wait_for("rastau_http_connections 1").await;
    site.wait_for("rastau_http_connections 0").await;
    site.wait_for("rastau_http_requests_in_flight 0").await;
    drop((reading, writing));
    site.serves().await;
}

#[tokio::test]
async fn a_peer_that_reads_gets_the_whole_of_a_large_answer() {
    let site = Site::start(&[]).await;
    let whole = site.ask(format!("GET {LARGE} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
    let mut stream = with_window(&site, (1 << 31) - 1).await;
    stream.write_all(&frame(WINDOW_UPDATE, 0, 0, &((1_u32 << 31) - 1 - 65_535).to_be_bytes())).await.unwrap();
    ask_often(&mut stream, LARGE, 1).await;
    let mut all = Vec::new();
    loop {
        let (kind, flags, _, payload) = next(&mut stream).await.unwrap();
        if kind == DATA {
            all.extend_from_slice(&payload);
            if flags & END_STREAM != 0 {
                break;
            }
        }
    }
    assert!(all == body.as_bytes());
    site.wait_for("rastau_http_requests_in_flight 0").await;
}

#[tokio::test]
async fn large_answers_that_nobody_takes_count_to_the_memory_of_documents() {
    let site = Site::start(&[
        ("RASTAU_HTTP__DOCUMENT_MEMORY_BYTES", "1048576"),
        ("RASTAU_HTTP__MAX_JSON_DOCUMENT_BYTES", "262144"),
    ])
    .await;
    let document = attached(&["individual-valid"], &vec![b'a'; 90_000]);
    let body = json!({ "document": base64(document), "extract": true }).to_string();
    let mut stream = with_window(&site, 0).await;
    // The windows for bodies are those that the service grants once its settings are known.
    stream.write_all(&frame(SETTINGS, 1, 0, &[])).await.unwrap();
    while next(&mut stream).await.unwrap().0 != WINDOW_UPDATE {}
    let mut statuses = Vec::new();
    for number in (1..).step_by(2).take(5) {
        let fields = [("content-type", "application/json")];
        let head = block(POST, "/v1/documents/verify", &fields);
        stream.write_all(&frame(HEADERS, END_HEADERS, number, &head)).await.unwrap();
        for piece in body.as_bytes().chunks(16_000) {
            stream.write_all(&frame(DATA, 0, number, piece)).await.unwrap();
        }
        stream.write_all(&frame(DATA, END_STREAM, number, b"")).await.unwrap();
        let answered = loop {
            let (kind, _, answered, payload) = next(&mut stream).await.unwrap();
            if kind == HEADERS && answered == number {
                break payload;
            }
        };
        // 0x88 is the status 200 in the table of HPACK.
        statuses.push(answered[0] == 0x88 || answered[1] == 0x88);
    }
    assert!(statuses[0] && !statuses[4], "{statuses:?}");
    drop(stream);
    site.wait_for("rastau_http_requests_in_flight 0").await;
    let whole = site.ask(post("/v1/documents/verify", &body).as_bytes()).await;
    assert!(whole.starts_with("HTTP/1.1 200 OK") && whole.len() > 120_000, "{}", &whole[..300]);
}
