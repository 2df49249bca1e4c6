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

/// Reads until so many streams were ended, each with CANCEL; what came of answers in between.
async fn streams_end(stream: &mut (impl AsyncReadExt + Unpin), streams: usize) -> usize {
    let (mut ended, mut octets) = (0, 0);
    while ended < streams {
        let (kind, _, number, payload) = next(stream).await.expect("the connection goes on");
        octets += if kind == DATA && number == 1 { payload.len() } else { 0 };
        if kind == RST_STREAM {
            assert_eq!(payload, 8_u32.to_be_bytes());
            ended += 1;
        }
    }
    octets
}

/// Reads so many heads of answers; how many of the answers have a body that is still to come.
async fn heads(stream: &mut TcpStream, answers: usize) -> usize {
    let (mut heads, mut bodies) = (0, 0);
    while heads < answers {
        let (kind, flags, _, _) = next(stream).await.unwrap();
        if kind == HEADERS {
            heads += 1;
            bodies += usize::from(flags & END_STREAM == 0);
        }
    }
    bodies
}

/// Nothing is held, and the connection is as good as before.
async fn goes_on(site: &Site, stream: &mut TcpStream, number: u32) {
    site.wait_for("rastau_http_requests_in_flight 0").await;
    stream.write_all(&get(number, "/healthz")).await.unwrap();
    stream.write_all(&frame(WINDOW_UPDATE, 0, number, &60_000_u32.to_be_bytes())).await.unwrap();
    loop {
        let (kind, flags, answered, _) = next(stream).await.expect("the connection goes on");
        if kind == DATA && answered == number && flags & END_STREAM != 0 {
            break;
        }
    }
    assert!(!site.metrics.text().contains("cause=\"stalled\""));
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
        // Each has been answered as far as it may be.
        heads(&mut stream, 40).await;
        site.wait_for("rastau_http_requests_in_flight 40").await;
        let served = site.ask(ASK).await;
        assert!(served.starts_with("HTTP/1.1 200 OK"), "{served}");
        drop(stream);
        site.wait_for("rastau_http_requests_in_flight 0").await;
    }
}

/// A service with little memory for answers, most of which is held for one address that does not take them.
async fn without_room(stall: &str) -> (Site, Vec<TcpStream>) {
    let settings = [("RASTAU_HTTP__ANSWER_MEMORY_BYTES", "1048576"), ("RASTAU_HTTP__STALL_TIMEOUT_MS", stall)];
    let site = Site::start(&settings).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, "/v1/services", 99).await;
        heads(&mut stream, 99).await;
        streams.push(stream);
    }
    (site, streams)
}

#[tokio::test]
async fn answers_that_nobody_takes_have_so_much_memory() {
    let (site, _streams) = without_room("3600000").await;
    // Three quarters of the memory, of which each answer takes 4 KiB at least, are what one address gets.
    let refused = site.ask(ASK).await;
    assert!(refused.contains("\"code\":\"too-many-at-once\""), "{refused}");
    let text = site.metrics.text();
    assert!(text.contains("rastau_http_overloads_total{cause=\"answers\"}"), "{text}");
    // Health is answered above all.
    site.serves().await;
}

#[tokio::test]
async fn answers_that_nobody_takes_go_when_what_they_hold_is_needed() {
    let (site, mut streams) = without_room("15000").await;
    // Whoever is refused has those end that are behind.
    in_time(async {
        while !site.ask(ASK).await.starts_with("HTTP/1.1 200 OK") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Somebody's stream was ended; or somebody's connection, where an answer of one piece was all with the transport already.
    let ended = streams.iter_mut().map(|stream| {
        Box::pin(async move {
            while let Some((kind, _, _, payload)) = next(stream).await {
                if kind == RST_STREAM {
                    assert_eq!(payload, 8_u32.to_be_bytes());
                    break;
                }
            }
        })
    });
    futures_util::future::select_all(ended).await;
}

#[tokio::test]
async fn refusals_that_nobody_takes_are_held_like_answers_and_are_heads_alone_beyond() {
    let settings = [("RASTAU_HTTP__ANSWER_MEMORY_BYTES", "1048576"), ("RASTAU_HTTP__STALL_TIMEOUT_MS", "3600000")];
    let site = Site::start(&settings).await;
    let (mut bodies, mut streams) = (0, Vec::new());
    for _ in 0..4 {
        let mut stream = with_window(&site, 0).await;
        for number in (1..).step_by(2).take(90) {
            let head = block_to("elsewhere.example", GET, "/v1/services", &[]);
            stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, number, &head)).await.unwrap();
        }
        bodies += heads(&mut stream, 90).await;
        streams.push(stream);
    }
    // Of 256 times 4 KiB three quarters, less what is kept free while an answer is worked out.
    assert!((180..=192).contains(&bodies), "{bodies}");
    let mut stream = with_window(&site, 0).await;
    ask_often(&mut stream, "/v1/services", 50).await;
    assert_eq!(heads(&mut stream, 50).await, 0, "what is refused for that holds nothing");
    site.serves().await;
}

#[tokio::test]
async fn what_was_begun_is_answered_whatever_room_is_left_by_then() {
    let settings = [("RASTAU_HTTP__ANSWER_MEMORY_BYTES", "1048576"), ("RASTAU_HTTP__STALL_TIMEOUT_MS", "3600000")];
    let site = Site::start(&settings).await;
    let body = json!({ "document": base64(attached(&["individual-valid"], &[b'a'; 20_000])), "extract": true });
    let body = body.to_string();
    let mut begun = site.connect().await;
    let head = format!(
        "POST /v1/documents/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    begun.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    begun.read_exact(&mut go_on).await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, "/v1/services", 90).await;
        heads(&mut stream, 90).await;
        streams.push(stream);
    }
    assert!(site.ask(ASK).await.starts_with("HTTP/1.1 429 "), "there is no room");
    begun.write_all(body.as_bytes()).await.unwrap();
    let whole = answer(&mut begun).await;
    assert!(whole.starts_with("HTTP/1.1 200 OK") && whole.len() > 26_000, "{}", &whole[..300.min(whole.len())]);
}

#[tokio::test]
async fn health_is_told_by_a_head_alone_where_there_is_no_room_for_its_body() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "3600000")]).await;
    // 16 MiB are kept for health, of which one address gets three quarters: 3072 answers.
    let mut streams = Vec::new();
    let mut bodies = 0;
    for _ in 0..36 {
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, "/healthz", 90).await;
        bodies += heads(&mut stream, 90).await;
        streams.push(stream);
    }
    assert!((3060..=3072).contains(&bodies), "{bodies}");
    let mut stream = with_window(&site, 0).await;
    stream.write_all(&get(1, "/healthz")).await.unwrap();
    let (flags, head) = loop {
        let (kind, flags, _, payload) = next(&mut stream).await.unwrap();
        if kind == HEADERS {
            break (flags, payload);
        }
    };
    assert!(flags & END_STREAM != 0 && (head[0] == 0x88 || head[1] == 0x88), "200, and nothing more: {head:?}");
    site.serves().await;
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
    streams_end(&mut stream, 1).await;
    while next(&mut stream).await.is_some() {}
}

#[tokio::test]
async fn answers_without_a_window_are_ended_and_the_connection_goes_on() {
    for path in [LARGE, "/v1/services", "/healthz"] {
        let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "60")]).await;
        let mut stream = with_window(&site, 0).await;
        ask_often(&mut stream, path, 50).await;
        streams_end(&mut stream, 50).await;
        goes_on(&site, &mut stream, 101).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_ended_and_those_beside_it_are_not() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "100")]).await;
    let mut stream = with_window(&site, 60_000).await;
    // More than the window, and no more window for it.
    ask_often(&mut stream, LARGE, 1).await;
    // A request is still coming all the time.
    stream.write_all(&begun(3)).await.unwrap();
    let (mut number, mut asked, mut ended) = (5, 0, false);
    while !ended {
        while asked < 10 {
            let mut request = get(number, "/healthz");
            request.extend_from_slice(&frame(WINDOW_UPDATE, 0, 0, &1000_u32.to_be_bytes()));
            stream.write_all(&request).await.unwrap();
            (number, asked) = (number + 2, asked + 1);
        }
        let (kind, flags, answered, payload) = next(&mut stream).await.expect("the connection goes on");
        asked -= usize::from(answered > 3 && kind == DATA && flags & END_STREAM != 0);
        if kind == RST_STREAM {
            assert_eq!((answered, payload), (1, 8_u32.to_be_bytes().to_vec()));
            ended = true;
        }
    }
    stream.write_all(&frame(DATA, END_STREAM, 3, b"{}")).await.unwrap();
    while next(&mut stream).await.expect("the connection goes on").2 != 3 {}
}

#[tokio::test]
async fn an_answer_of_which_an_octet_is_taken_now_and_then_is_ended() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "60")]).await;
    let mut stream = with_window(&site, 1).await;
    ask_often(&mut stream, LARGE, 1).await;
    let (mut reading, mut writing) = stream.into_split();
    let granting = tokio::spawn(async move {
        while writing.write_all(&frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes())).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    assert!(streams_end(&mut reading, 1).await >= 1, "some were taken");
    site.wait_for("rastau_http_requests_in_flight 0").await;
    granting.abort();
}

#[tokio::test]
async fn a_connection_of_which_the_last_octets_are_not_taken_is_let_go() {
    let site = Site::start(&[("RASTAU_HTTP__STALL_TIMEOUT_MS", "60")]).await;
    // Begun, so that all of it is with what writes it, which does not let it end alone.
    let mut stream = with_window(&site, 1).await;
    ask_often(&mut stream, "/v1/services", 50).await;
    while next(&mut stream).await.is_some() {}
    site.wait_for("rastau_http_connections_ended_total{cause=\"stalled\"} 1").await;
    site.wait_for("rastau_http_requests_in_flight 0").await;
    site.wait_for("rastau_http_connections 0").await;
    site.serves().await;
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_answers_that_nobody_takes() {
    let settings = [("RASTAU_HTTP__STALL_TIMEOUT_MS", "1000"), ("RASTAU_HTTP__SHUTDOWN_GRACE_MS", "3600000")];
    let site = Site::start(&settings).await;
    let mut stream = with_window(&site, 1).await;
    ask_often(&mut stream, "/v1/services", 10).await;
    heads(&mut stream, 10).await;
    site.stop.send(()).unwrap();
    in_time(site.running).await.unwrap();
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
