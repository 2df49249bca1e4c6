//! Forms good and bad, arriving in pieces of every size.

use std::time::Duration;

use futures_util::stream;
use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/form-data; boundary=xYz";

/// Reads a form that arrives in pieces of `size`: names and contents.
async fn read(content_type: &str, form: &[u8], size: usize) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        form.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let body = Body::from_stream(stream::iter(pieces));
    let deadline = Deadline::starting(Duration::from_secs(60));
    let mut form = Multipart::new(content_type, body, deadline).ok_or_else(|| malformed("media type"))?;
    let mut parts = Vec::new();
    while let Some(part) = form.next_part().await? {
        let mut contents = Vec::new();
        while let Some(piece) = form.piece().await? {
            assert!(!piece.is_empty());
            contents.extend_from_slice(&piece);
        }
        parts.push((part.name, contents));
    }
    assert!(form.next_part().await?.is_none(), "over is over");
    Ok(parts)
}

fn part(name: &str, contents: &[u8]) -> Vec<u8> {
    let head = format!("--xYz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.p7s\"\r\n");
    let mut all = head.into_bytes();
    all.extend_from_slice(b"Content-Type: application/octet-stream\r\n\r\n");
    all.extend_from_slice(contents);
    all.extend_from_slice(b"\r\n");
    all
}

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut all: Vec<u8> = parts.iter().flat_map(|(name, contents)| part(name, contents)).collect();
    all.extend_from_slice(b"--xYz--\r\n");
    all
}

#[tokio::test]
async fn a_form_is_read_however_it_is_cut() {
    let tricky: &[u8] = b"\r\n--xY\r\n\r\n-\r\n--xyz\r\n--\r\n\r";
    let parts: [(&str, &[u8]); 4] = [("document", b"abc"), ("content", b""), ("request", b"{}"), ("x", tricky)];
    let whole = form(&parts);
    for size in 1..whole.len() + 1 {
        let read = read(TYPE, &whole, size).await.unwrap();
        let expected: Vec<_> = parts.iter().map(|(name, contents)| ((*name).to_owned(), contents.to_vec())).collect();
        assert_eq!(read, expected, "{size}");
    }
}

#[tokio::test]
async fn media_types_without_a_usable_boundary_are_no_forms() {
    for bad in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a\u{e4}",
        "multipart/form-data; bound=abc",
        "multipart/mixed; boundary=abc",
        &format!("multipart/form-data; boundary={}", "a".repeat(71)),
    ] {
        assert!(boundary(bad).is_none(), "{bad}");
    }
    for (good, expected) in [
        (TYPE, "xYz"),
        ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
        (
            "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW; x=y",
            "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        ),
    ] {
        assert_eq!(boundary(good).as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn forms_that_are_none_are_told() {
    let good = form(&[("document", b"abc")]);
    let mut table: Vec<(Vec<u8>, &str)> =
        (0..good.len() - 4).map(|cut| (good[..cut].to_vec(), "ends before its last delimiter")).collect();
    let text = |text: &str| text.as_bytes().to_vec();
    table.extend([
        (vec![b'a'; 5000], "no part begins"),
        (text("--xYzz\r\n"), "followed by something else"),
        (text("--xYz\r\nno colon\r\n\r\n"), "without a colon"),
        (text("--xYz\r\n\r\nabc\r\n--xYz--\r\n"), "has no name"),
        (text("--xYz\r\nContent-Disposition: form-data\r\n\r\n"), "has no name"),
        (text("--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\n"), "has no name"),
        (text("--xYz\r\nContent-Disposition: form-data; name=\"a\r\n\r\n"), "has no name"),
        (b"--xYz\r\n\xff: a\r\n\r\n".to_vec(), "not UTF-8"),
        (text(&format!("--xYz\r\na: {}", "b".repeat(20_000))), "too long"),
        (text(&format!("--xYz\r\n{}", "a: b\r\n".repeat(5000))), "too long"),
        (
            text("--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
            "transfer encoding",
        ),
        (form(&[("a", b"b" as &[u8]); 17]), "too many parts"),
    ]);
    for (bad, expected) in table {
        for size in [7, 100_000] {
            let problem = read(TYPE, &bad, size).await.unwrap_err();
            let detail = problem.detail.clone().unwrap_or_default();
            assert!(detail.contains(expected), "{detail} instead of {expected}: {:?}", String::from_utf8_lossy(&bad));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_stops_arriving_is_given_up() {
    let pieces = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"--xYz\r\n"))]);
    let body = Body::from_stream(futures_util::StreamExt::chain(pieces, stream::pending()));
    let mut form = Multipart::new(TYPE, body, Deadline::starting(Duration::from_secs(10))).unwrap();
    assert_eq!(form.next_part().await.unwrap_err().code, "timeout");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), size in 1usize..50) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _outcome = runtime.block_on(read(TYPE, &bytes, size));
        let mut within = form(&[("document", &bytes)]);
        let cut = within.len() / 2;
        within.extend_from_slice(&bytes);
        let _outcome = runtime.block_on(read(TYPE, &within, size));
        let _outcome = runtime.block_on(read(TYPE, &within[cut..], size));
    }
}
