//! HTTP/2 against its grain, frame by frame. Requests are few bytes there, and so are floods of what is none.

use super::frames::*;
use super::*;

/// Reads until the connection ends; the error code of the farewell, if there was one.
async fn farewell(stream: &mut TcpStream) -> Option<u32> {
    let mut code = None;
    while let Some((kind, _, _, payload)) = next(stream).await {
        if kind == GOAWAY {
            code = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
    }
    code
}

/// Sends until all is sent or the peer has hung up.
async fn flood(stream: &mut TcpStream, frame: &[u8], times: usize) {
    let piece = frame.repeat(100);
    for _ in 0..times / 100 {
        if stream.write_all(&piece).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    let site = Site::start(&[]).await;
    let mut stream = connect(&site).await;
    stream.write_all(&get(1, "/healthz")).await.unwrap();
    loop {
        let (kind, flags, number, _) = next(&mut stream).await.unwrap();
        if number == 1 && kind == DATA && flags & END_STREAM != 0 {
            break;
        }
    }
}

#[tokio::test]
async fn requests_that_are_taken_back_at_once_end_the_connection() {
    let site = Site::start(&[]).await;
    let stream = connect(&site).await;
    let (mut reading, mut writing) = stream.into_split();
    let flood = tokio::spawn(async move {
        for number in 0..20_000_u32 {
            let mut pair = begun(2 * number + 1);
            pair.extend_from_slice(&frame(RST_STREAM, 0, 2 * number + 1, &8_u32.to_be_bytes()));
            if writing.write_all(&pair).await.is_err() {
                return;
            }
        }
    });
    let mut calmed = false;
    while let Some((kind, _, _, payload)) = next(&mut reading).await {
        calmed |= kind == GOAWAY && payload[4..8] == 11_u32.to_be_bytes();
    }
    flood.await.unwrap();
    assert!(calmed, "ENHANCE_YOUR_CALM");
    site.wait_for("rastau_http_requests_in_flight 0").await;
    site.wait_for("rastau_http_connections 0").await;
    site.serves().await;
}

#[tokio::test]
async fn floods_of_pings_and_settings_keep_nobody_else_waiting() {
    let site = Site::start(&[]).await;
    let mut floods = Vec::new();
    for flooded in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]), frame(PING, 1, 0, &[0; 8])]
    {
        let mut stream = connect(&site).await;
        // What is answered is not read: the answers must not pile up in the service.
        floods.push(tokio::spawn(async move {
            flood(&mut stream, &flooded, 20_000).await;
            stream
        }));
        site.serves().await;
    }
    site.serves().await;
    floods.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_head_that_goes_on_and_on_ends_the_connection() {
    let site = Site::start(&[]).await;
    let mut stream = connect(&site).await;
    let fields = [("x-a", "b".repeat(120))];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &block(GET, "/healthz", &fields))).await.unwrap();
    let more: Vec<u8> = [&[0, 3][..], b"x-a", &[120], &[b'b'; 120]].concat().repeat(100);
    flood(&mut stream, &frame(CONTINUATION, 0, 1, &more), 20_000).await;
    // A farewell, or none: the connection is over, and there was no answer.
    while let Some((kind, _, number, _)) = next(&mut stream).await {
        assert!(kind != DATA && (number != 1 || kind != HEADERS));
    }
    site.wait_for("rastau_http_connections 0").await;
    site.serves().await;
}

#[tokio::test]
async fn a_head_of_empty_pieces_ends_the_connection() {
    let site = Site::start(&[]).await;
    let mut stream = connect(&site).await;
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &block(GET, "/healthz", &[]))).await.unwrap();
    flood(&mut stream, &frame(CONTINUATION, 0, 1, &[]), 200_000).await;
    assert!(farewell(&mut stream).await.is_some());
    site.serves().await;
}

#[tokio::test]
async fn large_heads_are_refused_and_a_small_one_after_them_is_answered() {
    let site = Site::start(&[]).await;
    let mut stream = connect(&site).await;
    let value = "a".repeat(120);
    let fields: Vec<_> = (0..400).map(|_| ("x-a", value.as_str())).collect();
    let large = block(GET, "/healthz", &fields);
    let (first, rest) = large.split_at(16_000);
    stream.write_all(&frame(HEADERS, END_STREAM, 1, first)).await.unwrap();
    let mut pieces = rest.chunks(16_000).peekable();
    while let Some(piece) = pieces.next() {
        let flags = if pieces.peek().is_none() { END_HEADERS } else { 0 };
        stream.write_all(&frame(CONTINUATION, flags, 1, piece)).await.unwrap();
    }
    stream.write_all(&get(3, "/healthz")).await.unwrap();
    let mut refused = None;
    loop {
        let (kind, flags, number, payload) = next(&mut stream).await.expect("the connection goes on");
        if number == 1 {
            // Reset, or answered with a status that is no good one (0x88 is 200 in the table).
            refused = Some(kind == RST_STREAM || payload.first() != Some(&0x88));
        }
        if number == 3 && kind == DATA && flags & END_STREAM != 0 {
            break;
        }
    }
    assert_eq!(refused, Some(true));
}

#[tokio::test]
async fn one_connection_has_so_many_requests_and_no_more() {
    let site = Site::start(&[("RASTAU_HTTP__STREAMS", "10")]).await;
    let mut stream = connect(&site).await;
    let mut limit = None;
    // The limit is told, and counts from when the peer has heard of it.
    while limit.is_none() {
        let (kind, flags, _, payload) = next(&mut stream).await.unwrap();
        if kind == SETTINGS && flags == 0 {
            let told = payload.chunks(6).find(|setting| setting[..2] == [0, 3]).unwrap();
            limit = Some(u32::from_be_bytes(told[2..6].try_into().unwrap()));
        }
    }
    assert_eq!(limit, Some(10));
    stream.write_all(&frame(SETTINGS, 1, 0, &[])).await.unwrap();
    for number in 0..30 {
        stream.write_all(&begun(2 * number + 1)).await.unwrap();
    }
    let mut reset = 0;
    while reset < 20 {
        let (kind, _, _, payload) = next(&mut stream).await.unwrap();
        if kind == RST_STREAM {
            assert_eq!(payload, 7_u32.to_be_bytes(), "REFUSED_STREAM");
            reset += 1;
        }
    }
    site.wait_for("rastau_http_requests_in_flight 10").await;
    drop(stream);
    site.wait_for("rastau_http_requests_in_flight 0").await;
}

#[tokio::test]
async fn a_peer_that_pings_and_asks_nothing_is_let_go() {
    let site = Site::start(&[("RASTAU_HTTP__KEEP_ALIVE_TIMEOUT_MS", "60")]).await;
    let stream = connect(&site).await;
    let (mut reading, mut writing) = stream.into_split();
    writing.write_all(&get(1, "/healthz")).await.unwrap();
    let pinging = tokio::spawn(async move {
        while writing.write_all(&frame(PING, 0, 0, &[0; 8])).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    while next(&mut reading).await.is_some() {}
    drop(reading);
    pinging.await.unwrap();
}

#[tokio::test]
async fn a_request_that_begins_while_its_connection_says_goodbye_is_answered() {
    // It takes longer than the goodbye of a connection that nobody uses.
    let settings = [("RASTAU_HTTP__KEEP_ALIVE_TIMEOUT_MS", "50"), ("RASTAU_HTTP__REQUEST_TIMEOUT_MS", "1500")];
    let site = Site::start(&settings).await;
    let mut stream = connect(&site).await;
    stream.write_all(&get(1, "/healthz")).await.unwrap();
    while next(&mut stream).await.unwrap().0 != GOAWAY {}
    stream.write_all(&begun(3)).await.unwrap();
    loop {
        let (kind, _, number, _) = next(&mut stream).await.expect("the connection goes on until it is answered");
        if (kind, number) == (HEADERS, 3) {
            break;
        }
    }
}

#[tokio::test]
async fn frames_that_make_no_sense_end_the_connection_alone() {
    let site = Site::start(&[]).await;
    for nonsense in [
        frame(DATA, 0, 0, b"x"),
        frame(HEADERS, END_HEADERS, 0, &block(GET, "/", &[])),
        frame(HEADERS, END_HEADERS, 2, &block(GET, "/", &[])),
        frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
        frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
        frame(CONTINUATION, 0, 1, b""),
        frame(SETTINGS, 0, 0, &[0; 5]),
        frame(SETTINGS, 0, 1, &[]),
        frame(PING, 0, 0, &[0; 7]),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 50]),
        vec![0xff; 9],
    ] {
        let mut stream = connect(&site).await;
        stream.write_all(&nonsense).await.unwrap();
        assert!(farewell(&mut stream).await.is_some_and(|code| code != 0), "{nonsense:?}");
    }
    site.serves().await;
}
