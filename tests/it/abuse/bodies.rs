//! Documents that never arrive whole, and more of them than there is room for.

#[cfg(target_os = "linux")]
use std::path::PathBuf;

use super::*;

const FORM: &str = "POST /v1/documents/verify HTTP/1.1\r\nhost: localhost\r\n\
                    content-type: multipart/form-data; boundary=xYz\r\n";
const PART: &str = "--xYz\r\ncontent-disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\n";
const MEBIBYTE: usize = 1 << 20;

/// Lengths of the files without a name that this process has open below the folder of a site.
#[cfg(target_os = "linux")]
fn nameless(site: &Site) -> Vec<usize> {
    let folder = site._data.path().to_str().unwrap().to_owned();
    let files = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok).map(|file| file.path());
    let is_below =
        |file: &PathBuf| std::fs::read_link(file).is_ok_and(|target| target.to_string_lossy().starts_with(&folder));
    let length = |file: PathBuf| Some(std::fs::metadata(file).ok()?.len() as usize);
    files.filter(is_below).filter_map(length).collect()
}

#[cfg(target_os = "linux")]
fn nameless_files(site: &Site) -> usize {
    nameless(site).len()
}

#[cfg(target_os = "linux")]
fn nameless_octets(site: &Site) -> usize {
    nameless(site).iter().sum()
}

/// Begins to upload a document and sends so many MiB of the 100 that it says there are.
async fn begin_upload(site: &Site, mebibytes: usize) -> TcpStream {
    let mut stream = site.connect().await;
    let head = format!("{FORM}content-length: {}\r\n\r\n{PART}", 100 * MEBIBYTE);
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'a'; MEBIBYTE];
    for _ in 0..mebibytes {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    stream
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing_behind() {
    let site = Site::start(&[("RASTAU_HTTP__UPLOADS", "2")]).await;
    for _ in 0..3 {
        let stream = begin_upload(&site, 12).await;
        until(|| nameless_files(&site) > 0).await;
        drop(stream);
        site.wait_for("rastau_http_requests_in_flight 0").await;
        until(|| nameless_files(&site) == 0).await;
    }
    site.serves().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn more_uploads_than_a_client_may_have_are_told_to_wait_and_the_others_go_on() {
    let site = Site::start(&[("RASTAU_HTTP__UPLOADS", "4")]).await;
    // Three quarters of the places are what one address gets.
    let mut holding = Vec::new();
    for number in 1..=3 {
        holding.push(begin_upload(&site, 12).await);
        until(|| nameless_files(&site) >= number).await;
    }
    let mut fourth = begin_upload(&site, 12).await;
    let told = answer(&mut fourth).await;
    // An answer to a body that is still being sent may be lost on the way.
    assert!(told.is_empty() || told.contains("\"code\":\"too-many-at-once\""), "{told}");
    assert_eq!(nameless_files(&site), 3);
    drop(holding);
    site.wait_for("rastau_http_requests_in_flight 0").await;
    let document = format!("{PART}not a document\r\n--xYz--\r\n");
    let whole = format!("{FORM}content-length: {}\r\n\r\n{document}", document.len());
    assert!(site.ask(whole.as_bytes()).await.contains("document-malformed"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn uploads_beyond_the_disk_that_there_is_for_them_are_told_to_wait() {
    let disk = (50 * MEBIBYTE).to_string();
    let site =
        Site::start(&[("RASTAU_HTTP__MAX_DOCUMENT_BYTES", &disk), ("RASTAU_HTTP__DOCUMENT_DISK_BYTES", &disk)]).await;
    let first = begin_upload(&site, 30).await;
    until(|| nameless_octets(&site) >= 29 * MEBIBYTE).await;
    let mut second = begin_upload(&site, 30).await;
    let told = answer(&mut second).await;
    // An answer to a body that is still being sent may be lost on the way.
    assert!(told.is_empty() || told.contains("\"code\":\"overloaded\""), "{told}");
    until(|| nameless_files(&site) == 1).await;
    drop((first, second));
    until(|| nameless_files(&site) == 0).await;
    let third = begin_upload(&site, 30).await;
    until(|| nameless_octets(&site) >= 29 * MEBIBYTE).await;
    drop(third);
    site.serves().await;
}

#[tokio::test]
async fn a_client_that_fills_its_share_of_the_memory_gets_it_back() {
    let site = Site::start(&[
        ("RASTAU_HTTP__DOCUMENT_MEMORY_BYTES", "3145728"),
        ("RASTAU_HTTP__MAX_JSON_DOCUMENT_BYTES", "524288"),
    ])
    .await;
    let head = "POST /v1/documents/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 500000\r\n\r\n";
    // Three octets of memory for each of the body: one such body is 1.3 MiB of the 2.25 that one address gets.
    let mut first = site.connect().await;
    first.write_all(head.as_bytes()).await.unwrap();
    first.write_all(&vec![b' '; 450_000]).await.unwrap();
    let second = async || {
        let mut stream = site.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let _cut_off = stream.write_all(&vec![b' '; 500_000]).await;
        answer(&mut stream).await
    };
    // Until the first one has been taken in, the second is just a body without JSON in it.
    while !second().await.contains("\"code\":\"too-many-at-once\"") {
        tokio::task::yield_now().await;
    }
    drop(first);
    while !second().await.contains("\"code\":\"malformed-json\"") {
        tokio::task::yield_now().await;
    }
    site.serves().await;
}

#[tokio::test]
async fn a_body_that_says_it_is_endless_is_refused_before_it_is_sent() {
    let site = Site::start(&[]).await;
    for length in ["18446744073709551615", "99999999999999", "1048577"] {
        let head = format!(
            "POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n"
        );
        let answer = site.ask(head.as_bytes()).await;
        // A length beyond 63 bits is refused by what stands before us, as part of the head.
        assert!(
            answer.contains("\"code\":\"body-too-large\"") || answer.contains("\"code\":\"head-too-large\""),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_form_that_says_it_is_larger_than_any_is_refused_before_it_is_sent() {
    let site = Site::start(&[]).await;
    // Two documents of 4 GiB are the most.
    let answer = site.ask(format!("{FORM}content-length: 9000000000\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"code\":\"body-too-large\""), "{answer}");
}

#[tokio::test]
async fn chunks_without_contents_end_with_the_time_of_the_request() {
    let site = Site::start(&[("RASTAU_HTTP__REQUEST_TIMEOUT_MS", "100")]).await;
    let mut stream = site.connect().await;
    let head = "POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    // Chunks of one octet with long extensions: much to send, little of a body.
    let chunk = format!("1;x={}\r\n \r\n", "a".repeat(200));
    let (mut reading, mut writing) = stream.into_split();
    let sending = tokio::spawn(async move { while writing.write_all(chunk.as_bytes()).await.is_ok() {} });
    let mut all = Vec::new();
    let _reset = reading.read_to_end(&mut all).await;
    let text = String::from_utf8_lossy(&all);
    assert!(!text.contains(" 200 "), "{text}");
    drop(reading);
    sending.await.unwrap();
    site.serves().await;
}
